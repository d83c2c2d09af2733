"""The Jinja environment: pages in Swedish or English, and mails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from chalicelib.catering.summary import CateringSummary, PlateChange, difference, shortened
from chalicelib.deletion.totals import FEWEST_TOLD
from chalicelib.desk.sessions import LINK_LASTS, Deed
from chalicelib.event.event import Contact, Event
from chalicelib.lifecycle.deletion_progress import SWEPT_AFTER, Datum, Deletion
from chalicelib.mail.faults import REMEDIES, WORDS, Alarm, became
from chalicelib.mail.outbox import Attachment, Kind, Letter
from chalicelib.mail.records import MailState
from chalicelib.registration.diet import ALLERGENS, DIETS
from chalicelib.registration.registration import Plate
from chalicelib.texts import dates
from chalicelib.texts.language import N_, SWEDISH, Message, language_of, said, translations

if TYPE_CHECKING:
    from jinja2 import Environment

# Mail programs cut a mail off at some 100 KB, and base64 makes four bytes of three.
_ROOM = 68_000
_LINES_AT_MOST = (1000, 150, 70, 30, 10)
_BAR_PIXELS = 200
_MAILED_THINGS = {
    Kind.SUMMARY: "sammanställningen av specialkost",
    Kind.CHANGE: "beskedet om ändrad specialkost",
    Kind.REMINDER: "påminnelsen om anmälan",
    Kind.CERTIFICATE: "intyget om radering",
    Kind.RECEIPT: "kvittomejlen till anmälda",
    Kind.DESK: "länken till kontaktpersonernas sidor",
}
# What was done at the desk, as the access log says it.
DEEDS = {
    Deed.CAME_IN: "loggade in",
    Deed.LEFT: "loggade ut",
    Deed.SAW_LIST: "såg listan",
    Deed.SEARCHED: "sökte i listan",
    Deed.SAW_ONE: "såg en anmälan",
    Deed.SAW_DOUBLES: "såg dubbletter",
    Deed.ADDED: "lade till en anmälan",
    Deed.CORRECTED: "ändrade en anmälan",
    Deed.REMOVED: "tog bort en anmälan",
    Deed.REMOVED_AND_BLOCKED: "tog bort en anmälan och spärrade adressen",
    Deed.UNBLOCKED: "hävde spärren för en adress",
    Deed.SAW_CHOSEN: "såg vilka som valts ut för att tas bort",
    Deed.SAW_EXTRACT: "öppnade ett registerutdrag",
    Deed.TOOK_EXTRACT: "hämtade ett registerutdrag som fil",
    Deed.SENT_AGAIN: "skickade sammanställningen igen",
    Deed.CLOSED: "stängde anmälan",
    Deed.REOPENED: "ändrade sista tiden",
    Deed.TOOK_XLSX: "hämtade listan för Excel",
    Deed.TOOK_CSV: "hämtade listan som CSV",
    Deed.PRINTED_LABELS: "öppnade etiketterna",
    Deed.PRINTED_ATTENDANCE: "öppnade listan över koder",
}
# What the certificate says was deleted; the downloads are told elsewhere in it.
_DATA = {
    Datum.REGISTRATION: "Anmälningar: namn, organisation, måltider, kost, överkänslighet",
    Datum.ADDRESS: "E-postadresser till anmälda",
    Datum.NOTE: "Anteckningar",
    Datum.CODE: "Koder för portioner",
    Datum.LINK: "Länkar i kvittomejl",
    Datum.MAIL: "Uppgifter om mejl: väntande och skickade",
    Datum.PASS: "Inloggningar till kontaktpersonernas sidor",
    Datum.ACCESS: "Rader i åtkomstloggen",
    Datum.COUNT: "Räknare, spärrar, larm och sammanställningar",
}
_OTHER_TRAITS = {"!": "Allvarlig allergi", "n": "Enligt egen anteckning"}
_NUMBERS = {2: "två", 3: "tre", 4: "fyra", 5: "fem"}
# What may be said of a mail to a contact person.
_MAIL_STATES = {
    MailState.SENT: "skickad, men det är inte bekräftat att den har kommit fram",
    MailState.DELAYED: "skickad, men mottagarens server tar inte emot den ännu",
    MailState.DELIVERED: "framme",
    MailState.COMPLAINED: "framme, men markerad som skräppost",
    MailState.BOUNCED: "kom inte fram",
    MailState.REJECTED: "kom inte fram",
    MailState.FAILED: "kunde inte skickas",
    MailState.DROPPED: "inte skickad",
}


class Around(TypedDict, total=False):
    """What a mail to a contact person says beside its numbers: whether it may have come before
    (`is_copy`), the other contact persons to whom mail doesn't get through (`unreached`), and the
    address of the contact persons' pages (`desk`).
    """

    is_copy: bool
    unreached: Sequence[Contact]
    desk: str


_NOTHING_AROUND: Around = {"is_copy": False, "unreached": (), "desk": ""}
TEMPLATES = Path(__file__).parents[1] / "templates"


def page(template: str, language: str, event: Event, **values: object) -> str:
    """The HTML of a page in `templates/pages/`, in a language."""
    from markupsafe import Markup

    sheet = event.look.desk_style if template.startswith("desk/") else event.look.style
    inline = Markup(sheet)  # noqa: S704 - our own style sheet
    found = _environment(language).get_template(f"pages/{template}")
    return found.render(values, event=event, style=inline)


def summary_letter(summary: CateringSummary, event: Event, **around: Unpack[Around]) -> Letter:
    """The mail to the contact persons that can be forwarded to the caterer: numbers, no names."""
    return _contact_letter(Kind.SUMMARY, summary, event, around)


def change_letter(
    summary: CateringSummary, before: CateringSummary, event: Event, **around: Unpack[Around]
) -> Letter:
    """The mail that the numbers have moved: the difference in words, then all of them anew."""
    return _contact_letter(Kind.CHANGE, summary, event, around, difference(before, summary))


def reminder_letter(
    summary: CateringSummary, event: Event, closes_at: datetime, **around: Unpack[Around]
) -> Letter:
    """The mail before the deadline: how long it is open, and the numbers so far."""
    return _contact_letter(Kind.REMINDER, summary, event, around, closes_at=closes_at)


def alarm_letter(alarm: Alarm, event: Event) -> Letter:
    """The mail to the operator: what is wrong and what to do about it."""
    return _letter(
        "alarm",
        SWEDISH,
        alarm=alarm,
        event=event,
        became=became(alarm.fault, going_on=alarm.going_on),
        fault_words=WORDS[alarm.fault],
        remedy=REMEDIES[alarm.fault],
    )


def certificate_letter(
    deletion: Deletion, event: Event, *, is_copy: bool = False, desk: str = ""
) -> Letter:
    """The mail that personal data are deleted: what, how many, when, and what stays."""
    ended_at = (deletion.ended_at or deletion.began_at).astimezone(event.timezone)
    letter = _letter(
        "certificate",
        SWEDISH,
        event=event,
        deletion=deletion,
        ended_at=ended_at,
        data_words=_DATA,
        sweep_days=SWEPT_AFTER.days,
        kept_through=event.privacy.kept_through(event.date),
        backups_until=ended_at + timedelta(days=event.privacy.backup_days),
        is_copy=is_copy,
        desk=desk,
    )
    return replace(letter, reply_to=event.operator)


def test_letter(event: Event, closes_at: datetime) -> Letter:
    """The mail that shows that mails arrive, before one must."""
    letter = _letter("test", SWEDISH, event=event, closes_at=closes_at)
    return replace(letter, reply_to=event.operator)


def desk_letter(event: Event, *, link: str) -> Letter:
    """The mail with a contact person's way in."""
    return _letter("desk", SWEDISH, event=event, link=link, minutes=LINK_LASTS.seconds // 60)


def receipt_letter(
    event: Event, language: str, *, link: str, closes_at: datetime | None, calendar: Attachment
) -> Letter:
    """The mail to somebody who registered: when, where and the private link; no diet, no name.

    `closes_at` is until when it can be changed; None if it can't be any more.
    """
    letter = _letter("receipt", language, event=event, link=link, closes_at=closes_at)
    return replace(letter, attachments=(calendar,))


def plate_in_words(plate: Plate, language: str) -> str:
    """A plate as the kitchen says it: `Vegansk + utan nötter, inte ens spår`."""
    translate = translations(language).gettext
    parts = [translate(DIETS[plate.diet].dish)] if plate.diet else []
    for code in plate.allergens:
        traces = translate(N_(", inte ens spår")) if code in plate.traces else ""
        parts.append(translate(ALLERGENS[code].dish) + traces)
    if plate.noted:
        parts.append(translate(N_("enligt egen anteckning")))
    words = " + ".join(parts)
    return words[:1].upper() + words[1:]


def trait_in_words(trait: str) -> str:
    """One trait of plates that are too few to be told whole: `Utan nötter, inte ens spår`."""
    if trait in _OTHER_TRAITS:
        return _OTHER_TRAITS[trait]
    code = trait.rstrip("~")
    if code in DIETS:
        return plate_in_words(Plate(diet=code), SWEDISH)
    traces = (code,) if trait.endswith("~") else ()
    return plate_in_words(Plate(allergens=(code,), traces=traces), SWEDISH)


def plate_on_label(plate: Plate) -> str:
    """A plate with many allergens in few words: each named once, and again if not even traces."""
    dish = [DIETS[plate.diet].dish] if plate.diet else []
    names = [_in_sentence(ALLERGENS[code].name) for code in plate.allergens]
    parts = [*dish, f"Tål inte: {', '.join(names)}"]
    if plate.traces == plate.allergens:
        parts.append("Inte ens spår av något av dem")
    elif plate.traces:
        traces = [_in_sentence(ALLERGENS[code].name) for code in plate.traces]
        parts.append(f"Inte ens spår av {', '.join(traces)}")
    if plate.noted:
        parts.append("Enligt egen anteckning")
    return ". ".join(parts) + "."


def change_in_words(change: PlateChange) -> str:
    """One line of a change notice: `+1 glutenfri (celiaki) till lunch, nu 14 (ny kod: CDFH)`."""
    sign = {1: "+", -1: "−", 0: "±"}[(change.by > 0) - (change.by < 0)]
    severe = "ALLVARLIG ALLERGI, " if change.plate.severe else ""
    plate, meal = plate_in_words(change.plate, SWEDISH), _in_sentence(change.meal.title)
    line = f"{sign}{abs(change.by)} {severe}{_in_sentence(plate)} till {meal}, nu {change.now}"
    codes = [
        f"{word if len(codes) == 1 else words}: {', '.join(codes)}"
        for word, words, codes in (
            ("ny kod", "nya koder", change.codes_added),
            ("utgår", "utgår", change.codes_gone),
        )
        if codes
    ]
    return f"{line} ({'; '.join(codes)})" if codes else line


def _contact_letter(
    kind: Kind,
    summary: CateringSummary,
    event: Event,
    around: Around,
    all_changes: Sequence[PlateChange] = (),
    **values: object,
) -> Letter:
    """The letter with as many lines as a mail has room for; replies go to the operator."""

    def bar(plates: int) -> int:
        return max(1, round(_BAR_PIXELS * plates / summary.largest_meal))

    def with_at_most(lines: int) -> Letter:
        changes = all_changes[:lines]
        return _letter(
            kind,
            SWEDISH,
            summary=shortened(summary, lines),
            event=event,
            changes=changes,
            more_changes=len(all_changes) - len(changes),
            bar=bar,
            **{**_NOTHING_AROUND, **around, **values},
        )

    for lines in _LINES_AT_MOST:
        letter = with_at_most(lines)
        if _fits(letter):
            break
    return replace(letter, reply_to=event.operator)


def _fits(letter: Letter) -> bool:
    return len(letter.text.encode()) + len(letter.html.encode()) <= _ROOM


def _letter(kind: str, language: str, **values: object) -> Letter:
    environment = _environment(language)

    def render(part: str) -> str:
        return environment.get_template(f"mails/{kind}/{part}").render(values)

    return Letter(
        subject=" ".join(render("subject.txt").split()),
        text=render("body.txt").strip() + "\n",
        html=render("body.html"),
    )


@cache
def _environment(language: str) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    catalogue: Any = environment
    catalogue.install_gettext_translations(translations(language), newstyle=True)
    environment.filters.update(_filters(language))
    environment.globals.update(
        language=language,
        diets=DIETS,
        allergens=ALLERGENS,
        fewest_told=_NUMBERS[FEWEST_TOLD],
    )
    return environment


def _filters(language: str) -> dict[str, Any]:
    return {
        "said": partial(said, language=language),
        "lang": partial(_lang_attribute, language=language),
        "message": partial(say, language=language),
        "change": change_in_words,
        "mailed_thing": _MAILED_THINGS.__getitem__,
        "mail_state": _MAIL_STATES.__getitem__,
        "label": plate_on_label,
        "trait": trait_in_words,
        "deed": DEEDS.__getitem__,
        "plate": partial(plate_in_words, language=language),
        "day": partial(dates.long_day, language=language),
        "short_day": partial(dates.short_day, language=language),
        "clock": partial(dates.clock, language=language),
        "moment": partial(dates.moment, language=language),
        "deadline": partial(dates.deadline, language=language),
        "mealtime": partial(_mealtime, language=language),
        "written_date": partial(dates.written_date, language=language),
        "tel": _telephone_link,
        "in_sentence": _in_sentence,
    }


def say(message: Message, language: str) -> str:
    """A message in a language, with its places filled."""
    translate = translations(language).gettext
    values = {
        key: _in_sentence(translate(v)) if isinstance(v, str) else v for key, v in message.values
    }
    return translate(message.text) % values


def _lang_attribute(text: str, language: str) -> str:
    """` lang="sv"` for a text of the event's that isn't in the page's language."""
    from markupsafe import Markup

    spoken = language_of(text, language)
    return "" if spoken == language else Markup(f' lang="{spoken}"')  # noqa: S704 - our own code


def _mealtime(starts: time | None, language: str) -> str:
    """`kl. 11.45`; a meal that is no longer in the event file has no time, and says so."""
    if starts is None:
        return "(finns inte längre i programmet)"
    return f"kl. {dates.clock(starts, language)}"


def _telephone_link(number: str) -> str:
    """A Swedish number as a tel: link in international form (RFC 3966)."""
    digits = re.sub(r"[^\d+]", "", number)
    return "tel:" + re.sub(r"^0", "+46", digits)


def _in_sentence(title: str) -> str:
    return title[:1].lower() + title[1:]
