"""Reminding, closing, counting and telling: each step is one conditional write, when it is due."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.catering import store as tallies
from chalicelib.catering.tally import Tally, tally
from chalicelib.deletion.deleting import renew
from chalicelib.dynamo.errors import Conflict
from chalicelib.event.context import Context
from chalicelib.lifecycle import store as controls
from chalicelib.lifecycle.deadline import is_open
from chalicelib.lifecycle.state import (
    Control,
    Snapshot,
    State,
    closed,
    follow_up_due,
    is_overdue,
    may_be_looked_at,
    reminder_due,
    summarised,
)
from chalicelib.lifecycle.steps import STEPS_AT_MOST, Outcome, Step
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.alarms import raise_alarm
from chalicelib.mail.outbox import Kind, mails_to_contacts
from chalicelib.mail.records import fault_to_tell
from chalicelib.registration import store as registrations


def closing_steps(context: Context, control: Callable[[], Control]) -> Iterator[Step]:
    """Takes each step that is due, and says which; `control` tells at first how the event stands.

    None when personal data have had their time.
    """
    now, event = context.now, context.event
    if event.is_forgotten(now):
        return
    for look in range(STEPS_AT_MOST):
        seen = controls.read(context.table) if look else control()
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


def _next_step(context: Context, control: Control) -> Step | None:
    now, event = context.now, context.event
    closes_at = event.deadline(control.closes_at)
    if control.state is State.OPEN and not is_open(now, closes_at):
        controls.save(context.table, closed(control, closes_at))
        return Step(Outcome.CLOSED, moved=(State.OPEN, State.CLOSED))
    step = None
    if control.state is State.OPEN:
        step = _remind(context, control, closes_at)
    elif may_be_looked_at(control, closes_at, now):
        if control.state is State.CLOSED:
            step = _look(context, control)
        elif not event.is_over(now):
            step = _look_again(context, control)
    step = step or _follow_up(context, control)
    return step or renew(context, control)


def _remind(context: Context, control: Control, closes_at: datetime) -> Step | None:
    at = reminder_due(control, closes_at, context.event.timezone, context.now)
    if at is None:
        return None
    reminded = replace(control, reminded_at=at)
    return _issue(context, reminded, Kind.REMINDER, f"reminder-{at:%Y-%m-%d}", _count(context))


def _look(context: Context, control: Control) -> Step:
    counted = _count(context)
    before = control.snapshot
    if before is None or before.fingerprint != counted.fingerprint:
        controls.save(context.table, replace(control, snapshot=_snapshot(counted)))
        return Step(Outcome.LOOKED, registrations=counted.registrations)
    return _tell(context, Kind.SUMMARY, control, counted)


def _look_again(context: Context, control: Control) -> Step:
    """After the summary: whether what it told is still true."""
    now, table, counted = context.now, context.table, _count(context)
    if control.snapshot and control.snapshot.fingerprint == counted.fingerprint:
        controls.save(table, replace(control, snapshot=_snapshot(counted), changed_at=None))
        return Step(Outcome.UNCHANGED, registrations=counted.registrations)
    if control.changed_at is None:
        controls.save(table, replace(control, changed_at=now))
        return Step(Outcome.CHANGE_FOUND, registrations=counted.registrations)
    return _tell(context, Kind.CHANGE, control, counted)


def _follow_up(context: Context, control: Control) -> Step | None:
    """Whether the contact persons' mails got through: what SES told may not have become an alarm,
    and SES may have told nothing.
    """
    now, table = context.now, context.table
    if context.event.is_over(now) or not follow_up_due(control, now):
        return None
    for record in mail_records.to_contacts(table):
        fault = fault_to_tell(record, now)
        if fault:
            raise_alarm(context, record, fault, going_on=False)
    controls.save(table, replace(control, followed_up_at=now))
    return Step(Outcome.FOLLOWED_UP)


def _tell(context: Context, kind: Kind, control: Control, counted: Tally) -> Step:
    """The next version, to each contact person."""
    told = summarised(control, _snapshot(counted), counted.key)
    name, since = f"{kind}-{told.version}", control.told if kind is Kind.CHANGE else ""
    step = _issue(context, told, kind, name, counted, version=told.version, since=since)
    return replace(step, moved=(control.state, told.state)) if kind is Kind.SUMMARY else step


def _issue(
    context: Context,
    control: Control,
    kind: Kind,
    name: str,
    counted: Tally,
    *,
    version: int = 0,
    since: str = "",
) -> Step:
    """Keeps the tally, then writes the control with a mail about it to each contact person."""
    mails = mails_to_contacts(context, kind, name, counted.key, since, version)
    tallies.save(context.table, counted)
    context.table.write_all(controls.written(control), *outbox.queued(mails))
    return Step(Outcome.ISSUED, name, registrations=counted.registrations)


def _count(context: Context) -> Tally:
    return tally(registrations.encoded_orders(context.table), taken_at=context.now)


def _snapshot(counted: Tally) -> Snapshot:
    return Snapshot(counted.fingerprint, counted.registrations, counted.taken_at)
