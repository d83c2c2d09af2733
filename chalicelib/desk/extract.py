"""Everything that is stored about one registration, in words, for the person registered
(GDPR, article 15).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.audit.log import AuditEntry
from chalicelib.audit.words import AUDIT_ACTIONS
from chalicelib.desk.spreadsheet import GONE_MEALS, as_text, columns, gone_meals, row
from chalicelib.event.event import Event
from chalicelib.event.words import meal_name
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.records import MailRecord, MailState
from chalicelib.registration.registration import Registration
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.dates import format_iso_days
from chalicelib.texts.language import ENGLISH, N_, translated

_STATES = {
    MailState.SENT: N_("skickat, men det är inte bekräftat att det har kommit fram"),
    MailState.DELAYED: N_("skickat, men mottagarens server tar inte emot det ännu"),
    MailState.DELIVERED: N_("levererat"),
    MailState.COMPLAINED: N_("levererat, men markerat som skräppost"),
    MailState.BOUNCED: N_("kom inte fram"),
    MailState.REJECTED: N_("kom inte fram"),
    MailState.FAILED: N_("kunde inte skickas"),
    MailState.DROPPED: N_("skickades inte"),
}
_MAILS = {
    MailKind.LINK: N_("länkar till anmälningarna med adressen, på begäran"),
    MailKind.RECEIPT: N_("kvitto med länk till anmälan"),
    MailKind.CORRECTED: N_("besked om att anmälan är ändrad, med länk till den"),
    MailKind.READDRESSED: N_("besked till den förra adressen om att den är ändrad"),
    MailKind.RELINKED: N_("ny länk till anmälan, i stället för de tidigare"),
    MailKind.REMOVED: N_("besked om att anmälan är borttagen"),
    MailKind.MERGED: N_("besked om att två anmälningar är sammanslagna"),
}
_RIGHTS = N_(
    "Du kan se, ändra och ta bort din anmälan med länken på kvittot, tills anmälan stänger. "
    "Kontaktpersonerna och dataskyddsombudet hjälper dig också sedan, om du vill få uppgifterna "
    "rättade eller raderade eller vill att behandlingen begränsas."
)
_RECIPIENTS = N_(
    "Kontaktpersonerna ser anmälan med namn, också i listan över alla. Köket får antalet portioner "
    "av varje slag, med koden för varje portion, men inga namn; det som står i anteckningen "
    "berättar kontaktpersonerna för köket. Den som sköter tekniken kan komma åt uppgifterna."
)
_OBJECTION = N_("Du har rätt att invända mot behandlingen.")
_COMPLAINT = N_("Tycker du att uppgifterna behandlas fel kan du klaga hos %(supervisor)s: %(url)s")
_IN_ENGLISH, _IN_SWEDISH = N_("%(mail)s, på engelska"), N_("%(mail)s, på svenska")

# The content under each heading: a text, texts by their names, or a list of such texts.
Extract = Mapping[str, str | Mapping[str, str] | Sequence[Mapping[str, str]]]


@dataclass(frozen=True)
class StoredData:
    """Everything that the table stores about one registration; `waiting` are queued mails."""

    registration: Registration
    waiting: Sequence[OutboxMail]
    mails: Sequence[MailRecord]
    entries: Sequence[AuditEntry]
    is_blocked: bool
    link_used_at: datetime | None = None


def extract(stored: StoredData, event: Event, taken_at: datetime) -> Extract:
    """The extract, with the information that article 15 requires.

    Answers have the names of the registration list's columns.
    """
    privacy, say = event.privacy, _words_of(event)
    return {
        say(N_("Registerutdrag")): {
            say(N_("Evenemang")): f"{event.title}, {format_iso_days(event.days)}",
            say(N_("Uttaget")): _when(taken_at, event),
            say(N_("Personuppgiftsansvarig")): f"{privacy.controller}, {privacy.controller_email}",
            say(N_("Dataskyddsombud")): f"{privacy.dpo}, {privacy.dpo_email}",
        },
        say(N_("Anmälan")): _answers(stored.registration, event),
        **_links(stored, event),
        say(N_("Mejl")): _mails(stored, event),
        say(N_("Spärr mot fler mejl")): say(_yes_or_no(stored.is_blocked)),
        say(N_("Vad kontaktpersonerna har gjort")): [
            {
                say(N_("När")): _when(entry.at, event),
                say(N_("Vad")): say(AUDIT_ACTIONS[entry.action]),
            }
            for entry in stored.entries
        ],
        say(N_("Om behandlingen")): _treatment(event),
    }


def as_json(content: Extract) -> str:
    """The extract as indented JSON."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _words_of(event: Event) -> Callable[..., str]:
    return partial(translated, language=event.language)


def _yes_or_no(holds: object) -> str:
    return N_("ja") if holds else N_("nej")


def _answers(registration: Registration, event: Event) -> dict[str, str]:
    say = _words_of(event)
    cells = zip(columns(event), row(registration, event), strict=True)
    answers = registration.answers
    texts = {heading: as_text(cell) for heading, cell in cells}
    for meal in event.meals:
        is_eaten = say(_yes_or_no(meal.id in answers.meals))
        texts[meal_name(meal, event.language)] = is_eaten
    if gone := gone_meals(registration, event):
        texts[say(GONE_MEALS)] = gone
    texts[say(N_("Allvarlig reaktion"))] = say(_yes_or_no(answers.severe))
    texts[say(N_("Portion"))] = plate_in_words(answers.plate, event.language)
    if answers.note:
        is_told = say(_yes_or_no(registration.is_passed_on))
        texts[say(N_("Anteckningen framförd till köket"))] = is_told
    texts[say(N_("Version"))] = str(registration.revision)
    return texts


def _links(stored: StoredData, event: Event) -> dict[str, dict[str, str]]:
    """What is stored about the private links of a few registrations."""
    registration, say = stored.registration, _words_of(event)
    times = {
        N_("En kontaktperson ändrade e-postadressen"): registration.readdressed_at,
        N_("En länk i ett mejl öppnades senast"): stored.link_used_at,
        N_("En kontaktperson avslutade länkarna"): registration.links_ended_at,
    }
    known = {say(name): _when(at, event) for name, at in times.items() if at}
    return {say(N_("Privata länkar")): known} if known else {}


def _mails(stored: StoredData, event: Event) -> Sequence[Mapping[str, str]]:
    say = _words_of(event)

    def line(at: datetime, mail: MailRecord | OutboxMail, state: str) -> Mapping[str, str]:
        words = say(_MAILS[mail.kind])
        if mail.language != event.language:
            other = _IN_ENGLISH if mail.language == ENGLISH else _IN_SWEDISH
            words = say(other, mail=words)
        return {say(N_("När")): _when(at, event), say(N_("Mejl")): words, say(N_("Läge")): state}

    processed = [
        line(record.left_at, record, say(_STATES[record.state]))
        for record in sorted(stored.mails, key=lambda record: (record.left_at, record.id))
    ]
    waits = N_("väntar, till %(recipient)s")
    waiting = [
        line(mail.due, mail, say(waits, recipient=mail.recipient)) for mail in stored.waiting
    ]
    return processed + waiting


def _treatment(event: Event) -> dict[str, str]:
    """The information about the processing (article 15.1), as in the privacy statement."""
    privacy, say = event.privacy, _words_of(event)
    others = " ".join((*privacy.recipients, privacy.storage))
    through, supervisor = privacy.stored_through(event.last_date), privacy.supervisor
    kept = N_(
        "Till och med %(day)s, %(kept)s efter evenemanget; sedan raderas allt. I säkerhetskopior "
        "kan det finnas i ytterligare högst %(backups)s."
    )
    complaint = say(_COMPLAINT, supervisor=supervisor, url=privacy.supervisor_url)
    objection = [say(_OBJECTION)] * privacy.allows_objection
    return {
        say(N_("Varför")): say(
            N_(
                "Så att köket kan laga mat som du kan äta, och så att kontaktpersonerna vet vem "
                "som behöver vad."
            )
        ),
        say(N_("Rättslig grund")): f"{privacy.legal_basis} {privacy.legal_basis_sensitive}",
        say(N_("Varifrån")): say(
            N_(
                "Från den som fyllde i formuläret, eller från en kontaktperson som lade till "
                "anmälan."
            )
        ),
        say(N_("Vem som får uppgifterna")): say(_RECIPIENTS) + f" {others}",
        say(N_("Hur länge")): say(
            kept,
            day=through,
            kept=_days(privacy.delete_after_days, event),
            backups=_days(privacy.backup_days, event),
        ),
        say(N_("Annat som lagras")): say(
            N_(
                "Kontrollsummor av de privata länkarna till anmälan, och i två dagar av "
                "e-postadressen, för att räkna mejlen dit. Mejlens innehåll lagras inte."
            )
        ),
        say(N_("Automatiska beslut")): say(N_("Inga.")),
        say(N_("Rättigheter")): " ".join([say(_RIGHTS), *objection, complaint]),
        say(N_("Vem du kan vända dig till")): "; ".join(
            ", ".join([contact.name, *contact.reached_at]) for contact in event.contacts
        ),
    }


def _when(at: datetime, event: Event) -> str:
    return f"{at.astimezone(event.timezone):%Y-%m-%d %H:%M}"


def _days(count: int, event: Event) -> str:
    return _words_of(event)(
        N_("%(count)s dag") if count == 1 else N_("%(count)s dagar"), count=count
    )
