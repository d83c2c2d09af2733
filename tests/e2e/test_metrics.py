"""What the functions tell CloudWatch in their logs, on the table and the mailer as on AWS."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

import app as application
from chalicelib.event import Event
from chalicelib.table import StoreUnavailable
from management.clock import SetClock
from management.gateway import Gateway
from management.local_service import scheduled_event
from tests.e2e.pages import submit
from tests.fakes import in_memory
from tests.ses import ses_event, sns_event
from tests.wire import no_answer

MINUTE = timedelta(minutes=1)
Tell = Callable[[datetime], dict[str, int]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[[], dict[str, int]]:
    """What was counted since it was asked last; a line of the log is a line of its own."""

    def read() -> dict[str, int]:
        counts: dict[str, int] = {}
        for line in capsys.readouterr().out.splitlines():
            found = json.loads(line)
            if "_aws" in found:
                assert found["Service"] == "dukat-dev"
                names = [one["Name"] for one in found["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
                counts |= {name: found[name] for name in names}
        return counts

    return read


@pytest.fixture
def tick(gateway: Gateway, clock: SetClock, told: Callable[[], dict[str, int]]) -> Tell:
    def run(at: datetime) -> dict[str, int]:
        clock.now = at
        application.tick(scheduled_event(at), None)
        return told()

    return run


def test_from_the_closing_to_a_bounce_it_is_told_what_happened(
    gateway: Gateway, event: Event, tick: Tell, told: Callable[[], dict[str, int]]
) -> None:
    submit(gateway, email=["asa@elsewhere.example"])
    for minutes in range(5):
        assert tick(event.closes_at + minutes * MINUTE) == {"Ticks": 1}
    bounced = ses_event("Bounce", "summary-1-1", bounceType="Permanent")
    application.record_mail_event(sns_event(bounced), None)
    assert told() == {"MailsFailed": 1}


def test_a_late_closing_is_told_until_it_is_done(event: Event, tick: Tell) -> None:
    late = event.closes_at + timedelta(hours=6)
    assert tick(late) == {"Ticks": 1, "ClosingOverdue": 1}
    assert tick(late + MINUTE) == {"Ticks": 1, "ClosingOverdue": 1}
    assert tick(late + 2 * MINUTE) == {"Ticks": 1}


def test_a_count_that_the_table_does_not_answer_is_no_tick_and_the_rest_is_told(
    event: Event, tick: Tell, told: Callable[[], dict[str, int]]
) -> None:
    in_memory().database.on("Query", "REG#", no_answer, times=9)
    with pytest.raises(StoreUnavailable):
        tick(event.closes_at + timedelta(hours=6))
    assert told() == {"ClosingOverdue": 1}


def test_mails_that_ses_does_not_take_are_told(event: Event, tick: Tell) -> None:
    def paused(_: object) -> None:
        error: Any = {"Error": {"Code": "SendingPausedException"}}
        error["ResponseMetadata"] = {"HTTPStatusCode": 400}
        raise ClientError(error, "SendEmail")

    in_memory().ses.before = paused
    counted = [tick(event.closes_at + minutes * MINUTE) for minutes in range(4)]
    assert counted == [{"Ticks": 1}] * 3 + [{"Ticks": 1, "MailsFailed": len(event.contacts)}]
