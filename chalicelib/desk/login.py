"""Getting into the contact persons' desk, and out of it."""

from collections.abc import Callable
from datetime import datetime

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


def ask_for_link(context: Context, address: str, *, base_url: str, new_token: NewToken) -> None:
    """Queues a link for a contact person. For anybody else it does as much, and nothing happens."""
    now, table = context.now, context.table
    contact = context.event.contact_at(address)
    mail_id = f"desk-{hash_token(new_token())[:20]}"
    recipient = contact.email if contact else address
    mail = OutboxMail(
        mail_id, MailKind.DESK, recipient, now, about=now.isoformat(), base_url=base_url
    )
    may_have_one = caps.count_link(table, hash_token(address.strip().casefold()), now)
    access_tokens.ask_for_link(table, mail, wanted=contact is not None and may_have_one)


def log_in(
    context: Context, link_token: str, *, new_token: NewToken, before: str = ""
) -> str | None:
    """Exchanges a link for a session, and returns the session's token; None if it is not good.

    The session that the browser had `before`, if any, opens nothing any more.
    """
    contact = contact_with(context, link_token, TokenKind.LINK)
    if contact is None:
        return None
    session = new_token()
    admitted = session_token(contact.email, context.now, hash_token(link_token))
    context.table.write(
        audit_entry(contact, AuditAction.LOGGED_IN, context.now, new_token),
        access_tokens.saved(hash_token(session), admitted),
        *([access_tokens.removed(hash_token(before))] if before else []),
    )
    return session


def log_out(context: Context, session: str, new_token: NewToken) -> None:
    """Ends a session for good, and the link that it came from: it is in the browser's history."""
    contact, table = contact_with(context, session, TokenKind.SESSION), context.table
    left = access_tokens.find(table, hash_token(session))
    tokens = [hash_token(session), *([left.link] if left and left.link else [])]
    table.write(*map(access_tokens.removed, tokens))  # also if the log can't be written
    if contact:
        table.apply(audit_entry(contact, AuditAction.LOGGED_OUT, context.now, new_token))


def audit_entry(
    contact: Contact, action: AuditAction, now: datetime, new_token: NewToken, about: str = ""
) -> Write:
    """The write of a line of the access log."""
    return audit_log.added(
        AuditEntry(now, contact.email, action, about, hash_token(new_token())[:12])
    )


def contact_with(context: Context, token: str, kind: TokenKind) -> Contact | None:
    """The contact person whose link or session this is and still good; one who left the event file
    has none any more.
    """
    if not token:
        return None
    found = access_tokens.find(context.table, hash_token(token))
    if found is None or not found.admits(kind, context.now):
        return None
    contact = context.event.contact_at(found.contact)
    if contact is None:
        context.table.apply(access_tokens.removed(hash_token(token)))
    return contact
