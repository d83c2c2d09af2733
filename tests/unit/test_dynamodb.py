"""The small client asks, answers and fails as boto3's does."""

import json
import ssl
from datetime import UTC, datetime
from http.client import RemoteDisconnected
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.retries.standard import ThrottledRetryableChecker

from chalicelib import dynamodb
from chalicelib.dynamodb import Credentials, DynamoDB, NotReached, signed_headers

HOST = "dynamodb.eu-north-1.amazonaws.com"
KEY = {"pk": {"S": "händelse"}, "sk": {"S": "REG#1"}}
PUT = {"TableName": "t", "Item": {**KEY, "severe": {"BOOL": True}, "meals": {"L": [{"S": "l"}]}}}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("get_item", {"TableName": "t", "Key": KEY, "ConsistentRead": True}),
    ("put_item", {**PUT, "ConditionExpression": "attribute_not_exists(sk)"}),
    ("delete_item", {"TableName": "t", "Key": KEY}),
    (
        "update_item",
        {
            "TableName": "t",
            "Key": KEY,
            "UpdateExpression": "SET #0 = :0",
            "ExpressionAttributeNames": {"#0": "at"},
            "ExpressionAttributeValues": {":0": {"N": "1"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    (
        "query",
        {
            "TableName": "t",
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "e"}},
            "ExclusiveStartKey": KEY,
            "ScanIndexForward": False,
            "Limit": 7,
        },
    ),
    ("batch_get_item", {"RequestItems": {"t": {"Keys": [KEY], "ConsistentRead": True}}}),
    ("transact_write_items", {"TransactItems": [{"Put": PUT}], "ClientRequestToken": "token"}),
]
REFUSED = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
CANCELLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled",
    "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "x"}],
}


class Wire:
    """Answers one call after the other, and keeps what was asked."""

    def __init__(self, *answers: tuple[int, object] | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, Any]] = []
        self.pauses: list[int] = []

    def __call__(self, operation: str, body: bytes) -> tuple[int, bytes]:
        self.asked.append((operation, json.loads(body)))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, told = answer
        return status, told if isinstance(told, bytes) else json.dumps(told).encode()

    def client(self, attempts: int = 1) -> DynamoDB:
        return DynamoDB(self, attempts, self.pauses.append)


def boto3s(status: int, told: object) -> tuple[Any, list[Any]]:
    """boto3's client, which is given that answer, and what it sends."""
    sent: list[Any] = []

    def answer(request: Any, **_: object) -> AWSResponse:
        sent.append(request)
        raw: Any = type("Raw", (), {"stream": lambda _: iter([json.dumps(told).encode()])})()
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, status, headers, raw)

    client = boto3.client(
        "dynamodb",
        region_name="eu-north-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.meta.events.register("before-send.dynamodb.*", answer)
    return client, sent


@pytest.mark.parametrize("token", ["", "a-session-token/=="])
@pytest.mark.parametrize("host", [HOST, "127.0.0.1:5000"])
def test_a_call_is_signed_as_botocore_signs_it(host: str, token: str) -> None:
    body = json.dumps({"TableName": "t", "Key": KEY}).encode()
    request = AWSRequest("POST", f"https://{host}/", data=body)
    request.headers["Content-Type"] = "application/x-amz-json-1.0"
    request.headers["X-Amz-Target"] = "DynamoDB_20120810.GetItem"
    known = BotocoreCredentials("AKIDEXAMPLE", "secret", token or None)
    SigV4Auth(known, "dynamodb", "eu-north-1").add_auth(request)
    stamp = datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    ours = Credentials("AKIDEXAMPLE", "secret", token)
    headers = signed_headers("GetItem", body, host, "eu-north-1", ours, stamp)
    assert headers["authorization"] == request.headers["Authorization"]
    for name, value in headers.items():
        assert name == "host" or request.headers[name] == value


@pytest.mark.parametrize(("call", "request_"), CALLS)
def test_a_call_says_what_boto3_says(call: str, request_: dict[str, Any]) -> None:
    wire, (client, sent) = Wire((200, {})), boto3s(200, {})
    assert getattr(wire.client(), call)(**request_) == {}
    getattr(client, call)(**request_)
    ((operation, body),) = wire.asked
    assert body == json.loads(sent[0].body)
    assert f"DynamoDB_20120810.{operation}" == sent[0].headers["X-Amz-Target"].decode()


def test_an_answer_is_what_boto3_makes_of_it() -> None:
    told = {"Item": {**KEY, "n": {"N": "12"}, "l": {"L": [{"BOOL": False}]}}}
    theirs = boto3s(200, told)[0].get_item(TableName="t", Key=KEY)
    assert Wire((200, told)).client().get_item(TableName="t", Key=KEY)["Item"] == theirs["Item"]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (400, {"__type": REFUSED, "message": "The conditional request failed"}),
        (400, CANCELLED),
        (400, {"__type": "com.amazon.coral.validate#ValidationException", "message": "wrong"}),
        (400, {"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "no"}),
        (500, {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}),
        (503, {}),
    ],
)
def test_a_refusal_is_boto3s_exception(status: int, told: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as ours:
        Wire((status, told)).client().put_item(**PUT)
    with pytest.raises(ClientError) as theirs:
        boto3s(status, told)[0].put_item(**PUT)
    for part in ("Error", "CancellationReasons"):
        assert ours.value.response.get(part, []) == theirs.value.response.get(part, [])
    assert ours.value.operation_name == theirs.value.operation_name


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (NotReached("refused"), EndpointConnectionError),
        (TimeoutError("timed out"), ReadTimeoutError),
        (RemoteDisconnected("gone"), ConnectionClosedError),
        ((200, b'{"Item": {"pk"'), ConnectionClosedError),
        ((502, b"<html>Bad Gateway</html>"), ConnectionClosedError),
        ((200, b"null"), ConnectionClosedError),
        ((500, b"[]"), ConnectionClosedError),
    ],
)
def test_no_answer_is_boto3s_exception_and_says_nothing_of_what_was_sent(
    fault: Any, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as raised:
        Wire(fault).client().put_item(**PUT)
    assert "händelse" not in str(raised.value)
    assert raised.value.__cause__ is None


PASSING = (
    NotReached("refused"),
    TimeoutError("timed out"),
    (500, {"__type": "x#InternalServerError"}),
    (503, b"<html>"),
    (400, {"__type": "x#ThrottlingException"}),
    (400, {"__type": "x#ProvisionedThroughputExceededException"}),
    (400, {"__type": "x#RequestLimitExceeded"}),
    (400, {"__type": "x#TransactionInProgressException"}),
)


def test_what_may_pass_is_tried_again_after_a_pause_and_then_raised() -> None:
    for fault in PASSING:
        wire = Wire(fault, fault, (200, {"Item": KEY}))
        assert wire.client(3).get_item(TableName="t", Key=KEY) == {"Item": KEY}
        assert wire.pauses == [1, 2]
        with pytest.raises((ClientError, EndpointConnectionError, ReadTimeoutError,
                            ConnectionClosedError)):  # fmt: skip
            Wire(fault, fault).client(2).get_item(TableName="t", Key=KEY)


def test_a_refusal_is_not_tried_again() -> None:
    for told in ({"__type": REFUSED}, CANCELLED, {"__type": "x#ValidationException"}):
        wire = Wire((400, told))
        with pytest.raises(ClientError):
            wire.client(5).put_item(**PUT)
        assert wire.pauses == []


def test_what_is_tried_again_botocore_would_try_again_too() -> None:
    checker: Any = ThrottledRetryableChecker
    theirs = checker._THROTTLED_ERROR_CODES
    assert set(theirs) >= dynamodb._PASSING - {"InternalServerError"}


def test_a_transaction_that_is_tried_again_is_the_same_one() -> None:
    wire = Wire(TimeoutError(), (200, {}), (200, {}))
    for _ in range(2):
        wire.client(2).transact_write_items(TransactItems=[{"Put": PUT}])
    first, again, another = (body["ClientRequestToken"] for _, body in wire.asked)
    assert first == again != another
    assert 16 <= len(first) <= 36  # what DynamoDB takes


def test_pauses_are_random_and_end_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    for _ in range(50):
        dynamodb.long_random_pause(1)
        dynamodb.long_random_pause(9)
    assert all(0 <= one <= 1 for one in slept[::2])
    assert all(0 <= one <= 20 for one in slept[1::2])
    assert len(set(slept)) == 100


def test_dynamodb_must_show_who_it_is() -> None:
    assert dynamodb._tls().verify_mode is ssl.CERT_REQUIRED
    assert dynamodb._tls().check_hostname


@pytest.fixture(autouse=True)
def no_other_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
