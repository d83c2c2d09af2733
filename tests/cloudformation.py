"""A stand-in for CloudFormation, which creates resources one by one; each can be made to fail."""

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
_COMPLETE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_REPLACED_ON_UPDATE = frozenset({"AWS::SNS::Subscription"})
_NOT_UPDATABLE = frozenset(
    {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"}
)


class AwsWithStandIns(Aws):
    """`Aws` with stand-ins for the clients of some services, given by service name."""

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
    def template_resources(self) -> dict[str, dict[str, Any]]:
        """The template's resources whose conditions hold for the stack's parameters."""
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

    def is_complete(self, name: str) -> bool:
        return name in self.resources and self.resources[name]["ResourceStatus"] in _COMPLETE

    def can_update(self, resource: dict[str, Any]) -> bool:
        """Whether CloudFormation can update the resource. With rollback disabled, CloudFormation
        replaces no resources (CloudFormation User Guide, stack failure options).
        """
        is_replaced = resource["Type"] in _REPLACED_ON_UPDATE
        return not (is_replaced and self.request.get("DisableRollback"))

    def add_event(self, name: str, status: str, reason: str = "") -> None:
        self.resources.setdefault(name, {"LogicalResourceId": name})["ResourceStatus"] = status
        event_id = f"{self.number}-{len(self.events)}"
        event = {"EventId": event_id, "LogicalResourceId": name, "ResourceStatus": status}
        self.events.append({**event, "ResourceStatusReason": reason} if reason else event)


class CloudFormation:
    """The stack operations that the code calls, as in CloudFormation's API Reference.

    `failing` maps a resource's logical id to the reason why the resource fails. The table, the
    topics and the sender's email identity are created in moto, because the code reads them there.
    After an operation starts, the first `polls_in_progress` descriptions of the stack say
    `_IN_PROGRESS`.
    """

    def __init__(self, polls_in_progress: int = 0, **failing: str) -> None:
        self.failing = failing
        self.accepts_updates_after_failure = True
        self.calls: list[str] = []
        self._polls, self._polls_left = polls_in_progress, 0
        self._stacks: list[_Stack] = []

    def set_status(self, status: str) -> None:
        """Set the newest stack's status, as somebody using the AWS console could."""
        self._stacks[-1].status = status

    def create_stack(self, **request: Any) -> None:
        self.calls.append("create")
        assert request["DisableRollback"] is True
        if self._named(request["StackName"]):
            raise _refusal("AlreadyExistsException", "it exists")
        stack = _Stack(len(self._stacks), request["StackName"], request)
        self._stacks.append(stack)
        self._run(stack, "CREATE", stack.template_resources, self._create_or_update)

    def update_stack(self, **request: Any) -> None:
        self.calls.append("update")
        stack = self._named(request["StackName"])
        assert stack
        is_refused = stack.status == "CREATE_FAILED" and not self.accepts_updates_after_failure
        if is_refused or stack.status in _NOT_UPDATABLE:
            raise _refusal("ValidationError", f"it is in {stack.status} state")
        if stack.status == "CREATE_FAILED" and not request.get("DisableRollback"):
            raise _refusal("ValidationError", "it can't be rolled back")
        old_request, old_resources, stack.request = stack.request, stack.template_resources, request
        changed = {
            name: one
            for name, one in stack.template_resources.items()
            if old_resources.get(name) != one or not stack.is_complete(name)
        }
        if not changed and old_resources.keys() == stack.template_resources.keys():
            raise _refusal("ValidationError", "No updates are to be performed.")
        removed = old_resources.keys() - stack.template_resources.keys()
        self._run(stack, "UPDATE", changed, self._create_or_update)
        if stack.status == "UPDATE_FAILED" and not request.get("DisableRollback"):
            old, new = changed.keys() & old_resources.keys(), changed.keys() - old_resources.keys()
            self._roll_back(stack, old, new)
            stack.request = old_request
            return
        for name in removed:
            stack.add_event(name, "DELETE_COMPLETE")

    @staticmethod
    def _roll_back(stack: _Stack, old: set[str], new: set[str]) -> None:
        for name in sorted(old | new):
            if name in stack.resources:
                stack.add_event(name, "UPDATE_COMPLETE" if name in old else "DELETE_COMPLETE")
        stack.status = "UPDATE_ROLLBACK_COMPLETE"
        stack.add_event(stack.name, stack.status)

    def delete_stack(self, StackName: str) -> None:  # noqa: N803 - as the API has it
        self.calls.append("delete")
        stack = self._named(StackName)
        assert stack
        existing = {
            name: one
            for name, one in stack.template_resources.items()
            if name in stack.resources
            and not stack.resources[name]["ResourceStatus"].startswith("DELETE_COMPLETE")
        }
        self._run(stack, "DELETE", existing, self._delete)

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        stack = self._named(StackName)
        if not stack:
            raise _refusal("ValidationError", f"Stack with id {StackName} does not exist")
        return {"Stacks": [self._described(stack)]}

    def get_template(self, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        stack = self._named(StackName)
        assert stack
        assert TemplateStage == "Original"  # AWS gives the one that SAM has transformed otherwise
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
                lambda: [self._described(one) for one in self._stacks if self._exists(one)],
            ),
        }[operation]  # fmt: skip

    def _named(self, name: str) -> _Stack | None:
        """The existing stack with this name, or the existing or deleted stack with this id."""
        found = (
            one
            for one in self._stacks
            if name == one.id or (name == one.name and self._exists(one))
        )
        return next(found, None)

    def _described(self, stack: _Stack) -> dict[str, Any]:
        status = stack.status
        if self._polls_left:
            self._polls_left -= 1
            status = f"{status.partition('_')[0]}_IN_PROGRESS"
        return {
            "StackId": stack.id,
            "StackName": stack.name,
            "StackStatus": status,
            "Parameters": stack.request["Parameters"],
        }

    @staticmethod
    def _exists(stack: _Stack) -> bool:
        return stack.status != "DELETE_COMPLETE"

    def _run(
        self,
        stack: _Stack,
        verb: str,
        resources: dict[str, dict[str, Any]],
        do: Callable[[str, dict[str, Any], bool], tuple[str, str]],
    ) -> None:
        """Apply `do` to the resources in order, up to the first that fails."""
        self._polls_left = self._polls
        stack.add_event(stack.name, f"{verb}_IN_PROGRESS")
        outcome = "COMPLETE"
        for name, resource in resources.items():
            is_change = verb == "UPDATE" and stack.is_complete(name)
            action = "CREATE" if verb == "UPDATE" and not is_change else verb
            stack.add_event(name, f"{action}_IN_PROGRESS")
            if is_change and not stack.can_update(resource):
                outcome, reason = "FAILED", "Replacement type updates not supported"
            else:
                outcome, reason = do(name, resource, is_change)
            physical, kind = self._shown(name, resource)
            stack.resources[name] |= {"PhysicalResourceId": physical, "ResourceType": kind}
            stack.add_event(name, f"{action}_{outcome}", reason)
            if outcome == "FAILED":
                break
        stack.status = f"{verb}_FAILED" if outcome == "FAILED" else f"{verb}_COMPLETE"
        stack.add_event(stack.name, stack.status)

    def _shown(self, name: str, resource: dict[str, Any]) -> tuple[str, str]:
        """The resource's name on AWS, and its type."""
        properties = resource["Properties"]
        physical = properties.get("EmailIdentity") or properties.get("TableName") or name
        return physical, resource["Type"]

    def _create_or_update(
        self,
        name: str,
        resource: dict[str, Any],
        is_change: bool,  # noqa: FBT001
    ) -> tuple[str, str]:
        if name in self.failing:
            return "FAILED", self.failing[name]
        if is_change:
            return "COMPLETE", ""
        properties = resource["Properties"]
        if resource["Type"] == "AWS::SES::EmailIdentity":
            ses, identity = boto3.client("sesv2"), properties["EmailIdentity"]
            known = {one["IdentityName"] for one in ses.list_email_identities()["EmailIdentities"]}
            if identity in known:
                return "FAILED", "it already exists"  # moto would create a second one
            ses.create_email_identity(EmailIdentity=identity)
        if resource["Type"] == "AWS::SNS::Topic":
            boto3.client("sns").create_topic(Name=properties["TopicName"])
        if resource["Type"] == "AWS::DynamoDB::Table":
            names = "TableName AttributeDefinitions KeySchema BillingMode DeletionProtectionEnabled"
            table = {name: properties[name] for name in names.split()}
            boto3.client("dynamodb").create_table(**table)
        return "COMPLETE", ""

    def _delete(self, name: str, resource: dict[str, Any], _: bool) -> tuple[str, str]:  # noqa: FBT001
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
