"""Rows without hours of their own: parallel sessions, and meals between two rows."""

from __future__ import annotations

import re

from management.invitation.draft import Value
from management.invitation.lines import Block, label_of
from management.invitation.meals import begins_meal
from management.invitation.people import is_name
from management.invitation.rooms import ROOM_LABEL, is_room
from management.invitation.rows import HOURS, Row
from management.invitation.times import hours_in, time_at_start, without_hours
from management.invitation.titles import row_of_title

_LETTER = re.compile(
    r"(?:[A-H][.):]|(?:spår|track|workshop|seminarium|session|pass) (?!chair|ordf|lead)\w+[:.–-])"
    r"\s+(?P<title>.+)",
    re.IGNORECASE,
)
_LABEL_AT_MOST, _ROOM_AT_MOST, _MEAL_AT_MOST = 14, 4, 8


def is_part(block: Block) -> bool:
    """Whether a block names one of several sessions: "A. Food", "Track 1: Food", "Hall 2: Food"."""
    letter = _LETTER.match(block.text) and not is_name(block.text)
    label, rest = label_of(block.text)
    is_label = label and rest and is_room(label.capitalize()) and not ROOM_LABEL.fullmatch(label)
    return bool(letter or is_label)


def row_of_part(block: Block, parent: Row) -> Row:
    """The row of a block that names one of several sessions at the hours of `parent`."""
    letter = _LETTER.match(block.text)
    label, title = block.text.partition(":")[::2]
    of_title = row_of_title(letter["title"]) if letter else row_of_title(title) | {"room": label}
    return Row(_hours_of(parent) | of_title, parent.day, [block])


def room_of_track(block: Block, parent: Row) -> str:
    """The room of a line that repeats the hours of a row: "Track 1 | Hall | 9–10"; or empty."""
    hours = hours_in(block.text)
    is_same = hours and hours == (parent.values.get("starts"), parent.values.get("ends"))
    parts = re.split(r"\s[–-]\s|,\s", without_hours(block.text).strip(" ,–-"))
    return parts[-1] if is_same and len(block.text.split()) <= _LABEL_AT_MOST else ""


def row_of_track(block: Block, parent: Row, room: str) -> Row:
    """The row, without a title yet, of a further session at the hours of `parent`."""
    return Row(_hours_of(parent) | {"room": room}, parent.day, [block])


def next_of_list(block: Block, row: Row) -> Row | None:
    """The row of a bullet below a row that is a bullet with a room, or is in such a list itself."""
    titled = next((one for one in row.blocks if not time_at_start(one.text, whole=True)), None)
    known = row.values.keys() - {*HOURS, "kind", "id"}
    is_list = block.is_bullet and titled is not None and titled.is_bullet
    if not is_list or "room" not in known or known > {"title", "room", "speakers"}:
        return None
    values = _hours_of(row) | row_of_title(block.text)
    return Row(values, row.day, [block], is_in_list=True)


def is_room_in_list(block: Block, row: Row) -> bool:
    """Whether a block is the room of a row in a list of which the others have rooms."""
    is_short = len(block.text.split()) <= _ROOM_AT_MOST and not block.is_bullet
    return row.is_in_list and is_short and row.values.keys() <= {*HOURS, "title", "kind"}


def meal_between(block: Block, above: Row) -> Row | None:
    """The row of a meal, without hours, below a row that ends: "LUNCH"; None if it is none."""
    is_line = begins_meal(block.text) and len(block.text.split()) <= _MEAL_AT_MOST
    is_line = is_line and not block.is_bullet and block.text[-1] not in ".:"
    if not is_line or not {"title", "ends"} <= above.values.keys():
        return None
    values = {"starts": above.values["ends"], **row_of_title(block.text)}
    return Row(values, above.day, [block], {"starts": "is this when it is?"})


def _hours_of(row: Row) -> dict[str, Value]:
    return {key: row.values[key] for key in HOURS if key in row.values}
