"""Tables of programmes: a line for each row, or for each of its parallel sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from management.invitation.cleaning import PART_ENDS, cleaned
from management.invitation.lines import COLUMN
from management.invitation.people import people_in
from management.invitation.rooms import ROOM_LABEL, is_room
from management.invitation.times import time_at_start

_NAME_AT_MOST, _TWO = 5, 2
_ROOM = re.compile(rf"{ROOM_LABEL.pattern}|location", re.IGNORECASE)
_SPEAKER = re.compile(
    r"talare|föreläsare|medverkande|presentatör|speakers?|presenters?|lecturers?", re.IGNORECASE
)
_TRACK = re.compile(r"(?:spår|track|session|pass|grupp|group|seminarium) \w+$", re.IGNORECASE)
_Row = list[list[str]]  # the lines of each cell


def table_lines(rows: list[list[str]]) -> Iterator[str]:
    """The lines of a table's rows of cells, with tabs between the cells of a row.

    Rooms and speakers in columns that are headed so have labels. Parallel sessions, in columns
    with the names of rooms or tracks, become rows at the same time.
    """
    tracks: list[str] = []
    labels: dict[int, str] = {}
    for cells in _without_empty_columns([[_lines_of(cell) for cell in row] for row in rows]):
        if head := _names(cells):
            are_tracks = any(map(_is_track, head)) and not any(map(COLUMN.fullmatch, head))
            tracks = head if are_tracks else []
            labels = {} if tracks else _labels(head)
            yield from [PART_ENDS, "\t".join(" ".join(cell) for cell in cells)]
        elif sessions := _sessions(cells, tracks):
            for number, session in sessions:
                yield "\t".join([cells[0][0], *session[:1]])
                yield from session[1:]
                yield from [f"Lokal: {tracks[number]}"] if number < len(tracks) else []
            yield from cells[0][1:]
        else:
            yield ""
            said = [cell for place, cell in enumerate(cells) if cell and place not in labels]
            yield "\t".join("\n".join(cell) for cell in said)
            of_labels = [place for place in labels if place < len(cells) and cells[place]]
            yield from (f"{labels[place]}: {', '.join(cells[place])}" for place in of_labels)


def with_tables(text: str) -> str:
    """The text, with each table that has tabs between its cells and a head read as a table."""
    lines: list[str] = []
    for is_table, group in groupby(text.splitlines(), lambda line: "\t" in line):
        plain = list(group)
        rows = [line.split("\t") for line in plain]
        has_head = is_table and _names([_lines_of(cell) for cell in rows[0]])
        lines += table_lines(rows) if has_head else plain
    return "\n".join(lines)


def _without_empty_columns(rows: list[_Row]) -> list[_Row]:
    """The rows without the columns on the left that are empty."""
    while any(rows) and not any(row[0] for row in rows if row):
        rows = [row[1:] for row in rows]
    return rows


def _lines_of(cell: str) -> list[str]:
    return [line for line in map(str.strip, cell.splitlines()) if line]


def _names(cells: _Row) -> list[str]:
    """The names of the columns after the first, if the row is the head of a table."""
    names = [" ".join(cell) for cell in cells[1:]]
    first = " ".join(cells[0]) if cells else ""
    is_head = len(names) > 1 and (not first or COLUMN.fullmatch(first))
    are_names = all(name and len(name.split()) <= _NAME_AT_MOST for name in names)
    return names if is_head and are_names and not any(map(people_in, names)) else []


def _labels(names: list[str]) -> dict[int, str]:
    """The labels of columns for rooms and speakers, by their places."""
    return {
        place: "Lokal" if _ROOM.fullmatch(name) else "Medverkande"
        for place, name in enumerate(names, 1)
        if _ROOM.fullmatch(name) or _SPEAKER.fullmatch(name)
    }


def _is_track(name: str) -> bool:
    return is_room(name[:1].upper() + name[1:]) or bool(_TRACK.match(name))


def _sessions(cells: _Row, tracks: list[str]) -> list[tuple[int, list[str]]]:
    """The parallel sessions of a row that begins with hours, each with the number of its column."""
    if not cells or not cells[0] or not time_at_start(cleaned(cells[0][0]), whole=True):
        return []
    found = [(number, cell) for number, cell in enumerate(cells[1:]) if cell]
    of_people = sum(bool(people_in(cleaned(cell[0]))) for _, cell in found)
    are_whole = all(len(cell) > 1 for _, cell in found)
    are_whole = are_whole and of_people < (len(found) if len(found) > _TWO else 1)
    return found if len(found) > 1 and (tracks or are_whole) else []
