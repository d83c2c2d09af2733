"""What is in the table, and the way to it that Lambda takes."""

from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest
from moto.core.models import botocore_stubber

from chalicelib.dynamodb import Credentials, DynamoDB, signed_headers
from management import local_aws

_HOST = f"dynamodb.{local_aws.REGION}.amazonaws.com"


def items_in_the_table() -> list[dict[str, Any]]:
    return list(boto3.client("dynamodb").scan(TableName=local_aws.TABLE)["Items"])


def client_as_on_lambda() -> Any:
    """The small client, whose calls moto in this process answers."""
    return DynamoDB(ask_moto, attempts=1)


def ask_moto(operation: str, body: bytes) -> tuple[int, bytes]:
    signed_at, credentials = datetime(2027, 5, 20, tzinfo=UTC), Credentials("key", "secret")
    headers: Any = signed_headers(operation, body, _HOST, local_aws.REGION, credentials, signed_at)
    request = AWSPreparedRequest("POST", f"https://{_HOST}/", headers, body, stream_output=False)
    answer = botocore_stubber("before-send", request)
    assert answer is not None
    return answer.status_code, answer.content
