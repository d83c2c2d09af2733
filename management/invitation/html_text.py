"""The text of a web page or of a mail in HTML, line by line."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import NamedTuple

from management.invitation.cleaning import PART_ENDS
from management.invitation.days import days_in
from management.invitation.lines import is_heading
from management.invitation.tables import table_lines
from management.invitation.times import hours_in

_BLOCKS = frozenset(
    "address article aside blockquote dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6"
    " header hr main nav ol p pre section table tr ul".split()
)
_UNSEEN = frozenset({"title", "script", "style", "template", "noscript", "svg"})
_CELLS = frozenset({"tr", "td", "th"})
_SPAN_AT_MOST = 50
_BULLET = "\n• "
_HOME = re.compile(r"(?:hem|home|start(?:sida)?)$", re.IGNORECASE)
# Where the text has a heading of the highest level.
_HEADING = "\x02"


def html_text(html: str) -> str:
    """What people see of a page: paragraphs apart, list items with bullets, cells with tabs.

    What stands above the first heading of the highest level comes last, if it is only a menu.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    above, *below = reader.text.split(_HEADING)
    if len(below) == 1 and not (days_in(above) or hours_in(above)):
        return f"{below[0]}\n\n{PART_ENDS}\n\n{above}"
    name = [] if len(below) == 1 else [_name_of(reader.title)]
    return "\n\n".join([*name, above, *below])


def _name_of(title: str) -> str:
    """The event's part of the title of a page: "Programme | Health day 2027"."""
    parts = re.split(r"\s[|–—·-]\s|\s*»\s*", title.strip())
    return next((part for part in parts if not is_heading(part) and not _HOME.match(part)), "")


class _Cell(NamedTuple):
    text: str
    down: int
    across: int


def _spans_of(attrs: dict[str, str | None]) -> tuple[int, int]:
    """How many rows and columns a cell has."""
    said = (str(attrs.get(name)) for name in ("rowspan", "colspan"))
    down, across = (min(int(one), _SPAN_AT_MOST) if one.isdecimal() else 1 for one in said)
    return max(down, 1), max(across, 1)


def _grid(rows: list[list[_Cell]]) -> list[list[str]]:
    """The cells of a table's rows, those of several rows in each of them."""
    grid = []
    below: dict[int, tuple[int, str]] = {}  # by column: in how many rows, and what
    for row in rows:
        line: list[str] = []
        left = iter(row)
        while True:
            down, texts = 1, []
            if len(line) in below:
                down, text = below.pop(len(line))
                texts = [text]
            elif cell := next(left, None):
                down, texts = cell.down, [cell.text, *[""] * (cell.across - 1)]
            if not texts:
                break
            if down > 1:
                below |= {len(line) + n: (down - 1, text) for n, text in enumerate(texts)}
            line += texts
        for column in [column for column in below if column >= len(line)]:
            down, text = below.pop(column)
            below |= {column: (down - 1, text)} if down > 1 else {}
        grid.append(line)
    return grid


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self.title = ""
        self._unseen = 0
        self._is_in_title = False
        self._address = ""
        self._is_plain = False  # whether line breaks are kept
        # What stands before each table that is open, and its rows of cells.
        self._tables: list[tuple[list[str], list[list[_Cell]]]] = []
        self._is_in_cell, self._spans = False, (1, 1)

    @property
    def text(self) -> str:
        """The text that was read."""
        while self._tables:
            self._end_table()
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        self._is_in_title = tag == "title" and not self.title
        self._is_plain |= tag == "pre"
        if tag == "a":
            kind, _, address = (dict(attrs).get("href") or "").partition(":")
            self._address = address.partition("?")[0] if kind == "mailto" else ""
        if tag in _BLOCKS and self._parts[-1:] != [_BULLET]:
            self._parts.append("\n\n" if tag in {"p", "table", "ul", "ol"} else "\n")
        self._parts += {"br": ["\n"], "li": [_BULLET], "h1": [_HEADING]}.get(tag, [])
        if tag == "table":
            self._tables.append((self._parts, []))
            self._parts, self._is_in_cell = [], False
        elif tag in _CELLS and self._tables:
            self._end_cell()
            self._is_in_cell, self._spans = tag != "tr", _spans_of(dict(attrs))
            self._tables[-1][1].extend([[]] if tag == "tr" else [])

    def handle_endtag(self, tag: str) -> None:
        self._is_in_title = False
        self._is_plain &= tag != "pre"
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag == "a" and self._address:
            self._parts.append(f" {self._address} ")
            self._address = ""
        if tag in _CELLS and self._tables:
            self._end_cell()
        elif tag == "table" and self._tables:
            self._end_table()
        if tag in _BLOCKS:
            self._parts.append("\n")

    def handle_data(self, data: str) -> None:
        text = data if self._is_plain else re.sub(r"\s+", " ", data)
        self.title += text if self._is_in_title else ""
        self._address = "" if "@" in text else self._address
        if not self._unseen and (text != " " or self._parts[-1:] != [_BULLET]):
            self._parts.append(text)

    def _end_cell(self) -> None:
        """Add the cell to the last row; text between cells is one of its own."""
        rows, cell = self._tables[-1][1], "".join(self._parts)
        if self._is_in_cell or cell.strip():
            rows.extend([] if rows else [[]])
            rows[-1].append(_Cell(cell, *self._spans))
        self._parts, self._is_in_cell = [], False

    def _end_table(self) -> None:
        self._end_cell()
        self._parts, rows = self._tables.pop()
        self._is_in_cell = bool(self._tables)
        self._parts += [f"\n{line}" for line in table_lines(_grid(rows))]
