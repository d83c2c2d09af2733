"""Everything that is stored about one registration, in words, for the person registered
(GDPR, article 15).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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
from chalicelib.texts.language import ENGLISH, SWEDISH

_STATES = {
    MailState.SENT: "skickat, men det är inte bekräftat att det har kommit fram",
    MailState.DELAYED: "skickat, men mottagarens server tar inte emot det ännu",
    MailState.DELIVERED: "levererat",
    MailState.COMPLAINED: "levererat, men markerat som skräppost",
    MailState.BOUNCED: "kom inte fram",
    MailState.REJECTED: "kom inte fram",
    MailState.FAILED: "kunde inte skickas",
    MailState.DROPPED: "skickades inte",
}
_MAILS = {
    MailKind.RECEIPT: "kvitto med länk till anmälan",
    MailKind.CORRECTED: "besked om att anmälan är ändrad, med länk till den",
    MailKind.READDRESSED: "besked till den förra adressen om att den är ändrad",
    MailKind.RELINKED: "ny länk till anmälan, i stället för de tidigare",
    MailKind.REMOVED: "besked om att anmälan är borttagen",
    MailKind.MERGED: "besked om att två anmälningar är sammanslagna",
}
_RIGHTS = (
    "Du kan se, ändra och ta bort din anmälan med länken på kvittot, tills anmälan stänger. "
    "Kontaktpersonerna och dataskyddsombudet hjälper dig också sedan, om du vill få uppgifterna "
    "rättade eller raderade eller vill att behandlingen begränsas. "
)
_OBJECTION = "Du har rätt att invända mot behandlingen. "
_COMPLAINT = (
    "Tycker du att uppgifterna behandlas fel kan du klaga hos Integritetsskyddsmyndigheten (IMY), "
    "www.imy.se."
)

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
    privacy = event.privacy
    return {
        "Registerutdrag": {
            "Evenemang": f"{event.title}, {format_iso_days(event.days)}",
            "Uttaget": _when(taken_at, event),
            "Personuppgiftsansvarig": f"{privacy.controller}, {privacy.controller_email}",
            "Dataskyddsombud": f"{privacy.dpo}, {privacy.dpo_email}",
        },
        "Anmälan": _answers(stored.registration, event),
        **_links(stored, event),
        "Mejl": _mails(stored, event),
        "Spärr mot fler mejl": "ja" if stored.is_blocked else "nej",
        "Vad kontaktpersonerna har gjort": [
            {"När": _when(entry.at, event), "Vad": AUDIT_ACTIONS[entry.action]}
            for entry in stored.entries
        ],
        "Om behandlingen": _treatment(event),
    }


def as_json(content: Extract) -> str:
    """The extract as indented JSON."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _answers(registration: Registration, event: Event) -> dict[str, str]:
    cells = zip(columns(event), row(registration, event), strict=True)
    answers = registration.answers
    texts = {heading: as_text(cell) for heading, cell in cells}
    for meal in event.meals:
        texts[meal_name(meal, SWEDISH)] = "ja" if meal.id in answers.meals else "nej"
    if gone := gone_meals(registration, event):
        texts[GONE_MEALS] = gone
    texts["Allvarlig reaktion"] = "ja" if answers.severe else "nej"
    texts["Portion"] = plate_in_words(answers.plate, SWEDISH)
    if answers.note:
        texts["Anteckningen framförd till köket"] = "ja" if registration.is_passed_on else "nej"
    texts["Version"] = str(registration.revision)
    return texts


def _links(stored: StoredData, event: Event) -> dict[str, dict[str, str]]:
    """What is stored about the private links of a few registrations."""
    registration = stored.registration
    times = {
        "En kontaktperson ändrade e-postadressen": registration.readdressed_at,
        "En länk i ett mejl öppnades senast": stored.link_used_at,
        "En kontaktperson avslutade länkarna": registration.links_ended_at,
    }
    known = {name: _when(at, event) for name, at in times.items() if at}
    return {"Privata länkar": known} if known else {}


def _mails(stored: StoredData, event: Event) -> Sequence[Mapping[str, str]]:
    processed = [
        {"När": _when(record.left_at, event), "Mejl": _mail(record), "Läge": _STATES[record.state]}
        for record in sorted(stored.mails, key=lambda record: (record.left_at, record.id))
    ]
    waiting = [
        {
            "När": _when(mail.due, event),
            "Mejl": _mail(mail),
            "Läge": f"väntar, till {mail.recipient}",
        }
        for mail in stored.waiting
    ]
    return processed + waiting


def _mail(mail: MailRecord | OutboxMail) -> str:
    return _MAILS[mail.kind] + ", på engelska" * (mail.language == ENGLISH)


def _treatment(event: Event) -> dict[str, str]:
    """The information about the processing (article 15.1), as in the privacy statement."""
    privacy = event.privacy
    return {
        "Varför": (
            "Så att köket kan laga mat som du kan äta, och så att kontaktpersonerna vet vem som "
            "behöver vad."
        ),
        "Rättslig grund": f"{privacy.legal_basis} {privacy.legal_basis_sensitive}",
        "Varifrån": (
            "Från den som fyllde i formuläret, eller från en kontaktperson som lade till anmälan."
        ),
        "Vem som får uppgifterna": (
            "Kontaktpersonerna ser anmälan med namn, också i listan över alla. Köket får antalet "
            "portioner av varje slag, med koden för varje portion, men inga namn; det som står i "
            "anteckningen berättar kontaktpersonerna för köket. Den som sköter tekniken kan komma "
            f"åt uppgifterna. {' '.join((*privacy.recipients, privacy.storage))}"
        ),
        "Hur länge": (
            f"Till och med {privacy.stored_through(event.last_date)}, "
            f"{_days(privacy.delete_after_days)} efter evenemanget; sedan raderas allt. "
            "I säkerhetskopior kan det finnas i ytterligare högst "
            f"{_days(privacy.backup_days)}."
        ),
        "Annat som lagras": (
            "Kontrollsummor av de privata länkarna till anmälan, och i två dagar av "
            "e-postadressen, för att räkna kvitton. Mejlens innehåll lagras inte."
        ),
        "Automatiska beslut": "Inga.",
        "Rättigheter": _RIGHTS + _OBJECTION * privacy.allows_objection + _COMPLAINT,
        "Vem du kan vända dig till": "; ".join(
            f"{contact.name}, {', '.join(contact.phones)}" for contact in event.contacts
        ),
    }


def _when(at: datetime, event: Event) -> str:
    return f"{at.astimezone(event.timezone):%Y-%m-%d %H:%M}"


def _days(count: int) -> str:
    return f"{count} {'dag' if count == 1 else 'dagar'}"
