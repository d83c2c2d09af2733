"""Writing what was read, though somebody else may write in between."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from chalicelib.dynamo.errors import Conflict, StoreUnavailable

_TRIES = 3
Result = TypeVar("Result")


def retry_on_conflict(attempt: Callable[[], Result]) -> Result:
    """What the attempt returns; it reads and writes anew when somebody else was first.

    Raises StoreUnavailable when that happens too often.
    """
    for _ in range(_TRIES):
        try:
            return attempt()
        except Conflict:
            continue
    raise StoreUnavailable("Conflict")


_LONGEST_PAUSE = 20


def random_pause(attempt: int, first: float = 1) -> None:
    """Waits at most so many seconds at `first`, then twice as many, four times, as boto3 does."""
    from random import uniform
    from time import sleep

    sleep(uniform(0, min(_LONGEST_PAUSE, first * 2 ** (attempt - 1))))  # noqa: S311 - nothing secret


CONFLICT_ATTEMPTS = 4
# At most 0.1 s, then 0.2 s, 0.4 s: what met once should not meet again.
short_random_pause = partial(random_pause, first=0.1)
