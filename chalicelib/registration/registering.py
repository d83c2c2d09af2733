"""Registering; reading, changing and cancelling a registration with its private link."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.dynamo.errors import Conflict, StoreUnavailable
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deadline import is_open
from chalicelib.lifecycle.state import EventState
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import MailKind, OutboxMail, receipt_id
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.registration import (
    KeyReused,
    Registration,
    RegistrationClosed,
    StaleRevision,
)
from chalicelib.registration.store import PlateCodeTaken
from chalicelib.registration.tokens import CODE_ATTEMPTS, hash_token, plate_code, token_for


class Receipt(NamedTuple):
    """A stored registration, and the private token that opens it."""

    token: str
    registration: Registration


def register(
    context: Context,
    answers: Answers,
    nonce: str,
    language: str,
    *,
    is_key: bool = False,
) -> Receipt:
    """Store the answers; the same answers with the same nonce are stored once.

    `context.now` is the time at which the gateway received the request; `language` is that of the
    receipt mail. Raises RegistrationClosed after the deadline, unless the same submission was
    accepted before the deadline; RegistrationRemoved if it was accepted and then removed; KeyReused
    if `is_key`, and the nonce came with other answers before.
    """
    token, table = token_for(answers, nonce), context.table
    state = event_state.read(table)
    closes_at = context.event.deadline(state.closes_at)
    if is_open(context.now, closes_at):
        if is_key:
            _use_key(context, nonce, hash_token(token))
        return Receipt(token, store_new(context, answers, token, state, language))
    hidden = context.event.hides_personal_data(context.now)
    accepted = None if hidden else registrations.find(table, hash_token(token))
    if accepted is None:
        raise RegistrationClosed(closes_at)
    return Receipt(token, accepted)


def _use_key(context: Context, idempotency_key: str, key: str) -> None:
    """Bind an Idempotency-Key to the registration with this key; raises KeyReused.

    A write of its own, before the transaction: within the transaction it would cost twice as much.
    """
    from chalicelib.mail import caps

    try:
        context.table.apply(caps.only(f"key#{hash_token(idempotency_key)}", key, context.now))
    except Conflict:
        raise KeyReused from None


def store_new(
    context: Context,
    answers: Answers,
    token: str,
    state: EventState,
    language: str,
    logged: Callable[[str], Write] | None = None,
) -> Registration:
    """Store the answers with a free plate code; return the registration that `token` then opens.

    `logged` makes the write of an audit entry from the plate code. Raises RegistrationRemoved.
    """
    now, key = context.now, hash_token(token)
    for attempt in range(CODE_ATTEMPTS):
        registration = Registration(answers, plate_code(token, attempt), now, now)
        also = receipt_queued(key, registration, now, language) + event_state.change_writes(
            state, now
        )
        if logged:
            also.append(logged(registration.plate_code))
        try:
            return registrations.add(context.table, key, registration, also)
        except (PlateCodeTaken, Conflict):
            continue
    raise StoreUnavailable("no plate code is free")


def find(context: Context, token: str) -> Registration | None:
    """The registration that a private link opens, if any; None once personal data are hidden."""
    found = _find_with_key(context, token)
    return found[1] if found else None


def change(
    context: Context, token: str, answers: Answers, revision: int, language: str
) -> Registration | None:
    """Replace the answers of this revision; returns None if the link opens no registration.

    Idempotent. Raises RegistrationClosed, or StaleRevision with the stored registration if its
    revision is another.
    """
    now = context.now

    def attempt() -> Registration | None:
        found = _find_with_key(context, token)
        if found is None:
            return None
        key, stored = found
        if stored.answers == answers:
            return stored
        also = _writable(context, stored, revision)
        changed = replace(stored, answers=answers, revision=revision + 1, changed_at=now)
        moved = answers.email != stored.answers.email
        if moved:
            also += receipt_queued(key, changed, now, language)
        # Keeps the link in use valid, though it was mailed to the old address.
        link = hash_token(token) if moved and key != hash_token(token) else ""
        registrations.change(context.table, key, changed, also, link)
        return changed

    return retry_on_conflict(attempt)


def cancel(context: Context, token: str, revision: int) -> None:
    """Remove this revision of the registration; do nothing if the link opens no registration.

    Raises RegistrationClosed, or StaleRevision with the stored registration if its revision is
    another.
    """

    def attempt() -> None:
        found = _find_with_key(context, token)
        if found is None:
            return
        key, stored = found
        registrations.remove(context.table, key, stored, _writable(context, stored, revision))

    retry_on_conflict(attempt)


def closing_time(context: Context) -> datetime:
    """The effective deadline, which applies to every write of an attendee."""
    return context.event.deadline(event_state.read(context.table).closes_at)


def _writable(context: Context, stored: Registration, revision: int) -> list[Write]:
    """The writes to the event state that belong to a write over this revision.

    Raises RegistrationClosed or StaleRevision if the write must not be made.
    """
    state = event_state.read(context.table)
    closes_at = context.event.deadline(state.closes_at)
    if not is_open(context.now, closes_at):
        raise RegistrationClosed(closes_at)
    if stored.revision != revision:
        raise StaleRevision(stored)
    return event_state.change_writes(state, context.now)


def _find_with_key(context: Context, token: str) -> registrations.Keyed | None:
    """The key and the registration that a token opens: its own token, or one of a receipt mail.

    Records the use of a mailed link once a contact person has changed the address.
    """
    hidden = context.event.hides_personal_data(context.now)
    found = None if hidden else registrations.opened(context.table, hash_token(token))
    if found is None:
        return None
    key, registration = found
    if key == hash_token(token):
        return None if registration.links_ended_at else found
    if registration.readdressed_at:
        registrations.record_use(context.table, hash_token(token), context.now)
    return found


def receipt_queued(
    key: str, registration: Registration, now: datetime, language: str
) -> list[Write]:
    """The write that queues the receipt; none if the registration has no mail address."""
    return mail_queued(MailKind.RECEIPT, key, registration, now, language)


def mail_queued(
    kind: MailKind,
    key: str,
    registration: Registration,
    now: datetime,
    language: str,
    since: str = "",
) -> list[Write]:
    """The write that queues a mail to the registration's address; none if it has no address."""
    recipient, name = registration.answers.email, receipt_id(key, registration.revision)
    mail = OutboxMail(
        id=name if kind is MailKind.RECEIPT else f"{name}-{kind}",
        kind=kind,
        recipient=recipient,
        due=now,
        about=key,
        since=since,
        version=registration.revision,
        language=language,
    )
    return outbox.queue_writes([mail]) if recipient else []
