"""`manage.py retry`: failed events are sent to their functions again."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

import manage
from management.care import commands
from management.care.failed_events import retry
from management.stage.stages import stage_named
from tests.cloudformation import AwsWithStandIns

STAGE = stage_named("dev")


class Lambda:
    """Lambda whose functions succeed, except those in `failing`."""

    def __init__(self, *failing: str) -> None:
        self.failing = set(failing)
        self.invocations: list[tuple[str, Any]] = []

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        if FunctionName == "dukat-dev-gone":
            error: Any = {"Error": {"Code": "ResourceNotFoundException", "Message": "gone"}}
            raise ClientError(error, "Invoke")
        self.invocations.append((FunctionName, json.loads(Payload)))
        failed = FunctionName in self.failing
        return {"StatusCode": 200, **({"FunctionError": "Unhandled"} if failed else {})}


@pytest.fixture
def queue(empty_aws: None) -> str:
    made = boto3.client("sqs").create_queue(QueueName="dukat-dev-failed-events")
    return str(made["QueueUrl"])


@pytest.fixture
def messages() -> list[str]:
    return []


def failed(queue: str, function: str, payload: object) -> None:
    """Queue a failed event as Lambda does (Lambda Developer Guide, destinations)."""
    arn = f"arn:aws:lambda:eu-north-1:123456789012:function:dukat-dev-{function}:$LATEST"
    body = {
        "version": "1.0",
        "timestamp": "2027-05-24T22:10:00.000Z",
        "requestContext": {
            "requestId": "00000000-0000-0000-0000-000000000000",
            "functionArn": arn,
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": payload,
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "…", "errorType": "StoreUnavailable"},
    }
    text = json.dumps(body, ensure_ascii=False)
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=text)


def waiting(queue: str) -> int:
    found = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
    key = "ApproximateNumberOfMessages"
    return sum(int(found["Attributes"][name]) for name in (key, f"{key}NotVisible"))


def test_each_event_is_sent_to_its_function_and_deleted(queue: str, messages: list[str]) -> None:
    functions = Lambda()
    for number in range(12):  # more than one batch
        failed(queue, "record_mail_event", {"Records": [number]})
    failed(queue, "close_registration", {"source": "aws.events", "text": "å"})
    assert retry(STAGE, AwsWithStandIns(**{"lambda": functions}), messages.append)
    assert sorted(functions.invocations, key=str) == sorted(
        [
            *(("dukat-dev-record_mail_event", {"Records": [n]}) for n in range(12)),
            ("dukat-dev-close_registration", {"source": "aws.events", "text": "å"}),
        ],
        key=str,
    )
    assert waiting(queue) == 0
    assert messages.count("dukat-dev-record_mail_event: done") == 12
    assert messages.count("dukat-dev-close_registration: done") == 1


def test_an_event_that_fails_again_stays_and_can_be_retried_at_once(
    queue: str, messages: list[str]
) -> None:
    functions = Lambda("dukat-dev-record_mail_event")
    failed(queue, "record_mail_event", {"Records": []})
    failed(queue, "close_registration", {})
    aws = AwsWithStandIns(**{"lambda": functions})
    assert not retry(STAGE, aws, messages.append)
    assert sorted(messages) == [
        "dukat-dev-close_registration: done",
        "dukat-dev-record_mail_event: failed again",
    ]
    assert waiting(queue) == 1
    functions.failing.clear()
    functions.invocations.clear()
    assert retry(STAGE, aws, messages.append)
    assert functions.invocations == [("dukat-dev-record_mail_event", {"Records": []})]
    assert waiting(queue) == 0


def test_an_event_that_always_fails_is_tried_once_in_a_run(queue: str, messages: list[str]) -> None:
    functions = Lambda("dukat-dev-tick")
    failed(queue, "tick", {})
    assert not retry(STAGE, AwsWithStandIns(**{"lambda": functions}), messages.append)
    assert len(functions.invocations) == 1


def test_without_failed_events_retry_succeeds(queue: str, messages: list[str]) -> None:
    assert retry(STAGE, AwsWithStandIns(**{"lambda": Lambda()}), messages.append)
    assert messages == []


def test_the_queue_is_read_with_long_polls(queue: str, messages: list[str]) -> None:
    """A short poll may find no event though events wait (SQS Developer Guide)."""
    aws, asked = AwsWithStandIns(**{"lambda": Lambda()}), []
    aws.client("sqs").meta.events.register(
        "provide-client-params.sqs.ReceiveMessage", lambda params, **_: asked.append(params)
    )
    assert retry(STAGE, aws, messages.append)
    assert all(params["WaitTimeSeconds"] > 0 for params in asked)


def test_after_an_error_the_failed_events_can_be_retried_at_once(
    queue: str, messages: list[str]
) -> None:
    functions = Lambda("dukat-dev-tick")
    failed(queue, "tick", {})
    failed(queue, "gone", {})
    aws = AwsWithStandIns(**{"lambda": functions})
    with pytest.raises(ClientError, match="gone"):
        retry(STAGE, aws, messages.append)
    functions.failing.clear()
    with pytest.raises(ClientError, match="gone"):
        retry(STAGE, aws, messages.append)
    assert messages[-1] == "dukat-dev-tick: done"
    assert waiting(queue) == 1


def test_the_command_prints_the_result_of_each_event(
    queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = Lambda("dukat-dev-tick")
    monkeypatch.setattr(commands, "Aws", lambda: AwsWithStandIns(**{"lambda": functions}))

    def run() -> Result:
        return CliRunner().invoke(manage.manage, ["retry", "--stage", "dev"])

    failed(queue, "tick", {})
    again = run()
    assert (again.exit_code, again.output) == (1, "dukat-dev-tick: failed again\n")
    functions.failing.clear()
    well = run()
    assert (well.exit_code, well.output) == (0, "dukat-dev-tick: done\nNo failed event waits.\n")


def test_without_the_queue_the_command_fails_with_a_message(
    empty_aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = CliRunner().invoke(manage.manage, ["retry", "--stage", "dev"])
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert "queue" in refused.output
