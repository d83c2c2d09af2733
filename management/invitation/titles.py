"""The title of a row, and what stands beside it on its line: speakers, room, place, chair."""

from __future__ import annotations

import re

from management.invitation.draft import Value
from management.invitation.meals import is_meal
from management.invitation.people import named_people, people_in
from management.invitation.rooms import is_room

# Between a title and its speakers: the surest sign first.
_BETWEEN = (r"\s+[-–—|]\s+", r"(?<=\w)[.?!]\s+", r":\s+", r",\s+")
_AT = re.compile(r"(?P<title>.+?) (?:at|på|i) (?P<place>[A-ZÅÄÖ].+)")
_BRACKETS = re.compile(r"\s*\((?P<inside>[^()]*)\)\s*$")
_LEADER = re.compile(
    r"(?P<key>moderator|chair|ordförande|talare|speakers?):?\s+(?P<name>.+)", re.IGNORECASE
)
_KEYS = {"moderator": "moderator", "chair": "chair", "ordförande": "chair"}
_SHOUTED = 3


def row_of_title(text: str) -> dict[str, Value]:
    """The keys of a row that a line says: the title, and perhaps speakers, a room, a place."""
    values: dict[str, Value] = {}
    text = _without_brackets(text.strip(), values)
    text = _without_speakers(text, values)
    if is_meal(text):
        values["kind"] = "meal"
        text = _without_place(text, values)
    else:
        title, comma, rest = text.rpartition(", ")
        if comma and is_room(rest):
            values["room"], text = rest, title
    title = text.strip(" :–—-").removesuffix(".")
    values["title"] = title.capitalize() if title.isupper() and len(title) > _SHOUTED else title
    return values


def _without_brackets(text: str, values: dict[str, Value]) -> str:
    """The text without brackets at its end that name a room, a chair or speakers."""
    found = _BRACKETS.search(text)
    if not found:
        return text
    understood: dict[str, Value] = {}
    for piece in re.split(r",\s+(?=[A-ZÅÄÖ]|\w+:)", found["inside"]):
        if leader := _LEADER.fullmatch(piece):
            put_leader(leader["key"], leader["name"], understood)
        elif is_room(piece):
            understood["room"] = piece
        elif people := people_in(piece):
            understood["speakers"] = people
        else:
            return text
    values |= understood
    return text[: found.start()]


def put_leader(label: str, name: str, values: dict[str, Value]) -> None:
    """Put a name after a label such as "Moderator" or "Medverkande" into a row."""
    key = _KEYS.get(label.casefold(), "speakers")
    values[key] = named_people(name) if key == "speakers" else name.rstrip(".")


def _without_speakers(text: str, values: dict[str, Value]) -> str:
    for between in _BETWEEN:
        pieces = list(re.finditer(between, text))
        # The last of several, but for commas, which the list of speakers has too.
        for piece in pieces if "," in between else reversed(pieces):
            people = people_in(text[piece.end() :])
            if people and not is_room(text[piece.end() :]):
                values["speakers"] = people
                return text[: piece.start()] + piece[0].strip().strip("-–—|.,: ")
    return text


def _without_place(text: str, values: dict[str, Value]) -> str:
    """The meal without what follows its name: "Middag, Festvåningen, Stadshuset"."""
    title, *pieces = text.split(", ")
    at = _AT.fullmatch(text)
    if at and "," in at["place"] and is_meal(at["title"]):
        values["place"] = at["place"]
        return at["title"]
    if pieces and all(piece[:1].isupper() for piece in pieces):
        values["room"] = pieces[0]
        values |= {"place": ", ".join(pieces[1:])} if pieces[1:] else {}
    elif pieces:
        values["description"] = ", ".join(pieces)
    return title
