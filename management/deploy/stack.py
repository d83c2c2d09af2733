"""What Chalice doesn't make: the CloudFormation stack of a stage, from infrastructure.json."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import sleep
from typing import Any

import yaml
from botocore.exceptions import ClientError

from management.stage.aws import Aws, code_of
from management.stage.stages import Stage
from management.stage.table import RECREATE_TABLE, TABLE_HAS_INDEXES, StageTable

TEMPLATE = "infrastructure.json"
_PAUSE = 3.0
# CloudFormation counts a stack that it could not make as there.
_NEVER_MADE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}
# Made by `chalice package`'s template, and by none of ours.
_OF_CHALICE = {"AWS::Lambda::Function", "AWS::ApiGateway::RestApi"}
_NOT_THERE = {"CREATE_FAILED", "DELETE_COMPLETE"}


class StackFailed(Exception):
    """CloudFormation could not do it; the text says which resource and why."""


def template_to_apply(project: Path) -> dict[str, Any]:
    """The template without the functions, which `chalice deploy` makes.

    Whole, it is what `chalice package --merge-template` takes.
    """
    template: dict[str, Any] = json.loads((project / TEMPLATE).read_text(encoding="utf-8"))
    resources = {
        name: resource
        for name, resource in template["Resources"].items()
        if not resource["Type"].startswith("AWS::Serverless::")
    }
    kept = {key: value for key, value in template.items() if key not in {"Transform", "Globals"}}
    return {**kept, "Resources": resources}


def _parsed(body: str) -> dict[str, Any]:
    """A template as JSON, or as the YAML of `aws cloudformation package`; empty if unreadable."""
    try:
        found = yaml.safe_load(body)
    except yaml.YAMLError:  # with tags such as !Ref
        return {}
    return found if isinstance(found, dict) else {}


def _see_whole(status: str) -> None:
    """Raises StackFailed if a stack that needs no update is not whole."""
    if status.endswith("_FAILED"):
        raise StackFailed(
            f"The stack is {status}, and CloudFormation finds nothing to update: see its events in "
            "CloudFormation's console."
        )


class Stack:
    """The stack of one stage, named after it."""

    def __init__(self, stage: Stage, aws: Aws, pause: Callable[[float], None] = sleep) -> None:
        self._stage = stage
        self._client = aws.client("cloudformation")
        self._table = StageTable(stage, aws)
        self._pause = pause

    @property
    def name(self) -> str:
        """The stack's name."""
        return self._stage.service

    def status(self) -> str:
        """CloudFormation's word for it, empty if there is no stack."""
        described = self._describe()
        return str(described["StackStatus"]) if described else ""

    def resources(self) -> dict[str, str]:
        """The name on AWS of each resource that was made, by its name in the template."""
        return {
            one["LogicalResourceId"]: one.get("PhysicalResourceId", "")
            for one in self._resources_there()
        }

    def _resources_there(self) -> Iterator[dict[str, Any]]:
        if not self.status():
            return
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        for page in pages:
            for one in page["StackResourceSummaries"]:
                if one["ResourceStatus"] not in _NOT_THERE:
                    yield one

    def _is_packaged(self) -> bool:
        """Whether it has the functions too, as `chalice package` makes it."""
        return any(one["ResourceType"] in _OF_CHALICE for one in self._resources_there())

    def applied(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The template and the parameters as they were applied last."""
        body = self._client.get_template(StackName=self.name)["TemplateBody"]
        described = self._describe() or {}
        parameters = {
            one["ParameterKey"]: one["ParameterValue"] for one in described.get("Parameters", ())
        }
        return (_parsed(body) if isinstance(body, str) else body), parameters

    def apply(
        self, parameters: Callable[[], Mapping[str, str]], say: Callable[[str], None]
    ) -> None:
        """Makes the stack, or brings it up to date, and tells of each resource; or StackFailed.

        What was made stays when something fails, so that the next attempt goes on from there; an
        update that fails is taken back. The parameters are asked for anew after starting over: SES
        has kept what the stack had made.
        """
        status, seen = self.status(), set(self._events())
        if self._is_packaged():
            raise StackFailed(
                f"{self.name}: this stack was made from the packaged template: update it the same "
                "way; provision would delete its functions"
            )
        table = self._table.described()
        if table and table.get("LocalSecondaryIndexes"):
            raise StackFailed(f"{self.name}: {TABLE_HAS_INDEXES}. {RECREATE_TABLE}")
        if status in _NEVER_MADE:
            status = self._start_over(say)
        try:
            self._send(status, parameters())
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                _see_whole(status)
                say("  nothing to change")
                return
            if status != "CREATE_FAILED":
                raise
            self._send(self._start_over(say), parameters())
        self._follow(say, seen)

    def _send(self, status: str, parameters: Mapping[str, str]) -> None:
        """Asks for the stack. Without rollback CloudFormation replaces nothing."""
        request = self._request(parameters)
        if not status:
            self._client.create_stack(**request, DisableRollback=True)
        elif status.endswith("_FAILED"):
            self._client.update_stack(**request, DisableRollback=True)
        else:
            self._client.update_stack(**request)

    def _request(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        return {
            "StackName": self.name,
            "TemplateBody": json.dumps(template_to_apply(self._stage.project), indent=1),
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            "Tags": [{"Key": "service", "Value": "dukat"}],
        }

    def _start_over(self, say: Callable[[str], None]) -> str:
        """Takes a stack away that was never whole, and returns its status then: none."""
        if not self._table.is_empty():
            raise StackFailed(f"The stack is {self.status()}, and the table holds registrations.")
        self._table.unprotect()
        self.delete(say)
        return ""

    def delete(self, say: Callable[[str], None]) -> None:
        """Takes the stack away, or StackFailed."""
        described = self._describe()
        if described:
            seen = set(self._events())
            self._client.delete_stack(StackName=self.name)
            self._follow(say, seen, described["StackId"])

    def _follow(self, say: Callable[[str], None], seen: set[str], stack_id: str = "") -> None:
        reasons: list[str] = []
        while True:
            described = self._describe(stack_id)
            for event_id, event in self._events(stack_id).items():
                if event_id in seen:
                    continue
                seen.add(event_id)
                status = event["ResourceStatus"]
                if status.endswith(("_COMPLETE", "_FAILED")):
                    say(f"  {event['LogicalResourceId']}: {status.lower().replace('_', ' ')}")
                if status.endswith("_FAILED"):
                    reasons.append(
                        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
                    )
            status = described["StackStatus"] if described else "DELETE_COMPLETE"
            if not status.endswith("_IN_PROGRESS"):
                break
            self._pause(_PAUSE)
        if status.endswith("_FAILED") or "ROLLBACK" in status:
            raise StackFailed("\n".join(reasons) or status)

    def _describe(self, stack_id: str = "") -> dict[str, Any] | None:
        try:
            found = self._client.describe_stacks(StackName=stack_id or self.name)["Stacks"]
        except ClientError as error:
            if code_of(error) == "ValidationError":
                return None
            raise
        return dict(found[0]) if found else None

    def _events(self, stack_id: str = "") -> dict[str, dict[str, Any]]:
        """The stack's events by their id, oldest first."""
        try:
            events = list(self._pages_of_events(stack_id or self.name))
        except ClientError as error:
            if code_of(error) == "ValidationError":
                return {}
            raise
        return {event["EventId"]: event for event in reversed(events)}

    def _pages_of_events(self, name: str) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator("describe_stack_events").paginate(StackName=name):
            yield from page["StackEvents"]
