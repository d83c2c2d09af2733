"""Meals in Swedish and English, in titles and in sentences."""

from __future__ import annotations

import re

from management.invitation.draft import Table, Value
from management.invitation.people import people_in
from management.invitation.times import hours_in

_MEAL = (
    r"(?:[\wåäö]*lunch(?:en|paket|macka|buffé|paus|rast)?|lunsj|[\wåäö]*fika(?:paus|n)?"
    r"|[\wåäö]*kaffe(?:pauser|paus|t)?|frukost(?:en)?|fruktpaus(?:en)?|kvällsmat|mat och dryck"
    r"|[\wåäö]*(?<!för)(?<!efter)middag(?:en)?|mingel(?:buffé)?|bankett(?:en)?|supé(?:n)?"
    r"|buffé(?:n)?|förtäring|förfriskning(?:ar)?|[\wåäö]*smörgås(?:ar)?|tilltugg|pizza|soppa|brunch"
    r"|coffee(?:[ -]break)?|tea|breakfast|(?<!the )(?<!vid )reception|sandwich(?:es)?|drinks"
    r"|food and drinks?|dinner|banquet|supper|mingle|refreshments|buffet|snacks|cocktails?)"
)
_WORD = re.compile(rf"(?<![\w-]){_MEAL}(?![\w-])", re.IGNORECASE)
_TALK = re.compile(r"(?:lunch|frukost|kaffe)(?:före|semi|möte|sam|brief)", re.IGNORECASE)
_WORDS_AT_MOST, _WORDS_MORE = 9, 7
_SERVED = re.compile(
    r"bjuder|bjuds|äter|serveras|serverar|ingår|erbjuds|(?:is|are) (?:served|included)|offer"
    r"|refreshments available",
    re.IGNORECASE,
)
_LODGING = re.compile(r"\blogi\b|sänglinne|övernattning|accommodation", re.IGNORECASE)
_WHEN = re.compile(
    r"\b(?:under|efter|innan|före|vid|during|after|before)\s+[\wåäö]+(?: [\wåäö]+){0,2}",
    re.IGNORECASE,
)
_ALL_DAY = {"sv": "under dagen", "en": "during the day"}
_ADJECTIVE = re.compile(r"\b(?:enklare|lätt|lättare|gemensam|simple|light) $", re.IGNORECASE)
_WITHOUT_TIME = re.compile(
    rf"(?P<when>(?:efter|under|före|after|during|before)\s[\w ]{{3,40}}?)[:,]?\s+"
    rf"(?P<title>(?:[\w-]+ )?{_MEAL})(?!\w)(?:[,:]\s*(?P<more>.+?))?\.?",
    re.IGNORECASE,
)


def is_meal(title: str) -> bool:
    """Whether a row with this title is a meal."""
    begins = bool(_WORD.match(title))
    is_short = len(title.split()) <= _WORDS_AT_MOST + begins * _WORDS_MORE
    return is_short and bool(_WORD.search(title)) and not _TALK.search(title)


def begins_meal(text: str) -> bool:
    """Whether a text is a meal and begins with its name."""
    return is_meal(text) and bool(_WORD.match(text)) and not people_in(text)


def served_meals(sentence: str, language: str) -> list[Table]:
    """The meals, without times, that a sentence says are served."""
    if not _SERVED.search(sentence) or _LODGING.search(sentence):
        return []
    hours, when = hours_in(sentence), _WHEN.search(sentence)
    said = {"when": when[0].lower() if when else _ALL_DAY[language]}
    if hours:
        said = {"starts": hours.starts} | ({"ends": hours.ends} if hours.ends else {})
    return [meal_row(_title(sentence, one), **said) for one in _WORD.finditer(sentence)]


def untimed_meal(text: str) -> dict[str, Value] | None:
    """The row of a line that says a meal without a time: "Efter föredraget: supé, tre rätter"."""
    found = _WITHOUT_TIME.fullmatch(text)
    if not found:
        return None
    values = meal_row(found["title"], when=found["when"].lower()).values
    return values | ({"description": _capitalised(found["more"])} if found["more"] else {})


def _title(sentence: str, meal: re.Match[str]) -> str:
    """The meal with an adjective before it: "en enklare lunch"."""
    before = _ADJECTIVE.search(sentence[: meal.start()])
    return f"{before[0] if before else ''}{meal[0]}"


def meal_row(title: str, **values: str) -> Table:
    """The row of a meal."""
    return Table({"kind": "meal", "title": _capitalised(title), **values})


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
