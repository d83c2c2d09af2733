"""What is in the table, and the way to it that Lambda takes."""

from typing import Any

import boto3

from chalicelib.dynamodb import DynamoDB
from management import local_aws


def items_in_the_table() -> list[dict[str, Any]]:
    return list(boto3.client("dynamodb").scan(TableName=local_aws.TABLE)["Items"])


def client_as_on_lambda() -> Any:
    """The small client, whose calls moto in this process answers."""
    return DynamoDB(local_aws.ask_moto, attempts=1)
