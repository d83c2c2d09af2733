"""The lines below a row's title: speakers, moderator, room, bullets, description."""

from __future__ import annotations

import re

from management.invitation.draft import Value
from management.invitation.lines import Block, label_of, sentences
from management.invitation.people import people_in, presenters_in
from management.invitation.rooms import is_room
from management.invitation.titles import put_leader, row_of_title

_LEADERS = re.compile(
    r"moderator(?:er|s)?|samtalsledare|chair|ordförande|medverkande|talare|föreläsare|speakers?|presentatör(?:er)?"
)
_TAKES_PART = re.compile(r"(?:medverkar(?: gör)?|i panelen(?: sitter)?)\s*:?\s+", re.IGNORECASE)
ROOMS = re.compile(r"room|sal|lokal|rum|plats|place|venue")


def put_below(block: Block, values: dict[str, Value]) -> None:
    """Put what stands below a row's line into the row."""
    text = block.text
    label, said = label_of(text)
    people = people_in(re.sub(r"^\((.*)\)$", r"\1", text))
    if "title" not in values and people:
        add_text(values, "speakers", *people)
    elif "title" not in values:
        values |= row_of_title(text)
    elif label and said and _LEADERS.fullmatch(label):
        put_leader(label, said, values)
    elif label and said and ROOMS.fullmatch(label):
        values["room"] = said
    elif people and "description" not in values:
        add_text(values, "speakers", *people)
    elif block.is_bullet:
        add_text(values, "bullets", text)
    elif is_room(text) and "room" not in values and "description" not in values:
        values["room"] = text
    else:
        _describe(text, values)


def _describe(text: str, values: dict[str, Value]) -> None:
    """Add a paragraph to the description, and whoever it says presents something."""
    known = _texts(values, "speakers")
    said = sentences(text)
    if not known and said and (people := people_in(said[0])):
        known, said = people, said[1:]
    for sentence in said:
        taking_part = _TAKES_PART.match(sentence)
        known = known or (people_in(sentence[taking_part.end() :]) if taking_part else [])
        known = known or presenters_in(sentence)
    values |= {"speakers": known} if known else {}
    above = str(values.get("description", ""))
    said = [] if above.rstrip(".").endswith(text.rstrip(".")) else said
    above = f"{above}." if above and above[-1].isalnum() else above
    whole = " ".join(filter(None, [above, *said]))
    values |= {"description": whole} if whole else {}


def add_text(values: dict[str, Value], key: str, *texts: str) -> None:
    """Add texts to a list of the row."""
    values[key] = [*_texts(values, key), *texts]


def _texts(values: dict[str, Value], key: str) -> list[str]:
    texts = values.get(key, [])
    return texts if isinstance(texts, list) else []
