"""The event state and which steps are due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.lifecycle.state import (
    EventState,
    Phase,
    Snapshot,
    closed,
    count_due,
    reminder_due,
    reopened,
    summarised,
)
from chalicelib.lifecycle.timing import BETWEEN_RECOUNTS, BETWEEN_SNAPSHOTS, QUIET, SETTLING

ZONE = ZoneInfo("Europe/Stockholm")
CLOSES_AT = datetime(2027, 5, 25, tzinfo=ZONE)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
TAKEN_AT = CLOSES_AT + SETTLING
SNAPSHOT = Snapshot("f00d", 3, TAKEN_AT)


def at(day: int, hour: int, minute: int = 0, month: int = 5) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=ZONE)


REOPENED = reopened(EventState(Phase.SUMMARISED), at(26, 12), at(25, 9))


@pytest.mark.parametrize(
    ("state", "closes_at", "now", "due"),
    [
        (EventState(), CLOSES_AT, at(17, 7, 59), None),
        (EventState(), CLOSES_AT, at(17, 8), at(17, 8)),
        (EventState(), CLOSES_AT, at(18, 7, 59), at(17, 8)),
        (EventState(), CLOSES_AT, at(18, 8), None),
        (EventState(), CLOSES_AT, at(23, 7, 59), None),
        (EventState(), CLOSES_AT, at(23, 8), at(23, 8)),
        (EventState(), CLOSES_AT, at(24, 7, 59), at(23, 8)),
        (EventState(), CLOSES_AT, at(24, 8), None),
        # once each
        (EventState(reminded_at=at(17, 8)), CLOSES_AT, at(17, 9), None),
        (EventState(reminded_at=at(17, 8)), CLOSES_AT, at(23, 9), at(23, 8)),
        # a deadline within a day counts as that day
        (EventState(), at(26, 12), at(25, 8), at(25, 8)),
        # reopening in the morning makes no reminder of that morning due
        (REOPENED, at(26, 12), at(25, 9, 1), None),
    ],
)
def test_reminders_are_due_in_the_morning_7_days_and_1_day_before_the_last_day(
    state: EventState, closes_at: datetime, now: datetime, due: datetime | None
) -> None:
    assert reminder_due(state, closes_at, ZONE, now.astimezone(UTC)) == due


def test_reminders_are_due_in_the_events_local_time_across_clock_changes() -> None:
    closes_at = datetime(2027, 3, 30, tzinfo=ZONE)  # summer time began on 28 March
    due = reminder_due(EventState(), closes_at, ZONE, at(22, 8, month=3))
    assert due == at(22, 8, month=3)
    assert due.astimezone(UTC).hour == 7


@pytest.mark.parametrize(
    ("state", "due_at"),
    [
        (closed(EventState(), CLOSES_AT), TAKEN_AT),  # every accepted write is stored
        (EventState(Phase.CLOSED, snapshot=SNAPSHOT), TAKEN_AT + BETWEEN_SNAPSHOTS),
        (EventState(Phase.SUMMARISED, snapshot=SNAPSHOT), TAKEN_AT + BETWEEN_RECOUNTS),
        # QUIET after a change; a change before the summary does not delay the count
        (
            EventState(Phase.SUMMARISED, snapshot=SNAPSHOT, changed_at=TAKEN_AT + DAY),
            TAKEN_AT + DAY + QUIET,
        ),
        (
            EventState(Phase.CLOSED, snapshot=SNAPSHOT, changed_at=TAKEN_AT),
            TAKEN_AT + BETWEEN_SNAPSHOTS,
        ),
    ],
)
def test_a_count_is_due_from_this_instant_on(state: EventState, due_at: datetime) -> None:
    assert not count_due(state, CLOSES_AT, due_at - SECOND)
    assert count_due(state, CLOSES_AT, due_at)


def test_writes_must_record_their_time_only_after_a_snapshot() -> None:
    state = closed(EventState(), CLOSES_AT)
    assert not EventState().has_snapshot
    assert not state.has_snapshot
    counted = replace(state, snapshot=SNAPSHOT)
    assert counted.has_snapshot
    assert summarised(counted, SNAPSHOT, "key").has_snapshot
    assert not reopened(counted, CLOSES_AT + DAY, TAKEN_AT).has_snapshot


def test_reopening_keeps_the_mailed_tally_and_the_version() -> None:
    mailed = summarised(EventState(Phase.CLOSED, snapshot=SNAPSHOT), SNAPSHOT, "key")
    state = reopened(mailed, CLOSES_AT + DAY, TAKEN_AT)
    assert (state.version, state.mailed_tally) == (1, "key")
    assert state.closes_at == CLOSES_AT + DAY
