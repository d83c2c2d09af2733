"""Metrics: lines in CloudWatch's embedded metric format, and the metrics of each run."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

import app as application
from chalicelib.closing import moving_deadline
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.lifecycle import steps
from chalicelib.lifecycle.state import Phase
from chalicelib.lifecycle.steps import Outcome, Step, StepFailed
from chalicelib.logs.metrics import metric_line
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailInDoubt, MailNotAccepted
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.retry import LEASE
from management.local.clock import SetClock
from management.local.service import scheduled_event
from tests.driving import DAY, MINUTE, SECOND, Service, minutes_from, tick
from tests.examples import NOW
from tests.fakes import InMemoryComposition
from tests.wire import no_answer, refusing

HALF_AN_HOUR = 30 * MINUTE
REFUSED = MailNotAccepted(Fault.PAUSED, "SendingPausedException")
IN_DOUBT = MailInDoubt("ReadTimeoutError")


@pytest.fixture
def parts(service: Service, clock: SetClock) -> Iterator[InMemoryComposition]:
    with InMemoryComposition(service.event, clock, service.table, service.mailer).installed() as it:
        yield it


def counts(parts: InMemoryComposition) -> dict[str, int]:
    """The metrics written since the last call; no metric may be written twice."""
    lines = [json.loads(line) for line in parts.written_lines]
    parts.written_lines.clear()
    found: dict[str, int] = {}
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]:
            assert metric["Name"] not in found
            found[metric["Name"]] = line[metric["Name"]]
    return found


# The format


def emf(line: str) -> dict[str, Any]:
    """The object in the line; fails unless the line follows the format's schema and rules."""
    assert line.isprintable()  # a line break would make two log events
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


def test_a_metric_line_follows_the_embedded_metric_format() -> None:
    root = emf(metric_line(NOW, "dukat-prod", {"MailsFailed": 2, "ClosingOverdue": 1}))
    (directive,) = root["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Dukat"
    assert directive["Dimensions"] == [["Service"]]
    assert [metric["Name"] for metric in directive["Metrics"]] == ["MailsFailed", "ClosingOverdue"]
    assert (root["Service"], root["MailsFailed"], root["ClosingOverdue"]) == ("dukat-prod", 2, 1)


def test_the_timestamp_is_in_milliseconds_since_1970() -> None:
    at = datetime(1970, 1, 2, 0, 0, 1, 234_000, tzinfo=UTC)
    root = emf(metric_line(at, "dukat-prod", {"Ticks": 1}))
    assert root["_aws"]["Timestamp"] == 86_401_234


def test_zero_counts_are_left_out(parts: InMemoryComposition) -> None:
    application._count(MailsFailed=0, ClosingOverdue=0)
    assert parts.written_lines == []
    application._count(MailsFailed=3, ClosingOverdue=0)
    (line,) = parts.written_lines
    root = emf(line)
    assert root["MailsFailed"] == 3
    assert "ClosingOverdue" not in line
    assert root["Service"] == parts.settings.table
    assert root["_aws"]["Timestamp"] == parts.clock().timestamp() * 1000


def test_overdue_steps_do_not_count_as_failed_mails() -> None:
    failed = Step(Outcome.FAILED, "summary-1-1", alarming=True)
    overdue = Step(Outcome.OVERDUE, alarming=True)
    undeleted = Step(Outcome.DELETION_OVERDUE, alarming=True)
    sent = Step(Outcome.SENT, "summary-1-2")
    counted = steps.metrics_of([overdue, failed, sent, failed, undeleted])
    assert counted == {"MailsFailed": 2, "ClosingOverdue": 1, "DeletionOverdue": 1}
    assert not any(steps.metrics_of([sent]).values())


# Ticks


def test_the_closing_schedule_does_not_count_as_a_tick(
    service: Service, parts: InMemoryComposition, clock: SetClock
) -> None:
    for now in minutes_from(service.event.closes_at, 5):
        clock.now = now
        application.close_registration(scheduled_event(now), None)
    assert service.state.phase is Phase.SUMMARISED
    assert counts(parts) == {}


def break_down() -> None:
    raise KeyError("MARKNAME")


@pytest.mark.parametrize(
    ("act", "error"),
    [(break_down, StepFailed), (refusing("ThrottlingException"), StoreUnavailable)],
)
def test_a_tick_that_fails_to_count_sends_mails_but_is_not_counted_as_a_tick(
    service: Service,
    clock: SetClock,
    parts: InMemoryComposition,
    act: Callable[[], None],
    error: type[Exception],
) -> None:
    for address in ("asa@elsewhere.example", "bo@elsewhere.example"):
        service.register(service.event.closes_at - SECOND, email=address, nonce=address)
    service.mailer.refused["asa@elsewhere.example"] = REFUSED
    service.table.database.on("Query", "REG#", act)
    with pytest.raises(error):
        tick(clock, service.event.closes_at + HALF_AN_HOUR)
    assert counts(parts) == {"ClosingOverdue": 1, "MailsFailed": 1}
    assert "bo@elsewhere.example" in service.recipients


def test_there_are_no_metrics_while_the_table_does_not_answer(
    service: Service, clock: SetClock, parts: InMemoryComposition
) -> None:
    service.table.database.on("", "", no_answer, times=100)
    with pytest.raises(StoreUnavailable):
        tick(clock, service.event.closes_at + HALF_AN_HOUR)
    assert counts(parts) == {}


# Mails


@pytest.mark.parametrize(
    ("kind", "refusal", "minutes"),
    [
        (MailKind.SUMMARY, REFUSED, [3, 4, 6, 11, 21]),
        (MailKind.SUMMARY, IN_DOUBT, [3 + n * (LEASE // MINUTE) for n in range(3)]),
        (MailKind.SUMMARY, MailNotAccepted(Fault.THROTTLED), []),  # transient
        (MailKind.RECEIPT, MailNotAccepted(Fault.BAD_REQUEST), []),  # to a mistyped address
        (MailKind.REMOVED, MailNotAccepted(Fault.BAD_REQUEST), []),
        (MailKind.REMOVED, IN_DOUBT, []),
        (MailKind.TEST, REFUSED, []),  # the sender of a test mail sees the result
        (MailKind.TEST, IN_DOUBT, []),
    ],
)
def test_each_failed_attempt_counts_only_for_mails_that_need_a_person(
    service: Service,
    clock: SetClock,
    parts: InMemoryComposition,
    kind: MailKind,
    refusal: Exception,
    minutes: list[int],
) -> None:
    closes_at, to = service.event.closes_at, "asa@elsewhere.example"
    if kind is MailKind.SUMMARY:
        to = service.contacts[0]
    elif kind is MailKind.RECEIPT:
        service.register(closes_at - SECOND, email=to)
    else:
        service.table.write(*outbox.queue_writes([OutboxMail("test-1", kind, to, NOW)]))
    service.mailer.refused[to] = refusal
    failed_at = []
    for minute, now in enumerate(minutes_from(closes_at, 30)):
        tick(clock, now)
        counted = counts(parts)
        assert counted.pop("Ticks") == 1
        failed_at += [minute] * counted.pop("MailsFailed", 0)
        assert counted == {}
    assert failed_at == minutes
    assert service.mailer.calls > len(service.recipients)


# The closing


def test_an_overdue_closing_is_counted_each_minute_from_half_an_hour_until_it_is_done(
    service: Service, clock: SetClock, parts: InMemoryComposition
) -> None:
    unavailable, overdue = refusing("ThrottlingException"), []
    for minute, now in enumerate(minutes_from(service.event.closes_at, 60)):
        if 2 <= minute < 40:
            service.table.database.on("Query", "REG#", unavailable)
        with suppress(StoreUnavailable):
            tick(clock, now)
        overdue += [minute] * counts(parts).get("ClosingOverdue", 0)
    assert overdue == list(range(30, 42))  # the summary needs two snapshots, a minute apart


def test_the_closing_is_overdue_only_after_the_new_deadline(
    service: Service, clock: SetClock, parts: InMemoryComposition
) -> None:
    closes_at = service.event.closes_at
    moving_deadline.reopen(service.at(closes_at), closes_at + DAY)
    for at in (closes_at + HALF_AN_HOUR, closes_at + DAY + HALF_AN_HOUR - SECOND):
        tick(clock, at)
        assert counts(parts) == {"Ticks": 1}
    tick(clock, closes_at + DAY + HALF_AN_HOUR)
    assert counts(parts) == {"Ticks": 1, "ClosingOverdue": 1}
