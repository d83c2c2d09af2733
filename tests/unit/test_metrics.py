"""What CloudWatch counts: lines of its embedded metric format, and which run tells which."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import app as application
from chalicelib.control import State
from chalicelib.event import Event
from chalicelib.log_lines import metric_line
from chalicelib.mail_faults import Fault
from chalicelib.outbox import LEASE, Kind, MailInDoubt, MailNotTaken, OutboxMail
from chalicelib.services import closing, steps
from chalicelib.services.context import Context
from chalicelib.services.steps import Outcome, Step
from chalicelib.services.tending import CountFailed
from chalicelib.stores import controls, outbox
from chalicelib.table import StoreUnavailable, Table
from management.clock import SetClock
from management.local_service import scheduled_event
from tests.driving import MINUTE, SECOND, minutes_from, register
from tests.examples import NOW
from tests.fakes import InMemoryComposition, PickyMailer, TableInMemory
from tests.ses import ses_event, sns_event
from tests.wire import no_answer, refusing

HALF_AN_HOUR = timedelta(minutes=30)
REFUSED = MailNotTaken(Fault.PAUSED, "SendingPausedException")


@pytest.fixture
def picky() -> PickyMailer:
    return PickyMailer({})


@pytest.fixture
def parts(
    event: Event, clock: SetClock, table: TableInMemory, picky: PickyMailer
) -> Iterator[InMemoryComposition]:
    with InMemoryComposition(event, clock, table, picky).installed() as parts:
        yield parts


def counts(parts: InMemoryComposition) -> dict[str, int]:
    """What was told since it was asked last, one line after the other."""
    lines = [json.loads(line) for line in parts.told]
    parts.told.clear()
    found: dict[str, int] = {}
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]:
            assert metric["Name"] not in found
            found[metric["Name"]] = line[metric["Name"]]
    return found


def tick(at: datetime, clock: SetClock) -> None:
    clock.now = at
    application.tick(scheduled_event(at), None)


def close(event: Event, parts: InMemoryComposition, clock: SetClock) -> None:
    """Ticks until the summaries have been sent; what that told is forgotten."""
    for now in minutes_from(event.closes_at, 5):
        tick(now, clock)
    parts.told.clear()


# The format


def emf(line: str) -> dict[str, Any]:
    """The line, if it is what the specification's JSON schema and its rules on targets ask for."""
    assert line.isprintable()  # one event of the log, and nothing around it
    root: dict[str, Any] = json.loads(line)
    about = root["_aws"]
    assert about.keys() == {"Timestamp", "CloudWatchMetrics"}
    assert type(about["Timestamp"]) is int
    for directive in about["CloudWatchMetrics"]:
        assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
        assert 1 <= len(directive["Namespace"]) <= 1024
        assert directive["Dimensions"]
        for dimensions in directive["Dimensions"]:
            assert 1 <= len(dimensions) <= 30
            assert all(1 <= len(root[name]) <= 1024 for name in dimensions)
            assert all(isinstance(root[name], str) for name in dimensions)
        assert 1 <= len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert metric.keys() <= {"Name", "Unit", "StorageResolution"}
            assert metric["Unit"] == "Count"
            assert type(root[metric["Name"]]) is int
    return root


def test_a_line_is_of_the_embedded_metric_format() -> None:
    root = emf(metric_line(NOW, "dukat-prod", {"MailsFailed": 2, "ClosingOverdue": 1}))
    (directive,) = root["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Dukat"
    assert directive["Dimensions"] == [["Service"]]
    assert [metric["Name"] for metric in directive["Metrics"]] == ["MailsFailed", "ClosingOverdue"]
    assert (root["Service"], root["MailsFailed"], root["ClosingOverdue"]) == ("dukat-prod", 2, 1)


def test_the_time_is_told_in_milliseconds_since_1970() -> None:
    at = datetime(1970, 1, 2, 0, 0, 1, 234_000, tzinfo=UTC)
    told = emf(metric_line(at, "dukat-prod", {"Ticks": 1}))
    assert told["_aws"]["Timestamp"] == 86_401_234


def test_what_is_zero_is_not_told(parts: InMemoryComposition) -> None:
    application._count(MailsFailed=0, ClosingOverdue=0)
    assert parts.told == []
    application._count(MailsFailed=3, ClosingOverdue=0)
    (line,) = parts.told
    told = emf(line)
    assert told["MailsFailed"] == 3
    assert "ClosingOverdue" not in line
    assert told["Service"] == parts.settings.table
    assert told["_aws"]["Timestamp"] == parts.clock().timestamp() * 1000


def test_what_is_overdue_is_no_failed_mail() -> None:
    failed = Step(Outcome.FAILED, "summary-1-1", alarming=True)
    overdue = Step(Outcome.OVERDUE, alarming=True)
    undeleted = Step(Outcome.DELETION_OVERDUE, alarming=True)
    sent = Step(Outcome.SENT, "summary-1-2")
    told = steps.counts([overdue, failed, sent, failed, undeleted])
    assert told == {"MailsFailed": 2, "ClosingOverdue": 1, "DeletionOverdue": 1}
    assert not any(steps.counts([sent]).values())


# Ticks


def test_the_closing_schedule_is_no_tick(
    parts: InMemoryComposition, clock: SetClock, event: Event, table: Table
) -> None:
    for now in minutes_from(event.closes_at, 5):
        clock.now = now
        application.close_registration(scheduled_event(now), None)
    assert controls.read(table).state is State.SUMMARISED
    assert counts(parts) == {}


def test_a_tick_that_failed_is_not_told_and_what_it_saw_before_is(
    event: Event,
    clock: SetClock,
    parts: InMemoryComposition,
    table: TableInMemory,
    picky: PickyMailer,
) -> None:
    def break_down() -> None:
        raise KeyError("MARKNAME")

    register(event, table, event.closes_at - SECOND, email="asa@elsewhere.example")
    picky.refused["asa@elsewhere.example"] = REFUSED
    table.database.on("Query", "REG#", break_down)
    with pytest.raises(CountFailed):
        tick(event.closes_at + HALF_AN_HOUR, clock)
    assert counts(parts) == {"ClosingOverdue": 1, "MailsFailed": 1}


def test_a_table_that_does_not_answer_leaves_nothing_to_tell(
    event: Event, clock: SetClock, parts: InMemoryComposition, table: TableInMemory
) -> None:
    table.database.on("", "", no_answer, times=100)
    with pytest.raises(StoreUnavailable):
        tick(event.closes_at + HALF_AN_HOUR, clock)
    assert counts(parts) == {}


# Mails


def test_a_mail_that_ses_refuses_a_contact_person_is_told_each_time(
    event: Event, clock: SetClock, parts: InMemoryComposition, picky: PickyMailer
) -> None:
    picky.refused[event.contacts[0].email] = REFUSED
    told = []
    for now in minutes_from(event.closes_at, 8):
        tick(now, clock)
        told.append(counts(parts).get("MailsFailed", 0))
    assert told == [0, 0, 0, 1, 1, 0, 1, 0]


def test_what_passes_by_itself_is_not_told(
    event: Event, clock: SetClock, parts: InMemoryComposition, picky: PickyMailer
) -> None:
    picky.refused[event.contacts[0].email] = MailNotTaken(Fault.THROTTLED)
    for now in minutes_from(event.closes_at, 30):
        tick(now, clock)
        assert counts(parts) == {"Ticks": 1}


def test_a_mail_in_doubt_is_told(
    event: Event, clock: SetClock, parts: InMemoryComposition, picky: PickyMailer
) -> None:
    picky.refused[event.contacts[0].email] = MailInDoubt("ReadTimeoutError")
    told = {}
    for now in minutes_from(event.closes_at, 30):
        tick(now, clock)
        told[now] = counts(parts).get("MailsFailed", 0)
    first = event.closes_at + 3 * MINUTE
    assert [at for at, failed in told.items() if failed] == [
        first, first + LEASE, first + 2 * LEASE,
    ]  # fmt: skip


def test_a_receipt_to_a_mistyped_address_is_not_told(
    event: Event,
    clock: SetClock,
    parts: InMemoryComposition,
    table: Table,
    picky: PickyMailer,
) -> None:
    picky.refused["asa@elsewhere.example"] = MailNotTaken(Fault.BAD_REQUEST)
    register(event, table, NOW, email="asa@elsewhere.example")
    tick(NOW, clock)
    assert counts(parts) == {"Ticks": 1}
    assert outbox.due(table, NOW + timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("event_type", "details", "told"),
    [
        ("Bounce", {"bounceType": "Permanent"}, 1),
        ("Bounce", {"bounceType": "Transient"}, 1),
        ("Complaint", {}, 1),
        ("Reject", {}, 1),
        ("Delivery", {}, 0),
        ("DeliveryDelay", {}, 0),
    ],
)
def test_what_a_contact_person_did_not_get_is_told(
    event: Event,
    clock: SetClock,
    parts: InMemoryComposition,
    event_type: str,
    details: dict[str, Any],
    told: int,
) -> None:
    close(event, parts, clock)
    text = ses_event(event_type, to=event.contacts[0].email, at=clock.now, **details)
    application.record_mail_event(sns_event(text), None)
    assert counts(parts) == ({"MailsFailed": told} if told else {})


def test_of_receipts_and_of_what_is_no_mail_nothing_is_told(parts: InMemoryComposition) -> None:
    bounced = ses_event("Bounce", "receipt-1", kind="receipt", bounceType="Permanent")
    for text in (bounced, "Successfully validated SNS topic"):
        application.record_mail_event(sns_event(text), None)
    assert parts.told == []


def test_a_test_mail_is_nobodys_failed_mail(
    event: Event,
    clock: SetClock,
    parts: InMemoryComposition,
    table: Table,
    picky: PickyMailer,
) -> None:
    """Whoever sends it waits for the answer."""
    for number, fault in enumerate((REFUSED, MailInDoubt("ReadTimeoutError"))):
        picky.refused[f"{number}@boras.example"] = fault
        table.write(
            *outbox.queued(
                [OutboxMail(f"test-{number}", Kind.TEST, f"{number}@boras.example", NOW)]
            )
        )
    tick(NOW, clock)
    assert picky.calls == 2
    bounced = ses_event("Bounce", "test-1", kind="test", bounceType="Permanent")
    application.record_mail_event(sns_event(bounced), None)
    assert counts(parts) == {"Ticks": 1}


# The closing


def test_a_closing_that_is_not_done_is_told_each_minute_from_half_an_hour_on_until_it_is(
    event: Event, clock: SetClock, parts: InMemoryComposition, table: TableInMemory
) -> None:
    unavailable, overdue = refusing("ThrottlingException"), []
    for minute, now in enumerate(minutes_from(event.closes_at, 60)):
        if 2 <= minute < 40:
            table.database.on("Query", "REG#", unavailable)
        with suppress(StoreUnavailable):
            tick(now, clock)
        overdue += [minute] * counts(parts).get("ClosingOverdue", 0)
    assert overdue == list(range(30, 42))  # it needs two looks, a minute apart


def test_a_new_deadline_is_what_counts(
    event: Event, clock: SetClock, parts: InMemoryComposition, table: Table
) -> None:
    until = event.closes_at + timedelta(days=1)
    closing.reopen(Context(event.closes_at, event, table), until)
    tick(event.closes_at + HALF_AN_HOUR, clock)
    assert counts(parts) == {"Ticks": 1}
    tick(until + HALF_AN_HOUR, clock)
    assert counts(parts) == {"Ticks": 1, "ClosingOverdue": 1}
