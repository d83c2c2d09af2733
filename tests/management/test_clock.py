"""The clocks of this machine."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from management.local.clock import SimulatedClock, parse_local_time

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def test_the_clock_begins_at_its_start_and_runs_at_its_speed() -> None:
    seconds = iter([100.0, 100.0, 101.0, 160.0])
    start = datetime(2027, 5, 24, 23, 58, tzinfo=STOCKHOLM)
    clock = SimulatedClock(start, 60, monotonic=lambda: next(seconds))
    assert clock() == start
    assert clock() == datetime(2027, 5, 24, 21, 59, tzinfo=UTC)
    assert clock() == datetime(2027, 5, 24, 22, 58, tzinfo=UTC)


def test_a_time_without_a_utc_offset_is_the_events_local_time() -> None:
    at = datetime(2027, 5, 24, 21, 58, tzinfo=UTC)
    assert parse_local_time("2027-05-24T23:58", STOCKHOLM) == at
    assert parse_local_time("2027-05-24T21:58+00:00", STOCKHOLM) == at


def test_a_text_that_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        parse_local_time("24 maj", STOCKHOLM)
