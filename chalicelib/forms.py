"""Submitted fields -> Answers, or InvalidForm with an error for each field that is wrong."""

import unicodedata
from collections.abc import Mapping, Sequence

from chalicelib.diet import ALLERGENS, DIETS
from chalicelib.event import Event
from chalicelib.language import N_, Message
from chalicelib.mail_address import is_mail_address
from chalicelib.registration import Answers, in_vocabulary_order

Fields = Mapping[str, Sequence[str]]

NAME_AT_MOST = 100
EMAIL_AT_MOST = 254
NOTE_AT_MOST = 500
YES = "yes"

_REPEATED = ("meal", "allergen", "traces")
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that show nothing
_UNDECODABLE = "\ufffd"  # what a broken encoding leaves behind

_LIMITS = {
    "name": NAME_AT_MOST,
    "organisation": NAME_AT_MOST,
    "email": EMAIL_AT_MOST,
    "note": NOTE_AT_MOST,
}
# They let a text look like another than it is: embeddings, overrides and isolates (UAX #9).
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class InvalidForm(ValueError):
    """Fields that can't be registered: `errors` by field, in the form's order."""

    def __init__(self, errors: Mapping[str, Message]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def read_answers(fields: Fields, event: Event) -> Answers:
    """The answers in the submitted fields; raises InvalidForm. Unknown fields are ignored."""
    found = {field: error for field, error in _errors(fields, event).items() if error}
    if found:
        raise InvalidForm(found)
    return read_what_can_be(fields, event)


def read_what_can_be(fields: Fields, event: Event) -> Answers:
    """As much of the fields as makes sense, to be shown; only `read_answers` is to be stored."""
    chosen = {field: set(fields.get(field, ())) for field in _REPEATED}
    diet = _first(fields, "diet")
    return Answers(
        name=_clean(fields, "name"),
        organisation=_clean(fields, "organisation"),
        email=_clean(fields, "email"),
        meals=tuple(meal.id for meal in event.meals if meal.id in chosen["meal"]),
        diet=diet if diet in DIETS else "",
        allergens=in_vocabulary_order(chosen["allergen"]),
        traces=in_vocabulary_order(chosen["traces"] & chosen["allergen"]),
        severe=_first(fields, "severe") == YES,
        note=_clean(fields, "note"),
    )


def fields_of(answers: Answers) -> dict[str, list[str]]:
    """The fields that give these answers, to fill in a form with."""
    return {
        "name": [answers.name],
        "organisation": [answers.organisation],
        "email": [answers.email],
        "meal": list(answers.meals),
        "diet": [answers.diet],
        "allergen": list(answers.allergens),
        "traces": list(answers.traces),
        "severe": [YES] if answers.severe else [],
        "note": [answers.note],
    }


def _errors(fields: Fields, event: Event) -> dict[str, Message | None]:
    texts = {field: _clean(fields, field) for field in _LIMITS}
    chosen = {field: set(fields.get(field, ())) for field in _REPEATED}
    diet, severe = _first(fields, "diet"), _first(fields, "severe")
    errors = {
        "name": _name_error(texts["name"]) or _text_error(fields, texts, "name"),
        "organisation": _text_error(fields, texts, "organisation"),
        "email": _text_error(fields, texts, "email") or _email_error(texts["email"]),
        "meal": _meal_error(chosen["meal"], event),
        "diet": _diet_error(diet) or _empty_error(diet, chosen["allergen"], texts["note"]),
        "allergen": _allergen_error(chosen["allergen"], chosen["traces"]),
        "severe": _severe_error(severe, chosen["allergen"], texts["note"]),
        "note": _text_error(fields, texts, "note"),
        "website": _honeypot_error(_first(fields, "website")),
    }
    repeated = {field: _repeated_error(fields, field) for field in errors}
    return {field: repeated[field] or error for field, error in errors.items()}


def _first(fields: Fields, field: str) -> str:
    return next(iter(fields.get(field, ())), "").strip()


def _clean(fields: Fields, field: str) -> str:
    text = unicodedata.normalize("NFC", _first(fields, field))
    if field == "note":
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return " ".join(text.split())


def _text_error(fields: Fields, texts: Mapping[str, str], field: str) -> Message | None:
    if len(texts[field]) > _LIMITS[field]:
        return Message(
            N_("Skriv högst %(limit)s tecken. Nu är det %(length)s."),
            (("limit", _LIMITS[field]), ("length", len(texts[field]))),
        )
    if any(map(_is_hidden, _first(fields, field))) or not _shows(texts[field]):
        return Message(N_("Texten innehåller ett osynligt tecken. Skriv den på nytt för hand."))
    return None


def _is_hidden(character: str) -> bool:
    control = unicodedata.category(character) in ("Cc", "Cs") and character not in "\r\n\t"
    nowhere = ord(character) & 0xFFFE == 0xFFFE or 0xE0000 <= ord(character) <= 0xE007F
    return control or nowhere or character in _BIDI_CONTROLS or character == _UNDECODABLE


def _shows(text: str) -> bool:
    """Whether a text that isn't empty has anything to see."""
    return not text or any(
        unicodedata.category(character)[0] not in "CZM" and character not in _BLANKS
        for character in text
    )


def _is_named(name: str) -> bool:
    """Whether there is a letter or a digit to read."""
    return any(
        unicodedata.category(character)[0] in "LN" and character not in _BLANKS
        for character in name
    )


def _repeated_error(fields: Fields, field: str) -> Message | None:
    if field in _REPEATED or len(fields.get(field, ())) < 2:
        return None
    return Message(N_("Samma svar skickades flera gånger. Skicka formuläret igen."))


def _name_error(name: str) -> Message | None:
    return None if _is_named(name) else Message(N_("Skriv namnet på den som anmälan gäller."))


def _email_error(email: str) -> Message | None:
    if not email or is_mail_address(email):
        return None
    return Message(N_("Skriv en hel e-postadress, till exempel namn@boras.se, eller lämna tomt."))


def _meal_error(chosen: set[str], event: Event) -> Message | None:
    if not chosen:
        return Message(N_("Välj minst en måltid, så att köket vet när du äter."))
    if chosen - {meal.id for meal in event.meals}:
        return Message(N_("En av måltiderna finns inte. Välj bland dem som visas."))
    return None


def _diet_error(diet: str) -> Message | None:
    if diet and diet not in DIETS:
        return Message(N_("Den kosten finns inte. Välj bland dem som visas."))
    return None


def _empty_error(diet: str, allergens: set[str], note: str) -> Message | None:
    if diet or allergens or note:
        return None
    return Message(
        N_(
            "Välj en kost, kryssa för något du inte tål eller skriv en anteckning. "
            "Den som äter allt behöver inte anmäla sig här."
        )
    )


def _allergen_error(allergens: set[str], traces: set[str]) -> Message | None:
    if (allergens | traces) - ALLERGENS.keys():
        return Message(N_("Ett av valen finns inte. Välj bland dem som visas."))
    if traces - allergens:
        missing = ALLERGENS[in_vocabulary_order(traces - allergens)[0]]
        return Message(
            N_("Du har kryssat för ”Inte ens spår av %(name)s”. Kryssa också för ämnet självt."),
            (("name", missing.name),),
        )
    return None


def _severe_error(severe: str, allergens: set[str], note: str) -> Message | None:
    if severe not in ("", YES):
        return Message(N_("Kryssa för rutan eller lämna den tom."))
    if severe and not allergens and not note:
        return Message(N_("Kryssa för vad du reagerar på, eller skriv det i anteckningen."))
    return None


def _honeypot_error(website: str) -> Message | None:
    if not website:
        return None
    return Message(N_("Lämna det här fältet tomt. Det är en fälla för robotar."))
