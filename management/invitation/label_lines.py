"""Labels alone on a line, with the value below: "Plats", then "Rådhuset, Torget 1"."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile

from management.invitation.days import beside_time, days_in
from management.invitation.lines import Block, sentences
from management.invitation.people import people_in
from management.invitation.times import hours_in, time_at_start

_WHEN = re.compile(r"tid|datum|dag|när|time|date|day|when|tidpunkt|(?:tid|datum) och (?:tid|datum)")
_WHERE = re.compile(r"plats|var|place|venue|where|location|adress|address|lokal|sal|room")
_WHOM = re.compile(
    r"målgrupp|för vem|vem (?:kan|bör) delta|audience|target group|who is it for"
    r"|who (?:should|can) (?:participate|attend)"
)
_WHO = re.compile(r"medverkande|talare|föreläsare|speakers?|moderator")
_HOST = re.compile(r"arrangör(?:er)?|organi[sz]ers?|hosts?")
_MAP = re.compile(r"(?:visa )?(?:på )?karta|(?:view |show on )?map|hitta hit", re.IGNORECASE)
_LINES_AT_MOST, _WORDS_AT_MOST = 3, 12


def with_values(blocks: list[Block]) -> list[Block]:
    """The blocks, with each label that stands alone together with its value."""
    joined: list[Block] = []
    place = 0
    while place < len(blocks):
        block, rest = blocks[place], blocks[place + 1 :]
        value = _value(block, rest)
        joined.append(_joined(block, value) if value else block)
        place += 1 + len(value)
    return joined


def _value(block: Block, rest: list[Block]) -> list[Block]:
    """The blocks below a label that are its value; none if the block is no label."""
    label = _plain(block.text)
    found = next((of for pattern, of in _VALUES if pattern.fullmatch(label)), None)
    return found(rest) if found else []


def is_label(text: str) -> bool:
    """Whether a text is only a label that is known, such as "Plats:"."""
    return any(pattern.fullmatch(_plain(text)) for pattern, _ in _VALUES)


def _plain(text: str) -> str:
    return text.rstrip(" :?").casefold()


def _joined(block: Block, value: list[Block]) -> Block:
    label = "Målgrupp" if _WHOM.fullmatch(_plain(block.text)) else block.text.rstrip(" :?")
    between = ", " if _WHERE.fullmatch(_plain(block.text)) else " "
    said = between.join(one.text for one in value if not _MAP.fullmatch(one.text))
    lines = [line for one in (block, *value) for line in one.lines]
    return Block(f"{label}: {said}", lines, after_blank=block.after_blank)


def _time(rest: list[Block]) -> list[Block]:
    """Days and hours that stand alone; hours by themselves may be those of the first row."""
    value = list(takewhile(_says_only_when, rest[:_LINES_AT_MOST]))
    after = rest[len(value) : len(value) + 1]
    has_day = any(days_in(one.text) for one in value)
    return value if has_day or not after or is_label(after[0].text) or after[0].is_heading else []


def _says_only_when(block: Block) -> bool:
    is_when = bool(days_in(block.text) or hours_in(block.text))
    return is_when and not beside_time(block.text)


def _where(rest: list[Block]) -> list[Block]:
    """A short line, and those right below it."""
    near = takewhile(lambda one: not one.after_blank, rest[1:_LINES_AT_MOST])
    return list(takewhile(_is_short, [*rest[:1], *near]))


def _is_short(block: Block) -> bool:
    is_other = block.is_heading or is_label(block.text) or time_at_start(block.text)
    return not is_other and len(block.text.split()) <= _WORDS_AT_MOST


def _paragraph(rest: list[Block]) -> list[Block]:
    return [one for one in rest[:1] if not (one.is_heading or is_label(one.text) or _is_row(one))]


def _is_row(block: Block) -> bool:
    return time_at_start(block.text) is not None


def _people(rest: list[Block]) -> list[Block]:
    return [one for one in _paragraph(rest) if people_in(sentences(one.text)[0])]


_VALUES: tuple[tuple[re.Pattern[str], Callable[[list[Block]], list[Block]]], ...] = (
    (_WHEN, _time),
    (_WHERE, _where),
    (_WHOM, _paragraph),
    (_HOST, _where),
    (_WHO, _people),
    (re.compile(r"titel|title|abstract"), _paragraph),
)
