"""The table of a stage, as a whole; and as the service works with it, from this machine."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.bootstrap import PATIENT, Composition, table_client
from chalicelib.dynamodb import Client
from chalicelib.dynamodb_endpoint import Credentials
from chalicelib.event import Event
from chalicelib.table import Table
from management.aws import Aws, code_of
from management.stages import Stage

MADE_EARLIER = "the table was made by an earlier version, with indexes that can't be taken away"
MAKE_ANEW = (
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


class NoCredentials(OSError):
    """boto3 finds no credentials on this machine, or none that still hold."""


class CompositionHere(Composition):
    """A stage's event, table and clock, with the credentials of this machine."""

    @cached_property
    def _patient_client(self) -> Client:
        return table_client(PATIENT, credentials=credentials_here())


def open_table(name: str, event: Event, region: str) -> Table:
    """A stage's table, in a region, with the credentials of this machine."""
    client = table_client(PATIENT, region, credentials_here())
    return Table(client, name, event.id, event.expires_at)


def credentials_here() -> Callable[[], Credentials]:
    """What boto3 finds on this machine, each time anew, as it may expire; raises NoCredentials."""
    found = boto3.Session().get_credentials()

    def credentials() -> Credentials:
        if found is None:
            raise NoCredentials
        try:
            frozen = found.get_frozen_credentials()
        except BotoCoreError:
            raise NoCredentials from None
        return Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token or "")

    return credentials
