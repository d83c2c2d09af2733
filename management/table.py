"""The table of a stage, as a whole."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

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
