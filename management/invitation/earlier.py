"""What a new event takes from an earlier one: texts, meals and contact persons, no sessions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from management.invitation.completing import first_day
from management.invitation.draft import ROWS, Draft, Table

_OF_THE_YEAR = frozenset({"date", "published", "revision", "expected"})
_HOURS = frozenset({"starts", "ends"})
# Where the day of a row from the earlier event stands until the new first day is known.
_ITS_DAY = "earlier date"


def fill_like(draft: Draft, file: dict[str, Any]) -> None:
    """Fill what the draft lacks from the parsed file of an earlier event.

    Rows from it still have their days. A contact person of both keeps the office and address.
    """
    not_taken = _OF_THE_YEAR | (_HOURS if draft.rows["agenda"] else frozenset())
    if draft.language in file["event"].get("languages", [draft.language]):
        draft.event.values.pop("languages", None)
    own = set(draft.event.values)
    for key, value in file["event"].items():
        if key not in not_taken and key.removesuffix("_en") not in own:
            draft.event.values[key] = value
            draft.event.todo.pop(key, None)
    if "last_time" in file["registration"]:
        draft.registration.values.setdefault("last_time", file["registration"]["last_time"])
    _fill_contacts(draft, file["contacts"])
    rows = {**file, "agenda": _meals(file["agenda"], file["event"]["date"]), "days": ()}
    for name in ROWS:
        draft.rows[name] = draft.rows[name] or [Table(dict(row)) for row in rows.get(name, ())]
    apart = {"event", "registration", *ROWS}
    draft.others = {name: Table(dict(one)) for name, one in file.items() if name not in apart}


def _fill_contacts(draft: Draft, earlier: list[dict[str, Any]]) -> None:
    known = {str(one["name"]).casefold(): one for one in earlier}
    for person in draft.rows["contacts"]:
        same = known.get(str(person.values["name"]).casefold(), {})
        person.values = {**same, **person.values}


def move_days(draft: Draft, was: dt.date) -> None:
    """Move the days of rows from the earlier event to be as long after the first day as they were.

    A row needs no day if it is that of the row above it.
    """
    above = first_day(draft)
    for row in draft.rows["agenda"]:
        day = row.values.pop(_ITS_DAY, None)
        if isinstance(day, dt.date):
            moved = first_day(draft) + (day - was)
            if moved != above:
                row.values["date"] = above = moved


def _meals(rows: list[dict[str, Any]], day: dt.date) -> list[dict[str, Any]]:
    """The meals, each with its day; a row without one has that of the row above it."""
    meals = []
    for row in rows:
        day = row.get("date", day)
        if row.get("kind") == "meal":
            plain = {key: value for key, value in row.items() if key != "date"}
            meals.append({**plain, _ITS_DAY: day})
    return meals
