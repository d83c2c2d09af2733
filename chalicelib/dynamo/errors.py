"""What can go wrong with a call of DynamoDB or a write."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.logs.json_lines import LoggableError

# What DynamoDB answers when the same call may well succeed a moment later.
_PASSING = frozenset({
    "InternalServerError", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
    "ThrottlingException", "TransactionInProgressException",
})  # fmt: skip


class CallFailed(Exception):
    """A call that did not succeed; the text is its `code`: what DynamoDB answered, or what kind of
    fault came in the way of an answer. `reasons` has a code for each write of a transaction.
    """

    def __init__(self, code: str, *, status: int = 0, reasons: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.reasons = reasons
        self.may_pass = not status or status >= 500 or code in _PASSING


class StoreUnavailable(LoggableError):
    """The table did not answer as it should; if it was a write, nobody knows whether it landed."""


class Conflict(Exception):
    """The item isn't what it was when it was read: somebody else was first."""
