from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from management.local.clock import SimulatedClock, parse_local_time

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def test_the_clock_starts_where_it_is_set_and_runs_as_fast_as_it_is_told() -> None:
    seconds = iter([100.0, 100.0, 101.0, 160.0])
    start = datetime(2027, 5, 24, 23, 58, tzinfo=STOCKHOLM)
    clock = SimulatedClock(start, 60, monotonic=lambda: next(seconds))
    assert clock() == start
    assert clock() == datetime(2027, 5, 24, 21, 59, tzinfo=UTC)
    assert clock() == datetime(2027, 5, 24, 22, 58, tzinfo=UTC)


def test_a_moment_is_local_to_the_event_unless_it_says_its_zone() -> None:
    at = datetime(2027, 5, 24, 21, 58, tzinfo=UTC)
    assert parse_local_time("2027-05-24T23:58", STOCKHOLM) == at
    assert parse_local_time("2027-05-24T21:58+00:00", STOCKHOLM) == at


def test_what_is_no_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        parse_local_time("24 maj", STOCKHOLM)
