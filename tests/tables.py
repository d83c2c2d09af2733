"""What is in the table."""

from typing import Any

import boto3

from management import local_aws


def items_in_the_table() -> list[dict[str, Any]]:
    return list(boto3.client("dynamodb").scan(TableName=local_aws.TABLE)["Items"])
