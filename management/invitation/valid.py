"""Makes a draft valid: what the checks of an event refuse becomes a comment that says why."""

from __future__ import annotations

import datetime as dt
import re

from chalicelib.event.file import parse_event
from chalicelib.event.problems import InvalidEvent, Problem
from management.invitation.completing import complete
from management.invitation.draft import Draft, Table
from management.invitation.file_text import file_text, toml_value

_PLACE = re.compile(r"([\w' ]+)(?:\[(\d+)\])?(?:\.(\w+))?")
# Without one of these a row is none.
_NEEDED = frozenset({"title", "name", "office", "email", "url", "id", "kind"})
_OUTSIDE = "is outside the event's hours"
_ROUNDS_AT_MOST = 20


def make_valid(draft: Draft, organisation: str, today: dt.date) -> None:
    """Complete the draft, and take out what is refused, until an event can be read from it.

    `organisation` is the text of organisation.toml; raises InvalidEvent if that is wrong, or if
    something is refused that can't be taken out.
    """
    for _ in range(_ROUNDS_AT_MOST):
        complete(draft, today)
        try:
            parse_event("new", file_text(draft), organisation)
        except InvalidEvent as invalid:
            refused = invalid
            is_outside = any(one.words.endswith(_OUTSIDE) for one in invalid.problems)
            if is_outside and _forgets_hours(draft.event):
                continue
            # All are looked up first: a row that is taken out counts no more.
            found = [(_table(draft, problem), problem) for problem in invalid.problems]
            if not sum(_takes_out(draft, table, problem) for table, problem in found):
                raise
        else:
            return
    raise refused


def _table(draft: Draft, problem: Problem) -> Table | None:
    """The table of a problem; the last row if the problem is about all rows."""
    name, number, _ = _parts(problem)
    if name not in draft.rows:
        return {"event": draft.event, "registration": draft.registration}.get(name)
    rows = [table for table in draft.rows[name] if table.values]
    return rows[number - 1] if number <= len(rows) and rows else None


def _parts(problem: Problem) -> tuple[str, int, str]:
    """The table, the row's number or 0, and the key of a problem."""
    name, number, key = _PLACE.match(problem.key).groups(default="")  # type: ignore[union-attr]
    return name, int(number or 0), key


def _takes_out(draft: Draft, table: Table | None, problem: Problem) -> bool:
    """Whether what is wrong was in the draft, and is taken out."""
    name, number, key = _parts(problem)
    if table is None:
        return False
    if key in table.values and (not number or key not in _NEEDED):
        table.drop(key, f"left out {toml_value(table.values[key])}: {problem.words}")
    elif name in draft.rows and table.values:
        if "id" in table.todo:  # a meal that no invitation says
            draft.rows[name].remove(table)
        else:
            _leave_out(table, problem.words)
    else:
        return False
    return True


def _forgets_hours(event: Table) -> bool:
    """Whether the event's start or else its end was in the draft, and is left to its rows."""
    known = [key for key in ("starts", "ends") if key in event.values]
    hours = [key for key in known if key not in event.todo] or known[1:]
    for key in hours[:1]:
        event.drop(key, f"left out {toml_value(event.values[key])}: not the hours of the rows")
    return bool(hours)


def _leave_out(table: Table, words: str) -> None:
    """Leave a row in the file as comments."""
    if not table.lines:
        table.lines = [f"{key} = {toml_value(value)}" for key, value in table.values.items()]
    table.values, table.todo = {}, {"this is left out": words}
