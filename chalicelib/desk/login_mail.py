"""The mail with a link to the desk."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from chalicelib.desk import session_store as sessions
from chalicelib.desk.sessions import LINK_LASTS, LINK_WAITS, login_link
from chalicelib.event.event import Event
from chalicelib.mail.letter import Letter, NotWanted, Writer, render_letter
from chalicelib.mail.outbox import OutboxMail
from chalicelib.mail.sending import Sending
from chalicelib.registration.tokens import hash_token
from chalicelib.texts.language import SWEDISH


def write(sending: Sending, _: OutboxMail) -> Writer:
    """What writes the letter once the mail is leased, since it stores the link."""
    return partial(_write, sending)


def _write(sending: Sending, mail: OutboxMail) -> Letter:
    """A link that is good from when it is sent; the table never holds its token."""
    contact = sending.event.contact_at(mail.recipient)
    if contact is None or sending.now >= datetime.fromisoformat(mail.about) + LINK_WAITS:
        raise NotWanted("no longer a contact person, or asked for too long ago")
    token = sending.new_token()
    sending.table.apply(sessions.saved(hash_token(token), login_link(contact.email, sending.now)))
    return login_letter(sending.event, link=f"{mail.base_url}/desk/enter/{token}")


def login_letter(event: Event, *, link: str) -> Letter:
    """The mail with a contact person's way in."""
    return render_letter("desk", SWEDISH, event=event, link=link, minutes=LINK_LASTS.seconds // 60)
