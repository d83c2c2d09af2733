"""The mail with the receipt for a registration."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.event.calendar import day_calendar
from chalicelib.event.changes import shown
from chalicelib.event.event import Event
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deadline import is_open
from chalicelib.lifecycle.state import EventState
from chalicelib.mail import blocks
from chalicelib.mail.letter import Attachment, Composer, Letter, NotWanted, render_letter
from chalicelib.mail.outbox import OutboxMail
from chalicelib.mail.sending import Sending
from chalicelib.media_types import CALENDAR
from chalicelib.registration import link_store
from chalicelib.registration import store as registrations
from chalicelib.registration.receipt import BLOCKED
from chalicelib.registration.registration import Registration
from chalicelib.registration.tokens import hash_token
from chalicelib.texts.dates import format_short_days


def compose(sending: Sending, mail: OutboxMail) -> Composer:
    """The function that writes the receipt once the mail is leased, since writing stores a link.

    Raises NotWanted if the receipt is no longer wanted or the mailbox is blocked.
    """
    refuse_blocked(sending, mail, _wanted_registration(sending, mail))
    return partial(_compose, sending)


def _compose(sending: Sending, mail: OutboxMail) -> Letter:
    """A receipt with a new link, since the table stores no token that could be mailed."""
    event, token = sending.event, sending.new_token()
    language = event.spoken(mail.language)
    link = link_in_mail(sending, mail, token)

    def bind() -> str:
        registration = _wanted_registration(sending, mail)
        bind_link(sending, mail, token, mail.about, registration)
        return registration.plate_code

    code = retry_on_conflict(bind)
    state = event_state.read(sending.table)
    page = f"{sending.base_url}/{event.id}{_language_query(event, language)}"
    changed = shown(event, state.changes)
    calendar = day_calendar(changed, language, page=page, stamped_at=sending.now)
    return receipt_letter(
        event,
        language,
        code=code,
        link=link,
        closes_at=_coming(sending, state),
        calendar=calendar,
    )


def refuse_blocked(sending: Sending, mail: OutboxMail, about: Registration | None) -> None:
    """Raise NotWanted if the mailbox gets no mail about this registration; None if it is gone."""
    registered_at = about.registered_at if about else None
    if blocks.is_blocked(sending.table, mailbox_hash(mail.recipient), registered_at):
        raise NotWanted(BLOCKED)


def coming_deadline(sending: Sending) -> datetime | None:
    """The deadline for changes; None if it has passed."""
    return _coming(sending, event_state.read(sending.table))


def _coming(sending: Sending, state: EventState) -> datetime | None:
    closes_at = sending.event.deadline(state.closes_at)
    return closes_at if is_open(sending.now, closes_at) else None


def bind_link(
    sending: Sending, mail: OutboxMail, token: str, key: str, registration: Registration
) -> None:
    """Let the token open the registration, instead of those of attempts that were refused.

    Otherwise the attempts of a day would drop the links that people have. Raises Conflict.
    """
    again = mail.attempt > 1 and not mail.doubts
    name, link_hash = mail.queued_as, hash_token(token)
    link_store.link(sending.table, link_hash, key, registration, name, again=again)


def link_in_mail(sending: Sending, mail: OutboxMail, token: str) -> str:
    """The private link with this token, in the mail's language."""
    event = sending.event
    query = _language_query(event, event.spoken(mail.language))
    return f"{sending.base_url}/{event.id}/registration/{token}{query}"


def _language_query(event: Event, language: str) -> str:
    return "" if language == event.language else f"?lang={language}"


def _wanted_registration(sending: Sending, mail: OutboxMail) -> Registration:
    """The stored registration of the receipt; raises NotWanted if no receipt is wanted any more."""
    if mail.doubts:
        raise NotWanted("it may have been sent before")
    sending.refuse_after_deletion()
    registration = registrations.find(sending.table, mail.about)
    if registration is None or registration.answers.email != mail.recipient:
        raise NotWanted("cancelled, or changed to another address")
    return registration


def receipt_letter(
    event: Event,
    language: str,
    *,
    code: str,
    link: str,
    closes_at: datetime | None,
    calendar: bytes,
) -> Letter:
    """The receipt mail: when, where, the plate code and the private link; neither diet nor name.

    `closes_at` is the deadline for changes, None if it has passed. The plate code and the day are
    in the subject and the attached file's name, since five colleagues' mails come to one address.
    """
    letter = render_letter(
        "receipt", language, event=event, code=code, links=[(code, link)], closes_at=closes_at
    )
    day = re.sub(r"\W+", "-", format_short_days(event.days, language))
    file = Attachment(f"{event.id}-{day}-{code}.ics", CALENDAR, calendar)
    return replace(letter, attachments=(file,), sender_name=event.organiser)
