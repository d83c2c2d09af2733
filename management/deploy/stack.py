"""The CloudFormation stack of a stage, from infrastructure.json."""

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
# The stack exists in CloudFormation, but was never complete.
_NEVER_COMPLETE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}
# Resources of `chalice package`'s template that infrastructure.json does not have.
_OF_CHALICE = {"AWS::Lambda::Function", "AWS::ApiGateway::RestApi"}
_ADDED_BY_CHALICE = ("AWS::Serverless::", "AWS::ApiGateway::", "AWS::IAM::", "AWS::Lambda::")
# The parameter and the condition that only the functions use.
_OF_FUNCTIONS = {"ReserveRuns", "ReservesRuns"}
_NOT_THERE = {"CREATE_FAILED", "DELETE_COMPLETE"}


class StackFailed(Exception):
    """CloudFormation failed; the text says which resource and why."""


def template_to_apply(project: Path) -> dict[str, Any]:
    """The template without the functions, which `chalice deploy` creates.

    `chalice package --merge-template` takes the whole template.
    """
    return _without_functions(json.loads((project / TEMPLATE).read_text(encoding="utf-8")))


def _without_functions(template: dict[str, Any]) -> dict[str, Any]:
    resources = {
        name: resource
        for name, resource in template.get("Resources", {}).items()
        if not resource["Type"].startswith(_ADDED_BY_CHALICE)
    }
    sections = {
        section: {
            name: one
            for name, one in template.get(section, {}).items()
            if name not in _OF_FUNCTIONS
        }
        for section in ("Parameters", "Conditions")
    }
    left_out = {"Transform", "Globals", "Outputs"}
    kept = {key: value for key, value in template.items() if key not in left_out}
    return {**kept, **sections, "Resources": resources}


# In C if possible: a packaged template has twelve thousand lines.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _parsed(body: str) -> dict[str, Any]:
    """The parsed template, from JSON or plain YAML; empty if it can't be parsed."""
    try:
        found = yaml.load(body, _LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError:  # with tags such as !Ref
        return {}
    return found if isinstance(found, dict) else {}


def _require_healthy(status: str) -> None:
    """Raise StackFailed if a stack that needs no update is in a failed state."""
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
        """CloudFormation's status of the stack; empty if there is no stack."""
        described = self._describe()
        return str(described["StackStatus"]) if described else ""

    def resources(self) -> dict[str, str]:
        """Each existing resource's name on AWS, by its name in the template."""
        return {
            one["LogicalResourceId"]: one.get("PhysicalResourceId", "")
            for one in self._existing_resources()
        }

    def _existing_resources(self) -> Iterator[dict[str, Any]]:
        if not self.status():
            return
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        for page in pages:
            for one in page["StackResourceSummaries"]:
                if one["ResourceStatus"] not in _NOT_THERE:
                    yield one

    def is_packaged(self) -> bool:
        """Whether the stack was created from `chalice package`'s template, with the functions."""
        return any(one["ResourceType"] in _OF_CHALICE for one in self._existing_resources())

    def applied(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The template, without functions, and the parameters that were applied last."""
        found = self._client.get_template(StackName=self.name, TemplateStage="Original")
        body = found["TemplateBody"]
        described = self._describe() or {}
        parameters = {
            one["ParameterKey"]: one["ParameterValue"] for one in described.get("Parameters", ())
        }
        template = _parsed(body) if isinstance(body, str) else body
        return _without_functions(template), parameters

    def apply(
        self, parameters: Callable[[], Mapping[str, str]], say: Callable[[str], None]
    ) -> None:
        """Create or update the stack, and report each resource with `say`; may raise StackFailed.

        A failed creation leaves what was created, so that the next attempt continues; a failed
        update is rolled back. `parameters` is called again if an incomplete stack is deleted and
        created anew, since SES keeps the identity that the deleted stack created.
        """
        status, seen = self.status(), set(self._events())
        if self.is_packaged():
            raise StackFailed(
                f"{self.name}: this stack has the functions, too, which provision would delete: "
                f"make stack STAGE={self._stage.name} BUCKET=... updates it"
            )
        table = self._table.described()
        if table and table.get("LocalSecondaryIndexes"):
            raise StackFailed(f"{self.name}: {TABLE_HAS_INDEXES}. {RECREATE_TABLE}")
        if status in _NEVER_COMPLETE:
            status = self._start_over(say)
        try:
            self._send(status, parameters())
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                _require_healthy(status)
                say("  nothing to change")
                return
            if status != "CREATE_FAILED":
                raise
            self._send(self._start_over(say), parameters())
        self._follow(say, seen)

    def _send(self, status: str, parameters: Mapping[str, str]) -> None:
        """Request the creation or update.

        Rollback is off only for an incomplete stack: without rollback CloudFormation can't replace
        resources.
        """
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
        """Delete a stack that was never complete; return its new status, the empty string."""
        if not self._table.is_empty():
            raise StackFailed(f"The stack is {self.status()}, and the table holds registrations.")
        self._table.unprotect()
        self.delete(say)
        return ""

    def delete(self, say: Callable[[str], None]) -> None:
        """Delete the stack, if there is one; report each resource with `say`.

        May raise StackFailed.
        """
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
