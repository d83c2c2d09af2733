"""The steps around the closing: reminder, closing, snapshots, summary, change notice, follow-up.

Each ends with one conditional write of the event state, so that one run alone takes it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.catering import receivers
from chalicelib.catering import store as tallies
from chalicelib.catering.tally import Tally, tally
from chalicelib.deletion.deleting import renew_expiry
from chalicelib.dynamo.errors import Conflict
from chalicelib.event.context import Context
from chalicelib.event.event import Receiver
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
from chalicelib.mail.outbox import MailKind, mails_to_contacts, mails_to_receivers
from chalicelib.mail.records import fault_to_report
from chalicelib.registration import store as registrations


def closing_steps(context: Context, state: Callable[[], EventState]) -> Iterator[Step]:
    """Run and yield each step that is due; `state` reads the event state for the first step.

    No step is due once personal data are no longer shown.
    """
    now, event = context.now, context.event
    if event.hides_personal_data(now):
        return
    for attempt in range(STEPS_AT_MOST):
        current = event_state.read(context.table) if attempt else state()
        if attempt == 0 and is_overdue(current, event.deadline(current.closes_at), now):
            yield Step(Outcome.OVERDUE, alarming=True)
        try:
            step = _next_step(context, current)
        except Conflict:
            continue  # another writer was first: find the step that is due now
        if not step:
            return
        yield step
        if step.outcome is Outcome.RENEWED:
            return  # renewing takes long: leave time for sending mails


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
            step = _take_snapshot(context, state)
        elif not event.is_over(now):
            step = _recount(context, state)
    step = step or _follow_up(context, state)
    return step or renew_expiry(context, state)


def _remind(context: Context, state: EventState, closes_at: datetime) -> Step | None:
    at = reminder_due(state, closes_at, context.event.timezone, context.now)
    if at is None:
        return None
    reminded = replace(state, reminded_at=at)
    name = f"reminder-{at:%Y-%m-%d}"
    return _queue_mails(context, reminded, MailKind.REMINDER, name, _count(context))


def _take_snapshot(context: Context, state: EventState) -> Step:
    counted = _count(context)
    before = state.snapshot
    if before is None or before.fingerprint != counted.fingerprint:
        event_state.save(context.table, replace(state, snapshot=_snapshot(counted)))
        return Step(Outcome.SNAPSHOT_TAKEN, registrations=counted.registrations)
    return _queue_version(context, MailKind.SUMMARY, state, counted)


def _recount(context: Context, state: EventState) -> Step:
    """After the summary: check whether the mailed numbers still hold."""
    now, table, counted = context.now, context.table, _count(context)
    if state.snapshot and state.snapshot.fingerprint == counted.fingerprint:
        event_state.save(table, replace(state, snapshot=_snapshot(counted), changed_at=None))
        return Step(Outcome.UNCHANGED, registrations=counted.registrations)
    if state.changed_at is None:
        event_state.save(table, replace(state, changed_at=now))
        return Step(Outcome.CHANGE_FOUND, registrations=counted.registrations)
    return _queue_version(context, MailKind.CHANGE, state, counted)


def _follow_up(context: Context, state: EventState) -> Step | None:
    """Raise missing alarms about mails to contact persons: SES may have sent no event for a mail,
    or its event may not have led to an alarm.
    """
    now, table = context.now, context.table
    if context.event.is_over(now) or not follow_up_due(state, now):
        return None
    for record in mail_records.to_contacts(table):
        fault = fault_to_report(record, now)
        if fault:
            raise_alarm(context, record, fault, going_on=False)
    event_state.save(table, replace(state, followed_up_at=now))
    return Step(Outcome.FOLLOWED_UP)


def _queue_version(context: Context, kind: MailKind, state: EventState, counted: Tally) -> Step:
    """Queue the next version, a summary or change notice, to each contact person, and to each
    receiver whose meals it concerns.
    """
    updated = summarised(state, _snapshot(counted), counted.key)
    name, since = f"{kind}-{updated.version}", state.mailed_tally if kind is MailKind.CHANGE else ""
    concerned = list(receivers.concerned(context, since, counted))
    step = _queue_mails(
        context, updated, kind, name, counted, concerned, version=updated.version, since=since
    )
    return replace(step, moved=(state.phase, updated.phase)) if kind is MailKind.SUMMARY else step


def _queue_mails(
    context: Context,
    state: EventState,
    kind: MailKind,
    name: str,
    counted: Tally,
    concerned: Sequence[Receiver] = (),
    *,
    version: int = 0,
    since: str = "",
) -> Step:
    """Store the tally; then write the event state and a mail to each contact person and to each
    of the receivers `concerned`.
    """
    about = counted.key
    mails = mails_to_contacts(context, kind, name, about, since, version)
    mails += mails_to_receivers(context, kind, name, about, since, version, concerned)
    tallies.save(context.table, counted)
    context.table.write_all(event_state.state_write(state), *outbox.queue_writes(mails))
    return Step(Outcome.ISSUED, name, registrations=counted.registrations)


def _count(context: Context) -> Tally:
    return tally(registrations.encoded_orders(context.table), taken_at=context.now)


def _snapshot(counted: Tally) -> Snapshot:
    return Snapshot(counted.fingerprint, counted.registrations, counted.taken_at)
