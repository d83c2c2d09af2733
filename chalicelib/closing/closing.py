"""Reminding, closing, counting and telling: each step is one conditional write, when it is due."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.catering import store as tallies
from chalicelib.catering.tally import Tally, tally
from chalicelib.deletion.deleting import renew
from chalicelib.dynamo.errors import Conflict
from chalicelib.event.context import Context
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deadline import is_open
from chalicelib.lifecycle.state import (
    EventState,
    Phase,
    Snapshot,
    closed,
    count_due,
    follow_up_due,
    is_overdue,
    reminder_due,
    summarised,
)
from chalicelib.lifecycle.steps import STEPS_AT_MOST, Outcome, Step
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.alarms import raise_alarm
from chalicelib.mail.outbox import MailKind, mails_to_contacts
from chalicelib.mail.records import fault_to_tell
from chalicelib.registration import store as registrations


def closing_steps(context: Context, state: Callable[[], EventState]) -> Iterator[Step]:
    """Takes each step that is due, and says which; `control` tells at first how the event stands.

    None when personal data have had their time.
    """
    now, event = context.now, context.event
    if event.hides_personal_data(now):
        return
    for look in range(STEPS_AT_MOST):
        seen = event_state.read(context.table) if look else state()
        if look == 0 and is_overdue(seen, event.deadline(seen.closes_at), now):
            yield Step(Outcome.OVERDUE, alarming=True)
        try:
            step = _next_step(context, seen)
        except Conflict:
            continue  # somebody else took this step: look again at what is due
        if not step:
            return
        yield step
        if step.outcome is Outcome.RENEWED:
            return  # which took its time: the mails must have theirs


def _next_step(context: Context, state: EventState) -> Step | None:
    now, event = context.now, context.event
    closes_at = event.deadline(state.closes_at)
    if state.phase is Phase.OPEN and not is_open(now, closes_at):
        event_state.save(context.table, closed(state, closes_at))
        return Step(Outcome.CLOSED, moved=(Phase.OPEN, Phase.CLOSED))
    step = None
    if state.phase is Phase.OPEN:
        step = _remind(context, state, closes_at)
    elif count_due(state, closes_at, now):
        if state.phase is Phase.CLOSED:
            step = _look(context, state)
        elif not event.is_over(now):
            step = _look_again(context, state)
    step = step or _follow_up(context, state)
    return step or renew(context, state)


def _remind(context: Context, state: EventState, closes_at: datetime) -> Step | None:
    at = reminder_due(state, closes_at, context.event.timezone, context.now)
    if at is None:
        return None
    reminded = replace(state, reminded_at=at)
    return _issue(context, reminded, MailKind.REMINDER, f"reminder-{at:%Y-%m-%d}", _count(context))


def _look(context: Context, state: EventState) -> Step:
    counted = _count(context)
    before = state.snapshot
    if before is None or before.fingerprint != counted.fingerprint:
        event_state.save(context.table, replace(state, snapshot=_snapshot(counted)))
        return Step(Outcome.LOOKED, registrations=counted.registrations)
    return _tell(context, MailKind.SUMMARY, state, counted)


def _look_again(context: Context, state: EventState) -> Step:
    """After the summary: whether what it told is still true."""
    now, table, counted = context.now, context.table, _count(context)
    if state.snapshot and state.snapshot.fingerprint == counted.fingerprint:
        event_state.save(table, replace(state, snapshot=_snapshot(counted), changed_at=None))
        return Step(Outcome.UNCHANGED, registrations=counted.registrations)
    if state.changed_at is None:
        event_state.save(table, replace(state, changed_at=now))
        return Step(Outcome.CHANGE_FOUND, registrations=counted.registrations)
    return _tell(context, MailKind.CHANGE, state, counted)


def _follow_up(context: Context, state: EventState) -> Step | None:
    """Whether the contact persons' mails got through: what SES told may not have become an alarm,
    and SES may have told nothing.
    """
    now, table = context.now, context.table
    if context.event.is_over(now) or not follow_up_due(state, now):
        return None
    for record in mail_records.to_contacts(table):
        fault = fault_to_tell(record, now)
        if fault:
            raise_alarm(context, record, fault, going_on=False)
    event_state.save(table, replace(state, followed_up_at=now))
    return Step(Outcome.FOLLOWED_UP)


def _tell(context: Context, kind: MailKind, state: EventState, counted: Tally) -> Step:
    """The next version, to each contact person."""
    told = summarised(state, _snapshot(counted), counted.key)
    name, since = f"{kind}-{told.version}", state.mailed_tally if kind is MailKind.CHANGE else ""
    step = _issue(context, told, kind, name, counted, version=told.version, since=since)
    return replace(step, moved=(state.phase, told.phase)) if kind is MailKind.SUMMARY else step


def _issue(
    context: Context,
    state: EventState,
    kind: MailKind,
    name: str,
    counted: Tally,
    *,
    version: int = 0,
    since: str = "",
) -> Step:
    """Keeps the tally, then writes the control with a mail about it to each contact person."""
    mails = mails_to_contacts(context, kind, name, counted.key, since, version)
    tallies.save(context.table, counted)
    context.table.write_all(event_state.written(state), *outbox.queued(mails))
    return Step(Outcome.ISSUED, name, registrations=counted.registrations)


def _count(context: Context) -> Tally:
    return tally(registrations.encoded_orders(context.table), taken_at=context.now)


def _snapshot(counted: Tally) -> Snapshot:
    return Snapshot(counted.fingerprint, counted.registrations, counted.taken_at)
