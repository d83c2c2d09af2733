"""The programme of an invitation: rows with their hours, and the lines below each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from management.invitation.below import ROOMS, put_below
from management.invitation.days import FoundDay, days_in, without_days
from management.invitation.draft import Table, Value
from management.invitation.lines import PROGRAMME, Block, label_of
from management.invitation.meals import untimed_meal
from management.invitation.people import people_in
from management.invitation.rooms import is_room
from management.invitation.times import Hours, time_at_start
from management.invitation.titles import row_of_title

_LETTER = re.compile(
    r"(?:[A-H][.):]|(?:spår|track|workshop|seminarium|session) \w+[:.–-])\s+(?P<title>.+)",
    re.IGNORECASE,
)
_FAREWELL = re.compile(r"välkom|hälsning|väl mött|welcome|regards", re.IGNORECASE)
_FEW_WORDS = 8
_END = re.compile(r"(?:slut|end|close|slut för (?:i)?dag(?:en)?)\.?", re.IGNORECASE)
_DAY_WORDS = 4


@dataclass
class Row:
    """A row, on `day` if the programme says one."""

    values: dict[str, Value]
    day: FoundDay | None = None
    blocks: list[Block] = field(default_factory=list)

    def table(self) -> Table:
        """The row as a table of the file; without a title it has its speakers' names."""
        speakers = self.values.get("speakers")
        if "title" not in self.values and isinstance(speakers, list):
            self.values["title"] = ", ".join(speakers)
        return Table(self.values, lines=[line for block in self.blocks for line in block.lines])


@dataclass
class Programme:
    """The rows; `ends` is the time of a row that only says the end; `days` the headings' days."""

    rows: list[Row] = field(default_factory=list)
    ends: str = ""
    end_lines: list[str] = field(default_factory=list)
    used: list[Block] = field(default_factory=list)


def start_of(blocks: list[Block]) -> int:
    """The place of the first block of the programme; after the last if there is none."""
    headings = [place for place, one in enumerate(blocks) if PROGRAMME.fullmatch(one.text)]
    timed = [place for place, one in enumerate(blocks) if _row_hours(one, blocks[place + 1 :])]
    if timed and _is_of_event(blocks, timed):
        timed = timed[1:]
    headings = [place for place in headings if _begins_programme(blocks[place + 1 : place + 3])]
    if headings and (not timed or headings[0] < timed[0]):
        return headings[0]
    first = timed[0] if timed else len(blocks)
    return first - 1 if 0 < first < len(blocks) and _day_heading(blocks[first - 1]) else first


def _begins_programme(blocks: list[Block]) -> bool:
    """Whether the blocks after a heading are those of a programme."""
    first = blocks[0] if blocks else None
    is_row = first and (_row_hours(first, blocks[1:]) or first.is_bullet)
    return bool(is_row or (first and (_day_heading(first) or untimed_meal(first.text))))


def _row_hours(block: Block, after: list[Block]) -> tuple[Hours, str] | None:
    """The hours and the title of a block that begins a row; the title may be the next line."""
    found = time_at_start(block.text)
    if not found:
        return None
    hours, rest = found
    if rest:
        is_title = rest[0].isalnum() or rest[0] in "”“\"'"
        return found if is_title and not _only_day(rest) else None
    is_titled = bool(after) and not time_at_start(after[0].text) and not after[0].is_heading
    return (hours, "") if is_titled else None


def _only_day(text: str) -> bool:
    return bool(days_in(text)) and not without_days(text).strip(" ,.")


def _is_of_event(blocks: list[Block], timed: list[int]) -> bool:
    """Whether the first hours stand alone and are those of the event, not of a row."""
    first = time_at_start(blocks[timed[0]].text, whole=True)
    others = [time_at_start(blocks[place].text) for place in timed[1:]]
    last = max((_minutes(one[0].starts) for one in others if one), default=0)
    return first is not None and (not others or _minutes(first[0].ends) > last)


def _minutes(time: str) -> int:
    """The minutes of the day of a time as the file writes it; 0 without one."""
    hour, _, minute = time.removeprefix("cirka ").partition(".")
    return int(hour or 0) * 60 + int(minute or 0)


def _day_heading(block: Block) -> FoundDay | None:
    """The day of a block that says only a day: "Dag 1, tisdag 7 september"."""
    days = days_in(block.text)
    rest = re.findall(r"\w+", without_days(block.text)) if days else []
    return days[0] if days and len(rest) <= _DAY_WORDS and not label_of(block.text)[0] else None


class _Reader:
    def __init__(self, blocks: list[Block], others: list[Block]) -> None:
        self.found = Programme()
        self._blocks = blocks
        self._others = {id(one) for one in others}
        self._row: Row | None = None
        self._parent: Row | None = None
        self._day: FoundDay | None = None
        starts = [place for place, one in enumerate(blocks) if time_at_start(one.text)]
        self._is_timed, self._has_paragraphs = bool(starts), False
        starts = starts or [place for place, one in enumerate(blocks) if one.is_bullet]
        self._last = starts[-1] if starts else len(blocks)

    def read(self) -> Programme:
        """Read the blocks in order."""
        for place, block in enumerate(self._blocks):
            is_after = place > self._last
            if id(block) in self._others:
                self._row = None if is_after else self._row
            elif hours := _row_hours(block, self._blocks[place + 1 :]):
                self._begin(block, *hours)
            elif self._begins_part(block) or (is_after and self._is_apart(block)):
                continue
            elif self._row:
                self._continue(block)
        return self.found

    def _begins_part(self, block: Block) -> bool:
        """Whether a block is a heading, or a row without hours, which it begins."""
        if day := _day_heading(block):
            self._day = day
        if day or block.is_heading:
            self._row = None
        elif meal := untimed_meal(block.text):
            self._add(Row(meal, self._day, [block]))
        elif not self._is_timed and block.is_bullet:
            self._add(Row(row_of_title(block.text), self._day, [block]))
        else:
            return False
        return True

    def _is_apart(self, block: Block) -> bool:
        """Whether a block after the last row is not about that."""
        if not self._row or "title" not in self._row.values:
            return False
        is_far = block.after_blank and not self._has_paragraphs
        is_farewell = bool(_FAREWELL.search(block.text)) and len(block.text.split()) <= _FEW_WORDS
        is_about_row = people_in(block.text) or self._is_part(block)
        return (is_far or is_farewell) and not is_about_row

    def _begin(self, block: Block, hours: Hours, title: str) -> None:
        if _END.fullmatch(title):
            self.found.ends, self.found.end_lines = hours.starts, block.lines
            self.found.used.append(block)
            self._row = None
            return
        values: dict[str, Value] = {"starts": hours.starts}
        values |= {"ends": hours.ends} if hours.ends else {}
        values |= row_of_title(title) if title else {}
        self._add(Row(values, self._day, [block]))
        self._parent = self._row

    def _add(self, row: Row) -> None:
        self._row = row
        self.found.rows.append(row)
        self.found.used += row.blocks

    def _continue(self, block: Block) -> None:
        if self._is_part(block):
            self._add_part(block)
            return
        row = self._row
        assert row  # noqa: S101 - the caller has looked
        self._has_paragraphs |= block.after_blank and "title" in row.values
        row.blocks.append(block)
        self.found.used.append(block)
        put_below(block, row.values)

    @staticmethod
    def _is_room_label(block: Block) -> bool:
        label, rest = label_of(block.text)
        return bool(label and rest) and is_room(label.capitalize()) and not ROOMS.fullmatch(label)

    def _is_part(self, block: Block) -> bool:
        """Whether a block is one of several parallel sessions."""
        return bool(self._parent) and bool(_LETTER.match(block.text) or self._is_room_label(block))

    def _add_part(self, block: Block) -> None:
        """Add a parallel session; the row that only heads them goes."""
        parent = self._parent
        assert parent  # noqa: S101 - a part has one
        blocks = [block]
        if parent in self.found.rows and not parent.values.get("speakers"):
            self.found.rows.remove(parent)
            blocks = [*parent.blocks, block]
        letter = _LETTER.match(block.text)
        label, title = block.text.partition(":")[::2]
        hours = ("starts", "ends")
        values: dict[str, Value] = {k: parent.values[k] for k in hours if k in parent.values}
        values |= row_of_title(letter["title"]) if letter else row_of_title(title) | {"room": label}
        self._add(Row(values, parent.day, [block]))
        self.found.rows[-1].blocks = blocks


def programme_in(blocks: list[Block], others: list[Block]) -> Programme:
    """The programme from its first block on; `others` are blocks that say something else."""
    return _Reader(blocks, others).read()
