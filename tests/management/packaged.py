"""A stage that CloudFormation deployed whole, on moto: the stand-in creates the functions, too."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from management.deploy import bundle
from management.deploy.post_deploy import throttle
from management.stage.aws import Aws
from management.stage.functions import functions_of
from management.stage.policies import Place, policy_files
from management.stage.stages import Stage, stage_named
from tests.cloudformation import CloudFormation
from tests.management.deployed import make_rule, stage_api, zipped
from tests.management.healthy_stage import PLACE
from tests.staging import project_in

BY_SAM = {"Function": "AWS::Lambda::Function", "Api": "AWS::ApiGateway::RestApi"}
_ORDER = ("AWS::IAM::Role", "AWS::Serverless::Api", "AWS::Serverless::Function")


def package(folder: Path, place: Place = PLACE) -> tuple[Stage, str]:
    """The stage prod in a project of its own, and the template that Chalice packages for it."""
    stage = stage_named("prod", project_in(folder / "project"))
    config = stage.project / ".chalice/config.json"
    config.write_text(config.read_text("utf-8").replace("boras.example", "boras.se"), "utf-8")
    for path in bundle.project_files(stage.project).values():
        path.chmod(0o644)
    stage = stage_named("prod", stage.project)
    for path, text in policy_files(functions_of(stage), stage, place).items():
        path.write_text(text, encoding="utf-8")
    chalice, merging = Path(sys.executable).with_name("chalice"), "infrastructure.json"
    out = folder / "out"
    subprocess.run(
        [chalice, "package", "--stage", "prod", "--merge-template", merging, out],
        cwd=stage.project,
        env={**os.environ, "AWS_DEFAULT_REGION": place.region, "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
    )
    return stage, (out / "sam.json").read_text("utf-8")


class WithFunctions(CloudFormation):
    """Creates the roles, the API and the functions of a packaged template as well."""

    def __init__(self, stage: Stage, aws: Aws) -> None:
        super().__init__()
        self._stage, self._aws = stage, aws
        self._names: dict[str, str] = {
            "AWS::Region": aws.region,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::AccountId": aws.account,
        }

    def deploy(self, template: str, parameters: Mapping[str, str]) -> None:
        """Do what `aws cloudformation deploy` does."""
        given = json.loads(template)
        last = {name: one for name, one in given["Resources"].items() if one["Type"] in _ORDER}
        others = {name: one for name, one in given["Resources"].items() if name not in last}
        in_order = sorted(last.items(), key=lambda one: _ORDER.index(one[1]["Type"]))
        every = {name: one["Default"] for name, one in given["Parameters"].items()} | {**parameters}
        request = {
            "StackName": self._stage.service,
            "TemplateBody": json.dumps({**given, "Resources": others | dict(in_order)}),
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": str(value)} for key, value in every.items()
            ],
        }
        self.create_stack(**request, DisableRollback=True)

    def _create_or_update(
        self,
        name: str,
        resource: dict[str, Any],
        is_change: bool,  # noqa: FBT001
    ) -> tuple[str, str]:
        # The stand-in has inserted the parameters, and left other names within the texts.
        text = json.dumps(resource["Properties"])
        for known, value in self._names.items():
            text = text.replace(f"${{{known}}}", value)
        kind, properties = resource["Type"], json.loads(text)
        if kind == "AWS::IAM::Role":
            self._names[name] = self._make_role(f"dukat-prod-{name}-1ABC", properties)
        elif kind == "AWS::Serverless::Api":
            self._names[name] = self._make_api()
        elif kind == "AWS::Logs::LogGroup":
            group, days = properties["LogGroupName"], int(properties["RetentionInDays"])
            self._aws.client("logs").create_log_group(logGroupName=group)
            self._aws.client("logs").put_retention_policy(logGroupName=group, retentionInDays=days)
        elif kind == "AWS::SQS::Queue":
            self._aws.client("sqs").create_queue(QueueName=properties["QueueName"])
        elif kind == "AWS::Serverless::Function":
            self._make_function(properties)
        else:
            return super()._create_or_update(name, resource, is_change)
        return "COMPLETE", ""

    def _shown(self, name: str, resource: dict[str, Any]) -> tuple[str, str]:
        physical, kind = super()._shown(name, resource)
        physical = resource["Properties"].get("DomainName", physical)
        return self._names.get(name, physical), BY_SAM.get(kind.rpartition("::")[2], kind)

    def _make_api(self) -> str:
        api = stage_api("prod", self._aws)
        rate, burst = throttle(json.loads(self._stacks[-1].request["TemplateBody"]))
        paths = {"rateLimit": f"{rate:g}", "burstLimit": str(burst)}
        self._aws.client("apigateway").update_stage(
            restApiId=api,
            stageName="prod",
            patchOperations=[
                {"op": "replace", "path": f"/*/*/throttling/{path}", "value": value}
                for path, value in paths.items()
            ],
        )
        return api

    def _make_role(self, role: str, properties: dict[str, Any]) -> str:
        iam = self._aws.client("iam")
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
        for one in properties["Policies"]:
            document = json.dumps(one["PolicyDocument"])
            iam.put_role_policy(
                RoleName=role, PolicyName=one["PolicyName"], PolicyDocument=document
            )
        return role

    def _make_function(self, properties: dict[str, Any]) -> None:
        client, function = self._aws.client("lambda"), properties["FunctionName"]
        role = self._names[properties["Role"]["Fn::GetAtt"][0]]
        client.create_function(
            FunctionName=function,
            Role=f"arn:aws:iam::{self._aws.account}:role/{role}",
            Code={"ZipFile": zipped(self._stage.project)},
            **{name: properties[name] for name in ("Runtime", "Handler", "Environment")},
        )
        for event in properties.get("Events", {}).values():
            if event["Type"] == "Schedule":
                rule, schedule = f"{function}-1ABC", event["Properties"]["Schedule"]
                make_rule(rule, schedule, function, self._aws)
        config = dict(properties.get("EventInvokeConfig", {}))
        if config:
            queue = self._aws.place.arn("sqs", f"{self._stage.service}-failed-events")
            failure = {"OnFailure": {"Destination": queue}} if "DestinationConfig" in config else {}
            client.put_function_event_invoke_config(
                FunctionName=function, **{**config, "DestinationConfig": failure}
            )
        runs = properties.get("ReservedConcurrentExecutions", {}).get("Fn::If")
        if runs and self._reserves:
            client.put_function_concurrency(
                FunctionName=function, ReservedConcurrentExecutions=runs[1]
            )

    @property
    def _reserves(self) -> bool:
        return self._stacks[-1].parameters["ReserveRuns"] == "yes"
