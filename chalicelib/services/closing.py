"""Reminding, closing, counting and telling: each step is one conditional write, when it is due."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.control import (
    Control,
    Snapshot,
    State,
    closed,
    follow_up_due,
    may_be_looked_at,
    reminder_due,
    reopened,
    summarised,
)
from chalicelib.event import Event
from chalicelib.mail_record import fault_to_tell
from chalicelib.outbox import Kind, OutboxMail
from chalicelib.registration import is_open
from chalicelib.services.alarming import raise_alarm
from chalicelib.services.steps import Outcome, Step
from chalicelib.store import Conflict, Store, StoreUnavailable
from chalicelib.summary import Tally, tally

_STEPS_AT_MOST = 20
_TRIES = 3


class DeadlineRefused(Exception):
    """The new deadline can't be: the text says why, to the person who asked."""


def close_now(*, now: datetime, event: Event, store: Store) -> datetime:
    """Closes before the deadline, and returns it: now, or what it was if that has passed."""
    for _ in range(_TRIES):
        control = store.control()
        closes_at = control.deadline(event.closes_at)
        if control.state is not State.OPEN or not is_open(now, closes_at):
            return closes_at
        try:
            store.save_control(closed(control, now))
        except Conflict:
            continue
        return now
    raise StoreUnavailable("Conflict")


def reopen(until: datetime, *, now: datetime, event: Event, store: Store) -> None:
    """Opens until a new deadline, after which a summary comes that replaces the last one.

    Before the deadline it moves it. Raises DeadlineRefused unless it is after now and not after
    the event's start.
    """
    if not is_open(now, until):
        raise DeadlineRefused("The new deadline has passed already.")
    if until > event.starts_at:
        raise DeadlineRefused("The new deadline is after the event's start.")
    for _ in range(_TRIES):
        try:
            return store.save_control(reopened(store.control(), until, now))
        except Conflict:
            continue
    raise StoreUnavailable("Conflict")


def closing_steps(now: datetime, *, event: Event, store: Store) -> Iterator[Step]:
    """Takes each step that is due, and says which it took."""
    for _ in range(_STEPS_AT_MOST):
        try:
            step = _next_step(store.control(), now, event, store)
        except Conflict:
            continue  # somebody else took this step: look again at what is due
        if not step:
            return
        yield step


def _next_step(control: Control, now: datetime, event: Event, store: Store) -> Step | None:
    closes_at = control.deadline(event.closes_at)
    if control.state is State.OPEN and not is_open(now, closes_at):
        store.save_control(closed(control, closes_at))
        return Step(Outcome.CLOSED)
    if control.state is State.OPEN:
        step = _remind(control, closes_at, now, event, store)
    elif not may_be_looked_at(control, closes_at, now):
        step = None
    elif control.state is State.CLOSED:
        step = _look(control, now, event, store)
    else:
        step = _look_again(control, now, event, store) if now < event.ends_at else None
    return step or _follow_up(control, now, event, store)


def _remind(
    control: Control, closes_at: datetime, now: datetime, event: Event, store: Store
) -> Step | None:
    at = reminder_due(control, closes_at, event.timezone, now)
    if at is None:
        return None
    counted = tally(store.encoded_orders(), taken_at=now)
    name = f"reminder-{at:%Y-%m-%d}"
    mails = _to_contacts(Kind.REMINDER, name, counted, now, event)
    store.save_tally(counted)
    store.issue(replace(control, reminded_at=at), mails)
    return Step(Outcome.ISSUED, name)


def _look(control: Control, now: datetime, event: Event, store: Store) -> Step:
    counted = tally(store.encoded_orders(), taken_at=now)
    before = control.snapshot
    if before is None or before.fingerprint != counted.fingerprint:
        store.save_control(replace(control, snapshot=_snapshot(counted)))
        return Step(Outcome.LOOKED)
    return _issue(Kind.SUMMARY, control, counted, now, event, store)


def _look_again(control: Control, now: datetime, event: Event, store: Store) -> Step:
    """After the summary: whether what it told is still true."""
    counted = tally(store.encoded_orders(), taken_at=now)
    if control.snapshot and control.snapshot.fingerprint == counted.fingerprint:
        store.save_control(replace(control, snapshot=_snapshot(counted), changed_at=None))
        return Step(Outcome.UNCHANGED)
    if control.changed_at is None:
        store.save_control(replace(control, changed_at=now))
        return Step(Outcome.CHANGE_FOUND)
    return _issue(Kind.CHANGE, control, counted, now, event, store)


def _follow_up(control: Control, now: datetime, event: Event, store: Store) -> Step | None:
    """Whether the contact persons' mails got through: what SES told may not have become an alarm,
    and SES may have told nothing.
    """
    if now >= event.ends_at or not follow_up_due(control, now):
        return None
    for record in store.contact_mails():
        fault = fault_to_tell(record, now)
        if fault:
            raise_alarm(
                record.id,
                record.kind,
                record.recipient,
                fault,
                now=now,
                going_on=False,
                event=event,
                store=store,
            )
    store.save_control(replace(control, followed_up_at=now))
    return Step(Outcome.FOLLOWED_UP)


def _issue(
    kind: Kind, control: Control, counted: Tally, now: datetime, event: Event, store: Store
) -> Step:
    told = summarised(control, _snapshot(counted), counted.key)
    name = f"{kind}-{told.version}"
    mails = [
        replace(mail, version=told.version, since=control.told if kind is Kind.CHANGE else "")
        for mail in _to_contacts(kind, name, counted, now, event)
    ]
    store.save_tally(counted)
    store.issue(told, mails)
    return Step(Outcome.ISSUED, name)


def _to_contacts(
    kind: Kind, name: str, counted: Tally, now: datetime, event: Event
) -> list[OutboxMail]:
    return [
        OutboxMail(f"{name}-{number}", kind, contact.email, now, about=counted.key)
        for number, contact in enumerate(event.contacts, 1)
    ]


def _snapshot(counted: Tally) -> Snapshot:
    return Snapshot(counted.fingerprint, counted.registrations, counted.taken_at)
