"""Retries after conflicts with other writers, and random pauses between attempts."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from chalicelib.dynamo.errors import Conflict, StoreUnavailable

_TRIES = 3
Result = TypeVar("Result")


def retry_on_conflict(attempt: Callable[[], Result]) -> Result:
    """Return what `attempt`, a read and a conditional write, returns; repeat it after a Conflict.

    Raises StoreUnavailable after three conflicts.
    """
    for _ in range(_TRIES):
        try:
            return attempt()
        except Conflict:
            continue
    raise StoreUnavailable("Conflict")


_LONGEST_PAUSE = 20  # seconds


def random_pause(attempt: int, first: float = 1) -> None:
    """Wait a random time: at most `first` s, doubled for each further `attempt`, as boto3 does."""
    from random import uniform
    from time import sleep

    sleep(uniform(0, min(_LONGEST_PAUSE, first * 2 ** (attempt - 1))))  # noqa: S311 - nothing secret


CONFLICT_ATTEMPTS = 5
# At most 0.1 s, then 0.2 s, and so on: random, so that the same writers don't collide again.
short_random_pause = partial(random_pause, first=0.1)
