"""Registering with the form or at the desk."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from chalicelib.dynamo.errors import Conflict, StoreUnavailable
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import ALL_EVENTS, Context
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deadline import STATE_KEY, is_open
from chalicelib.lifecycle.state import EventState
from chalicelib.mail import allowance, blocks
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.items import registration_of, sort_key
from chalicelib.registration.receipt import (
    Mailing,
    ReceiptMail,
    mailing,
    receipt_mail,
)
from chalicelib.registration.registration import (
    KeyReused,
    RegisteredBefore,
    Registration,
    RegistrationClosed,
)
from chalicelib.registration.store import PlateCodeTaken
from chalicelib.registration.tokens import (
    CODE_ATTEMPTS,
    hash_token,
    plate_code,
    token_for,
    token_of_form,
)


class Receipt(NamedTuple):
    """A stored registration, the private token that opens it, and whether it is to be mailed."""

    token: str
    registration: Registration
    is_mailed: bool


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
    accepted before the deadline; RegistrationRemoved if it was accepted and then removed. If the
    nonce came with other answers before, raises KeyReused if `is_key`; RegisteredBefore if not, and
    the name was the same.
    """
    token = token_for(answers, nonce) if is_key else token_of_form(answers.name, nonce)
    key = hash_token(token)
    state, before, is_blocked, is_used_up = read_before(context, answers.email, key)
    closes_at = context.event.deadline(state.closes_at)
    if is_open(context.now, closes_at):
        if is_key:
            _use_key(context, nonce, key)
        elif before and before.answers != answers:  # before a receipt is counted for its mailbox
            raise RegisteredBefore(token, before)
        receipt = new_receipt(context, answers, key, language, is_blocked=is_blocked)
        stored = store_new(context, answers, token, state, receipt.writes)
        if not is_key and stored.answers != answers:
            raise RegisteredBefore(token, stored)
        if stored.registered_at == context.now:
            return Receipt(token, stored, receipt.is_queued and not is_used_up)
        return _sent_before(context, token, stored)
    in_time = registered_in_time(context, token)
    if in_time is None or (not is_key and in_time.stored.answers != answers):
        raise RegistrationClosed(closes_at, in_time)
    return _sent_before(context, token, in_time.stored)


def registered_in_time(context: Context, token: str) -> RegisteredBefore | None:
    """What the submission with this token registered, if anything, while data are shown."""
    hidden = context.event.hides_personal_data(context.now)
    stored = None if hidden else registrations.find(context.table, hash_token(token))
    return RegisteredBefore(token, stored) if stored else None


def _sent_before(context: Context, token: str, stored: Registration) -> Receipt:
    """The receipt of a submission that was stored before."""
    mail = receipt_mail(context, hash_token(token), stored)
    return Receipt(token, stored, mail in {ReceiptMail.QUEUED, ReceiptMail.SENT})


class Before(NamedTuple):
    """What is known before a registration is stored."""

    state: EventState
    same: Registration | None = None  # the one with the same key, read only if there is an address
    is_blocked: bool = False  # whether the address's mailbox is, for a new registration
    is_used_up: bool = False  # whether the day's receipts are


def read_before(context: Context, address: str, key: str) -> Before:
    """What is known before a registration is stored, in one request."""
    table, now = context.table, context.now
    if not address:
        return Before(event_state.read(table))
    day = f"{now.astimezone(UTC):%Y-%m-%d}"
    block, counter = blocks.key_of(mailbox_hash(address)), allowance.key_of(day)
    keys = [STATE_KEY, block, sort_key(key)]
    items = {item["sk"]: item for item in table.get_all(keys, (ALL_EVENTS, counter))}
    state, same = items.get(STATE_KEY), items.get(sort_key(key))
    is_blocked = block in items and blocks.holds(items[block], now)
    is_used_up = allowance.counts_of(items.get(counter, {}), day, now).is_used_up
    return Before(
        event_state.state_of(state) if state else EventState(),
        registration_of(same) if same else None,
        is_blocked,
        is_used_up,
    )


def new_receipt(
    context: Context,
    answers: Answers,
    key: str,
    language: str,
    *,
    is_blocked: bool | None = None,
) -> Mailing:
    """Queue the receipt of a new registration, or record why there is none, as `mailing` does."""
    draft = Registration(answers, "", context.now, context.now)
    return mailing(context, key, draft, language, is_blocked=is_blocked)


def _use_key(context: Context, idempotency_key: str, key: str) -> None:
    """Bind an Idempotency-Key to the registration with this key; raises KeyReused.

    A write of its own, before the transaction: within the transaction it would cost twice as much.
    """
    from chalicelib.mail import caps

    used = caps.only(f"key#{hash_token(idempotency_key)}", key, context.now)
    if not context.table.applied(used):
        raise KeyReused


def store_new(
    context: Context,
    answers: Answers,
    token: str,
    state: EventState,
    mails: Sequence[Write],
    logged: Callable[[str], Write] | None = None,
) -> Registration:
    """Store the answers with a free plate code; return the registration that `token` then opens.

    `mails` are the writes of its receipt. `logged` makes the write of an audit entry from the
    plate code. Raises RegistrationRemoved.
    """
    now, key = context.now, hash_token(token)
    for attempt in range(CODE_ATTEMPTS):
        registration = Registration(answers, plate_code(token, attempt), now, now)
        also = [*mails, *event_state.change_writes(state, now)]
        if logged:
            also.append(logged(registration.plate_code))
        try:
            return registrations.add(context.table, key, registration, also)
        except (PlateCodeTaken, Conflict):
            continue
    raise StoreUnavailable("no plate code is free")


def closing_time(context: Context) -> datetime:
    """The effective deadline, which applies to every write of an attendee."""
    return context.event.deadline(event_state.read(context.table).closes_at)
