"""Writing what was read, though somebody else may write in between."""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.dynamo.table import Conflict, StoreUnavailable

_TRIES = 3
Result = TypeVar("Result")


def again_on_conflict(attempt: Callable[[], Result]) -> Result:
    """What the attempt returns; it reads and writes anew when somebody else was first.

    Raises StoreUnavailable when that happens too often.
    """
    for _ in range(_TRIES):
        try:
            return attempt()
        except Conflict:
            continue
    raise StoreUnavailable("Conflict")
