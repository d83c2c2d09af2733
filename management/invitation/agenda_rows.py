"""Puts the rows of an invitation's programme, with their days, into the draft of an event."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise

from management.invitation.draft import Draft, Table
from management.invitation.labels import Head
from management.invitation.named_days import HeadingDay, NamedDay
from management.invitation.rows import Programme
from management.invitation.times import minutes_of

_PART_OF_DAY = r"^(?:förmiddags|eftermiddags|morgon|kvälls|morning |afternoon |evening )"
# So many rows before the row above are no parallel sessions.
_BACKWARDS, _FAR_BACK = 3, 6 * 60


def put_rows(draft: Draft, head: Head, programme: Programme) -> None:
    """Put the rows into the draft, whose first day is known or guessed, and who leads the days."""
    said = draft.event.values.get("date")
    first = said if isinstance(said, dt.date) else None
    above, days = first, {first}
    for row in programme.rows:
        table = row.table()
        day = _date(row.day, first, above)
        if day and day != above:
            table.values["date"] = above = day
            days.add(day)
        _put_row(draft, table)
    sessions = [row for row in draft.rows["agenda"] if row.values.get("kind") != "meal"]
    if head.speakers and len(sessions) - bool(sessions and programme.ends_in_row) == 1:
        sessions[0].guess("speakers", head.speakers, "is this the row of these speakers?")
    _put_meals(draft, head.meals)
    if len(days) > 1 and "ends" in draft.event.values and not programme.ends:
        draft.event.todo["ends"] = "is this the end of the last day?"
    leads = dict.fromkeys(days, head.moderator) if head.moderator else {}
    _put_leads(draft, leads | _leads_of_days(programme, first))
    if _runs_backwards(draft.rows["agenda"]):
        todo = {"the programme": "its times run backwards; is the order of the rows right?"}
        draft.rows["agenda"].insert(0, Table(todo=todo))


def _put_row(draft: Draft, table: Table) -> None:
    """Put a row into the draft, unless it only repeats the event's title."""
    values, event = table.values, draft.event.values
    if set(values) == {"title"} and values["title"] == event.get("title"):
        draft.left += table.lines
        return
    if values.get("place") == event.get("place"):
        values.pop("place", None)
    if values.get("kind") == "meal" and not {"starts", "when"} & values.keys():
        table.guess("when", draft.word("under dagen", "during the day"), "when is it?")
    draft.rows["agenda"].append(table)


def _leads_of_days(programme: Programme, first: dt.date | None) -> dict[dt.date | None, str]:
    """Who leads each day, as its rows say it; that of an unknown day is under None."""
    names: dict[dt.date | None, list[str]] = {}
    for heading, name in programme.leads:
        names.setdefault(_date(heading, first, first) or first, []).append(name)
    return {day: ", ".join(dict.fromkeys(known)) for day, known in names.items()}


def _put_leads(draft: Draft, leads: dict[dt.date | None, str]) -> None:
    """Put who leads the days into the draft; a name without a day is left to the organiser."""
    draft.left += [f"Moderator: {leads[None]}"] if leads.get(None) else []
    is_doubtful = "date" in draft.event.todo
    todo = {"date": "change it with the event's day."} if is_doubtful else {}
    draft.rows["days"] = [
        Table({"date": day, "moderator": leads[day]}, dict(todo))
        for day in sorted(filter(None, leads))
    ]


def _runs_backwards(rows: list[Table]) -> bool:
    """Whether several rows begin before the row above, or one does long before, on its day."""
    timed = [row.values for row in rows if "starts" in row.values]
    back = [
        minutes_of(str(above["starts"])) - minutes_of(str(row["starts"]))
        for above, row in pairwise(timed)
        if "date" not in row
    ]
    return sum(one > 0 for one in back) >= _BACKWARDS or any(one > _FAR_BACK for one in back)


def _date(day: HeadingDay | None, first: dt.date | None, above: dt.date | None) -> dt.date | None:
    """The date of a day's heading, below a row on `above`, of an event that begins on `first`."""
    if day is None or first is None:
        return None
    if isinstance(day, NamedDay):
        return day.after(first, above or first)
    return day._replace(weekday=None).in_year(first.year)


def _put_meals(draft: Draft, meals: list[Table]) -> None:
    """Add the meals without times that no row of the programme is."""
    titles = (str(row.values.get("title", "")) for row in draft.rows["agenda"])
    said = " ".join(titles).casefold()
    for meal in meals:
        if re.sub(_PART_OF_DAY, "", str(meal.values["title"]).casefold()) in said:
            draft.left += meal.lines
        else:
            draft.rows["agenda"].append(meal)
