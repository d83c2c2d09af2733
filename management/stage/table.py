"""The table of a stage, as a whole; and as the service works with it, from this machine."""

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
from chalicelib.event.event import Event
from management.stage.aws import Aws, code_of
from management.stage.stages import Stage

TABLE_HAS_INDEXES = (
    "the table was made by an earlier version, with indexes that can't be taken away"
)
RECREATE_TABLE = (
    "Make another stage (manage.py add-stage), or this one anew: take the list from the desk, "
    "then manage.py remove and manage.py provision."
)


class StageTable:
    """One stage's table, which may not be there."""

    def __init__(self, stage: Stage, aws: Aws) -> None:
        self.name = stage.service
        self._client = aws.client("dynamodb")

    def described(self) -> dict[str, Any] | None:
        """What DynamoDB says of it, if it is there."""
        try:
            return dict(self._client.describe_table(TableName=self.name)["Table"])
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise

    def is_empty(self) -> bool:
        """Whether it holds nothing, or isn't there."""
        if self.described() is None:
            return True
        return not self._client.scan(TableName=self.name, Limit=1, ConsistentRead=True)["Items"]

    def items(self) -> Iterator[dict[str, Any]]:
        """Every item, as DynamoDB writes it."""
        for page in self._client.get_paginator("scan").paginate(
            TableName=self.name, ConsistentRead=True
        ):
            yield from page["Items"]

    def unprotect(self) -> None:
        """Lets it be deleted, if it may not be."""
        if (self.described() or {}).get("DeletionProtectionEnabled"):
            self._client.update_table(TableName=self.name, DeletionProtectionEnabled=False)
            self._client.get_waiter("table_exists").wait(TableName=self.name)


class BotoComposition(Composition):
    """A stage's event, table and clock, as this machine reaches them."""

    @cached_property
    def _patient_client(self) -> Client:
        return client_by(Aws().client("dynamodb"))


def open_table(name: str, event: Event, aws: Aws) -> Table:
    """A stage's table, as this machine reaches it."""
    return Table(client_by(aws.client("dynamodb")), name, event.id, event.expires_at)


def client_by(boto3_client: Any) -> Client:
    """The table's client over boto3's connection, which knows this machine's credentials, proxy and
    certificates, and tries again.
    """

    def send(operation: str, body: bytes) -> tuple[int, bytes]:
        try:
            answer = getattr(boto3_client, xform_name(operation))(**json.loads(body))
        except ClientError as error:
            reasons = error.response.get("CancellationReasons", [])
            told = {"__type": code_of(error), "CancellationReasons": reasons}
            return 400, json.dumps(told).encode()
        except BotoCoreError as fault:
            raise CallFailed(type(fault).__name__) from None
        del answer["ResponseMetadata"]
        return 200, json.dumps(answer).encode()

    return Client(send, attempts=1)
