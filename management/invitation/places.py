"""The place of an event, as lines and sentences of an invitation say it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from management.invitation.days import after_time, beside_time
from management.invitation.labels import Head, put_place
from management.invitation.lines import Block, sentences

_PLACE = re.compile(r"\s*,?\s*(?:i|på|in|at) (?P<place>[A-ZÅÄÖ].{2,80}?)[.!]?")
_HELD = re.compile(
    r"\b(?:organi[sz]ed|held|takes? place|äger rum|hålls|anordnas|genomförs|träffas|ses|samlas)"
    r" (?:\w+ ){0,3}?(?:i|in|at|på) (?!January|February|March|April|May|June|July|August"
    r"|September|October|November|December)(?P<place>[A-ZÅÄÖ][\w-]+(?: [A-ZÅÄÖ][\w-]+)*)"
)
# A street with a number, or a postcode.
_ADDRESS = re.compile(
    r"(?:gatan?|väg(?:en)?|torg(?:et)?|plan|allén?|kaj(?:en)?|gränd|strand(?:en)?) \d"
    r"|\d{3} ?\d\d [A-ZÅÄÖ]|\b[A-Z]{1,2}\d\w? \d[A-Z]{2}\b"
)
_ONLINE = re.compile(
    r"\b(?:online|digitalt|digital(?= \w*(?:workshop|konferens|seminari|träff|kurs))"
    r"|virtual(?:ly)?|(?:on|via|på) (?:Zoom|Teams))\b",
    re.IGNORECASE,
)
_LINE_AT_MOST = 12
IS_PLACE = "is this the place?"


def place_after_day(sentence: str) -> str:
    """The place that stands last in a sentence, after day and hours, or empty."""
    found = _PLACE.fullmatch(after_time(sentence))
    return found["place"] if found else ""


def put_place_after_day(found: Head, sentence: str) -> None:
    """Set the place that stands last, after day and hours: "kl. 18.30 på Rådhuset"."""
    if place := place_after_day(sentence):
        put_place(found, place)


def put_address(found: Head, blocks: Iterable[Block]) -> None:
    """Set the place that is a line with an address."""
    for block in blocks:
        said = beside_time(block.text).strip(" /|")
        if _ADDRESS.search(said) and len(said.split()) <= _LINE_AT_MOST:
            put_place(found, said, IS_PLACE)


def put_mentioned_place(found: Head, text: str) -> None:
    """Set a place that a sentence mentions after the day, or as where the event is held."""
    for sentence in sentences(text):
        held = _HELD.search(sentence)
        if place := place_after_day(sentence) or (held["place"] if held else ""):
            put_place(found, place, IS_PLACE)


def put_online(found: Head, text: str) -> None:
    """Set the place of an event that has none and is said to be online."""
    if online := _ONLINE.search(text):
        said = online[0][0].upper() + online[0][1:]
        word = "Digitalt" if found.language == "sv" and said[0] in "DV" else "Online"
        found.put("place", said if " " in said else word, IS_PLACE)
