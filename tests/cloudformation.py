"""CloudFormation in memory: a stack's resources are made one by one, and each may fail."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import yaml
from botocore.exceptions import ClientError

from management.stage.aws import Aws
from tests.staging import resolved

_PAGE = 5
_parsed = cache(yaml.safe_load)
_WHOLE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_REPLACED_WHEN_CHANGED = frozenset({"AWS::SNS::Subscription"})
_CLOSED_TO_UPDATES = frozenset(
    {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"}
)


class PlayedAws(Aws):
    """AWS with some services played by what the tests bring."""

    def __init__(self, **played: Any) -> None:
        super().__init__()
        real = self.client
        self.client = cache(lambda service: played.get(service) or real(service))


@dataclass
class _Stack:
    number: int
    name: str
    request: dict[str, Any]
    status: str = ""
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"arn:aws:cloudformation:eu-north-1:123456789012:stack/{self.name}/{self.number}"

    @property
    def parameters(self) -> dict[str, str]:
        return {one["ParameterKey"]: one["ParameterValue"] for one in self.request["Parameters"]}

    @property
    def wanted(self) -> dict[str, dict[str, Any]]:
        """The resources that the template has under these parameters."""
        template = _parsed(self.request["TemplateBody"])
        holds = {
            name: condition["Fn::Equals"][1] == self.parameters[condition["Fn::Equals"][0]["Ref"]]
            for name, condition in template.get("Conditions", {}).items()
        }
        return {
            name: resolved(one, **self.parameters)
            for name, one in template["Resources"].items()
            if holds.get(one.get("Condition", ""), True)
        }

    def has_made(self, name: str) -> bool:
        return name in self.resources and self.resources[name]["ResourceStatus"] in _WHOLE

    def may_change(self, resource: dict[str, Any]) -> bool:
        """Without rollback nothing is replaced (CloudFormation User Guide, failure options)."""
        is_replaced = resource["Type"] in _REPLACED_WHEN_CHANGED
        return not (is_replaced and self.request.get("DisableRollback"))

    def tell(self, name: str, status: str, reason: str = "") -> None:
        self.resources.setdefault(name, {"LogicalResourceId": name})["ResourceStatus"] = status
        event_id = f"{self.number}-{len(self.events)}"
        told = {"EventId": event_id, "LogicalResourceId": name, "ResourceStatus": status}
        self.events.append({**told, "ResourceStatusReason": reason} if reason else told)


class CloudFormation:
    """What its API Reference says of stacks, as far as it is asked for.

    `failing` says which resource fails for which reason. The table, the topics and the sender's
    identity are made on moto, which has no other resource that the code looks at. What is begun is
    seen in progress `looks` times.
    """

    def __init__(self, looks: int = 0, **failing: str) -> None:
        self.failing = failing
        self.takes_updates_of_what_failed = True
        self.calls: list[str] = []
        self._looks, self._left = looks, 0
        self._stacks: list[_Stack] = []

    def set_status(self, status: str) -> None:
        """Of the last stack, as somebody at the console may leave it."""
        self._stacks[-1].status = status

    def create_stack(self, **request: Any) -> None:
        self.calls.append("create")
        assert request["DisableRollback"] is True
        if self._named(request["StackName"]):
            raise _refusal("AlreadyExistsException", "it exists")
        stack = _Stack(len(self._stacks), request["StackName"], request)
        self._stacks.append(stack)
        self._work(stack, "CREATE", stack.wanted, self._make)

    def update_stack(self, **request: Any) -> None:
        self.calls.append("update")
        stack = self._named(request["StackName"])
        assert stack
        is_closed = stack.status == "CREATE_FAILED" and not self.takes_updates_of_what_failed
        if is_closed or stack.status in _CLOSED_TO_UPDATES:
            raise _refusal("ValidationError", f"it is in {stack.status} state")
        if stack.status == "CREATE_FAILED" and not request.get("DisableRollback"):
            raise _refusal("ValidationError", "it can't be rolled back")
        before, was, stack.request = stack.request, stack.wanted, request
        changed = {
            name: one
            for name, one in stack.wanted.items()
            if was.get(name) != one or not stack.has_made(name)
        }
        if not changed and was.keys() == stack.wanted.keys():
            raise _refusal("ValidationError", "No updates are to be performed.")
        gone = was.keys() - stack.wanted.keys()
        self._work(stack, "UPDATE", changed, self._make)
        if stack.status == "UPDATE_FAILED" and not request.get("DisableRollback"):
            self._roll_back(stack, changed.keys() & was.keys(), changed.keys() - was.keys())
            stack.request = before
            return
        for name in gone:
            stack.tell(name, "DELETE_COMPLETE")

    @staticmethod
    def _roll_back(stack: _Stack, kept: set[str], new: set[str]) -> None:
        for name in sorted(kept | new):
            if name in stack.resources:
                stack.tell(name, "UPDATE_COMPLETE" if name in kept else "DELETE_COMPLETE")
        stack.status = "UPDATE_ROLLBACK_COMPLETE"
        stack.tell(stack.name, stack.status)

    def delete_stack(self, StackName: str) -> None:  # noqa: N803 - as the API has it
        self.calls.append("delete")
        stack = self._named(StackName)
        assert stack
        there = {
            name: one
            for name, one in stack.wanted.items()
            if name in stack.resources
            and not stack.resources[name]["ResourceStatus"].startswith("DELETE_COMPLETE")
        }
        self._work(stack, "DELETE", there, self._take_away)

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        stack = self._named(StackName)
        if not stack:
            raise _refusal("ValidationError", f"Stack with id {StackName} does not exist")
        return {"Stacks": [self._described(stack)]}

    def get_template(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        stack = self._named(StackName)
        assert stack
        return {"TemplateBody": stack.request["TemplateBody"]}

    def get_paginator(self, operation: str) -> "_Paginator":
        def stack_of(**named: str) -> _Stack:
            stack = self._named(named["StackName"])
            if not stack:
                raise _refusal("ValidationError", "it does not exist")
            return stack

        return {
            "describe_stack_events": _Paginator(
                "StackEvents", lambda **named: stack_of(**named).events[::-1]
            ),
            "list_stack_resources": _Paginator(
                "StackResourceSummaries",
                lambda **named: [
                    one for name, one in stack_of(**named).resources.items()
                    if name != stack_of(**named).name
                ],
            ),
            "describe_stacks": _Paginator(
                "Stacks",
                lambda: [self._described(one) for one in self._stacks if self._is_there(one)],
            ),
        }[operation]  # fmt: skip

    def _named(self, name: str) -> _Stack | None:
        """By its name while it is there, by its id also afterwards."""
        found = (
            one
            for one in self._stacks
            if name == one.id or (name == one.name and self._is_there(one))
        )
        return next(found, None)

    def _described(self, stack: _Stack) -> dict[str, Any]:
        status = stack.status
        if self._left:
            self._left -= 1
            status = f"{status.partition('_')[0]}_IN_PROGRESS"
        return {
            "StackId": stack.id,
            "StackName": stack.name,
            "StackStatus": status,
            "Parameters": stack.request["Parameters"],
        }

    @staticmethod
    def _is_there(stack: _Stack) -> bool:
        return stack.status != "DELETE_COMPLETE"

    def _work(
        self,
        stack: _Stack,
        verb: str,
        resources: dict[str, dict[str, Any]],
        do: Callable[[str, dict[str, Any], bool], tuple[str, str]],
    ) -> None:
        """Goes through the resources up to the first that fails."""
        self._left = self._looks
        stack.tell(stack.name, f"{verb}_IN_PROGRESS")
        end = "COMPLETE"
        for name, resource in resources.items():
            is_change = verb == "UPDATE" and stack.has_made(name)
            its = "CREATE" if verb == "UPDATE" and not is_change else verb
            stack.tell(name, f"{its}_IN_PROGRESS")
            if is_change and not stack.may_change(resource):
                end, reason = "FAILED", "Replacement type updates not supported"
            else:
                end, reason = do(name, resource, is_change)
            properties = resource["Properties"]
            physical = properties.get("EmailIdentity") or properties.get("TableName") or name
            stack.resources[name]["PhysicalResourceId"] = physical
            stack.resources[name]["ResourceType"] = resource["Type"]
            stack.tell(name, f"{its}_{end}", reason)
            if end == "FAILED":
                break
        stack.status = f"{verb}_FAILED" if end == "FAILED" else f"{verb}_COMPLETE"
        stack.tell(stack.name, stack.status)

    def _make(self, name: str, resource: dict[str, Any], is_change: bool) -> tuple[str, str]:  # noqa: FBT001
        if name in self.failing:
            return "FAILED", self.failing[name]
        if is_change:
            return "COMPLETE", ""
        properties = resource["Properties"]
        if resource["Type"] == "AWS::SES::EmailIdentity":
            ses, identity = boto3.client("sesv2"), properties["EmailIdentity"]
            known = {one["IdentityName"] for one in ses.list_email_identities()["EmailIdentities"]}
            if identity in known:
                return "FAILED", "it already exists"  # moto would make it anew
            ses.create_email_identity(EmailIdentity=identity)
        if resource["Type"] == "AWS::SNS::Topic":
            boto3.client("sns").create_topic(Name=properties["TopicName"])
        if resource["Type"] == "AWS::DynamoDB::Table":
            wanted = (
                "TableName AttributeDefinitions KeySchema BillingMode DeletionProtectionEnabled"
            )
            table = {key: properties[key] for key in wanted.split()}
            boto3.client("dynamodb").create_table(**table)
        return "COMPLETE", ""

    def _take_away(self, name: str, resource: dict[str, Any], _: bool) -> tuple[str, str]:  # noqa: FBT001
        if name in self.failing:
            return "FAILED", self.failing[name]
        if resource.get("DeletionPolicy") == "Retain":
            return "SKIPPED", ""
        if resource["Type"] == "AWS::DynamoDB::Table":
            boto3.client("dynamodb").delete_table(TableName=resource["Properties"]["TableName"])
        return "COMPLETE", ""


class _Paginator:
    def __init__(self, key: str, items: Callable[..., list[dict[str, Any]]]) -> None:
        self._key, self._items = key, items

    def paginate(self, **named: str) -> Iterator[dict[str, Any]]:
        items = self._items(**named)
        for start in range(0, max(len(items), 1), _PAGE):
            yield {self._key: items[start : start + _PAGE]}


def _refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Stack")
