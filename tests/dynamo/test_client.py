"""The small client sends, parses and fails as boto3's client does."""

import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPSConnection, RemoteDisconnected
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

from chalicelib import bootstrap, timeouts
from chalicelib.dynamo import connection as dynamodb_endpoint
from chalicelib.dynamo import errors, retry
from chalicelib.dynamo.attributes import marshal, unmarshal
from chalicelib.dynamo.client import Client
from chalicelib.dynamo.connection import Damaged, NotReached
from chalicelib.dynamo.errors import CallFailed
from chalicelib.dynamo.signing import Credentials, signed_headers
from chalicelib.dynamo.writes import ABSENT, EXISTS, delete, put, update
from management.stage.table import client_over_boto3
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
    """Gives prepared answers to the calls, and records the calls."""

    def __init__(self, *answers: tuple[int, object] | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, Any]] = []
        self.pauses: list[int] = []

    def __call__(self, operation: str, body: bytes) -> tuple[int, bytes]:
        self.asked.append((operation, json.loads(body)))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, content = answer
        return status, content if isinstance(content, bytes) else json.dumps(content).encode()

    def client(self, attempts: int = 1) -> Client:
        return Client(self, attempts, self.pauses.append)


def boto3_client(
    status: int, document: object, attempts: int = 1, checksums: Any = ()
) -> tuple[Any, list[Any]]:
    """boto3's client, which always receives this response, and the list of requests it sends."""
    sent: list[Any] = []

    def answer(request: Any, **_: object) -> AWSResponse:
        sent.append(request)
        content = json.dumps(document).encode()
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
def test_a_call_has_the_same_signature_as_in_botocore(host: str, token: str) -> None:
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
    "put": lambda table: table.apply(put("REG#1", ITEM, ABSENT)),
    "delete": lambda table: table.apply(delete("REG#1")),
    "update": lambda table: table.apply(
        update("CAP#1", {"at": "now"}, first={"began": "now"}, add={"mails": 1})
    ),
    "write": lambda table: table.write(
        put("REG#1", ITEM),
        update("REG#2", {"links": ["a"]}, "revision = :revision", {":revision": 1}),
        delete("CODE#1", EXISTS),
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_table_sends_the_same_requests_as_boto3(name: str, table: TableInMemory) -> None:
    CALLS[name](table)
    ((operation, request),) = zip(table.database.calls, table.database.requests, strict=True)
    client, sent = boto3_client(200, {})
    getattr(client, xform_name(operation))(**request)
    assert json.loads(sent[0].body) == request
    assert sent[0].headers["X-Amz-Target"].decode() == f"DynamoDB_20120810.{operation}"


def test_a_response_is_parsed_as_by_boto3() -> None:
    document = {"Item": {**KEY, "n": {"N": "12"}, "l": {"L": [{"BOOL": False}]}}}
    theirs = boto3_client(200, document)[0].get_item(**GET)
    assert Answers((200, document)).client().call("GetItem", GET)["Item"] == theirs["Item"]


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (400, {"__type": REFUSED, "message": "The conditional request failed"}),
        (400, CANCELLED),
        (400, {"__type": "com.amazon.coral.validate#ValidationException", "message": "wrong"}),
        (400, {"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "no"}),
        (500, {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}),
        (503, {}),
    ],
)
def test_a_refusal_has_the_same_code_and_reasons_as_in_boto3(
    status: int, document: dict[str, Any]
) -> None:
    with pytest.raises(CallFailed) as ours:
        Answers((status, document)).client().call("PutItem", PUT)
    with pytest.raises(ClientError) as theirs:
        boto3_client(status, document)[0].put_item(**PUT)
    response: Any = theirs.value.response
    assert ours.value.code == str(ours.value) == response["Error"]["Code"]
    reasons = [reason["Code"] for reason in response.get("CancellationReasons", [])]
    assert ours.value.reasons == reasons
    assert ours.value.is_transient is (status >= 500)


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
def test_a_missing_response_is_named_by_its_type_without_the_request(fault: Any, code: str) -> None:
    with pytest.raises(CallFailed) as raised:
        Answers(fault).client().call("PutItem", PUT)
    assert (raised.value.code, raised.value.is_transient) == (code, True)
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
def test_transient_errors_are_retried_after_a_pause_and_finally_raised(fault: Any) -> None:
    answers = Answers(fault, fault, (200, {"Item": KEY}))
    assert answers.client(3).call("GetItem", GET) == {"Item": KEY}
    assert answers.pauses == [1, 2]
    with pytest.raises(CallFailed):
        Answers(fault, fault).client(2).call("GetItem", GET)


def test_a_refusal_is_not_retried() -> None:
    for document in ({"__type": REFUSED}, CANCELLED, {"__type": "x#ValidationException"}):
        answers = Answers((400, document))
        with pytest.raises(CallFailed):
            answers.client(5).call("PutItem", PUT)
        assert answers.pauses == []


def test_botocore_retries_the_same_error_codes() -> None:
    checker: Any = ThrottledRetryableChecker
    theirs = checker._THROTTLED_ERROR_CODES
    assert set(theirs) >= errors._TRANSIENT - {"InternalServerError"}


def test_botocore_retries_a_damaged_response_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # between botocore's attempts
    client, sent = boto3_client(200, {"Item": KEY}, attempts=2, checksums=[1, 0])
    assert client.get_item(**GET)["Item"] == KEY
    assert len(sent) == 2


def test_a_retried_transaction_has_the_same_token() -> None:
    answers = Answers(TimeoutError(), (200, {}), (200, {}))
    for _ in range(2):
        answers.client(2).call("TransactWriteItems", {"TransactItems": [{"Put": PUT}]})
    first, again, another = (body["ClientRequestToken"] for _, body in answers.asked)
    assert first == again != another
    assert 16 <= len(first) <= 36  # the length that DynamoDB accepts


def test_pauses_are_random_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    for _ in range(50):
        retry.random_pause(1)
        retry.random_pause(9)
    assert all(0 <= one <= 1 for one in slept[::2])
    assert all(0 <= one <= 20 for one in slept[1::2])
    assert len(set(slept)) == 100


def test_dynamodb_is_called_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    endpoint = bootstrap.dynamodb_sender(timeouts.VISITOR_CALLS)
    assert isinstance(endpoint, dynamodb_endpoint.Endpoint)
    connection = endpoint._new()
    assert (type(connection), connection.host) == (HTTPSConnection, HOST)


def test_the_certificate_and_host_name_of_dynamodb_are_verified() -> None:
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
def test_faults_in_the_local_aws_configuration_are_named(fault: Exception, code: str) -> None:
    def fail(**_: object) -> None:
        raise fault

    client = boto3.client("dynamodb", "eu-north-1")
    client.meta.events.register("before-call.dynamodb.GetItem", fail)
    with pytest.raises(CallFailed) as failed:
        client_over_boto3(client).call("GetItem", {"TableName": "a", "Key": marshal({"pk": "b"})})
    assert failed.value.code == code


# Items


def test_an_item_is_unchanged_after_marshalling_and_unmarshalling() -> None:
    item = {"t": "å", "n": -3, "yes": True, "no": False, "l": ["a", ["b"]], "m": {"n": 0}, "e": []}
    assert unmarshal(marshal(item)) == item
    assert marshal({"yes": True, "n": 1}) == {"yes": {"BOOL": True}, "n": {"N": "1"}}
    texts = {"x": frozenset({"b", "a"})}
    assert marshal(texts) == {"x": {"SS": ["a", "b"]}}
    assert unmarshal(marshal(texts)) == texts


@pytest.mark.parametrize("value", [None, 1.5, b"bytes", {"a", "b"}])
def test_values_of_other_types_are_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        marshal({"x": value})


@pytest.mark.parametrize("value", [{"NULL": True}, {"B": "AAEC"}, {"NS": ["1"]}])
def test_attributes_of_other_types_are_not_read(
    value: dict[str, object],
) -> None:
    with pytest.raises(TypeError):
        unmarshal({"x": value})


@pytest.fixture(autouse=True)
def no_local_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
