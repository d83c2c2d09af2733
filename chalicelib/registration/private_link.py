"""Reading, changing and cancelling a registration with its private link."""

from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deadline import is_open
from chalicelib.registration import link_store
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.receipt import ReceiptNews, mailing, receipt_news
from chalicelib.registration.registration import (
    Registration,
    RegistrationClosed,
    StaleRevision,
)
from chalicelib.registration.tokens import hash_token


def find(context: Context, token: str) -> Registration | None:
    """The registration that a private link opens, if any; None once personal data are hidden."""
    found = _opened(context, token)
    return found.registration if found else None


def change(
    context: Context, token: str, answers: Answers, revision: int, language: str
) -> Registration | None:
    """Replace the answers of this revision; returns None if the link opens no registration.

    Idempotent. Raises RegistrationClosed, or StaleRevision with the stored registration if its
    revision is another.
    """
    now = context.now

    def attempt() -> Registration | None:
        found = _opened(context, token)
        if found is None:
            return None
        key, stored, _ = found
        if stored.answers == answers:
            return stored
        also = _writable(context, stored, revision)
        changed = stored.changed(answers, now)
        moved = answers.email != stored.answers.email
        if moved:
            also += mailing(context, key, changed, language).writes
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
        found = _opened(context, token)
        if found is None:
            return
        key, stored, _ = found
        registrations.remove(context.table, key, stored, _writable(context, stored, revision))

    retry_on_conflict(attempt)


def find_with_news(context: Context, token: str) -> tuple[Registration, ReceiptNews] | None:
    """The registration that a private link opens, if any, and what became of its receipt's mail.

    Only who has the link from a mail, and so reads the mailbox, learns how much it has been sent.
    """
    found = _opened(context, token)
    if found is None:
        return None
    key, registration, mail = found
    return registration, receipt_news(context, key, registration, is_reader=bool(mail))


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


def _opened(context: Context, token: str) -> registrations.Opened | None:
    """The registration that a token opens: its own token, or one of a receipt mail.

    Records the use of a mailed link once a contact person has changed the address.
    """
    hidden = context.event.hides_personal_data(context.now)
    found = None if hidden else registrations.opened(context.table, hash_token(token))
    if found is None:
        return None
    if found.key == hash_token(token):
        return None if found.registration.links_ended_at else found
    if found.registration.readdressed_at:
        link_store.record_use(context.table, hash_token(token), context.now)
    return found
