"""Whether the receipt of a registration is mailed, and what became of that mail."""

from dataclasses import replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from chalicelib.dynamo.writes import EXISTS, Write, delete
from chalicelib.event.context import ALL_EVENTS, Context
from chalicelib.event.mail_address import is_own, mailbox_hash
from chalicelib.mail import allowance, blocks, caps
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.outbox import MailKind, OutboxMail, receipt_id
from chalicelib.mail.records import LOST, MailState
from chalicelib.registration.registration import Registration

# Why no receipt is mailed, as the record of the mail has it.
BLOCKED = "the address wants no mail"
USED_UP = "the mailbox had as many receipts as it may have in a day"


class ReceiptMail(StrEnum):
    """What the receipt page says of the mail: nothing is known of it yet, or what came of it."""

    QUEUED = "queued"
    SENT = "sent"
    LOST = "lost"
    NONE = "none"


class ReceiptNews(NamedTuple):
    """What the receipt page says of the mail, how many more its mailbox may get today, or None for
    whoever may not know that, and how many in a day.
    """

    mail: ReceiptMail
    left: int | None = None
    at_most: int = caps.RECEIPTS_PER_MAILBOX_A_DAY


class Again(StrEnum):
    """What comes of a contact person's wish to mail a receipt once more."""

    QUEUED = "queued"
    UNDER_WAY = "under_way"
    NO_ADDRESS = "no_address"
    BLOCKED = "blocked"
    USED_UP = "used_up"


class Mailing(NamedTuple):
    """The writes that belong to a receipt, and whether it is to be mailed."""

    writes: list[Write]
    is_queued: bool


def mailing(
    context: Context,
    key: str,
    registration: Registration,
    language: str,
    *,
    is_blocked: bool | None = None,
) -> Mailing:
    """Queue the receipt of this revision, or record why there is none; nothing without an address.

    Counts the receipt for its mailbox, once however often it is called. The table is asked whether
    the mailbox is blocked, unless `is_blocked` says so.
    """
    if not registration.answers.email:
        return Mailing([], is_queued=False)
    mail = _receipt(context, key, registration, language)
    why = _refusal(context, mail, registration, is_blocked=is_blocked)
    if why:
        return Mailing([mail_records.drop_write(mail, why, context.now)], is_queued=False)
    return Mailing(outbox.queue_writes([mail]), is_queued=True)


def mail_again(
    context: Context, key: str, registration: Registration, language: str
) -> tuple[list[Write], Again]:
    """The writes that queue the present receipt once more, or none and why not.

    The mail has a new link; all earlier ones keep working. It counts for its mailbox like any
    other. The writes belong into one transaction with the audit entry; if it raises Conflict,
    somebody else has just done the same: ask again.
    """
    if not registration.answers.email:
        return [], Again.NO_ADDRESS
    lost = receipt_key(key, registration)
    if not context.table.get(lost, "id"):
        return [], Again.UNDER_WAY
    mail = replace(
        _receipt(context, key, registration, language),
        id=receipt_id(key, registration.receipt),
        since=context.now.isoformat(),
    )
    refusal = _refusal(context, mail, registration)
    if refusal:
        return [], Again.BLOCKED if refusal == BLOCKED else Again.USED_UP
    # Without the record of the earlier mail, whose fate would be taken for this one's.
    return [delete(lost, EXISTS), *outbox.queue_writes([mail])], Again.QUEUED


def mail_about(
    kind: MailKind,
    key: str,
    registration: Registration,
    now: datetime,
    language: str,
    since: str = "",
) -> OutboxMail:
    """A mail to the address of this revision of a registration."""
    name = receipt_id(key, registration.revision)
    return OutboxMail(
        id=name if kind is MailKind.RECEIPT else f"{name}-{kind}",
        kind=kind,
        recipient=registration.answers.email,
        due=now,
        about=key,
        since=since,
        version=registration.revision,
        language=language,
        # Of two merged ones, this is not the code that the plate has.
        code="" if since else registration.plate_code,
    )


def _receipt(context: Context, key: str, registration: Registration, language: str) -> OutboxMail:
    return replace(
        mail_about(MailKind.RECEIPT, key, registration, context.now, language),
        day=f"{context.now.astimezone(UTC):%Y-%m-%d}",
        is_own=is_own(registration.answers.email, context.event.own_domains),
    )


def _refusal(
    context: Context,
    mail: OutboxMail,
    registration: Registration,
    *,
    is_blocked: bool | None = None,
) -> str:
    """Why no receipt may be mailed; otherwise empty, and the receipt is counted for its mailbox."""
    mailbox = mailbox_hash(mail.recipient)
    if is_blocked is None:
        is_blocked = blocks.is_blocked(context.table, mailbox, registration.registered_at)
    if is_blocked:
        return BLOCKED
    day = date.fromisoformat(mail.day)
    is_counted = caps.count_receipt(context.shared, mailbox, day, mail.queued_as)
    return "" if is_counted else USED_UP


def receipt_key(key: str, registration: Registration) -> str:
    """The sort key of the record of the receipt that is mailed to the present address."""
    return mail_records.key_of(MailKind.RECEIPT, receipt_id(key, registration.receipt))


def receipt_news(
    context: Context, key: str, registration: Registration, *, is_reader: bool = False
) -> ReceiptNews:
    """What becomes of the receipt that is mailed to the registration's present address.

    For the reader of its mailbox also how many more that may get today, in the same request.
    """
    if not registration.answers.email:
        return ReceiptNews(ReceiptMail.NONE)
    mail = receipt_key(key, registration)
    today = context.now.astimezone(UTC).date()
    counter = allowance.key_of(today.isoformat())
    mailbox = caps.mailbox_key(mailbox_hash(registration.answers.email), today)
    counters = (counter, mailbox) if is_reader else (counter,)
    found = context.table.get_all([mail], (ALL_EVENTS, *counters))
    items = {item["sk"]: item for item in found}
    counts = allowance.counts_of(items.get(counter, {}), today.isoformat(), context.now)
    state = mail_records.record_of(items[mail]).state if mail in items else None
    told = _in_words(state, is_used_up=counts.is_used_up)
    if not is_reader:
        return ReceiptNews(told)
    left = 0 if counts.is_used_up else caps.receipts_left(items.get(mailbox, {}))
    return ReceiptNews(told, left)


def _in_words(state: MailState | None, *, is_used_up: bool) -> ReceiptMail:
    if state is None:
        return ReceiptMail.NONE if is_used_up else ReceiptMail.QUEUED
    if state in LOST:
        return ReceiptMail.LOST
    return ReceiptMail.NONE if state is MailState.DROPPED else ReceiptMail.SENT


def receipt_mail(context: Context, key: str, registration: Registration) -> ReceiptMail:
    """What becomes of the receipt that is mailed to the registration's present address."""
    return receipt_news(context, key, registration).mail
