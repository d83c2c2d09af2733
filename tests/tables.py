"""What is in the table, and the way to it that Lambda takes."""

from collections.abc import Mapping
from typing import Any

import boto3
from chalicelib.items import registration_item

from bench.functions import put
from chalicelib.dynamodb import DynamoDB
from chalicelib.event import Event
from chalicelib.registration import Registration
from management import local_aws


def items_in_the_table() -> list[dict[str, Any]]:
    return list(boto3.client("dynamodb").scan(TableName=local_aws.TABLE)["Items"])


def client_as_on_lambda() -> Any:
    """The small client, whose calls moto in this process answers."""
    return DynamoDB(local_aws.ask_moto, attempts=1)


def put_registrations(event: Event, held: Mapping[str, Registration]) -> None:
    """Stores registrations by their keys, as they are, without moto's slow transactions."""
    items = {f"REG#{key}": registration_item(one) for key, one in held.items()}
    put(boto3.client("dynamodb"), event, items)
