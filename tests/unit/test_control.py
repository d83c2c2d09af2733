from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.control import (
    BETWEEN_LOOKS,
    BETWEEN_SNAPSHOTS,
    QUIET,
    Control,
    Snapshot,
    State,
    closed,
    may_be_looked_at,
    reminder_due,
    reopened,
    summarised,
)
from chalicelib.deadline import SETTLING

ZONE = ZoneInfo("Europe/Stockholm")
CLOSES_AT = datetime(2027, 5, 25, tzinfo=ZONE)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
TAKEN_AT = CLOSES_AT + SETTLING
SNAPSHOT = Snapshot("f00d", 3, TAKEN_AT)


def at(day: int, hour: int, minute: int = 0, month: int = 5) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (at(17, 7, 59), None),
        (at(17, 8), at(17, 8)),
        (at(18, 7, 59), at(17, 8)),
        (at(18, 8), None),
        (at(23, 7, 59), None),
        (at(23, 8), at(23, 8)),
        (at(24, 7, 59), at(23, 8)),
        (at(24, 8), None),
    ],
)
def test_reminders_are_due_in_the_morning_7_days_and_1_day_before_the_last_day(
    now: datetime, due: datetime | None
) -> None:
    assert reminder_due(Control(), CLOSES_AT, ZONE, now.astimezone(UTC)) == due


def test_a_reminder_is_due_once() -> None:
    control = Control(reminded_at=at(17, 8))
    assert reminder_due(control, CLOSES_AT, ZONE, at(17, 9)) is None
    assert reminder_due(control, CLOSES_AT, ZONE, at(23, 9)) == at(23, 8)


def test_a_deadline_within_a_day_counts_as_that_day() -> None:
    assert reminder_due(Control(), at(26, 12), ZONE, at(25, 8)) == at(25, 8)


def test_the_morning_is_the_events_own_also_when_clocks_have_changed() -> None:
    closes_at = datetime(2027, 3, 30, tzinfo=ZONE)  # summer time began on 28 March
    due = reminder_due(Control(), closes_at, ZONE, at(22, 8, month=3))
    assert due == at(22, 8, month=3)
    assert due.astimezone(UTC).hour == 7


def test_who_reopens_in_the_morning_is_not_reminded_of_it() -> None:
    control = reopened(Control(State.SUMMARISED), at(26, 12), at(25, 9))
    assert reminder_due(control, at(26, 12), ZONE, at(25, 9, 1)) is None


def test_the_first_count_waits_until_the_table_has_settled() -> None:
    control = closed(Control(), CLOSES_AT)
    assert not may_be_looked_at(control, CLOSES_AT, TAKEN_AT - SECOND)
    assert may_be_looked_at(control, CLOSES_AT, TAKEN_AT)


@pytest.mark.parametrize(
    ("state", "apart"), [(State.CLOSED, BETWEEN_SNAPSHOTS), (State.SUMMARISED, BETWEEN_LOOKS)]
)
def test_counts_are_apart(state: State, apart: timedelta) -> None:
    control = Control(state, snapshot=SNAPSHOT)
    assert not may_be_looked_at(control, CLOSES_AT, TAKEN_AT + apart - SECOND)
    assert may_be_looked_at(control, CLOSES_AT, TAKEN_AT + apart)


def test_after_a_change_it_is_counted_when_it_has_been_quiet() -> None:
    changed_at = TAKEN_AT + DAY
    control = Control(State.SUMMARISED, snapshot=SNAPSHOT, changed_at=changed_at)
    assert not may_be_looked_at(control, CLOSES_AT, changed_at + QUIET - SECOND)
    assert may_be_looked_at(control, CLOSES_AT, changed_at + QUIET)


def test_a_change_before_the_summary_does_not_delay_it() -> None:
    control = Control(State.CLOSED, snapshot=SNAPSHOT, changed_at=TAKEN_AT)
    assert may_be_looked_at(control, CLOSES_AT, TAKEN_AT + BETWEEN_SNAPSHOTS)


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
