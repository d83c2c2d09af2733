"""The IAM policies of the functions: one file for each function and stage, which Chalice deploys.

The files are generated from this module and not edited.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.event.registry_store import REGISTRY
from management.stage.functions import Function
from management.stage.stages import Stage

# The DynamoDB operations that each function may call on the stage's table.
TABLE_CALLS = {
    "web": (
        "GetItem",
        "BatchGetItem",
        "Query",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
    ),
    "close-registration": ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
    "tick": ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
    "record-mail-event": ("PutItem", "UpdateItem"),
}
_SENDING = frozenset({"close-registration", "tick"})
_QUEUEING_FAILED_EVENTS = frozenset({"close-registration", "record-mail-event"})
NO_ACCOUNT = "000000000000"


class Place(NamedTuple):
    """The region and account of a stage."""

    region: str = "eu-north-1"
    account: str = NO_ACCOUNT

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in this region and account."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def policy(function: Function, stage: Stage, place: Place) -> dict[str, Any]:
    """The policy of one function, without wildcards for resources."""
    statements = [_log(function, place), _table(function, stage, place)]
    if function.policy in _SENDING:
        statements.append(_mail(stage, place))
    if function.policy in _QUEUEING_FAILED_EVENTS:
        statements.append(_failed_events(stage, place))
    return {"Version": "2012-10-17", "Statement": statements}


def policy_files(functions: list[Function], stage: Stage, place: Place) -> dict[Path, str]:
    """The text of each policy file of a stage, by path."""
    return {
        stage.policy_folder / f"policy-{function.policy}-{stage.name}.json": json.dumps(
            policy(function, stage, place), indent=2
        )
        + "\n"
        for function in functions
    }


def _log(function: Function, place: Place) -> dict[str, Any]:
    return {
        "Sid": "WriteOwnLog",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": place.arn("logs", f"log-group:{function.log_group}:*"),
    }


def _table(function: Function, stage: Stage, place: Place) -> dict[str, Any]:
    """The table's calls. Only scheduled runs reach the registry, which a visitor never needs.

    No pattern fits the ids of events alone, and an id in a policy would have to be there before
    the event's first page.
    """
    statement = {
        "Sid": "UseItemsOfTheEvents",
        "Effect": "Allow",
        "Action": [f"dynamodb:{call}" for call in TABLE_CALLS[function.policy]],
        "Resource": place.arn("dynamodb", f"table/{stage.service}"),
    }
    if function.policy in _SENDING:
        return statement
    others = {"ForAllValues:StringNotEquals": {"dynamodb:LeadingKeys": [REGISTRY]}}
    return {**statement, "Condition": others}


def _mail(stage: Stage, place: Place) -> dict[str, Any]:
    """SES requires SendRawEmail when SendEmail is called with a whole MIME message."""
    return {
        "Sid": "SendMail",
        "Effect": "Allow",
        "Action": ["ses:SendEmail", "ses:SendRawEmail"],
        "Resource": [
            place.arn("ses", f"identity/{stage.sender_domain}"),
            place.arn("ses", f"identity/{stage.sender}"),
            place.arn("ses", f"configuration-set/{stage.service}"),
            place.arn("ses", f"configuration-set/{stage.receipt_set}"),
        ],
        "Condition": {"StringEquals": {"ses:FromAddress": stage.sender}},
    }


def _failed_events(stage: Stage, place: Place) -> dict[str, Any]:
    """Lambda queues a failed event with the function's permissions."""
    return {
        "Sid": "KeepFailedEvents",
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": place.arn("sqs", f"{stage.service}-failed-events"),
    }
