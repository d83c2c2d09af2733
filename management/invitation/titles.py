"""The title of a row, and what stands beside it on its line: speakers, room, place, chair."""

from __future__ import annotations

import re

from management.invitation.draft import Value
from management.invitation.lines import sentences
from management.invitation.meals import is_meal
from management.invitation.people import (
    NAME,
    PERSON_OF,
    is_name,
    named_people,
    names_in,
    people_in,
    presenters_in,
)
from management.invitation.rooms import ROOM_LABEL, is_room

# Between a title and its speakers: the surest sign first.
_BETWEEN = (
    r"\s+[-–—|]\s+",
    r"(?<=\w)[.?!]\s+",
    r":\s+",
    r",\s+",
    r"\s+(?:med|with)\s+(?:moderator(?:n|erna)?\s+)?",
)
_AT = re.compile(
    r"(?P<title>.+?)(?P<served> serveras| is served)? (?:at|på|i) (?P<place>[A-ZÅÄÖ].+)"
)
_AT_ADDRESS = re.compile(r"(?P<title>[^:]+): (?P<place>[A-ZÅÄÖ][^:]*, [^:]*\d[^:]*)")
_BRACKETS = re.compile(r"\s*\((?P<inside>[^()]*)\)\s*$")
_LEADER = re.compile(
    r"(?P<key>moderator|chair|ordförande|talare|speakers?):?\s+(?P<name>.+)", re.IGNORECASE
)
_SPEAKS_ABOUT = re.compile(rf"(?P<name>{NAME}) (?:om|on|about) ")
_LABELLED = re.compile(
    r"[.,;]?\s+(?P<label>deltagare|medverkande|talare|panel(?:deltagare)?|i panelen|speakers?"
    r"|panelists?|moderator|samtalsledare|chair|ordförande|lokal|sal|rum|plats|room):\s+(?P<said>.+)$",
    re.IGNORECASE,
)
_KEYS = {
    "moderator": "moderator",
    "chair": "chair",
    "chairs": "chair",
    "session chair": "chair",
    "session chairs": "chair",
    "ordförande": "chair",
    "samtalsledare": "moderator",
    "facilitator": "moderator",
}
# "Inledning, Tillväxtverket, Anna Ek", "Vad nu? Nordregio, Anna Ek": the name stands last.
_NAME_LAST = re.compile(
    rf"(?P<title>.+?)(?P<between>(?<![A-Z])[.?!,])\s+(?P<of>[A-ZÅÄÖ][\w-]+(?: [\w-]+){{0,2}})"
    rf",\s+(?P<name>{NAME})"
)
_PERSON_FIRST = re.compile(rf"(?P<person>{PERSON_OF})[,:]?\s+(?=[A-ZÅÄÖ“”\"]\w)")
_BIDS = re.compile(
    r"^(?:då )?(?:bjuder vi (?:in till|på)|bjuds (?:det |ni )?på|följer|blir det) ", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"“”«](?P<title>[^\"“”«»]+)[\"“”»][.,]?")
_SHOUTED, _WORDS_AT_MOST, _ROOM_AT_MOST, _TELLS_AT_LEAST = 3, 25, 4, 5


def row_of_title(text: str) -> dict[str, Value]:
    """The keys of a row that a line says: the title, and perhaps speakers, a room, a place."""
    values: dict[str, Value] = {}
    if text.endswith(".") and len(text.split()) > _WORDS_AT_MOST:
        return _of_paragraph(text)
    at_address = _AT_ADDRESS.fullmatch(text)
    if at_address and is_meal(at_address["title"]):
        values["place"], text = at_address["place"], at_address["title"]
    text = _without_brackets(text.strip(), values)
    text = _without_label(text, values)
    text = _without_brackets(_without_speakers(text, values), values)
    if is_meal(text):
        values["kind"] = "meal"
        text = _without_place(text, values)
    else:
        title, comma, rest = text.rpartition(", ")
        if comma and is_room(rest):
            values["room"], text = rest, title
    title = _BIDS.sub("", text.strip(" ,:–—-")).removesuffix(".")
    if quoted := _QUOTED.fullmatch(title):
        title = quoted["title"]
    is_shouted = title.isupper() and len(title) > _SHOUTED
    values["title"] = title.capitalize() if is_shouted else title[:1].upper() + title[1:]
    return values


def _of_paragraph(text: str) -> dict[str, Value]:
    """The row of a paragraph: a title, perhaps a speaker after a dash, and the whole of it."""
    title, dash, rest = text.rpartition(" – ") if text.count(" – ") else text.partition(". ")
    values: dict[str, Value] = {"title": title, "description": text}
    first = names_in(rest)[:1]
    if dash and first and first[0].start() == 0:
        values |= {"speakers": [first[0][0]], "description": rest}
    return values


def title_and_rest(text: str) -> tuple[str, str]:
    """The first sentence of a row's line, and the others, if they tell about the row."""
    first, *others = sentences(text) or [""]
    rest = " ".join(others)
    tells = len(rest.split()) >= _TELLS_AT_LEAST and not people_in(rest)
    tells = tells and not _LABELLED.match(f" {rest}")
    return (first, rest) if tells and first.endswith((".", "?", "!")) else (text, "")


def _without_brackets(text: str, values: dict[str, Value]) -> str:
    """The text without brackets at its end that name a room, a chair or speakers."""
    found = _BRACKETS.search(text)
    if not found:
        return text
    understood: dict[str, Value] = {}
    for piece in re.split(r",\s+(?=[A-ZÅÄÖ]|\w+:)", found["inside"]):
        if is_room(piece[:1].upper() + piece[1:]):
            understood["room"] = piece
        elif is_meal(text[: found.start()]) and not is_meal(found["inside"]):
            key = "room" if piece[0].isupper() and len(piece.split()) <= _ROOM_AT_MOST else ""
            understood |= {key: piece} if key else {}
            if not key:
                return text
        elif leader := _LEADER.fullmatch(piece):
            put_leader(leader["key"], leader["name"], understood)
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


def _without_label(text: str, values: dict[str, Value]) -> str:
    """The text without labels at its end: "Debatt. Deltagare: Anna Ek. Moderator: Bo Ek"."""
    found = _LABELLED.search(text)
    if not found:
        return text
    said = _without_label(found["said"], values)
    if ROOM_LABEL.fullmatch(found["label"].casefold()):
        values["room"] = said.rstrip(".")
    else:
        put_leader(found["label"], said, values)
    return text[: found.start()]


def _without_speakers(text: str, values: dict[str, Value]) -> str:
    if people := [one for one in presenters_in(text) if is_name(one.partition(",")[0])]:
        values["speakers"] = people
        return text
    if (about := _SPEAKS_ABOUT.match(text)) and is_name(about["name"]):
        values["speakers"] = [about["name"]]
        return text
    last = _NAME_LAST.fullmatch(text)
    if last and is_name(last["name"]) and not is_name(last["of"]) and not is_room(last["of"]):
        values["speakers"] = [f"{last['name']}, {last['of']}"]
        return last["title"] + last["between"].strip(".,")
    for between in _BETWEEN:
        pieces = list(re.finditer(between, text))
        # The last of several, but for commas, which the list of speakers has too.
        for piece in pieces if "," in between else reversed(pieces):
            people = people_in(text[piece.end() :])
            is_title = not is_name(text[: piece.start()])
            if people and is_title and not is_room(text[piece.end() :]):
                if "moderator" in piece[0].casefold():
                    values["moderator"] = text[piece.end() :].rstrip(".")
                else:
                    values["speakers"] = people
                return text[: piece.start()] + "".join(re.findall(r"[?!]", piece[0]))
    return _after_speakers(text, values)


def _after_speakers(text: str, values: dict[str, Value]) -> str:
    """The text after the persons that it begins with: "Anna Ek, kommunchef: Läget i kommunen"."""
    of = _PERSON_FIRST.match(text)
    if of and is_name(of["person"].partition(" (")[0]):
        values.setdefault("speakers", [of["person"]])
        return text[of.end() :]
    for between in re.finditer(r"(?<=\w{3})[.:]\s+|(?<=\w{2}):\s+", text):
        people = people_in(text[: between.start()])
        if people and is_name(people[0].partition(",")[0]):
            values.setdefault("speakers", list(people))
            return text[between.end() :].strip('"”“')
    return text


def _without_place(text: str, values: dict[str, Value]) -> str:
    """The meal without what follows its name: "Middag, Festvåningen, Stadshuset"."""
    title, *pieces = re.split(r",\s+|\s+[-–]\s+", text)
    at = _AT.fullmatch(text)
    is_place = at and ("," in at["place"] or not re.search(r"\b(?:and|och)\b", at["place"]))
    if at and (at["served"] or is_place) and is_meal(at["title"]):
        values["room" if at["served"] else "place"] = at["place"]
        return at["title"]
    if not is_meal(title):
        return text
    if pieces and all(piece[:1].isupper() for piece in pieces):
        values["room"] = pieces[0]
        values |= {"place": ", ".join(pieces[1:])} if pieces[1:] else {}
    elif any(map(is_meal, pieces)):
        return text
    elif pieces:
        values["description"] = ", ".join(pieces)
    return title
