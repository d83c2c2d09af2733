"""Registering, and with the private link: reading, changing, cancelling."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.dynamo.errors import Conflict, StoreUnavailable
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context, LinkTarget
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deadline import is_open
from chalicelib.lifecycle.state import EventState
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import MailKind, OutboxMail, receipt_id
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.registration import Registration, RegistrationClosed, StaleRevision
from chalicelib.registration.store import PlateCodeTaken
from chalicelib.registration.tokens import CODE_ATTEMPTS, hash_token, plate_code, token_for


class Receipt(NamedTuple):
    """A registration that is stored, and the private token that opens it."""

    token: str
    registration: Registration


def register(context: Context, answers: Answers, nonce: str, link_target: LinkTarget) -> Receipt:
    """Stores the answers once per nonce; the context's time is the gateway's of the request.

    Raises RegistrationClosed, unless this very submission was accepted before the deadline.
    """
    token, table = token_for(answers, nonce), context.table
    state = event_state.read(table)
    closes_at = context.event.deadline(state.closes_at)
    if is_open(context.now, closes_at):
        return Receipt(token, store_new(context, answers, token, state, link_target))
    forgotten = context.event.hides_personal_data(context.now)
    accepted = None if forgotten else registrations.find(table, hash_token(token))
    if accepted is None:
        raise RegistrationClosed(closes_at)
    return Receipt(token, accepted)


def store_new(
    context: Context,
    answers: Answers,
    token: str,
    state: EventState,
    link_target: LinkTarget,
    logged: Callable[[str], Write] | None = None,
) -> Registration:
    """Stores the answers under this token with a free plate code, or returns what is there.

    `logged` gives the write of the access log's line about that code.
    """
    now, key = context.now, hash_token(token)
    for attempt in range(CODE_ATTEMPTS):
        registration = Registration(answers, plate_code(token, attempt), now, now)
        also = receipt_queued(key, registration, now, link_target) + event_state.changed(state, now)
        if logged:
            also.append(logged(registration.plate_code))
        try:
            return registrations.add(context.table, key, registration, also)
        except (PlateCodeTaken, Conflict):
            continue
    raise StoreUnavailable("no plate code is free")


def find(context: Context, token: str) -> Registration | None:
    """The registration that a private link opens; none once personal data are forgotten."""
    held = _hold(context, token)
    return held[1] if held else None


def change(
    context: Context, token: str, answers: Answers, revision: int, link_target: LinkTarget
) -> Registration | None:
    """Writes new answers over this revision; None if the link opens nothing.

    Sent twice it is one change. Raises RegistrationClosed, or StaleRevision with what is stored if
    that isn't the revision that was read.
    """
    now = context.now

    def attempt() -> Registration | None:
        held = _hold(context, token)
        if held is None:
            return None
        key, stored = held
        if stored.answers == answers:
            return stored
        also = _writable(context, stored, revision)
        changed = replace(stored, answers=answers, revision=revision + 1, changed_at=now)
        moved = answers.email != stored.answers.email
        if moved:
            also += receipt_queued(key, changed, now, link_target)
        # Whoever changes the address goes on with the link that was mailed to the old one.
        link = hash_token(token) if moved and key != hash_token(token) else ""
        registrations.change(context.table, key, changed, also, link)
        return changed

    return retry_on_conflict(attempt)


def cancel(context: Context, token: str, revision: int) -> None:
    """Removes the registration for good; a link that opens nothing is as good as cancelled.

    Raises RegistrationClosed, or StaleRevision with what is stored if that isn't what was read.
    """

    def attempt() -> None:
        held = _hold(context, token)
        if held is None:
            return
        key, stored = held
        registrations.remove(context.table, key, stored, _writable(context, stored, revision))

    retry_on_conflict(attempt)


def closing_time(context: Context) -> datetime:
    """The effective deadline, which decides on every write."""
    return context.event.deadline(event_state.read(context.table).closes_at)


def _writable(context: Context, stored: Registration, revision: int) -> list[Write]:
    """What a write over this revision must write into the control, if it may be made."""
    state = event_state.read(context.table)
    closes_at = context.event.deadline(state.closes_at)
    if not is_open(context.now, closes_at):
        raise RegistrationClosed(closes_at)
    if stored.revision != revision:
        raise StaleRevision(stored)
    return event_state.changed(state, context.now)


def _hold(context: Context, token: str) -> tuple[str, Registration] | None:
    """The registration under its own token, or under one that a receipt mail carried; its key."""
    if context.event.hides_personal_data(context.now):
        return None
    registration = registrations.find(context.table, hash_token(token))
    if registration:
        return hash_token(token), registration
    link = registrations.linked(context.table, hash_token(token))
    registration = registrations.find(context.table, link.registration) if link else None
    if link is None or registration is None or not link.opens(registration):
        return None
    return link.registration, registration


def receipt_queued(
    key: str, registration: Registration, now: datetime, link_target: LinkTarget
) -> list[Write]:
    """The write that queues the receipt to the registration's address, if it has one."""
    recipient = registration.answers.email
    if not recipient:
        return []
    receipt = OutboxMail(
        id=receipt_id(key, registration.revision),
        kind=MailKind.RECEIPT,
        recipient=recipient,
        due=now,
        about=key,
        base_url=link_target.base_url,
        language=link_target.language,
    )
    return outbox.queued([receipt])
