"""Logging in to the desk, and logging out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.desk import session_store as access_tokens
from chalicelib.desk.sessions import TokenKind, session_token
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context
from chalicelib.event.event import Contact
from chalicelib.mail import caps
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.registration.tokens import hash_token

NewToken = Callable[[], str]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Door:
    """The desk's door, one for all events: the time, and the context of each event."""

    now: datetime
    contexts: Sequence[Context]

    @property
    def shared(self) -> Table:
        """The items of all events."""
        return self.contexts[0].shared

    def of(self, address: str) -> list[Context]:
        """The contexts of the events of which `address` is a contact person's."""
        return [one for one in self.contexts if one.event.contact_at(address)]


def ask_for_link(door: Door, address: str) -> None:
    """Queue a login link for a contact person; asks within A_LINK_EVERY wait as one mail. For any
    other address, do equal work but send nothing, so that the response time reveals nothing.

    The mail waits with the person's first event that the tick still looks after.
    """
    if not door.contexts:
        return
    now, contexts = door.now, door.of(address) or door.contexts
    context = min(contexts, key=lambda one: one.event.hides_personal_data(now))
    contact = context.event.contact_at(address)
    number = context.event.mailboxes.index(contact) + 1 if contact else 0
    since = now - (now - _EPOCH) % caps.A_LINK_EVERY
    mail_id = f"desk-{number}-{since.astimezone(UTC):%Y-%m-%dT%H%M}"
    recipient = contact.email if contact else address
    mail = OutboxMail(mail_id, MailKind.DESK, recipient, since, about=now.isoformat())
    access_tokens.ask_for_link(context.table, mail, wanted=contact is not None)
    caps.count_ask(context.shared, now)


def log_in(
    door: Door, address: str, link_token: str, *, new_token: NewToken, before: str = ""
) -> str:
    """Exchange the valid token of a link to `address` for a session; return the session's token.

    `before` is the token of the browser's previous session, if any, which ends.
    """
    session = new_token()
    _audit(door, address, AuditAction.LOGGED_IN, new_token)
    admitted = session_token(address, door.now, hash_token(link_token))
    door.shared.write(
        access_tokens.save_write(hash_token(session), admitted),
        *([access_tokens.remove_write(hash_token(before))] if before else []),
    )
    return session


def log_out(door: Door, address: str, session: str, new_token: NewToken) -> None:
    """End a session of `address`, and its login link, which is in the browser's history."""
    found = access_tokens.find(door.shared, hash_token(session))
    tokens = [hash_token(session), *([found.link] if found and found.link else [])]
    # First: the session must end even if the audit entries can't be written.
    door.shared.write(*map(access_tokens.remove_write, tokens))
    _audit(door, address, AuditAction.LOGGED_OUT, new_token)


def _audit(door: Door, address: str, action: AuditAction, new_token: NewToken) -> None:
    """Write an audit entry for each event of which `address` is a contact person's."""
    for context in door.of(address):
        contact = context.event.contact_at(address)
        if contact and not context.event.hides_personal_data(door.now):
            context.table.apply(audit_entry(contact, action, door.now, new_token))


def audit_entry(
    contact: Contact, action: AuditAction, now: datetime, new_token: NewToken, about: str = ""
) -> Write:
    """The write of an audit entry."""
    return audit_log.add_write(
        AuditEntry(now, contact.email, action, about, hash_token(new_token())[:12])
    )


def address_with(door: Door, token: str, kind: TokenKind) -> str:
    """The address of the contact person to whom this valid token of this kind belongs, or empty.

    Deletes the token of a person who is no longer in any event's file.
    """
    address = valid_address(door.shared, token, kind, door.now) if door.contexts else ""
    if address and not door.of(address):
        door.shared.apply(access_tokens.remove_write(hash_token(token)))
        return ""
    return address


def valid_address(shared: Table, token: str, kind: TokenKind, now: datetime) -> str:
    """The address that a valid token of this kind was made for; empty if there is none."""
    found = access_tokens.find(shared, hash_token(token)) if token else None
    return found.contact if found and found.admits(kind, now) else ""
