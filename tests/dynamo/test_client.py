"""The small client asks, answers and fails as boto3's does."""

import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import RemoteDisconnected
from typing import Any
from zlib import crc32

import boto3
import pytest
from botocore import xform_name
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.retries.standard import ThrottledRetryableChecker

from chalicelib.dynamo import connection as dynamodb_endpoint
from chalicelib.dynamo import errors, retry
from chalicelib.dynamo.attributes import marshal, unmarshal
from chalicelib.dynamo.client import Client
from chalicelib.dynamo.connection import Damaged, NotReached
from chalicelib.dynamo.errors import CallFailed
from chalicelib.dynamo.signing import Credentials, signed_headers
from chalicelib.dynamo.writes import NEW, THERE, check, delete, put, update
from management.stage.table import client_by
from tests.fakes import TableInMemory

HOST = "dynamodb.eu-north-1.amazonaws.com"
KEY = {"pk": {"S": "händelse"}, "sk": {"S": "REG#1"}}
GET = {"TableName": "t", "Key": KEY}
PUT = {"TableName": "t", "Item": {**KEY, "severe": {"BOOL": True}, "meals": {"L": [{"S": "l"}]}}}
REFUSED = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
CANCELLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled",
    "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "x"}],
}


class Answers:
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

    def client(self, attempts: int = 1) -> Client:
        return Client(self, attempts, self.pauses.append)


def boto3s(
    status: int, told: object, attempts: int = 1, checksums: Any = ()
) -> tuple[Any, list[Any]]:
    """boto3's client, which is given that answer, and what it sends."""
    sent: list[Any] = []

    def answer(request: Any, **_: object) -> AWSResponse:
        sent.append(request)
        content = json.dumps(told).encode()
        raw: Any = type("Raw", (), {"stream": lambda _: iter([content])})()
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        if checksums:
            headers["x-amz-crc32"] = str(crc32(content) + checksums[len(sent) - 1])
        return AWSResponse(request.url, status, headers, raw)

    client = boto3.client(
        "dynamodb",
        region_name="eu-north-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": attempts}),
    )
    client.meta.events.register("before-send.dynamodb.*", answer)
    return client, sent


@pytest.mark.parametrize("token", ["", "a-session-token/=="])
@pytest.mark.parametrize("host", [HOST, "127.0.0.1:5000"])
def test_a_call_is_signed_as_botocore_signs_it(host: str, token: str) -> None:
    body = json.dumps(GET).encode()
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


ITEM = {"name": "Åsa", "meals": ["lunch"], "severe": True, "revision": 1, "links": []}
CALLS: dict[str, Callable[[TableInMemory], object]] = {
    "get": lambda table: table.get("REG#1"),
    "get some attributes": lambda table: table.get("REG#1", "plate", "name"),
    "get all": lambda table: list(table.get_all(["REG#1", "REG#2"])),
    "query": lambda table: list(table.query("A", "~", "plate")),
    "query the newest": lambda table: list(table.query("A", "~", newest=7)),
    "put": lambda table: table.apply(put("REG#1", ITEM, NEW)),
    "delete": lambda table: table.apply(delete("REG#1")),
    "update": lambda table: table.apply(
        update("CAP#1", {"at": "now"}, first={"began": "now"}, add={"mails": 1})
    ),
    "write": lambda table: table.write(
        put("REG#1", ITEM),
        update("REG#2", {"links": ["a"]}, "revision = :revision", {":revision": 1}),
        delete("CODE#1", THERE),
        check("REG#3", "revision = :revision", {":revision": 2}),
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_the_table_asks_is_what_boto3_would_send(name: str, table: TableInMemory) -> None:
    CALLS[name](table)
    ((operation, request),) = zip(table.database.calls, table.database.requests, strict=True)
    client, sent = boto3s(200, {})
    getattr(client, xform_name(operation))(**request)
    assert json.loads(sent[0].body) == request
    assert sent[0].headers["X-Amz-Target"].decode() == f"DynamoDB_20120810.{operation}"


def test_an_answer_is_what_boto3_makes_of_it() -> None:
    told = {"Item": {**KEY, "n": {"N": "12"}, "l": {"L": [{"BOOL": False}]}}}
    theirs = boto3s(200, told)[0].get_item(**GET)
    assert Answers((200, told)).client().call("GetItem", GET)["Item"] == theirs["Item"]


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
def test_a_refusal_has_the_code_and_the_reasons_that_boto3_tells(
    status: int, told: dict[str, Any]
) -> None:
    with pytest.raises(CallFailed) as ours:
        Answers((status, told)).client().call("PutItem", PUT)
    with pytest.raises(ClientError) as theirs:
        boto3s(status, told)[0].put_item(**PUT)
    response: Any = theirs.value.response
    assert ours.value.code == str(ours.value) == response["Error"]["Code"]
    reasons = [reason["Code"] for reason in response.get("CancellationReasons", [])]
    assert ours.value.reasons == reasons
    assert ours.value.may_pass is (status >= 500)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (NotReached("refused"), "NotReached"),
        (TimeoutError("timed out"), "TimeoutError"),
        (RemoteDisconnected("gone"), "RemoteDisconnected"),
        (Damaged(), "Damaged"),
        ((200, b'{"Item": {"pk"'), "JSONDecodeError"),
        ((502, b"<html>Bad Gateway</html>"), "JSONDecodeError"),
        ((200, b"null"), "ValueError"),
        ((500, b"[]"), "ValueError"),
    ],
)
def test_no_answer_is_told_by_its_kind_and_nothing_of_what_was_sent(fault: Any, code: str) -> None:
    with pytest.raises(CallFailed) as raised:
        Answers(fault).client().call("PutItem", PUT)
    assert (raised.value.code, raised.value.may_pass) == (code, True)
    assert "händelse" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    "fault",
    [
        NotReached("refused"),
        TimeoutError("timed out"),
        Damaged(),
        (500, {"__type": "x#InternalServerError"}),
        (503, b"<html>"),
        (400, {"__type": "x#ThrottlingException"}),
        (400, {"__type": "x#ProvisionedThroughputExceededException"}),
        (400, {"__type": "x#RequestLimitExceeded"}),
        (400, {"__type": "x#TransactionInProgressException"}),
    ],
)
def test_what_may_pass_is_tried_again_after_a_pause_and_then_raised(fault: Any) -> None:
    answers = Answers(fault, fault, (200, {"Item": KEY}))
    assert answers.client(3).call("GetItem", GET) == {"Item": KEY}
    assert answers.pauses == [1, 2]
    with pytest.raises(CallFailed):
        Answers(fault, fault).client(2).call("GetItem", GET)


def test_a_refusal_is_not_tried_again() -> None:
    for told in ({"__type": REFUSED}, CANCELLED, {"__type": "x#ValidationException"}):
        answers = Answers((400, told))
        with pytest.raises(CallFailed):
            answers.client(5).call("PutItem", PUT)
        assert answers.pauses == []


def test_what_is_tried_again_botocore_would_try_again_too() -> None:
    checker: Any = ThrottledRetryableChecker
    theirs = checker._THROTTLED_ERROR_CODES
    assert set(theirs) >= errors._PASSING - {"InternalServerError"}


def test_a_damaged_answer_is_asked_for_again_by_botocore_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # between botocore's tries
    client, sent = boto3s(200, {"Item": KEY}, attempts=2, checksums=[1, 0])
    assert client.get_item(**GET)["Item"] == KEY
    assert len(sent) == 2


def test_a_transaction_that_is_tried_again_is_the_same_one() -> None:
    answers = Answers(TimeoutError(), (200, {}), (200, {}))
    for _ in range(2):
        answers.client(2).call("TransactWriteItems", {"TransactItems": [{"Put": PUT}]})
    first, again, another = (body["ClientRequestToken"] for _, body in answers.asked)
    assert first == again != another
    assert 16 <= len(first) <= 36  # what DynamoDB takes


def test_pauses_are_random_and_end_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    for _ in range(50):
        retry.random_pause(1)
        retry.random_pause(9)
    assert all(0 <= one <= 1 for one in slept[::2])
    assert all(0 <= one <= 20 for one in slept[1::2])
    assert len(set(slept)) == 100


def test_dynamodb_must_show_who_it_is() -> None:
    assert dynamodb_endpoint._tls().verify_mode is ssl.CERT_REQUIRED
    assert dynamodb_endpoint._tls().check_hostname


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (ClientError({"Error": {"Code": "ExpiredToken"}}, "AssumeRole"), "ExpiredToken"),
        (NoCredentialsError(), "NoCredentialsError"),
        (EndpointConnectionError(endpoint_url="https://x.example"), "EndpointConnectionError"),
    ],
)
def test_what_is_wrong_with_this_machines_aws_is_named(fault: Exception, code: str) -> None:
    def fail(**_: object) -> None:
        raise fault

    client = boto3.client("dynamodb", "eu-north-1")
    client.meta.events.register("before-call.dynamodb.GetItem", fail)
    with pytest.raises(CallFailed) as failed:
        client_by(client).call("GetItem", {"TableName": "a", "Key": marshal({"pk": "b"})})
    assert failed.value.code == code


# Items


def test_an_item_comes_back_as_it_was_written() -> None:
    item = {"t": "å", "n": -3, "yes": True, "no": False, "l": ["a", ["b"]], "m": {"n": 0}, "e": []}
    assert unmarshal(marshal(item)) == item
    assert marshal({"yes": True, "n": 1}) == {"yes": {"BOOL": True}, "n": {"N": "1"}}


@pytest.mark.parametrize("value", [None, 1.5, b"bytes", {"a", "b"}])
def test_what_the_table_never_holds_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        marshal({"x": value})


@pytest.mark.parametrize("value", [{"NULL": True}, {"B": "AAEC"}, {"SS": ["a"]}])
def test_what_the_table_never_holds_is_not_taken_for_something_else(
    value: dict[str, object],
) -> None:
    with pytest.raises(TypeError):
        unmarshal({"x": value})


@pytest.fixture(autouse=True)
def no_other_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
