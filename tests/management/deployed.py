"""A stage on moto, with the resources that provision and `chalice deploy` create."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from chalice.cli.factory import CLIFactory
from chalice.deploy.appgraph import ApplicationGraphBuilder
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chalicelib.event.event import Event
from management.deploy import bundle
from management.deploy.provisioning import write_policies
from management.doctor.deployed_stage import DeployedStage
from management.local.moto_aws import KEYS
from management.stage.aws import Aws
from management.stage.functions import functions_of
from management.stage.stages import ROOT, Stage, stage_named

FreshStage = Callable[[], DeployedStage]
_ALL = ("apigateway", "dynamodb", "events", "iam", "lambda", "logs", "sesv2", "sns", "sqs")


def stage_in(folder: Path) -> Stage:
    """The shipped stage prod, in a small project of its own whose files Lambda can read."""
    (folder / "chalicelib").mkdir()
    (folder / ".chalice").mkdir()
    shutil.copy(ROOT / "infrastructure.json", folder)
    for name in ("app.py", "chalicelib/organisation.toml"):
        path = folder / name
        path.write_text(f"# {name}\n", encoding="utf-8")
        path.chmod(0o644)
    return replace(stage_named("prod"), project=folder)


def make_table(stage: Stage, aws: Aws, **settings: Any) -> None:
    """Create the table of infrastructure.json, with `settings` replaced."""
    client, name = aws.client("dynamodb"), stage.service
    wanted = {
        "BillingMode": "PAY_PER_REQUEST",
        "SSESpecification": {"Enabled": True, "SSEType": "KMS"},
        "DeletionProtectionEnabled": True,
    }
    client.create_table(
        TableName=name,
        **{**KEYS, **wanted, **settings},
    )
    client.update_continuous_backups(
        TableName=name,
        PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": 35,
        },
    )
    client.update_time_to_live(
        TableName=name,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
    )


def encrypt_as_aws_does(aws: Aws) -> None:
    """Make UpdateTable change the encryption, which moto ignores."""

    def encrypt(params: dict[str, Any], **_: object) -> None:
        if "SSESpecification" in params:
            assert params["SSESpecification"]["SSEType"] == "KMS"  # AWS accepts no other
            table = dynamodb_backends[DEFAULT_ACCOUNT_ID][aws.region].tables[params["TableName"]]
            table.sse_specification = params["SSESpecification"]

    aws.client("dynamodb").meta.events.register(
        "provide-client-params.dynamodb.UpdateTable", encrypt
    )


def record_changes(aws: Aws) -> list[str]:
    """The names of all later calls, in order, except those that only read."""
    calls: list[str] = []

    def note(model: Any, **_: object) -> None:
        if not model.name.startswith(("Get", "List", "Describe", "Filter")):
            calls.append(model.name)

    for service in _ALL:
        aws.client(service).meta.events.register("before-call", note)
    return calls


def make_logs(stage: Stage, aws: Aws) -> None:
    for function in functions_of(stage):
        aws.client("logs").create_log_group(logGroupName=function.log_group)


def deploy(stage: Stage, event: Event, aws: Aws) -> None:
    """Create what `chalice deploy` creates, with Chalice's names."""
    write_policies(stage, aws)
    resources = chalice_resources(stage.name)
    for resource in resources:
        _make_function(resource.lambda_function, stage, aws)
        if hasattr(resource, "rule_name"):
            make_rule(
                resource.rule_name,
                resource.schedule_expression,
                resource.lambda_function.function_name,
                aws,
            )
    (api,) = (one for one in resources if one.resource_name == "rest_api")
    state = {"resources": [{"name": "rest_api", **_make_api(api.api_gateway_stage, aws)}]}
    stage.state_file.parent.mkdir(exist_ok=True)
    stage.state_file.write_text(json.dumps(state), encoding="utf-8")


def chalice_resources(stage: str) -> list[Any]:
    """Chalice's model of the resources that it would deploy for the real app."""
    config = CLIFactory(str(ROOT), environ=dict(os.environ)).create_config_obj(stage)
    return list(ApplicationGraphBuilder().build(config, stage).resources)


def zipped(project: Path) -> bytes:
    """The project's files in a zip, with their modes, as Chalice packs them."""
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, path in bundle.project_files(project).items():
            archive.write(path, name)
    return content.getvalue()


def _make_function(function: Any, stage: Stage, aws: Aws) -> None:
    role, file = function.role.role_name, Path(function.role.policy.filename).name
    iam = aws.client("iam")
    made = iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")["Role"]
    text = (stage.policy_folder / file).read_text(encoding="utf-8")
    iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=text)
    aws.client("lambda").create_function(
        FunctionName=function.function_name,
        Runtime=function.runtime,
        Role=made["Arn"],
        Handler=function.handler,
        Code={"ZipFile": zipped(stage.project)},
        Environment={"Variables": stage.environment},
    )


def make_rule(name: str, schedule: str, function: str, aws: Aws) -> None:
    """Create a rule that runs a function."""
    client, arn = aws.client("events"), aws.place.arn("lambda", f"function:{function}")
    client.put_rule(Name=name, ScheduleExpression=schedule)
    client.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])


def _make_api(api_stage: str, aws: Aws) -> dict[str, str]:
    api = stage_api(api_stage, aws)
    address = f"https://{api}.execute-api.{aws.region}.amazonaws.com/{api_stage}/"
    return {"rest_api_id": api, "rest_api_url": address}


def stage_api(api_stage: str, aws: Aws) -> str:
    """Create an API with a stage; return its id."""
    client = aws.client("apigateway")
    api = client.create_rest_api(name="dukat")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    client.create_deployment(restApiId=api, stageName=api_stage)
    return str(api)
