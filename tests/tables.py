"""What is in the table, and the way to it that Lambda takes."""

from collections.abc import Mapping
from typing import Any

import boto3

from chalicelib.dynamodb import DynamoDB
from chalicelib.event import Event
from chalicelib.items import registration_item
from chalicelib.registration import Registration
from management import local_aws


def items_in_the_table() -> list[dict[str, Any]]:
    return list(boto3.client("dynamodb").scan(TableName=local_aws.TABLE)["Items"])


def client_as_on_lambda() -> Any:
    """The small client, whose calls moto in this process answers."""
    return DynamoDB(local_aws.ask_moto, attempts=1)


def put_registrations(event: Event, held: Mapping[str, Registration]) -> None:
    """Stores registrations by their keys, as they are, without moto's slow transactions."""
    with boto3.resource("dynamodb").Table(local_aws.TABLE).batch_writer() as table:
        for key, one in held.items():
            table.put_item(Item={"pk": event.id, "sk": f"REG#{key}", **registration_item(one)})
