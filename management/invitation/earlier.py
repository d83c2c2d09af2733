"""A draft like an earlier event: its texts, meals and contact persons, without its programme."""

from __future__ import annotations

import datetime as dt
from typing import Any

from management.invitation.completing import first_day
from management.invitation.draft import ROWS, Draft, Table

_OF_THE_YEAR = frozenset({"date", "published", "revision", "expected"})


def draft_like(file: dict[str, Any], language: str) -> Draft:
    """The draft of an event like that of a parsed file; its meals still have their days."""
    draft = Draft(language)
    about = file["event"]
    draft.event.values = {key: v for key, v in about.items() if key not in _OF_THE_YEAR}
    if "last_time" in file.get("registration", {}):
        draft.registration.values["last_time"] = file["registration"]["last_time"]
    for name in ROWS:
        if name != "days":
            draft.rows[name] = [Table(dict(row)) for row in file.get(name, ())]
    draft.rows["agenda"] = _meals(draft.rows["agenda"], about["date"])
    draft.others = {
        name: Table(dict(table))
        for name, table in file.items()
        if name not in {"event", "registration", *ROWS}
    }
    return draft


def move_days(draft: Draft, was: dt.date) -> None:
    """Move the rows' days to be as long after the first day as they were.

    A row needs no day if it is that of the row above it.
    """
    above = first_day(draft)
    for row in draft.rows["agenda"]:
        day = row.values.pop("date")
        assert isinstance(day, dt.date)  # noqa: S101 - as in every valid file
        moved = first_day(draft) + (day - was)
        if moved != above:
            row.values["date"] = above = moved


def _meals(rows: list[Table], day: dt.date) -> list[Table]:
    """The meals, each with its day; a row without one has that of the row above it."""
    meals = []
    for row in rows:
        day = row.values.setdefault("date", day)  # type: ignore[assignment]
        if row.values.get("kind") == "meal":
            meals.append(row)
    return meals
