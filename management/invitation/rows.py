"""The rows of an invitation's programme."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from management.invitation.draft import Table, Value
from management.invitation.lines import Block, label_of
from management.invitation.named_days import HeadingDay
from management.invitation.times import Hours

HOURS = ("starts", "ends")
# The title of a last row that only says the end.
ENDS = re.compile(
    r"(?:(?:the )?\w+ )?(?:avslut(?:as)?|slut(?:ar)?|ends|closes|finish(?:es)?)"
    r"|avslutning(?: och hem\w+)?|close",
    re.IGNORECASE,
)
_CHAIR = re.compile(r"(?:session )?chairs?(?: of the \w+(?: session)?)?|ordförande")
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
class RowContext:
    """What lines below a heading say of the rows below them: who chairs them, where they are."""

    chair: Block | None = None
    place: str = ""

    def reads(self, block: Block) -> bool:
        """Whether a block is such a line, which is remembered."""
        label, said = label_of(block.text)
        if said and _CHAIR.fullmatch(label):
            self.chair = block
        elif said and label in {"plats", "place", "venue", "location", "adress"}:
            self.place = said
        else:
            return False
        return True

    def put_into(self, row: Row) -> list[Block]:
        """Set the chair, of a row that is no meal, and the place, if the row does not say them.

        Returns the block that says the chair, if the row has it.
        """
        chair = label_of(self.chair.text)[1] if self.chair else ""
        if chair and row.values.get("kind") != "meal":
            row.values.setdefault("chair", chair)
        if self.place:
            row.values.setdefault("place", self.place)
        return [self.chair] if self.chair and row.values.get("chair") == chair else []


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


def leader_of_day(block: Block, row: Row) -> str:
    """Who leads the whole day, as said below a meal or the day's end; or empty."""
    label, said = label_of(block.text)
    title = str(row.values.get("title", ""))
    is_over = row.values.get("kind") == "meal" or ENDS.fullmatch(title)
    is_leader = label in {"moderator", "samtalsledare"} and title
    return said.rstrip(".") if is_leader and is_over else ""
