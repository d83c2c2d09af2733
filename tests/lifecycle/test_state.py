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
        # who reopens in the morning is not reminded of it
        (REOPENED, at(26, 12), at(25, 9, 1), None),
    ],
)
def test_reminders_are_due_in_the_morning_7_days_and_1_day_before_the_last_day(
    state: EventState, closes_at: datetime, now: datetime, due: datetime | None
) -> None:
    assert reminder_due(state, closes_at, ZONE, now.astimezone(UTC)) == due


def test_the_morning_is_the_events_own_also_when_clocks_have_changed() -> None:
    closes_at = datetime(2027, 3, 30, tzinfo=ZONE)  # summer time began on 28 March
    due = reminder_due(EventState(), closes_at, ZONE, at(22, 8, month=3))
    assert due == at(22, 8, month=3)
    assert due.astimezone(UTC).hour == 7


@pytest.mark.parametrize(
    ("state", "settled"),
    [
        (closed(EventState(), CLOSES_AT), TAKEN_AT),  # the table has settled
        (EventState(Phase.CLOSED, snapshot=SNAPSHOT), TAKEN_AT + BETWEEN_SNAPSHOTS),
        (EventState(Phase.SUMMARISED, snapshot=SNAPSHOT), TAKEN_AT + BETWEEN_RECOUNTS),
        # after a change, when it has been quiet; one before the summary does not delay it
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
def test_it_is_counted_from_this_moment_on(state: EventState, settled: datetime) -> None:
    assert not count_due(state, CLOSES_AT, settled - SECOND)
    assert count_due(state, CLOSES_AT, settled)


def test_only_after_somebody_has_counted_must_a_write_say_that_it_came() -> None:
    state = closed(EventState(), CLOSES_AT)
    assert not EventState().has_counted
    assert not state.has_counted
    counted = replace(state, snapshot=SNAPSHOT)
    assert counted.has_counted
    assert summarised(counted, SNAPSHOT, "key").has_counted
    assert not reopened(counted, CLOSES_AT + DAY, TAKEN_AT).has_counted


def test_reopening_keeps_what_was_told_and_its_version() -> None:
    told = summarised(EventState(Phase.CLOSED, snapshot=SNAPSHOT), SNAPSHOT, "key")
    again = reopened(told, CLOSES_AT + DAY, TAKEN_AT)
    assert (again.version, again.mailed_tally) == (1, "key")
    assert again.closes_at == CLOSES_AT + DAY
