"""The table of a stage, for the commands on this machine."""

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.bootstrap import Composition
from chalicelib.dynamo.client import Client
from chalicelib.dynamo.errors import CallFailed
from chalicelib.dynamo.table import Table
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.event import Event
from management.stage.aws import Aws, code_of
from management.stage.stages import Stage

TABLE_HAS_INDEXES = (
    "the table was created by an earlier version, with indexes that can't be removed"
)
RECREATE_TABLE = (
    "Create another stage (manage.py add-stage), or recreate this one: download the list from the "
    "desk, then run manage.py remove and manage.py provision."
)


class StageTable:
    """One stage's table, which may not exist."""

    def __init__(self, stage: Stage, aws: Aws) -> None:
        self.name = stage.service
        self._client = aws.client("dynamodb")

    def described(self) -> dict[str, Any] | None:
        """DynamoDB's description of the table, or None if there is no table."""
        try:
            return dict(self._client.describe_table(TableName=self.name)["Table"])
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise

    def is_empty(self) -> bool:
        """Whether the table has no items or does not exist."""
        if self.described() is None:
            return True
        return not self._client.scan(TableName=self.name, Limit=1, ConsistentRead=True)["Items"]

    def items(self) -> Iterator[dict[str, Any]]:
        """Every item, in DynamoDB's JSON."""
        for page in self._client.get_paginator("scan").paginate(
            TableName=self.name, ConsistentRead=True
        ):
            yield from page["Items"]

    def unprotect(self) -> None:
        """Turn deletion protection off, if it is on."""
        if (self.described() or {}).get("DeletionProtectionEnabled"):
            self._client.update_table(TableName=self.name, DeletionProtectionEnabled=False)
            self._client.get_waiter("table_exists").wait(TableName=self.name)


class BotoComposition(Composition):
    """A stage's composition whose table is reached with boto3."""

    @cached_property
    def _patient_client(self) -> Client:
        return client_over_boto3(Aws().client("dynamodb"))


def open_table(name: str, event: Event, aws: Aws) -> Table:
    """The table called `name`, reached with boto3."""
    return Table(client_over_boto3(aws.client("dynamodb")), name, event.id, event.expires_at)


def open_shared_table(name: str, aws: Aws) -> Table:
    """The items of no single event in the table called `name`, reached with boto3."""
    return Table(client_over_boto3(aws.client("dynamodb")), name, ALL_EVENTS, 0)


def client_over_boto3(boto3_client: Any) -> Client:
    """A client of the table that sends with boto3.

    So it uses this machine's credentials, proxy and certificates, and boto3's retries.
    """

    def send(operation: str, body: bytes) -> tuple[int, bytes]:
        try:
            answer = getattr(boto3_client, xform_name(operation))(**json.loads(body))
        except ClientError as error:
            reasons = error.response.get("CancellationReasons", [])
            failure = {"__type": code_of(error), "CancellationReasons": reasons}
            return 400, json.dumps(failure).encode()
        except BotoCoreError as fault:
            raise CallFailed(type(fault).__name__) from None
        del answer["ResponseMetadata"]
        return 200, json.dumps(answer).encode()

    return Client(send, attempts=1)
