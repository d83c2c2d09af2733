"""How a programme is laid out: where it begins, which blocks begin rows, what stands above them."""

from __future__ import annotations

import re
from itertools import takewhile

from management.invitation.days import days_in, without_days
from management.invitation.lines import PROGRAMME, Block, label_of, sentences
from management.invitation.meals import is_meal, untimed_meal
from management.invitation.named_days import HeadingDay, named_day
from management.invitation.people import is_name, people_in
from management.invitation.rooms import is_room
from management.invitation.times import Hours, hours_in, minutes_of, time_at_start, without_hours

_DAY_WORDS, _ROOM_WORDS, _TURNED_WORDS = 4, 4, 3
# The rows of a programme without times: how many, how long, and their part of the paragraphs.
_ROWS_AT_LEAST, _ROW_WORDS, _MOST = 3, 20, 0.7
_LIST = re.compile(r"\s(?:och|and|samt)\s|;")
_BREAK = re.compile(r"paus|rast|bensträckare|break|pause|avslutning|inledning", re.IGNORECASE)
# After hours in a sentence: "From 10 to 20, in the library".
_GOES_ON = re.compile(r"(?:i|på|vid|in|at|on|till|to|och|and|men|but|så)\b")


def start_of(blocks: list[Block]) -> int:
    """The place of the first block of the programme; after the last if there is none."""
    headings = [place for place, one in enumerate(blocks) if PROGRAMME.fullmatch(one.text)]
    timed = [place for place, one in enumerate(blocks) if row_hours(one, blocks[place + 1 :])]
    if timed and _is_of_event(blocks, timed):
        timed = timed[1:]
    untimed = [] if timed else [one for one in headings if _is_list(blocks[one + 1 :])]
    headings = [place for place in headings if _begins_programme(blocks[place + 1 : place + 3])]
    headings = headings or untimed[-1:]
    above = [place for place in headings if not timed or place < timed[0]]
    if above:
        return above[-1] if timed else above[0]
    first = timed[0] if timed else len(blocks)
    return first - 1 if 0 < first < len(blocks) and day_heading(blocks[first - 1]) else first


def _is_list(blocks: list[Block]) -> bool:
    """Whether short paragraphs follow, as the rows of a programme without times."""
    near = takewhile(lambda one: not one.is_heading, blocks)
    lines = [one for one in near if one.after_blank and not label_of(one.text)[0]]
    short = [one for one in lines if len(one.text.split()) <= _ROW_WORDS]
    return len(short) >= _ROWS_AT_LEAST and len(short) > len(lines) * _MOST


def _begins_programme(blocks: list[Block]) -> bool:
    """Whether the blocks after a heading are those of a programme."""
    first = blocks[0] if blocks else None
    is_row = first and (time_at_start(first.text, whole=True) or first.is_bullet)
    is_row = is_row or (first and row_hours(first, blocks[1:]))
    return bool(is_row or (first and (day_heading(first) or untimed_meal(first.text))))


def row_hours(block: Block, after: list[Block]) -> tuple[Hours, str] | None:
    """The hours and the title of a block that begins a row; the title may be the next line."""
    found = time_at_start(block.text)
    if not found:
        return None
    hours, rest = found
    if rest:
        is_title = rest[0].isalnum() or rest[0] in "”“\"'#"
        is_title = is_title and not _GOES_ON.match(rest)
        return found if is_title and not _only_day(rest) else None
    is_titled = bool(after) and not time_at_start(after[0].text)
    is_titled = is_titled and not (after[0].is_heading and _ends_part(after))
    return (hours, "") if is_titled else None


def speakers_first(text: str, after: list[Block]) -> list[str]:
    """The persons whom a row's line only names, if the title is on the next line."""
    people = people_in(text)
    below = after[0] if after and all(map(is_name, people)) else None
    if not below or row_hours(below, after[1:]) or below.is_heading or below.is_bullet:
        return []
    is_title = not (label_of(below.text)[0] or people_in(below.text) or is_room(below.text))
    return people if is_title and not below.after_blank else []


def turned_row(text: str) -> tuple[Hours, str] | None:
    """The hours and the title of a row that has its hours last: "PAUS 14.00–14.15"."""
    title = without_hours(text).strip(" :,(")
    hours = hours_in(text) if title and text.startswith(title) else None
    is_break = is_meal(title) or _BREAK.fullmatch(title)
    is_short = len(title.split()) <= _TURNED_WORDS
    return (hours, title) if hours and hours.ends and is_break and is_short else None


def _ends_part(after: list[Block]) -> bool:
    """Whether a heading is that of another part, not the title of a row: "Registration"."""
    is_row = len(after) > 1 and time_at_start(after[1].text)
    return not is_row or bool(PROGRAMME.fullmatch(after[0].text))


def _only_day(text: str) -> bool:
    return bool(days_in(text)) and not without_days(text).strip(" ,.")


def _is_of_event(blocks: list[Block], timed: list[int]) -> bool:
    """Whether the first hours stand alone and are those of the event, not of a row."""
    first = time_at_start(blocks[timed[0]].text, whole=True)
    others = [time_at_start(blocks[place].text) for place in timed[1:]]
    last = max((minutes_of(one[0].starts) for one in others if one), default=0)
    return first is not None and (not others or minutes_of(first[0].ends) > last)


def day_heading(block: Block) -> HeadingDay | None:
    """The day of a block that says only a day: "Dag 1, tisdag 7 september", "Thursday"."""
    days = days_in(block.text)
    if not days:
        return named_day(block.text)
    rest = re.findall(r"\w+", without_days(block.text))
    return days[0] if len(rest) <= _DAY_WORDS and not label_of(block.text)[0] else None


def are_rooms_first(blocks: list[Block]) -> bool:
    """Whether the lines between times and titles are rooms: "12.00" / "Foyer" / "Lunch"."""
    below = [
        blocks[place + 1 : place + 3]
        for place, one in enumerate(blocks)
        if time_at_start(one.text, whole=True) and row_hours(one, blocks[place + 1 :])
    ]
    is_each = all(
        len(two) > 1 and not _begins(two[1]) and len(two[0].text.split()) <= _ROOM_WORDS
        for two in below
    )
    return is_each and any(is_room(two[0].text) for two in below)


def _begins(block: Block) -> bool:
    return bool(block.is_heading or time_at_start(block.text) or day_heading(block))


def lines_of_speakers(blocks: list[Block]) -> set[int]:
    """The ids of blocks that are one speaker each, as two or more stand below each other."""
    is_one = [_is_speaker(block) for block in blocks]
    near = zip(is_one, [False, *is_one], [*is_one[1:], False], strict=False)
    return {
        id(block)
        for block, (one, above, below) in zip(blocks, near, strict=True)
        if one and (above or below)
    }


def _is_speaker(block: Block) -> bool:
    name, comma, _ = block.text.partition(", ")
    is_sentence = len(sentences(block.text)) > 1 or block.text.endswith(")")
    return bool(comma) and is_name(name) and not is_sentence and not _LIST.search(block.text)


def hours_of_days(blocks: list[Block]) -> dict[int, Hours]:
    """The hours below a day's heading that the day's rows are in, by their blocks' ids."""
    found = {}
    for place, block in enumerate(blocks[1:], 1):
        hours = time_at_start(block.text)
        if hours and day_heading(blocks[place - 1]) and _has_rows(hours[0], blocks[place + 1 :]):
            found[id(block)] = hours[0]
    return found


def _has_rows(day: Hours, below: list[Block]) -> bool:
    """Whether the rows up to the next heading begin no later than the hours, and end in them."""
    rows = [time_at_start(one.text) for one in takewhile(lambda one: not day_heading(one), below)]
    starts = [minutes_of(row[0].starts) for row in rows if row]
    ends = [minutes_of(row[0].ends) for row in rows if row]
    if len(set(starts)) <= 1:
        return False
    return starts[0] <= minutes_of(day.starts) and max(starts + ends) <= minutes_of(day.ends)
