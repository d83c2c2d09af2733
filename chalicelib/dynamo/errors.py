"""The errors of DynamoDB calls and of writes."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.logs.json_lines import LoggableError

# Error codes of DynamoDB after which the same call may succeed a moment later.
_TRANSIENT = frozenset({
    "InternalServerError", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
    "ThrottlingException", "TransactionInProgressException",
})  # fmt: skip


class CallFailed(Exception):
    """A failed call. The text is its `code`: DynamoDB's error code, or the type of the exception
    if no valid response came. `reasons` has a code for each write of a cancelled transaction.
    """

    def __init__(self, code: str, *, status: int = 0, reasons: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.reasons = reasons
        self.is_transient = not status or status >= 500 or code in _TRANSIENT


# The text of a StoreUnavailable if there was no time left for another call.
OUT_OF_TIME = "OutOfTime"


class StoreUnavailable(LoggableError):
    """The table did not answer as expected; a write may or may not have been applied."""


class Conflict(Exception):
    """The condition of a write failed: the item has changed since it was read."""
