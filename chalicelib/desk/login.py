"""Logging in to the desk, and logging out."""

from collections.abc import Callable
from datetime import UTC, datetime

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.desk import session_store as access_tokens
from chalicelib.desk.sessions import TokenKind, session_token
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context
from chalicelib.event.event import Contact
from chalicelib.mail import caps
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.registration.tokens import hash_token

NewToken = Callable[[], str]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ask_for_link(context: Context, address: str) -> None:
    """Queue a login link for a contact person; asks within A_LINK_EVERY wait as one mail. For any
    other address, do equal work but send nothing, so that the response time reveals nothing.
    """
    now, table, contacts = context.now, context.table, context.event.contacts
    contact = context.event.contact_at(address)
    number = contacts.index(contact) + 1 if contact else 0
    since = now - (now - _EPOCH) % caps.A_LINK_EVERY
    mail_id = f"desk-{number}-{since.astimezone(UTC):%Y-%m-%dT%H%M}"
    recipient = contact.email if contact else address
    mail = OutboxMail(mail_id, MailKind.DESK, recipient, since, about=now.isoformat())
    access_tokens.ask_for_link(table, mail, wanted=contact is not None)
    caps.count_ask(table, now)


def log_in(
    context: Context, link_token: str, *, new_token: NewToken, before: str = ""
) -> str | None:
    """Exchange a link's token for a session; return the session's token, or None if the link is
    not valid.

    `before` is the token of the browser's previous session, if any, which ends.
    """
    contact = contact_with(context, link_token, TokenKind.LINK)
    if contact is None:
        return None
    session = new_token()
    admitted = session_token(contact.email, context.now, hash_token(link_token))
    context.table.write(
        audit_entry(contact, AuditAction.LOGGED_IN, context.now, new_token),
        access_tokens.save_write(hash_token(session), admitted),
        *([access_tokens.remove_write(hash_token(before))] if before else []),
    )
    return session


def log_out(context: Context, session: str, new_token: NewToken) -> None:
    """End a session, and its login link too, since that link is in the browser's history."""
    contact, table = contact_with(context, session, TokenKind.SESSION), context.table
    found = access_tokens.find(table, hash_token(session))
    tokens = [hash_token(session), *([found.link] if found and found.link else [])]
    # Not in one transaction: the session must end even if the audit entry can't be written.
    table.write(*map(access_tokens.remove_write, tokens))
    if contact:
        table.apply(audit_entry(contact, AuditAction.LOGGED_OUT, context.now, new_token))


def audit_entry(
    contact: Contact, action: AuditAction, now: datetime, new_token: NewToken, about: str = ""
) -> Write:
    """The write of an audit entry."""
    return audit_log.add_write(
        AuditEntry(now, contact.email, action, about, hash_token(new_token())[:12])
    )


def contact_with(context: Context, token: str, kind: TokenKind) -> Contact | None:
    """The contact person to whom this valid token of this kind belongs, or None.

    Deletes the token of a person who is no longer in the event file.
    """
    if not token:
        return None
    found = access_tokens.find(context.table, hash_token(token))
    if found is None or not found.admits(kind, context.now):
        return None
    contact = context.event.contact_at(found.contact)
    if contact is None:
        context.table.apply(access_tokens.remove_write(hash_token(token)))
    return contact
