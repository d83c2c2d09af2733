"""The mail with the links of all registrations of an address, for whoever lost theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.event.event import Event
from chalicelib.event.mail_address import is_same_address, mailbox_hash
from chalicelib.mail import blocks
from chalicelib.mail.letter import Composer, Letter, NotWanted, render_letter
from chalicelib.mail.outbox import OutboxMail
from chalicelib.mail.sending import Sending
from chalicelib.registration import store as registrations
from chalicelib.registration.limits import LINKS_IN_A_MAIL
from chalicelib.registration.receipt_mail import bind_link, coming_deadline, link_in_mail
from chalicelib.registration.registration import Registration

# A plate code with a private link.
CodeAndLink = tuple[str, str]


def compose(sending: Sending, mail: OutboxMail) -> Composer:
    """The function that writes the mail once it is leased, since writing stores links.

    Raises NotWanted if no registration has the address, or if its mailbox is blocked.
    """
    if mail.doubts:
        raise NotWanted("it may have been sent before")
    sending.refuse_after_deletion()
    newest = [key for key in _keys(sending, mail) if _wanted(sending, mail, key)]
    if not newest:
        raise NotWanted("no registration has the address, or it is blocked")
    return partial(_compose, sending, newest)


def _keys(sending: Sending, mail: OutboxMail) -> list[str]:
    """The keys of the newest registrations with the mail's address.

    There is no index: all addresses of the event are read, once for all such mails of a run.
    """
    if "addresses" not in sending.memo:
        sending.memo["addresses"] = sorted(registrations.addresses(sending.table))
    everybody: Sequence[tuple[str, str, str]] = sending.memo["addresses"]
    of_address = [
        (registered_at, key)
        for email, registered_at, key in everybody
        if is_same_address(email, mail.recipient)
    ]
    return [key for _, key in sorted(of_address)[-LINKS_IN_A_MAIL:]]


def _wanted(sending: Sending, mail: OutboxMail, key: str) -> Registration | None:
    """The registration, if it is still there with the mail's address, which is not blocked."""
    found = registrations.find(sending.table, key)
    if found is None or not is_same_address(found.answers.email, mail.recipient):
        return None
    mailbox = mailbox_hash(mail.recipient)
    is_blocked = blocks.is_blocked(sending.table, mailbox, found.registered_at)
    return None if is_blocked else found


def _compose(sending: Sending, newest: Sequence[str], mail: OutboxMail) -> Letter:
    """The letter with a new link to each registration; the earlier ones keep working."""
    links = [link for key in newest if (link := _linked(sending, mail, key))]
    if not links:
        raise NotWanted("cancelled, or changed to another address")
    language = sending.event.spoken(mail.language)
    return link_letter(sending.event, language, links=links, closes_at=coming_deadline(sending))


def _linked(sending: Sending, mail: OutboxMail, key: str) -> CodeAndLink | None:
    token = sending.new_token()
    link = link_in_mail(sending, mail, token)

    def bind() -> CodeAndLink | None:
        registration = _wanted(sending, mail, key)
        if registration is None:
            return None
        bind_link(sending, mail, token, key, registration)
        return registration.plate_code, link

    return retry_on_conflict(bind)


def link_letter(
    event: Event, language: str, *, links: Sequence[CodeAndLink], closes_at: datetime | None
) -> Letter:
    """The mail with a link to each registration of its address, told apart by their plate codes."""
    letter = render_letter("link", language, event=event, links=links, closes_at=closes_at)
    return replace(letter, sender_name=event.organiser)
