"""The mails about what contact persons did with a registration."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.event.event import Event
from chalicelib.mail.letter import Composer, Letter, NotWanted, render_letter
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.sending import Sending
from chalicelib.registration import store as registrations
from chalicelib.registration.receipt_mail import (
    bind_link,
    coming_deadline,
    link_in_mail,
    refuse_blocked,
)
from chalicelib.registration.store import Keyed
from chalicelib.texts.language import N_

_HEADINGS = {
    MailKind.CORRECTED: N_("Anmälan om specialkost är ändrad"),
    MailKind.READDRESSED: N_("Anmälan om specialkost hör inte längre till den här adressen"),
    MailKind.RELINKED: N_("Ny länk till anmälan om specialkost"),
    MailKind.REMOVED: N_("Anmälan om specialkost är borttagen"),
    MailKind.MERGED: N_("Två anmälningar om specialkost är nu en"),
}
_TEXTS = {
    MailKind.CORRECTED: N_(
        "Kontaktpersonerna har ändrat något i anmälan. Öppna länken och se efter att allt stämmer. "
        "Är något fel? Hör av dig till någon av dem."
    ),
    MailKind.READDRESSED: N_(
        "Kontaktpersonerna har ändrat eller tagit bort e-postadressen i anmälan. Länkarna i mejl "
        "hit öppnar den inte längre. Är det fel? Hör av dig till någon av dem."
    ),
    MailKind.RELINKED: N_(
        "Kontaktpersonerna har avslutat alla tidigare länkar till anmälan. Öppna den här länken i "
        "stället, och se efter att allt stämmer. Är något fel? Hör av dig till någon av dem."
    ),
    MailKind.REMOVED: N_(
        "Kontaktpersonerna har tagit bort anmälan, och den räknas inte längre. Är det fel? Hör "
        "av dig till någon av dem."
    ),
    MailKind.MERGED: N_(
        "Kontaktpersonerna har slagit ihop anmälan med en annan, som ser ut att gälla samma "
        "person. Länkarna till den öppnar ingenting längre. Hör av dig till någon av "
        "kontaktpersonerna: de vet vad som är anmält och vilken kod portionen har."
    ),
}
_MERGED_WITH_LINK = N_(
    "Kontaktpersonerna har slagit ihop två anmälningar, som ser ut att gälla samma person. Öppna "
    "länken och se efter att allt stämmer: där står också portionens kod. Är något fel? Hör av "
    "dig till någon av kontaktpersonerna."
)


def compose(sending: Sending, mail: OutboxMail) -> Composer:
    """The function that writes the notice once the mail is leased, since writing may store a link.

    Raises NotWanted if the notice is no longer true or the mailbox is blocked.
    """
    found = _linked_registration(sending, mail)
    refuse_blocked(sending, mail, found[1] if found else None)
    return partial(_compose, sending)


def _compose(sending: Sending, mail: OutboxMail) -> Letter:
    token = sending.new_token()

    def link() -> str:
        found = _linked_registration(sending, mail)
        if found is None:
            return ""
        written = link_in_mail(sending, mail, token)
        bind_link(sending, mail, token, *found)
        return written

    return notice_letter(
        sending.event,
        mail.kind,
        sending.event.spoken(mail.language),
        code=mail.code,
        link=retry_on_conflict(link),
        closes_at=coming_deadline(sending),
    )


def _linked_registration(sending: Sending, mail: OutboxMail) -> Keyed | None:
    """The registration that the notice is to have a link to, if any; raises NotWanted if the notice
    is no longer true.
    """
    sending.refuse_after_deletion()
    # A registration that was merged into another is found by its own link, if that opens the other.
    opened = registrations.opened(sending.table, mail.about)
    found = opened[:2] if opened else None
    registration = found[1] if found else None
    is_own = registration is not None and registration.answers.email == mail.recipient
    is_same = registration is not None and registration.revision == mail.version
    is_true = {
        MailKind.CORRECTED: is_own and is_same,
        MailKind.READDRESSED: not is_own,
        MailKind.RELINKED: is_own and is_same,
        MailKind.REMOVED: found is None,
        # True even if the kept one has been merged into a third, which the link then opens.
        MailKind.MERGED: bool(mail.since) or is_own,
    }
    if not is_true[mail.kind]:
        raise NotWanted("the registration has changed since")
    return None if mail.kind is MailKind.READDRESSED else found


def notice_letter(
    event: Event, kind: MailKind, language: str, *, code: str, link: str, closes_at: datetime | None
) -> Letter:
    """The notice: what contact persons did, whom to ring, and the private link unless it is empty.

    Neither diet nor name. `code` is the plate code of the registration that the address had;
    `closes_at` is the deadline for changes, None if it has passed.
    """
    text = _MERGED_WITH_LINK if link and kind is MailKind.MERGED else _TEXTS[kind]
    letter = render_letter(
        "notice",
        language,
        event=event,
        heading=_HEADINGS[kind],
        text=text,
        code=code,
        links=[("", link)] if link else [],
        closes_at=closes_at,
    )
    return replace(letter, sender_name=event.organiser)
