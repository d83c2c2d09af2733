"""The deadline read alone, for the page that is asked for most and needs nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.dynamodb import aws_faults, kind_of
from chalicelib.instants import moment
from chalicelib.store import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTROL = "CONTROL"


def own_deadline(client: DynamoDBClient, table: str, event_id: str) -> datetime | None:
    """The deadline in the control item, strongly consistent; None while the announced one holds.

    Raises StoreUnavailable.
    """
    try:
        found = client.get_item(
            TableName=table,
            Key={"pk": {"S": event_id}, "sk": {"S": CONTROL}},
            ProjectionExpression="closes_at",
            ConsistentRead=True,
        )
    except aws_faults() as fault:
        raise StoreUnavailable(kind_of(fault)) from None
    written = found.get("Item", {}).get("closes_at", {}).get("S")
    return moment(written) if written else None
