"""Sending what is due in the outbox: one mail to one recipient, and a record of how it ended."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib import rendering
from chalicelib.event import Event
from chalicelib.outbox import (
    Letter,
    Mailer,
    MailInDoubt,
    OutboxMail,
    PermanentMailError,
    TransientMailError,
    is_given_up,
    leased,
    postponed,
)
from chalicelib.store import Conflict, Store, StoreUnavailable
from chalicelib.summary import summarise


def sending_steps(now: datetime, *, event: Event, store: Store, mailer: Mailer) -> Iterator[str]:
    """Sends each mail that is due and that nobody else sends; a fault stops only its own mail."""
    for mail in store.due_mails(now):
        if not mail.is_free(now):
            continue
        try:
            yield _send(mail, now, event, store, mailer)
        except Conflict:
            yield f"{mail.id} is being sent by somebody else"
        except StoreUnavailable as fault:
            yield f"{mail.id} in doubt: the table answered {fault}"


def _send(mail: OutboxMail, now: datetime, event: Event, store: Store, mailer: Mailer) -> str:
    taken = leased(mail, now)
    letter = _letter(taken, event, store)
    store.lease(taken)
    if is_given_up(taken):
        store.record_failed(taken, "given up", now)
        return f"{mail.id} failed: given up after {mail.attempt} attempts"
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


def _letter(mail: OutboxMail, event: Event, store: Store) -> Letter:
    summary = summarise(store.tally(mail.version), event, version=mail.version)
    return rendering.summary_letter(summary, event, is_copy=mail.doubts > 0)
