"""The mail with a login link."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from chalicelib.desk import session_store as sessions
from chalicelib.desk.limits import LINK_LASTS, LINK_SENT_WITHIN
from chalicelib.desk.sessions import login_link
from chalicelib.event.event import Contact, Event
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.mail import caps
from chalicelib.mail.letter import Composer, Letter, NotWanted, NotYet, render_letter
from chalicelib.mail.outbox import OutboxMail
from chalicelib.mail.sending import Sending
from chalicelib.registration.tokens import hash_token


def compose(sending: Sending, mail: OutboxMail) -> Composer:
    """A function that writes the letter; call it only for a leased mail, since it stores a link.

    Raises NotYet while the contact person has no place for another link, who then has one that is
    valid; and NotWanted if a link was mailed after this one was asked for.
    """
    contact = _contact(sending, mail)
    if not mail.counted:
        day = sending.now.astimezone(UTC).date()
        links = caps.mailed_links(sending.shared, mailbox_hash(contact.email), day)
        if datetime.fromisoformat(mail.about) < links.last_at and not mail.doubts:
            raise NotWanted("a link has been mailed since")
        if not links.has_place(sending.now):
            raise NotYet("several links have been mailed")
    return partial(_compose, sending)


def _compose(sending: Sending, mail: OutboxMail) -> Letter:
    """The letter with a new link, valid from now; the table stores only the hash of its token."""
    token, contact = sending.new_token(), _contact(sending, mail)
    link = f"{sending.base_url}/desk/enter/{token}"
    sending.shared.apply(
        sessions.save_write(hash_token(token), login_link(contact.email, sending.now))
    )
    return login_letter(sending.event, link=link)


def _contact(sending: Sending, mail: OutboxMail) -> Contact:
    """The contact person who gets the mail; raises NotWanted if it comes too late."""
    contact = sending.event.contact_at(mail.recipient)
    if contact is None or sending.now >= datetime.fromisoformat(mail.about) + LINK_SENT_WITHIN:
        raise NotWanted("no longer a contact person, or asked for too long ago")
    return contact


def login_letter(event: Event, *, link: str) -> Letter:
    """The letter with a contact person's login link."""
    minutes = LINK_LASTS.seconds // 60
    return render_letter("desk", event.language, event=event, link=link, minutes=minutes)
