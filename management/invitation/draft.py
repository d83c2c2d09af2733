"""An event's file while it is made: its tables, what is left to do, and the lines they are from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = "str | bool | int | float | dt.date | dt.time | list[str]"

# The rows of a file, in its order.
ROWS = ("links", "contacts", "receivers", "days", "agenda")


@dataclass
class Table:
    """A table of the file. Without values it is written as comments only.

    `todo` says by key what the organiser must fill in or check; `lines` are the invitation's lines
    that the table was read from.
    """

    values: dict[str, Value] = field(default_factory=dict)
    todo: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def guess(self, key: str, value: Value, todo: str) -> None:
        """Set a value that the organiser must check, unless there is one."""
        if key not in self.values:
            self.values[key] = value
            self.todo[key] = todo

    def drop(self, key: str, todo: str) -> None:
        """Take a value away, and say so."""
        self.values.pop(key)
        self.todo[key] = todo


@dataclass
class Draft:
    """An event's file: `others` are tables of the organisation that the event sets for itself.

    `left` are lines of the invitation that no table was read from.
    """

    language: str
    event: Table = field(default_factory=Table)
    registration: Table = field(default_factory=Table)
    rows: dict[str, list[Table]] = field(default_factory=lambda: {name: [] for name in ROWS})
    others: dict[str, Table] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def word(self, swedish: str, english: str) -> str:
        """The text in the event's first language."""
        return swedish if self.language == "sv" else english

    @property
    def tables(self) -> list[tuple[str, Table]]:
        """All tables with their names, in the order of the file."""
        rows = [(name, table) for name in ROWS for table in self.rows[name]]
        return [("event", self.event), ("registration", self.registration), *rows]
