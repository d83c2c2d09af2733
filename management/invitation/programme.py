"""The programme of an invitation: rows with their hours, and the lines below each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from management.invitation.below import ROOMS, add_text, put_below
from management.invitation.draft import Table, Value
from management.invitation.layout import (
    are_rooms_first,
    day_heading,
    hours_of_days,
    lines_of_speakers,
    row_hours,
)
from management.invitation.lines import Block, label_of
from management.invitation.meals import untimed_meal
from management.invitation.named_days import HeadingDay, says_only_day
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
_ENDS = re.compile(
    r"(?:(?:the )?\w+ )?(?:avslut(?:as)?|slut(?:ar)?|ends|closes|finish(?:es)?)"
    r"|avslutning(?: och hem\w+)?|close",
    re.IGNORECASE,
)
_END = re.compile(r"(?:slut|end|close|slut för (?:i)?dag(?:en)?)\.?", re.IGNORECASE)


@dataclass
class Row:
    """A row, on `day` if the programme says one."""

    values: dict[str, Value]
    day: HeadingDay | None = None
    blocks: list[Block] = field(default_factory=list)

    def table(self) -> Table:
        """The row as a table of the file; without a title it has its speakers' names."""
        speakers = self.values.get("speakers")
        if "title" not in self.values and isinstance(speakers, list):
            self.values["title"] = ", ".join(speakers)
        return Table(self.values, lines=[line for block in self.blocks for line in block.lines])


@dataclass
class Programme:
    """The rows; `ends` is the time of a row that says the end, `hours` stand above the rows.

    `leads` are moderators of whole days.
    """

    rows: list[Row] = field(default_factory=list)
    ends: str = ""
    ends_in_row: bool = False
    hours: Hours | None = None
    leads: list[tuple[HeadingDay | None, str]] = field(default_factory=list)
    end_lines: list[str] = field(default_factory=list)
    used: list[Block] = field(default_factory=list)


class _Reader:
    def __init__(self, blocks: list[Block], others: list[Block]) -> None:
        self.found = Programme()
        self._blocks = blocks
        self._others = {id(one) for one in others}
        self._row: Row | None = None
        self._parent: Row | None = None
        self._day: HeadingDay | None = None
        self._heading: Block | None = None
        self._of_days, self._day_ends = hours_of_days(blocks), ""
        self._are_rooms_first = are_rooms_first(blocks)
        self._speakers = lines_of_speakers(blocks)
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
            elif id(block) in self._of_days:
                self._day_ends = self._of_days[id(block)].ends
            elif hours := row_hours(block, self._blocks[place + 1 :]):
                self._begin(block, *hours)
            elif (
                self._is_hours(block)
                or self._begins_part(block)
                or (is_after and self._is_apart(block))
            ):
                continue
            elif self._row:
                self._continue(block)
        self._end_by_last()
        return self.found

    def _end_by_last(self) -> None:
        """Take the time of a last row such as "Kursen avslutas" as the end."""
        last = self.found.rows[-1].values if self.found.rows else {}
        is_end = bool(_ENDS.fullmatch(str(last.get("title", "")))) and "ends" not in last
        if is_end and not self.found.ends:
            self.found.ends_in_row = True
            self.found.ends = str(last.get("starts", "")).removeprefix("cirka ")
        elif not self.found.ends:
            self.found.ends = self._day_ends

    def _begins_part(self, block: Block) -> bool:
        """Whether a block is a heading, or a row without hours, which it begins."""
        if day := day_heading(block):
            self._day, self._day_ends = day, ""
            self._heading = block if says_only_day(block.text) else None
        if day or block.is_heading:
            self._row = None
        elif meal := untimed_meal(block.text):
            self._add(Row(meal, self._day, [block]))
        elif not self._is_timed and block.is_bullet:
            self._add(Row(row_of_title(block.text), self._day, [block]))
        else:
            return False
        return True

    def _is_hours(self, block: Block) -> bool:
        """Whether a block is only hours, above the rows: those of the event."""
        hours = time_at_start(block.text, whole=True)
        if not hours or self.found.rows or not hours[0].ends:
            return False
        self.found.hours = hours[0]
        self.found.used.append(block)
        self.found.end_lines += block.lines
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
            self.found.ends = hours.starts
            self.found.end_lines += block.lines
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
        self.found.used += [*filter(None, [self._heading]), *row.blocks]

    def _continue(self, block: Block) -> None:
        if self._is_part(block):
            self._add_part(block)
            return
        row = self._row
        assert row  # noqa: S101 - the caller has looked
        if leader := self._leader_of_day(block, row):
            self.found.leads.append((row.day, leader))
            self.found.used.append(block)
            return
        self._has_paragraphs |= block.after_blank and "title" in row.values
        row.blocks.append(block)
        self.found.used.append(block)
        if self._are_rooms_first and not {"title", "room"} & row.values.keys():
            row.values["room"] = block.text
        elif id(block) in self._speakers and "title" in row.values:
            add_text(row.values, "speakers", block.text)
        else:
            put_below(block, row.values)

    @staticmethod
    def _leader_of_day(block: Block, row: Row) -> str:
        """Who leads the whole day, as said below a meal or the day's end; or empty."""
        label, said = label_of(block.text)
        title = str(row.values.get("title", ""))
        is_over = row.values.get("kind") == "meal" or _ENDS.fullmatch(title)
        is_leader = label in {"moderator", "samtalsledare"} and title
        return said.rstrip(".") if is_leader and is_over else ""

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
