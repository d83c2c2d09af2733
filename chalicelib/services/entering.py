"""Getting into the contact persons' desk, and out of it."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.desk import Access, Deed, PassKind, session_pass
from chalicelib.event import Contact, Event
from chalicelib.outbox import Kind, OutboxMail
from chalicelib.registration import hashed
from chalicelib.stores import audit_log, caps, passes
from chalicelib.table import Table

NewToken = Callable[[], str]


def ask_for_link(
    address: str, *, now: datetime, event: Event, table: Table, site: str, new_token: NewToken
) -> None:
    """Queues a link for a contact person. For anybody else it does as much, and nothing happens."""
    contact = event.contact_at(address)
    mail_id = f"desk-{hashed(new_token())[:20]}"
    recipient = contact.email if contact else address
    mail = OutboxMail(mail_id, Kind.DESK, recipient, now, about=now.isoformat(), site=site)
    may_have_one = caps.count_link(table, hashed(address.strip().casefold()), now)
    passes.ask_for_link(table, mail, wanted=contact is not None and may_have_one)


def enter(
    link_token: str,
    *,
    now: datetime,
    event: Event,
    table: Table,
    new_token: NewToken,
    before: str = "",
) -> str | None:
    """Exchanges a link for a session, and returns the session's token; None if it is not good.

    The session that the browser had `before`, if any, opens nothing any more.
    """
    contact = _contact_with(link_token, PassKind.LINK, now, event, table)
    if contact is None:
        return None
    session = new_token()
    admitted = session_pass(contact.email, now, hashed(link_token))
    table.write(
        audit_log.entered(access(contact, Deed.CAME_IN, now, new_token)),
        passes.saved(hashed(session), admitted),
        *([passes.removed(hashed(before))] if before else []),
    )
    return session


def link_is_good(link_token: str, *, now: datetime, event: Event, table: Table) -> bool:
    """Whether a link can still be exchanged."""
    return _contact_with(link_token, PassKind.LINK, now, event, table) is not None


def whose_session(session: str, *, now: datetime, event: Event, table: Table) -> Contact | None:
    """The contact person whose session this is; one who left the event file has none any more."""
    return _contact_with(session, PassKind.SESSION, now, event, table)


def leave(session: str, *, now: datetime, event: Event, table: Table, new_token: NewToken) -> None:
    """Ends a session for good, and the link that it came from: it is in the browser's history."""
    contact = whose_session(session, now=now, event=event, table=table)
    left = passes.find(table, hashed(session))
    tokens = [hashed(session), *([left.link] if left and left.link else [])]
    table.write(*map(passes.removed, tokens))  # also if the log can't be written
    if contact:
        table.apply(audit_log.entered(access(contact, Deed.LEFT, now, new_token)))


def access(
    officer: Contact, deed: Deed, now: datetime, new_token: NewToken, about: str = ""
) -> Access:
    """A line for the access log."""
    return Access(now, officer.email, deed, about, hashed(new_token())[:12])


def _contact_with(
    token: str, kind: PassKind, now: datetime, event: Event, table: Table
) -> Contact | None:
    if not token:
        return None
    found = passes.find(table, hashed(token))
    if found is None or not found.admits(kind, now):
        return None
    contact = event.contact_at(found.contact)
    if contact is None:
        table.apply(passes.removed(hashed(token)))
    return contact
