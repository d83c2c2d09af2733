"""Clocks for local runs and tests: a fast one, and one that is set by hand."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class SimulatedClock:
    """A clock that starts at `start` and runs `speed` times as fast as real time.

    `monotonic` returns the seconds of real time.
    """

    def __init__(
        self,
        start: datetime,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start = start
        self._speed = speed
        self._monotonic = monotonic
        self._began = monotonic()

    def __call__(self) -> datetime:
        """The simulated time, aware, in UTC."""
        return self._start.astimezone(UTC) + timedelta(
            seconds=(self._monotonic() - self._began) * self._speed
        )


class SetClock:
    """A clock that changes only when `now` is set or `move` is called."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time that was set last."""
        return self.now

    def move(self, step: timedelta) -> None:
        """Move the clock forward by `step`."""
        self.now += step


def parse_local_time(text: str, zone: ZoneInfo) -> datetime:
    """Parse a time such as `2027-05-24T23:58`, in `zone` unless `text` has a UTC offset.

    Raises ValueError if `text` is not an ISO 8601 date and time.
    """
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)
