"""The mail with a login link."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from chalicelib.desk import session_store as sessions
from chalicelib.desk.limits import LINK_LASTS, LINK_SENT_WITHIN
from chalicelib.desk.sessions import login_link
from chalicelib.event.event import Event
from chalicelib.mail.letter import Composer, Letter, NotWanted, render_letter
from chalicelib.mail.outbox import OutboxMail
from chalicelib.mail.sending import Sending
from chalicelib.registration.tokens import hash_token
from chalicelib.texts.language import SWEDISH


def compose(sending: Sending, _: OutboxMail) -> Composer:
    """A function that writes the letter; call it only for a leased mail, since it stores a link."""
    return partial(_compose, sending)


def _compose(sending: Sending, mail: OutboxMail) -> Letter:
    """The letter with a new link, valid from now; the table stores only the hash of its token."""
    contact = sending.event.contact_at(mail.recipient)
    if contact is None or sending.now >= datetime.fromisoformat(mail.about) + LINK_SENT_WITHIN:
        raise NotWanted("no longer a contact person, or asked for too long ago")
    token = sending.new_token()
    sending.table.apply(
        sessions.save_write(hash_token(token), login_link(contact.email, sending.now))
    )
    return login_letter(sending.event, link=f"{mail.base_url}/desk/enter/{token}")


def login_letter(event: Event, *, link: str) -> Letter:
    """The letter with a contact person's login link."""
    return render_letter("desk", SWEDISH, event=event, link=link, minutes=LINK_LASTS.seconds // 60)
