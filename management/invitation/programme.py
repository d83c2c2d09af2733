"""The programme of an invitation: rows with their hours, and the lines below each."""

from __future__ import annotations

import re

from management.invitation.below import LEADERS, add_text, describe, put_below
from management.invitation.days import days_in
from management.invitation.draft import Value
from management.invitation.label_lines import is_label
from management.invitation.layout import (
    are_rooms_first,
    day_heading,
    hours_of_days,
    lines_of_speakers,
    row_hours,
    speakers_first,
    turned_row,
)
from management.invitation.lines import Block, label_of
from management.invitation.meals import untimed_meal
from management.invitation.named_days import HeadingDay, says_only_day
from management.invitation.parallel import (
    is_part,
    is_room_in_list,
    meal_between,
    next_of_list,
    room_of_track,
    row_of_part,
    row_of_track,
)
from management.invitation.people import people_in
from management.invitation.rows import ENDS, Programme, Row, RowContext, leader_of_day
from management.invitation.times import Hours, after_noon, time_at_start
from management.invitation.titles import row_of_title, title_and_rest

_FAREWELL = re.compile(r"välkom|hälsning|väl mött|welcome|regards", re.IGNORECASE)
_FEW_WORDS, _TITLE_AT_MOST = 8, 20
# The heading of some rows: "Session 2 – Soups".
_SESSION = re.compile(r"(?:pass|session|block|del|part) (?:\d|[IVX]+\b)", re.IGNORECASE)
_PM = re.compile(r"\d\s?p\.?m\b", re.IGNORECASE)
_END = re.compile(r"(?:slut|end|close|slut för (?:i)?dag(?:en)?)\.?", re.IGNORECASE)


class _Reader:
    def __init__(self, blocks: list[Block], others: list[Block]) -> None:
        self.found = Programme()
        self._blocks = blocks
        self._others = {id(one) for one in others}
        self._row: Row | None = None
        self._parent: Row | None = None
        self._day: HeadingDay | None = None
        self._heading: Block | None = None
        self._context = RowContext()
        self._of_days, self._day_ends = hours_of_days(blocks), ""
        self._are_rooms_first = are_rooms_first(blocks)
        self._speakers = lines_of_speakers(blocks)
        starts = [place for place, one in enumerate(blocks) if time_at_start(one.text)]
        self._is_timed, self._has_paragraphs = bool(starts), False
        starts = starts or [
            place for place, one in enumerate(blocks) if one.is_bullet and not one.is_inferred
        ]
        self._is_by_paragraphs = not starts
        starts = starts or [place for place, one in enumerate(blocks) if one.after_blank]
        self._has_halves = any(_PM.search(one.text) for one in blocks)
        self._last = starts[-1] if starts else len(blocks)

    def read(self) -> Programme:
        """Read the blocks in order."""
        for place, block in enumerate(self._blocks):
            is_after = place > self._last
            if id(block) in self._others:
                self._row = None if is_after else self._row
            elif id(block) in self._of_days:
                self._day_ends = self._of_days[id(block)].ends
            elif (
                self._begins_row(block, self._blocks[place + 1 :])
                or self._begins_part(block)
                or (is_after and self._is_apart(block))
            ):
                continue
            elif self._row:
                self._continue(block)
        self._end_by_last()
        return self.found

    def _begins_row(self, block: Block, after: list[Block]) -> bool:
        """Whether a block begins a row with hours, which it adds."""
        turned = turned_row(block.text) if self._row else None
        if hours := row_hours(block, after) or turned:
            self._begin(block, *hours, after)
            return True
        return self._is_hours(block, after) or self._begins_parallel(block)

    def _begins_parallel(self, block: Block) -> bool:
        """Whether a block begins a further session at the same hours, which it adds."""
        parent, row = self._parent, self._row
        if parent is None or row is None:
            return False
        if is_part(block):
            self._add_part(row_of_part(block, parent), parent)
        elif room := room_of_track(block, parent):
            if row is parent and self._lacks_title:  # the first of them
                parent.values["room"] = room
                parent.blocks.append(block)
                self.found.used.append(block)
            else:
                self._add(row_of_track(block, parent, room))
        elif further := next_of_list(block, row):
            self._add(further)
        else:
            return False
        return True

    def _add_part(self, part: Row, parent: Row) -> None:
        """Add a session; the row that only heads the sessions goes."""
        if parent in self.found.rows and not parent.values.get("speakers"):
            self.found.rows.remove(parent)
            part.blocks = [*parent.blocks, *part.blocks]
        self._add(part)

    def _end_by_last(self) -> None:
        """Take the time of a last row such as "Kursen avslutas" as the end."""
        last = self.found.rows[-1].values if self.found.rows else {}
        is_end = bool(ENDS.fullmatch(str(last.get("title", "")))) and "ends" not in last
        if is_end and not self.found.ends:
            self.found.ends_in_row = True
            self.found.ends = str(last.get("starts", "")).removeprefix("cirka ")
        elif not self.found.ends:
            self.found.ends = self._day_ends

    def _begins_part(self, block: Block) -> bool:
        """Whether a block is a heading, or a row without hours, which it begins."""
        if self._is_by_paragraphs and is_label(label_of(block.text)[0]):
            return True
        is_heading = block.is_heading or _SESSION.match(block.text)
        is_above_rows = self._row is None or label_of(block.text)[0].startswith("chair of")
        if day := day_heading(block):
            self._day, self._day_ends, self._row, self._context = day, "", None, RowContext()
            self._heading = block if says_only_day(block.text) else None
        elif is_heading and not self._lacks_title:
            self._row = self._context.chair = None
        elif is_above_rows and self._context.reads(block):
            pass
        elif meal := untimed_meal(block.text):
            self._add(Row(meal, self._day, [block]))
        elif self._row and (between := meal_between(block, self._row)):
            self._add(between)
        elif not self._is_timed and (block.is_bullet or self._is_title_of_paragraph(block)):
            self._add(Row(row_of_title(block.text), self._day, [block]))
        else:
            return False
        return True

    def _is_title_of_paragraph(self, block: Block) -> bool:
        """Whether a block is the first line of a row in a programme without times or bullets."""
        is_line = block.after_blank and len(block.text.split()) <= _TITLE_AT_MOST
        return self._is_by_paragraphs and is_line and not label_of(block.text)[0]

    @property
    def _lacks_title(self) -> bool:
        return self._row is not None and "title" not in self._row.values

    def _is_hours(self, block: Block, after: list[Block]) -> bool:
        """Whether a block is only hours, above rows: those of the event, or of a session."""
        hours = time_at_start(block.text, whole=True)
        if hours and self.found.rows and after and time_at_start(after[0].text):
            self.found.used.append(block)
            return True
        if not hours or self.found.rows or not hours[0].ends:
            return False
        self.found.hours = hours[0]
        self.found.used.append(block)
        self.found.end_lines += block.lines
        return True

    def _is_apart(self, block: Block) -> bool:
        """Whether a block after the last row is not about that."""
        label, _ = label_of(block.text)
        is_alone = is_label(block.lines[0])
        is_other = is_alone or not LEADERS.fullmatch(label)
        if is_label(label) and is_other and not self._is_of_rows(label, block):
            self._row = None
            return True
        if not self._row or "title" not in self._row.values:
            return False
        is_far = block.after_blank and not self._has_paragraphs
        is_farewell = bool(_FAREWELL.search(block.text)) and len(block.text.split()) <= _FEW_WORDS
        is_about_row = people_in(block.text) or is_part(block)
        return (is_far or is_farewell) and not is_about_row

    def _is_of_rows(self, label: str, block: Block) -> bool:
        """Whether a label right below the row stands below another row too."""
        of_rows = [one for row in self.found.rows if row is not self._row for one in row.blocks]
        return not block.after_blank and label in {label_of(one.text)[0] for one in of_rows}

    def _begin(self, block: Block, hours: Hours, title: str, after: list[Block]) -> None:
        if self._has_halves and self._parent and self._parent.day == self._day:
            hours = after_noon(hours, str(self._parent.values["starts"]))
        if _END.fullmatch(title):
            self.found.ends = hours.starts
            self.found.end_lines += block.lines
            self.found.used.append(block)
            self._row = None
            return
        if (days := days_in(title)) and days[-1].end == len(title):
            self._day, self._day_ends = days[-1], ""
            title = title[: days[-1].start].strip(" ,–-")
        values: dict[str, Value] = {"starts": hours.starts}
        values |= {"ends": hours.ends} if hours.ends else {}
        title, rest = title_and_rest(title)
        if people := speakers_first(title, after):
            values["speakers"] = people
        elif title:
            values |= row_of_title(title)
        if rest:
            describe(rest, values)
        self._add(Row(values, self._day, [block]))
        self._parent = self._row

    def _add(self, row: Row) -> None:
        self._row = row
        self.found.used += self._context.put_into(row)
        self.found.rows.append(row)
        self.found.used += [*filter(None, [self._heading]), *row.blocks]

    def _continue(self, block: Block) -> None:
        row = self._row
        assert row  # noqa: S101 - the caller has looked
        if leader := leader_of_day(block, row):
            self.found.leads.append((row.day, leader))
            self.found.used.append(block)
            return
        is_paragraph = block.after_blank and len(block.text.split()) > _FEW_WORDS // 2
        is_paragraph = is_paragraph and "title" in row.values and not people_in(block.text)
        self._has_paragraphs |= is_paragraph
        row.blocks.append(block)
        self.found.used.append(block)
        is_room_first = self._are_rooms_first and not {"title", "room"} & row.values.keys()
        if is_room_first or is_room_in_list(block, row):
            row.values["room"] = block.text
        elif id(block) in self._speakers and "title" in row.values:
            add_text(row.values, "speakers", block.text)
        else:
            put_below(block, row.values)


def programme_in(blocks: list[Block], others: list[Block]) -> Programme:
    """The programme from its first block on; `others` are blocks that say something else."""
    return _Reader(blocks, others).read()
