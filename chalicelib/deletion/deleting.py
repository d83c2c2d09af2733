"""Deleting what is personal when its time has come, and telling the contact persons that it is."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice

from chalicelib.catering.summary import summarise
from chalicelib.catering.tally import tally
from chalicelib.deletion import store as deletions
from chalicelib.deletion.limits import DELETED_IN_A_TRANSACTION, RENEWED_A_RUN, TRANSACTIONS_A_RUN
from chalicelib.deletion.totals import Totals, totals
from chalicelib.dynamo.errors import Conflict
from chalicelib.dynamo.table import Table
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deletion_progress import Deletion, counted
from chalicelib.lifecycle.state import (
    EventState,
    deletion_overdue,
    renewal_due,
    with_deletion_day_seen,
)
from chalicelib.lifecycle.steps import STEPS_AT_MOST, Outcome, Step
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import MailKind, mails_to_contacts
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Order


def deleting_steps(context: Context, state: Callable[[], EventState]) -> Iterator[Step]:
    """Takes each step that is due, and says which; `control` tells at first how the event stands.

    First the counts that stay are written; then the rest goes, some at a time, with their number
    in the same write; when nothing is left, the certificate is due. Stopped anywhere it goes on
    from there.
    """
    now, event, table = context.now, context.event, context.table
    if now < event.deletes_at + SETTLING:
        return
    for look in range(STEPS_AT_MOST):
        seen = event_state.read(table) if look else state()
        try:
            step = _next_step(context, seen)
        except Conflict:
            continue  # somebody else is at it too: look again at what is due
        if step:
            yield step
        if step is None or step.outcome is Outcome.DELETED_SOME:
            break
    else:
        seen = event_state.read(table)  # it has moved on since the last look
    if deletion_overdue(seen, event.deletes_at, now):
        yield Step(Outcome.DELETION_OVERDUE, alarming=True)


def _next_step(context: Context, state: EventState) -> Step | None:
    now, event, table = context.now, context.event, context.table
    if state.deletion is None or not state.deletion.is_of(event.deletes_at):
        return _begin(context, state)
    if state.deletion.rests(now):
        return None
    state, deletion, gone = _delete_some(state, state.deletion, table)
    if gone:
        may_be_more = gone == TRANSACTIONS_A_RUN * DELETED_IN_A_TRANSACTION
        return Step(Outcome.DELETED_SOME if may_be_more else Outcome.DELETED, f"{gone} items")
    if deletion.ended_at:
        event_state.save(table, replace(state, deletion=replace(deletion, swept_at=now)))
        return Step(Outcome.SWEPT)
    ended = replace(state, deletion=replace(deletion, ended_at=now))
    certificates = mails_to_contacts(context, MailKind.CERTIFICATE, "certificate")
    table.write_all(event_state.written(ended), *outbox.queued(certificates))
    return Step(Outcome.ISSUED, str(MailKind.CERTIFICATE))


def _begin(context: Context, state: EventState) -> Step:
    """The counts that stay are kept before anything goes, and never counted again."""
    now, event, table = context.now, context.event, context.table
    try:
        staying = _staying(registrations.encoded_orders(table), now, event)
    except ValueError:  # one that can't be read keeps none of the others from being deleted
        staying = _staying(filter(_is_readable, registrations.encoded_orders(table)), now, event)
    deletions.begin(table, replace(state, deletion=Deletion(now)), staying)
    return Step(Outcome.DELETION_BEGUN, registrations=staying.registrations)


def _staying(encoded_orders: Iterable[str], now: datetime, event: Event) -> Totals:
    tallied = tally(encoded_orders, taken_at=now, codes_at_most=0)
    return totals(summarise(tallied, event, version=0))


def _is_readable(encoded_order: str) -> bool:
    with suppress(ValueError):
        return bool(Order.decode(encoded_order))
    return False


def _delete_some(
    state: EventState, deletion: Deletion, table: Table
) -> tuple[EventState, Deletion, int]:
    there, gone = deletions.stored(table), 0
    for _ in range(TRANSACTIONS_A_RUN):
        some = list(islice(there, DELETED_IN_A_TRANSACTION))
        if not some:
            break
        deletion = counted(deletion, some)
        state = replace(state, deletion=deletion)
        deletions.delete_some(table, state, [stored.key for stored in some])
        state = replace(state, revision=state.revision + 1)
        gone += len(some)
    return state, deletion, gone


def renew(context: Context, state: EventState) -> Step | None:
    """Keeps what the items know of the day of their deletion true when the event is moved.

    The table's own expiry is only a backstop, but it must not come before a new day.
    """
    now, event, table = context.now, context.event, context.table
    seen = with_deletion_day_seen(state, event.deletes_at, now)
    if seen != state:
        event_state.save(table, seen)
        return None
    if not renewal_due(state, now):
        return None
    renewed = deletions.renew(table, RENEWED_A_RUN)
    if renewed < RENEWED_A_RUN:
        event_state.save(table, replace(state, kept_until=event.deletes_at, moved_at=None))
    return Step(Outcome.RENEWED, f"{renewed} items")
