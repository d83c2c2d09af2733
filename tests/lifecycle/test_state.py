from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.lifecycle.state import (
    Control,
    Snapshot,
    State,
    closed,
    may_be_looked_at,
    reminder_due,
    reopened,
    summarised,
)
from chalicelib.lifecycle.timing import BETWEEN_LOOKS, BETWEEN_SNAPSHOTS, QUIET, SETTLING

ZONE = ZoneInfo("Europe/Stockholm")
CLOSES_AT = datetime(2027, 5, 25, tzinfo=ZONE)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
TAKEN_AT = CLOSES_AT + SETTLING
SNAPSHOT = Snapshot("f00d", 3, TAKEN_AT)


def at(day: int, hour: int, minute: int = 0, month: int = 5) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=ZONE)


REOPENED = reopened(Control(State.SUMMARISED), at(26, 12), at(25, 9))


@pytest.mark.parametrize(
    ("control", "closes_at", "now", "due"),
    [
        (Control(), CLOSES_AT, at(17, 7, 59), None),
        (Control(), CLOSES_AT, at(17, 8), at(17, 8)),
        (Control(), CLOSES_AT, at(18, 7, 59), at(17, 8)),
        (Control(), CLOSES_AT, at(18, 8), None),
        (Control(), CLOSES_AT, at(23, 7, 59), None),
        (Control(), CLOSES_AT, at(23, 8), at(23, 8)),
        (Control(), CLOSES_AT, at(24, 7, 59), at(23, 8)),
        (Control(), CLOSES_AT, at(24, 8), None),
        # once each
        (Control(reminded_at=at(17, 8)), CLOSES_AT, at(17, 9), None),
        (Control(reminded_at=at(17, 8)), CLOSES_AT, at(23, 9), at(23, 8)),
        # a deadline within a day counts as that day
        (Control(), at(26, 12), at(25, 8), at(25, 8)),
        # who reopens in the morning is not reminded of it
        (REOPENED, at(26, 12), at(25, 9, 1), None),
    ],
)
def test_reminders_are_due_in_the_morning_7_days_and_1_day_before_the_last_day(
    control: Control, closes_at: datetime, now: datetime, due: datetime | None
) -> None:
    assert reminder_due(control, closes_at, ZONE, now.astimezone(UTC)) == due


def test_the_morning_is_the_events_own_also_when_clocks_have_changed() -> None:
    closes_at = datetime(2027, 3, 30, tzinfo=ZONE)  # summer time began on 28 March
    due = reminder_due(Control(), closes_at, ZONE, at(22, 8, month=3))
    assert due == at(22, 8, month=3)
    assert due.astimezone(UTC).hour == 7


@pytest.mark.parametrize(
    ("control", "settled"),
    [
        (closed(Control(), CLOSES_AT), TAKEN_AT),  # the table has settled
        (Control(State.CLOSED, snapshot=SNAPSHOT), TAKEN_AT + BETWEEN_SNAPSHOTS),
        (Control(State.SUMMARISED, snapshot=SNAPSHOT), TAKEN_AT + BETWEEN_LOOKS),
        # after a change, when it has been quiet; one before the summary does not delay it
        (
            Control(State.SUMMARISED, snapshot=SNAPSHOT, changed_at=TAKEN_AT + DAY),
            TAKEN_AT + DAY + QUIET,
        ),
        (
            Control(State.CLOSED, snapshot=SNAPSHOT, changed_at=TAKEN_AT),
            TAKEN_AT + BETWEEN_SNAPSHOTS,
        ),
    ],
)
def test_it_is_counted_from_this_moment_on(control: Control, settled: datetime) -> None:
    assert not may_be_looked_at(control, CLOSES_AT, settled - SECOND)
    assert may_be_looked_at(control, CLOSES_AT, settled)


def test_only_after_somebody_has_counted_must_a_write_say_that_it_came() -> None:
    control = closed(Control(), CLOSES_AT)
    assert not Control().must_know_of_writes
    assert not control.must_know_of_writes
    counted = replace(control, snapshot=SNAPSHOT)
    assert counted.must_know_of_writes
    assert summarised(counted, SNAPSHOT, "key").must_know_of_writes
    assert not reopened(counted, CLOSES_AT + DAY, TAKEN_AT).must_know_of_writes


def test_reopening_keeps_what_was_told_and_its_version() -> None:
    told = summarised(Control(State.CLOSED, snapshot=SNAPSHOT), SNAPSHOT, "key")
    again = reopened(told, CLOSES_AT + DAY, TAKEN_AT)
    assert (again.version, again.told) == (1, "key")
    assert again.closes_at == CLOSES_AT + DAY
