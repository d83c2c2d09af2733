"""Turns submitted fields into Answers, or raises InvalidForm with one error per wrong field."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from chalicelib.event.event import Event
from chalicelib.event.mail_address import ascii_address, is_mail_address, typed_address
from chalicelib.registration.answers import Answers, in_vocabulary_order
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES, DIETS
from chalicelib.registration.limits import EMAIL_AT_MOST, NAME_AT_MOST, NOTE_AT_MOST
from chalicelib.registration.note import says_nothing
from chalicelib.texts.folding import as_seen, has_heaped_marks, is_beyond
from chalicelib.texts.language import N_, Message

Fields = Mapping[str, Sequence[str]]

YES = "yes"
# The hidden field with the address that the form has asked about, or had from the start.
ASKED = "email_asked"
# What the form for one more person takes from the one before.
COMMON_TO_COLLEAGUES = ("organisation", "email", ASKED, "meal")

_REPEATED = ("meal", "allergen", "traces")
_LIMITS = {
    "name": NAME_AT_MOST,
    "organisation": NAME_AT_MOST,
    "email": EMAIL_AT_MOST,
    "note": NOTE_AT_MOST,
}
# Control characters, overrides of the direction of writing (UAX #9), which make a text look like
# another one, noncharacters, and U+FFFD, which replaces bytes that could not be decoded.
_UNUSABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ufdd0-\ufdef\ufffd"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)

_SENT_TWICE = Message(N_("Samma svar skickades flera gånger. Skicka formuläret igen."))

# A field, whether the field is wrong, and the error message.
_Check = tuple[str, object, Message]


class InvalidForm(ValueError):
    """The fields cannot be registered. `errors` maps fields to messages, in the form's order."""

    def __init__(self, errors: Mapping[str, Message]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def read_answers(fields: Fields, event: Event, *, asking: bool = False) -> Answers:
    """The answers in the submitted fields, ignoring unknown fields; raises InvalidForm.

    With `asking`, also if the address looks mistyped, unless its field ASKED says that it was asked
    about: sent once more, it is taken as it is.
    """
    answers = as_typed(fields, event)
    errors: dict[str, Message] = {}
    for field, is_wrong, error in _checks(fields, answers, event, asking=asking):
        if field not in _REPEATED and len(fields.get(field, ())) > 1:
            errors[field] = _SENT_TWICE
        elif is_wrong:
            errors.setdefault(field, error)
    if errors:
        raise InvalidForm(errors)
    return answers


def read_address(fields: Fields, event: Event) -> str:
    """The mail address of a form that asks for nothing else; raises InvalidForm."""
    address = _clean(fields, "email")
    if not address:
        raise InvalidForm({"email": Message(N_("Skriv adressen som du anmälde dig med."))})
    for _, is_wrong, error in _text_checks(fields, "email", address, is_optional=False):
        if is_wrong:
            raise InvalidForm({"email": error})
    if question := _question(fields, address, event):
        raise InvalidForm({"email": question})
    return address


def _question(fields: Fields, address: str, event: Event) -> Message | None:
    """What to ask about an address that looks mistyped and was not asked about before."""
    from chalicelib.event.mistyped import meant_address

    meant = meant_address(address, event.own_domains)
    if not meant or typed_address(_first(fields, ASKED)) == address:
        return None
    words = N_("Menade du %(meant)s? Rätta adressen, eller skicka igen om den stämmer.")
    return Message(words, (("meant", meant),), is_question=True)


def as_typed(fields: Fields, event: Event) -> Answers:
    """The fields without unknown choices, but with unchecked texts: for display, not to store.

    Traces of an allergen without the allergen are taken as both; a note that says nothing, as none.
    A text that is far too long, or slow to normalise, stays as it was typed.
    """
    chosen = {field: set(fields.get(field, ())) for field in _REPEATED}
    diet, note = _first(fields, "diet"), _clean(fields, "note")
    return Answers(
        name=_clean(fields, "name"),
        organisation=_clean(fields, "organisation"),
        email=_clean(fields, "email"),
        meals=tuple(meal.id for meal in event.meals if meal.id in chosen["meal"]),
        diet=diet if diet in DIETS else "",
        allergens=in_vocabulary_order(chosen["allergen"] | chosen["traces"]),
        traces=in_vocabulary_order(chosen["traces"] & ASKED_FOR_TRACES),
        severe=_first(fields, "severe") == YES,
        note="" if len(note) <= NOTE_AT_MOST and says_nothing(note) else note,
    )


def fields_of(answers: Answers) -> dict[str, list[str]]:
    """The fields that `read_answers` reads as these answers, to fill in a form with."""
    return {
        "name": [answers.name],
        "organisation": [answers.organisation],
        "email": [answers.email],
        ASKED: [answers.email],
        "meal": list(answers.meals),
        "diet": [answers.diet],
        "allergen": list(answers.allergens),
        "traces": list(answers.traces),
        "severe": [YES] if answers.severe else [],
        "note": [answers.note],
    }


def usual_meals(event: Event) -> list[str]:
    """The meals that an empty form has ticked: all of an event of one day, otherwise none."""
    return [meal.id for meal in event.meals] if len(event.days) == 1 else []


def _checks(
    fields: Fields, answers: Answers, event: Event, *, asking: bool = False
) -> Iterator[_Check]:
    """All checks, in the form's order; of the errors of one field, only the first is shown."""
    yield from _text_checks(fields, "name", answers.name)
    yield from _text_checks(fields, "organisation", answers.organisation)
    yield from _text_checks(fields, "email", answers.email)
    if asking and answers.email and (question := _question(fields, answers.email, event)):
        yield "email", True, question
    yield from _choice_checks(fields, answers, event)
    yield from _text_checks(fields, "note", answers.note)
    trap = N_("Lämna det här fältet tomt. Det är en fälla för robotar.")
    yield "website", _first(fields, "website"), Message(trap)


def _text_checks(
    fields: Fields, field: str, text: str, *, is_optional: bool = True
) -> Iterator[_Check]:
    """The length first: no other check gets a text that is too long."""
    limit, length = ("limit", _LIMITS[field]), ("length", len(text))
    long = N_("Skriv högst %(limit)s tecken. Nu är det %(length)s.")
    yield field, len(text) > _LIMITS[field], Message(long, (limit, length))
    if len(text) > _LIMITS[field]:
        return
    heaped = N_("Texten har för många accenter på samma tecken. Skriv den på nytt.")
    yield field, has_heaped_marks(text), Message(heaped)
    if field == "name":
        nobody = N_("Skriv namnet på den som anmälan gäller.")
        yield field, not any(map(str.isalnum, text)), Message(nobody)
    typed = _with_line_feeds(first_sent(fields, field))
    found = _UNUSABLE.search(typed)
    unusable = N_("Tecken nummer %(place)s går inte att använda. Skriv texten på nytt för hand.")
    yield field, found, Message(unusable, (("place", found.start() + 1 if found else 0),))
    unseen = N_("Texten syns inte. Skriv den på nytt, eller lämna fältet tomt.")
    yield field, text and not any(map(_is_visible, text)), Message(unseen)
    if field == "email":
        yield from _address_checks(text, is_optional=is_optional)


def _address_checks(address: str, *, is_optional: bool) -> Iterator[_Check]:
    local, _, _ = address.rpartition("@")
    letters = N_(
        "Före @ kan en adress bara ha bokstäverna a–z, inte å, ä eller ö. "
        "Se efter hur adressen stavas."
    )
    yield "email", not local.isascii() and "@" not in local, Message(letters)
    whole = (
        N_("Skriv en hel e-postadress, till exempel namn@exempel.se, eller lämna tomt.")
        if is_optional
        else N_("Skriv en hel e-postadress, till exempel namn@exempel.se.")
    )
    yield "email", address and not is_mail_address(ascii_address(address)), Message(whole)


def _choice_checks(fields: Fields, answers: Answers, event: Event) -> Iterator[_Check]:
    meals, allergens, traces = (set(fields.get(field, ())) for field in _REPEATED)
    diet, severe = _first(fields, "diet"), _first(fields, "severe")
    avoided = allergens | traces or answers.note
    yield "meal", not meals, Message(N_("Välj minst en måltid."))
    other = N_("En av måltiderna finns inte. Välj bland dem som visas.")
    yield "meal", meals - {meal.id for meal in event.meals}, Message(other)
    other = N_("Den kosten finns inte. Välj bland dem som visas.")
    yield "diet", diet and diet not in DIETS, Message(other)
    nothing = N_(
        "Välj en kost, kryssa för en allergi eller skriv en anteckning. "
        "Den som äter allt behöver inte anmäla sig här."
    )
    yield "diet", not (diet or avoided), Message(nothing)
    other = N_("Ett av valen finns inte. Välj bland dem som visas.")
    unknown = allergens - ALLERGENS.keys() | traces - ASKED_FOR_TRACES
    yield "allergen", unknown, Message(other)
    yield "severe", severe not in ("", YES), Message(N_("Kryssa för rutan eller lämna den tom."))
    of_what = N_("Kryssa för det som ger reaktionen, eller skriv det i anteckningen.")
    yield "severe", severe and not avoided, Message(of_what)


def first_sent(fields: Fields, field: str) -> str:
    """The first value of a field as it was sent, or an empty text."""
    return next(iter(fields.get(field, ())), "")


def _first(fields: Fields, field: str) -> str:
    return first_sent(fields, field).strip()


def _clean(fields: Fields, field: str) -> str:
    text = _first(fields, field)
    if is_beyond(text, _LIMITS[field]) or has_heaped_marks(text):
        return text
    if field == "email":
        return typed_address(text)
    if field == "note":
        return as_seen(_with_line_feeds(text)).strip()
    return " ".join(as_seen(text).split())


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS"
