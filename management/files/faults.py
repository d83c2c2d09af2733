"""All that is wrong in the organisation's and the events' files, with the lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import NamedTuple

from chalicelib.event.file import ORGANISATION, file_of, parse_event, parse_organisation
from chalicelib.event.problems import InvalidEvent, Problem
from management.files.mistakes import CLOSE, ROWS, mended, mistake_in
from management.files.statements import Statement, parsed, statements

_KEY = re.compile(r"(\w+)(?:\[(\d+)\])?(?:\.([\w-]+))?")
_ROW_NAMES = {
    "agenda": "agenda row",
    "contacts": "contact person",
    "links": "link",
    "days": "day",
    "receivers": "receiver",
}


class Fault(NamedTuple):
    """What is wrong, and where; line 0 is unknown."""

    file: str
    line: int
    place: str
    words: str

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        return f"{', '.join(filter(None, (self.file, line, self.place)))}: {self.words}"


@dataclass
class _Table:
    """A table of a file: the lines of its heading and of its keys; `number` counts its rows."""

    name: str = ""
    number: int = 0
    line: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    title: str = ""
    is_second: bool = False

    def key(self, key: str) -> str:
        """A key as problems name it: `agenda[3].starts`."""
        number = f"[{self.number}]" if self.number else ""
        return ".".join(filter(None, (f"{self.name}{number}", key)))

    def place(self, key: str) -> str:
        """The table and the key in words: `agenda row “Lunch”, starts`, `[event] date`."""
        if not self.number:
            return f"[{self.name}] {key}".strip() if self.name else key
        row = _ROW_NAMES.get(self.name, self.name)
        said = f"“{self.title}”" if self.title else str(self.number)
        return ", ".join(filter(None, (f"{row} {said}", key)))


class _File:
    """A file, mended where a mistake is recognised, so that the rest can be read.

    `text` is None if there is no reading it.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.text: str | None = None
        self.root = _Table()
        self._tables = [self.root]
        self._told: list[tuple[int, _Table, str, str]] = []
        self._lost: set[str] = set()  # keys whose values are not known
        data = (folder / name).read_bytes()
        try:
            text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._told.append((line, self.root, "", "save the file with the encoding UTF-8"))
        else:
            self.text = self._mended(text)

    def faults(self) -> list[Fault]:
        """The mistakes in writing TOML."""
        return [
            Fault(self.name, line, table.place(key), words)
            for line, table, key, words in self._told
        ]

    def has_lost(self, key: str) -> bool:
        """Whether the value of a key is not known, because of a mistake that is told."""
        return not {key, key.removesuffix("_en"), key.partition(".")[0]}.isdisjoint(self._lost)

    def table(self, name: str, number: int) -> _Table | None:
        """A table, or the first row with this heading if `number` is 0."""
        for table in self._tables:
            if (table.name, table.number) == (name, number or min(1, table.number)):
                return table
        return None

    def _mended(self, text: str) -> str | None:
        lines = text.split("\n")
        for statement in statements(text):
            mistake = mistake_in(statement)
            right = mended(statement, mistake.meant) if mistake else statement.text
            if statement.table:
                right = self._open(statement, right or "")
            table = self._tables[-1]
            if statement.key in table.keys:
                words = f"{statement.key} is already in line {table.keys[statement.key]}; keep one"
                self._told.append((statement.line, table, statement.key, words))
                right = None
            elif statement.key:
                self._add_key(statement, right, table)
            elif not statement.table:
                self._lost.add(table.key(statement.text.split()[0]))
            if mistake:
                self._told.append((statement.line, table, statement.key, mistake.words))
            count = statement.text.count("\n") + 1
            at = statement.line - 1
            lines[at : at + count] = (right or "\n" * (count - 1)).split("\n")
        return self._read("\n".join(lines))

    def _open(self, statement: Statement, right: str) -> str:
        """Begin the table of a heading; return the heading under which it can be read."""
        (heading,) = statements(right)
        name, is_row = heading.table, heading.is_row
        earlier = [one for one in self._tables if one.name == name]
        table = _Table(name, is_row and len(earlier) + 1, statement.line)
        self._tables.append(table)
        if not earlier or (is_row and earlier[-1].number):
            return right
        table.is_second = True
        right = f"[second_{statement.line}]"
        self._lost.add(right.strip("[]"))
        words = f"[{name}] is already in line {earlier[0].line}; put all keys under one heading"
        self._told.append((statement.line, table, "", words))
        return right

    def _add_key(self, statement: Statement, right: str | None, table: _Table) -> None:
        table.keys[statement.key] = statement.line
        value = parsed(right or "")
        if value is None or not value or table.is_second:
            self._lost.add(table.key(statement.key))
        elif statement.key in {"title", "name"}:
            table.title = str(value[statement.key])

    def _read(self, text: str) -> str | None:
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            words = f"this is not valid TOML: {error}"
            self._told.append((int(line[1]) if line else 0, self.root, "", words))
            return None
        return text


def faults(folder: Path) -> list[str]:
    """All that is wrong in organisation.toml and events/ of a folder, in words."""
    shared = _File(ORGANISATION, folder)
    events = {path.stem: _File(file_of(path.stem), folder) for path in folder.glob("events/*.toml")}
    found = shared.faults()
    for event_id, own in sorted(events.items()):
        found += own.faults()
        if own.text is not None and shared.text is not None:
            found += _refused(own, shared, partial(parse_event, event_id, own.text, shared.text))
    if not found and shared.text is not None:
        found += _refused(shared, shared, partial(parse_organisation, shared.text))
    once = sorted(
        dict.fromkeys(found), key=lambda one: (one.file != ORGANISATION, one.file, one.line)
    )
    return [str(one) for one in once]


def _refused(own: _File, shared: _File, parse: Callable[[], object]) -> Iterator[Fault]:
    """What is wrong with the values."""
    try:
        parse()
    except InvalidEvent as invalid:
        for problem in _with_suggestions(invalid.problems):
            if not own.has_lost(problem.key) and not shared.has_lost(problem.key):
                yield _placed(problem, own, shared)


def _with_suggestions(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Name the key that an unknown one probably meant, instead of telling that it is missing."""
    meant = {
        problem.key: nearest
        for problem in problems
        for nearest in get_close_matches(problem.key.split(".")[-1], problem.missing, 1, CLOSE)
    }
    not_missing = {f"{key.rpartition('.')[0]}.{nearest}" for key, nearest in meant.items()}
    for problem in problems:
        name = problem.key.split(".")[-1]
        if name in ROWS and problem.missing:
            words = f"these are tables of their own: begin each with [[{name}]], alone on its line"
            yield Problem(problem.key, words)
        elif problem.key in meant:
            yield Problem(problem.key, f'this key is unknown; did you mean "{meant[problem.key]}"?')
        elif problem.key not in not_missing:
            yield problem


def _placed(problem: Problem, own: _File, shared: _File) -> Fault:
    """A problem at its key, or else at the heading under which the key is missing."""
    match = _KEY.fullmatch(problem.key)
    name, number, key = match.groups(default="") if match else ("", "", "")
    places = [(file, file.table(name, int(number or 0))) for file in (own, shared)]
    tables = [(file.name, table) for file, table in places if table]
    if not key and not tables:
        tables, key = [(file.name, file.root) for file in (own, shared)], name
    for written in filter(None, (key, key.removesuffix("_en"))):
        for file, table in tables:
            if written in table.keys:
                return Fault(file, table.keys[written], table.place(key), problem.words)
    if not tables or not tables[0][1].name:
        return Fault(own.name, 0, problem.key, problem.words)
    file, table = tables[0 if name == "event" or number else -1]
    return Fault(file, table.line, table.place(key), problem.words)
