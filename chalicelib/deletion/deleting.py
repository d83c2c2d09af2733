"""Deleting personal data after the deletion day, and queuing the certificate of it."""

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
from chalicelib.event.changes import Changes
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deletion_progress import DeletionProgress, with_deleted
from chalicelib.lifecycle.state import (
    EventState,
    deletion_overdue,
    renewal_due,
    with_deletion_day_compared,
)
from chalicelib.lifecycle.steps import STEPS_AT_MOST, Outcome, Step
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import MailKind, mails_to_contacts
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Order


def deleting_steps(context: Context, state: Callable[[], EventState]) -> Iterator[Step]:
    """Run and yield each step that is due; `state` reads the event state for the first step.

    First the anonymous totals are stored. Then the items are deleted in transactions, each with
    the updated counts of deleted data. When no item is left, the certificates are queued. After a
    crash at any point, the next run continues.
    """
    now, event, table = context.now, context.event, context.table
    if now < event.deletes_at + SETTLING:
        return
    for attempt in range(STEPS_AT_MOST):
        current = event_state.read(table) if attempt else state()
        try:
            step = _next_step(context, current)
        except Conflict:
            continue  # another writer was first: find the step that is due now
        if step:
            yield step
        if step is None or step.outcome is Outcome.DELETED_SOME:
            break
    else:
        current = event_state.read(table)  # the last step has changed the state
    if deletion_overdue(current, event.deletes_at, now):
        yield Step(Outcome.DELETION_OVERDUE, alarming=True)


def _next_step(context: Context, state: EventState) -> Step | None:
    now, event, table = context.now, context.event, context.table
    if state.deletion is None or not state.deletion.is_for(event.deletes_at):
        return _begin(context, state)
    if state.deletion.is_settled(now):
        return None
    state, deletion, deleted = _delete_some(state, state.deletion, table)
    if deleted:
        may_be_more = deleted == TRANSACTIONS_A_RUN * DELETED_IN_A_TRANSACTION
        return Step(Outcome.DELETED_SOME if may_be_more else Outcome.DELETED, f"{deleted} items")
    if deletion.ended_at:
        event_state.save(table, replace(state, deletion=replace(deletion, swept_at=now)))
        return Step(Outcome.SWEPT)
    ended = replace(state, deletion=replace(deletion, ended_at=now))
    certificates = mails_to_contacts(context, MailKind.CERTIFICATE, "certificate")
    table.write_all(event_state.state_write(ended), *outbox.queue_writes(certificates))
    return Step(Outcome.ISSUED, str(MailKind.CERTIFICATE))


def _begin(context: Context, state: EventState) -> Step:
    """Store the anonymous totals, once for a deletion day, before anything is deleted."""
    now, event, table = context.now, context.event, context.table
    try:
        kept = _totals_of(registrations.encoded_orders(table), now, event)
    except ValueError:  # an unreadable order must not stop the deletion
        kept = _totals_of(filter(_is_readable, registrations.encoded_orders(table)), now, event)
    changes = Changes.from_json(state.changes).without_texts().to_json()
    deletions.begin(table, replace(state, deletion=DeletionProgress(now), changes=changes), kept)
    return Step(Outcome.DELETION_BEGUN, registrations=kept.registrations)


def _totals_of(encoded_orders: Iterable[str], now: datetime, event: Event) -> Totals:
    tallied = tally(encoded_orders, taken_at=now, codes_at_most=0)
    return totals(summarise(tallied, event, version=0), event.language)


def _is_readable(encoded_order: str) -> bool:
    with suppress(ValueError):
        return bool(Order.decode(encoded_order))
    return False


def _delete_some(
    state: EventState, deletion: DeletionProgress, table: Table
) -> tuple[EventState, DeletionProgress, int]:
    items, deleted = deletions.stored(table), 0
    for _ in range(TRANSACTIONS_A_RUN):
        batch = list(islice(items, DELETED_IN_A_TRANSACTION))
        if not batch:
            break
        deletion = with_deleted(deletion, batch)
        state = replace(state, deletion=deletion)
        deletions.delete_some(table, state, [stored.key for stored in batch])
        state = replace(state, revision=state.revision + 1)
        deleted += len(batch)
    return state, deletion, deleted


def renew_expiry(context: Context, state: EventState) -> Step | None:
    """Update the items' `expires_at`, MOVED_DAY_SETTLES after another deletion day was noticed.

    DynamoDB's own expiry is only a backstop, but it must not delete before the new deletion day.
    """
    now, event, table = context.now, context.event, context.table
    updated = with_deletion_day_compared(state, event.deletes_at, now)
    if updated != state:
        event_state.save(table, updated)
        return None
    if not renewal_due(state, now):
        return None
    renewed = deletions.renew(table, RENEWED_A_RUN)
    if renewed < RENEWED_A_RUN:
        event_state.save(table, replace(state, kept_until=event.deletes_at, moved_at=None))
    return Step(Outcome.RENEWED, f"{renewed} items")
