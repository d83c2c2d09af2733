"""The rows of an invitation's programme."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from management.invitation.draft import Table, Value
from management.invitation.lines import Block
from management.invitation.named_days import HeadingDay
from management.invitation.times import Hours

HOURS = ("starts", "ends")
_LEADS = re.compile(r"(?P<name>.+?) \((?P<role>moderator|samtalsledare|chair)\)", re.IGNORECASE)


@dataclass
class Row:
    """A row, on `day` if the programme says one; perhaps of parallel sessions in a list."""

    values: dict[str, Value]
    day: HeadingDay | None = None
    blocks: list[Block] = field(default_factory=list)
    todo: dict[str, str] = field(default_factory=dict)
    is_in_list: bool = False

    def table(self) -> Table:
        """The row as a table of the file; without a title it has its speakers' names."""
        speakers = self.values.get("speakers")
        if isinstance(speakers, list):
            self.values.setdefault("title", ", ".join(speakers))
            self._put_leaders(speakers)
        lines = [line for block in self.blocks for line in block.lines]
        return Table(self.values, self.todo, lines)

    def _put_leaders(self, speakers: list[str]) -> None:
        """Set the moderator whom brackets among the speakers name: "Anna Ek (moderator)"."""
        for found in filter(None, map(_LEADS.fullmatch, speakers)):
            key = "chair" if found["role"].casefold() == "chair" else "moderator"
            self.values.setdefault(key, found["name"])
            speakers.remove(found[0])
        if not speakers:
            self.values.pop("speakers")


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
