"""The last day to register: "senast 24/5", "by 24 May", "senast dagen före kl. 12"."""

from __future__ import annotations

import re
from typing import NamedTuple

from management.invitation.days import FoundDay, days_in
from management.invitation.lines import Block
from management.invitation.links import REGISTERS
from management.invitation.times import hours_in

_LAST = (
    r"senast(?! uppdaterad| ändrad)|sista (?:anmälnings|svars)?(?:dag|datum)\w*(?: för \w+)?"
    r"|deadline|no later than|latest|closes(?: on)?|stänger|går ut"
)
_SURE = re.compile(rf"\b(?:{_LAST})\b[^.\d]{{0,40}}$", re.IGNORECASE)
_PERHAPS = re.compile(
    r"\b(?:by|before|until|före|till och med|t\.?o\.?m\.?)\s[^.\d]{0,25}$", re.IGNORECASE
)
_DAY_BEFORE = re.compile(
    rf"\b(?:{_LAST})\s+(?:the )?(?:dagen före|dagen innan|day before)", re.IGNORECASE
)


def is_limit(text: str, day: FoundDay) -> bool:
    """Whether a day in a text is one before which something is to be done."""
    before = text[: day.start]
    return bool(_SURE.search(before) or _PERHAPS.search(before))


class Deadline(NamedTuple):
    """The last day, or None for the day before the event; and the time, if there is one."""

    day: FoundDay | None
    time: str
    block: Block


def deadline_in(blocks: list[Block]) -> Deadline | None:
    """The deadline that a paragraph says."""
    for block in blocks:
        if found := _DAY_BEFORE.search(block.text):
            return Deadline(None, _time(block.text[found.end() :]), block)
        for day in days_in(block.text):
            before = block.text[: day.start]
            is_about = REGISTERS.search(block.text)
            if _SURE.search(before) or (is_about and _PERHAPS.search(before)):
                return Deadline(day, _time(block.text[day.end :]), block)
    return None


def _time(text: str) -> str:
    """The time right after the day; midnight is none."""
    hours = hours_in(text[:25])
    return hours.starts if hours and hours.starts not in {"24.00", "23.59", "0.00"} else ""
