"""A clock that can be set, and that can run faster than the real one."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class SimulatedClock:
    """Starts at an instant and runs `speed` times as fast as the monotonic clock it is given."""

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
        """Now, aware, in UTC."""
        return self._start.astimezone(UTC) + timedelta(
            seconds=(self._monotonic() - self._began) * self._speed
        )


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Now, as it was last set."""
        return self.now

    def move(self, step: timedelta) -> None:
        """Moves the clock."""
        self.now += step


def parse_local_time(text: str, zone: ZoneInfo) -> datetime:
    """`2027-05-24T23:58` in the event's zone; raises ValueError if it isn't a moment."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
