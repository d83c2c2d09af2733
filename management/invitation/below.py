"""The lines below a row's title: speakers, moderator, room, bullets, description."""

from __future__ import annotations

import re

from management.invitation.draft import Value
from management.invitation.lines import Block, label_of, sentences
from management.invitation.people import (
    NAME,
    PERSON_OF,
    is_affiliation,
    is_name,
    named_people,
    people_in,
    presenters_in,
)
from management.invitation.rooms import ROOM_LABEL, is_room
from management.invitation.titles import put_leader, row_of_title

LEADERS = re.compile(
    r"moderator(?:er|s)?|samtalsledare|facilitators?|(?:session )?chairs?|ordförande|medverkande"
    r"|talare|föreläsare|speakers?|(?:further )?participants|panelists?|presentatör(?:er)?"
)
_KEYNOTE = re.compile(
    r"(?:opening |closing |invited )?(?:keynote|talk|lecture|speaker)(?: \d| speaker| lecture)?"
    r"|föredrag|föreläsning|huvudtalare|gästföreläsning",
    re.IGNORECASE,
)
_BY = re.compile(r"(?P<people>[^–—:]{5,120}?)(?:\s[–—-]\s|:\s)(?P<title>.{5,})")
_LED_BY = re.compile(
    rf"\b(?:leds|modereras|moderated|chaired) (?:av|by) (?P<who>(?:[a-zåäö]+ )?{NAME}.*)$"
)
_PRESENTERS = re.compile(
    r"[(:,–-]\s*(?:presenters?|speakers?|talare|föredragande|föreläsare)\s*:\s*(?P<people>[^()]+)\)?$",
    re.IGNORECASE,
)
_BY_WHOM = re.compile(rf"[a-zåäö]{{3,}} (?:av|med|by|with) (?P<people>{NAME}.*)$")
_TALK = re.compile(rf"(?P<person>{PERSON_OF}):\s+(?P<title>.+)")
_TALK_BY = re.compile(rf"(?P<title>[^()]{{8,}}) \((?P<name>{NAME}), (?P<of>[^()]+)\)")
_TAKES_PART = re.compile(
    r"(?:(?:medverkar(?: gör)?|i panelen(?: sitter)?)\s*:?"
    r"|(?:medverkande|talare|speakers|panelists):|(?:presentatör(?:er)?|talare|inledare) är)\s+",
    re.IGNORECASE,
)
_LINE_AT_MOST = 25


def put_below(block: Block, values: dict[str, Value]) -> None:
    """Put what stands below a row's line into the row."""
    text = block.text
    label, said = label_of(text)
    people = people_in(re.sub(r"^\((.*)\)$", r"\1", text))
    if "title" not in values:
        _put_first(text, people, values)
    elif _put_talk(text, values) or (said and _put_labelled(label, said, values)):
        return
    elif people and ("description" not in values or _is_with_title(text)):
        add_text(values, "speakers", *people)
    elif _ends_with_speaker(values) and _put_affiliation(text, values):
        return
    elif block.is_bullet:
        add_text(values, "bullets", text)
        if presenters := _PRESENTERS.search(text):
            add_text(values, "speakers", *named_people(presenters["people"]))
    elif is_room(text) and "room" not in values and "description" not in values:
        values["room"] = text
    else:
        describe(text, values)


def _is_line(text: str) -> bool:
    """Whether a text is one of several items, rather than a sentence."""
    return 0 < len(text.split()) <= _LINE_AT_MOST and text[-1] not in ".!?:;,"


def _put_first(text: str, people: list[str], values: dict[str, Value]) -> None:
    """Put a line into a row without a title: persons, more about the last of them, or the title."""
    known = _texts(values, "speakers")
    if people:
        add_text(values, "speakers", *people)
    elif not _put_affiliation(text, values):
        values |= row_of_title(text) | ({"speakers": known} if known else {})


def _put_affiliation(text: str, values: dict[str, Value]) -> bool:
    """Put a title or an organisation behind the last speaker; whether the text is one."""
    known = _texts(values, "speakers")
    is_more = bool(known) and is_affiliation(text, known[-1])
    if is_more:
        values["speakers"] = [*known[:-1], f"{known[-1]}, {text}"]
    return is_more


def _put_item(text: str, values: dict[str, Value]) -> bool:
    """Make a line, and that above it, bullets, if neither is a sentence; whether it did."""
    above = str(values.get("description", ""))
    is_second = _is_line(above)
    if not _is_line(text) or not (is_second or next(reversed(values)) == "bullets"):
        return False
    add_text(values, "bullets", *([str(values.pop("description"))] if is_second else []), text)
    return True


def _put_labelled(label: str, said: str, values: dict[str, Value]) -> bool:
    """Put what stands after a label such as "Chair:" or "Lokal:" into the row, if it is known."""
    if LEADERS.fullmatch(label):
        put_leader(label, said, values)
    elif ROOM_LABEL.fullmatch(label):
        values["room"] = said
    elif label in {"title", "titel"}:
        values["title"] = said
    elif label == "abstract":
        describe(said, values)
    else:
        return False
    return True


def _put_talk(text: str, values: dict[str, Value]) -> bool:
    """Put the speaker and the title of a talk into the row, of a session or of a keynote."""
    talk = _TALK.fullmatch(text)
    if not talk and (by := _TALK_BY.fullmatch(text)) and is_name(by["name"]):
        add_text(values, "speakers", f"{by['name']}, {by['of']}")
        add_text(values, "bullets", by["title"])
        return True
    if talk and is_name(talk["person"].partition(" (")[0]):
        add_text(values, "speakers", talk["person"])
        add_text(values, "bullets", text)
        return True
    said = _BY.fullmatch(text) if _KEYNOTE.fullmatch(str(values.get("title", ""))) else None
    people = people_in(said["people"]) if said else []
    if said and people:
        add_text(values, "speakers", *people)
        values["title"] = said["title"]
    return bool(people)


def _is_with_title(text: str) -> bool:
    """Whether a line is one person: "Anna Ek, head of office", "Bo Al (Lund University)"."""
    name, comma, _ = text.partition(", ")
    is_titled = re.fullmatch(PERSON_OF, text) or re.match(r"(?:Dr|Prof(?:essor)?|Mr|Ms)\.? ", text)
    if is_titled and is_name(text.partition(" (")[0]):
        return True
    return bool(comma) and is_name(name) and len(sentences(text)) == 1


def _ends_with_speaker(values: dict[str, Value]) -> bool:
    """Whether the last that was put into a row is a speaker."""
    return bool(_texts(values, "speakers")) and next(reversed(values)) == "speakers"


def describe(text: str, values: dict[str, Value]) -> None:
    """Add a paragraph to the description, and whoever it says presents something."""
    if _put_item(text, values):
        return
    known = _texts(values, "speakers")
    said = sentences(text)
    if not known and said and (people := people_in(said[0])):
        known, said = people, said[1:]
    led = [_LED_BY.search(sentence) for sentence in said]
    for found in filter(None, led):
        values.setdefault("moderator", found["who"].rstrip("."))
    for sentence in said:
        taking_part = _TAKES_PART.match(sentence)
        known = known or (people_in(sentence[taking_part.end() :]) if taking_part else [])
        by = _BY_WHOM.search(sentence)
        known = known or presenters_in(sentence) or (people_in(by["people"]) if by else [])
    values |= {"speakers": known} if known else {}
    above = str(values.get("description", ""))
    said = [] if above.rstrip(".").endswith(text.rstrip(".")) else said
    above = f"{above}." if above and above[-1].isalnum() else above
    whole = " ".join(filter(None, [above, *said]))
    values |= {"description": whole} if whole else {}


def add_text(values: dict[str, Value], key: str, *texts: str) -> None:
    """Add texts to a list of the row, which becomes the last of its keys."""
    known = _texts(values, key)
    values.pop(key, None)
    values[key] = [*known, *texts]


def _texts(values: dict[str, Value], key: str) -> list[str]:
    texts = values.get(key, [])
    return texts if isinstance(texts, list) else []
