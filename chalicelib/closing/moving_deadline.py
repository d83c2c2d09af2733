"""Closing registration now, or moving the deadline."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deadline import is_open
from chalicelib.lifecycle.state import Phase, closed, reopened
from chalicelib.lifecycle.steps import Outcome, Step, log_step

_A_PERSON = "person"


class DeadlineRefused(Exception):
    """The new deadline is not allowed; the text is the reason, for the person who asked."""


class DeadlineMoved(Exception):
    """The deadline is no longer the one that was shown to the person who decided."""


def close_now(
    context: Context, *, shown: datetime | None = None, also: Sequence[Write] = ()
) -> datetime:
    """Close registration before the deadline; return `now`, or the old deadline if it has passed.

    The writes in `also` are in the same transaction, and are not made if the deadline has passed.
    Raises DeadlineMoved if `shown` is given and is not the current deadline.
    """
    now, event, table = context.now, context.event, context.table

    def attempt() -> datetime:
        state = event_state.read(table)
        closes_at = event.deadline(state.closes_at)
        _check_shown(closes_at, shown)
        if state.phase is not Phase.OPEN or not is_open(now, closes_at):
            return closes_at
        table.write_all(event_state.state_write(closed(state, now)), *also)
        log_step(Step(Outcome.CLOSED, moved=(Phase.OPEN, Phase.CLOSED)), _A_PERSON)
        return now

    return retry_on_conflict(attempt)


def reopen(
    context: Context,
    until: datetime,
    *,
    shown: datetime | None = None,
    also: Sequence[Write] = (),
) -> None:
    """Open registration until a new deadline; if it is open, move the deadline.

    A new summary after that replaces the last one. The writes in `also` are in the same
    transaction. Raises DeadlineRefused unless `until` is after now and not after the event's
    start, and DeadlineMoved if `shown` is given and is not the current deadline.
    """
    check_deadline(context, until)

    def attempt() -> None:
        state = event_state.read(context.table)
        _check_shown(context.event.deadline(state.closes_at), shown)
        written = event_state.state_write(reopened(state, until, context.now))
        context.table.write_all(written, *also)
        log_step(Step(Outcome.REOPENED, moved=(state.phase, Phase.OPEN)), _A_PERSON)

    retry_on_conflict(attempt)


def _check_shown(closes_at: datetime, shown: datetime | None) -> None:
    if shown is not None and shown != closes_at:
        raise DeadlineMoved


def check_deadline(context: Context, until: datetime) -> None:
    """Raise DeadlineRefused unless `until` is after now and not after the event's start."""
    if not is_open(context.now, until):
        raise DeadlineRefused("The new deadline has passed already.")
    if until > context.event.starts_at:
        raise DeadlineRefused("The new deadline is after the event's start.")
