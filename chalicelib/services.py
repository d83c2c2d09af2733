"""The use cases. Each gets the event, the store, the mailer and the moment as arguments."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib import rendering
from chalicelib.control import Control, Snapshot, State, closed, may_be_looked_at
from chalicelib.event import Event
from chalicelib.outbox import (
    Mailer,
    MailInDoubt,
    OutboxMail,
    PermanentMailError,
    TransientMailError,
    leased,
    postponed,
)
from chalicelib.registration import (
    CODE_ATTEMPTS,
    Answers,
    Registration,
    RegistrationClosed,
    hashed,
    is_open,
    plate_code,
    token_for,
)
from chalicelib.store import Conflict, PlateCodeTaken, Store
from chalicelib.summary import summarise, tally

_STEPS_AT_MOST = 20

log = logging.getLogger("dukat")


class Receipt(NamedTuple):
    """A registration that is stored, and the private token that opens it."""

    token: str
    registration: Registration


def register(answers: Answers, nonce: str, *, now: datetime, event: Event, store: Store) -> Receipt:
    """Stores the answers once per nonce; `now` is the gateway's time of the request.

    Raises RegistrationClosed, unless this very submission was accepted before the deadline.
    """
    token = token_for(answers, nonce)
    closes_at = closing_time(event, store)
    if not is_open(now, closes_at):
        accepted = store.registration(hashed(token))
        if accepted is None:
            raise RegistrationClosed(closes_at)
        return Receipt(token, accepted)
    for attempt in range(CODE_ATTEMPTS):
        registration = Registration(answers, plate_code(token, attempt), now, now)
        try:
            return Receipt(token, store.add(hashed(token), registration))
        except PlateCodeTaken:
            continue
    raise PlateCodeTaken


def find(token: str, *, store: Store) -> Registration | None:
    """The registration that a private link opens."""
    return store.registration(hashed(token))


def closing_time(event: Event, store: Store) -> datetime:
    """The effective deadline, which decides on every write."""
    return store.control().deadline(event.closes_at)


def tend(now: datetime, *, event: Event, store: Store, mailer: Mailer) -> list[str]:
    """Does what is due, step by step, and returns the steps it took.

    Called twice, late, in parallel or killed anywhere, it ends in the same place.
    """
    steps = list(_closing_steps(now, event, store))
    free = [mail for mail in store.due_mails(now) if mail.is_free(now)]
    steps += [_send(mail, now, event, store, mailer) for mail in free]
    for step in steps:
        log.info("tend: %s", step)
    return steps


def _closing_steps(now: datetime, event: Event, store: Store) -> Iterator[str]:
    for _ in range(_STEPS_AT_MOST):
        try:
            step = _closing_step(store.control(), now, event, store)
        except Conflict:
            continue  # somebody else took this step: look again at what is due
        if not step:
            return
        yield step


def _closing_step(control: Control, now: datetime, event: Event, store: Store) -> str:
    closes_at = control.deadline(event.closes_at)
    if control.state is State.OPEN and not is_open(now, closes_at):
        store.save_control(closed(control, closes_at))
        return "closed"
    if control.state is State.CLOSED and may_be_looked_at(control, closes_at, now):
        return _take_snapshot(control, now, event, store)
    return ""


def _take_snapshot(control: Control, now: datetime, event: Event, store: Store) -> str:
    counted = tally(store.encoded_orders(), taken_at=now)
    before = control.snapshot
    if before is None or before.fingerprint != counted.fingerprint:
        snapshot = Snapshot(counted.fingerprint, counted.registrations, now)
        store.save_control(replace(control, snapshot=snapshot))
        return "snapshot taken"
    version = control.version + 1
    summarised = replace(control, state=State.SUMMARISED, version=version)
    mails = [
        OutboxMail(f"summary-{version}-{number}", "summary", contact.email, version, now)
        for number, contact in enumerate(event.contacts, 1)
    ]
    store.issue_summary(summarised, counted, mails)
    return f"summary {version} issued"


def _send(mail: OutboxMail, now: datetime, event: Event, store: Store, mailer: Mailer) -> str:
    taken = leased(mail, now)
    try:
        store.lease(taken)
    except Conflict:
        return f"{mail.id} is somebody else's"
    summary = summarise(store.tally(mail.version), event, version=mail.version)
    letter = rendering.summary_letter(summary, event, is_copy=taken.in_doubt)
    try:
        message_id = mailer.send(taken.recipient, letter)
    except TransientMailError as error:
        store.postpone(taken, postponed(taken, now))
        return f"{mail.id} postponed: {error}"
    except PermanentMailError as error:
        store.record_failed(taken, str(error), now)
        return f"{mail.id} failed: {error}"
    except MailInDoubt as error:
        return f"{mail.id} in doubt: {error}"
    store.record_sent(taken, message_id, now)
    return f"{mail.id} sent"
