"""Getting into the contact persons' desk, and out of it."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import Access, Deed
from chalicelib.desk import session_store as passes
from chalicelib.desk.sessions import PassKind, session_pass
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context
from chalicelib.event.event import Contact
from chalicelib.mail import caps
from chalicelib.mail.outbox import Kind, OutboxMail
from chalicelib.registration.tokens import hashed

NewToken = Callable[[], str]


def ask_for_link(context: Context, address: str, *, site: str, new_token: NewToken) -> None:
    """Queues a link for a contact person. For anybody else it does as much, and nothing happens."""
    now, table = context.now, context.table
    contact = context.event.contact_at(address)
    mail_id = f"desk-{hashed(new_token())[:20]}"
    recipient = contact.email if contact else address
    mail = OutboxMail(mail_id, Kind.DESK, recipient, now, about=now.isoformat(), site=site)
    may_have_one = caps.count_link(table, hashed(address.strip().casefold()), now)
    passes.ask_for_link(table, mail, wanted=contact is not None and may_have_one)


def enter(
    context: Context, link_token: str, *, new_token: NewToken, before: str = ""
) -> str | None:
    """Exchanges a link for a session, and returns the session's token; None if it is not good.

    The session that the browser had `before`, if any, opens nothing any more.
    """
    contact = contact_with(context, link_token, PassKind.LINK)
    if contact is None:
        return None
    session = new_token()
    admitted = session_pass(contact.email, context.now, hashed(link_token))
    context.table.write(
        logged(contact, Deed.CAME_IN, context.now, new_token),
        passes.saved(hashed(session), admitted),
        *([passes.removed(hashed(before))] if before else []),
    )
    return session


def leave(context: Context, session: str, new_token: NewToken) -> None:
    """Ends a session for good, and the link that it came from: it is in the browser's history."""
    contact, table = contact_with(context, session, PassKind.SESSION), context.table
    left = passes.find(table, hashed(session))
    tokens = [hashed(session), *([left.link] if left and left.link else [])]
    table.write(*map(passes.removed, tokens))  # also if the log can't be written
    if contact:
        table.apply(logged(contact, Deed.LEFT, context.now, new_token))


def logged(
    officer: Contact, deed: Deed, now: datetime, new_token: NewToken, about: str = ""
) -> Write:
    """The write of a line of the access log."""
    return audit_log.entered(Access(now, officer.email, deed, about, hashed(new_token())[:12]))


def contact_with(context: Context, token: str, kind: PassKind) -> Contact | None:
    """The contact person whose link or session this is and still good; one who left the event file
    has none any more.
    """
    if not token:
        return None
    found = passes.find(context.table, hashed(token))
    if found is None or not found.admits(kind, context.now):
        return None
    contact = context.event.contact_at(found.contact)
    if contact is None:
        context.table.apply(passes.removed(hashed(token)))
    return contact
