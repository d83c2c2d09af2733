"""Fills what a draft lacks with values that hold until the organiser has written the right ones."""

from __future__ import annotations

import datetime as dt
from itertools import takewhile

from management.invitation.draft import Draft, Table
from management.invitation.naming import address_of, meal_id

# No mail can be sent to it (RFC 2606), and the doctor knows it for a placeholder.
PLACEHOLDER = "todo.example"
_UNTIL_EVENT, _BEFORE_EVENT = dt.timedelta(days=90), dt.timedelta(days=7)


def complete(draft: Draft, today: dt.date) -> None:
    """Add to the draft whatever the checks of an event demand, with what is left to do."""
    _complete_texts(draft)
    complete_first_day(draft, today)
    _complete_last_day(draft, today)
    _complete_contacts(draft)
    _complete_meals(draft)
    _complete_hours(draft)
    if first_day(draft) < today:
        draft.event.todo.setdefault("date", "this day is past.")
    draft.event.values["published"] = False


def first_day(draft: Draft) -> dt.date:
    """The first day of a draft that has one."""
    day = draft.event.values["date"]
    assert isinstance(day, dt.date)  # noqa: S101 - everything that sets it sets a date
    return day


def _complete_texts(draft: Draft) -> None:
    event, word = draft.event, draft.word
    event.guess("title", word("Nytt evenemang", "New event"), "write the event's title.")
    title = str(event.values["title"])
    kind = f"what kind of event is it? “{word('Konferens', 'Conference')}”."
    event.guess("kind", word("Evenemang", "Event"), kind)
    invited = word("Alla som har fått inbjudan", "Everybody who was invited")
    event.guess("invited", invited, "who is invited?")
    end = "" if title.endswith((".", "!", "?")) else "."
    welcome = word(f"Välkommen till {title}{end}", f"Welcome to {title}{end}")
    event.guess("welcome", welcome, "the text above the programme.")
    place = word("Platsen meddelas senare", "The place will be announced")
    event.guess("place", place, "write the place.")


def complete_first_day(draft: Draft, today: dt.date) -> None:
    """Give a draft without a day one that can be."""
    todo = "the day is not known; write the right one."
    last = draft.registration.values.get("last_day", today)
    assert isinstance(last, dt.date)  # noqa: S101 - everything that sets it sets a date
    draft.event.guess("date", max(today + _UNTIL_EVENT, last + _BEFORE_EVENT), todo)


def _complete_last_day(draft: Draft, today: dt.date) -> None:
    todo = "the last day to register is not known; write the right one."
    draft.registration.guess("last_day", first_day(draft) - _BEFORE_EVENT, todo)
    last = draft.registration.values["last_day"]
    if isinstance(last, dt.date) and last < today:
        draft.registration.todo.setdefault("last_day", "this day is past.")


def _complete_contacts(draft: Draft) -> None:
    people = draft.rows["contacts"]
    if not people:
        people.append(Table())
    name = draft.word("Kontaktperson", "Contact person")
    for person in people:
        person.guess("name", name, "write the contact person's name.")
        todo = "write the office."
        person.guess("office", draft.word("Evenemanget", "The event"), todo)
        placeholder = f"{address_of(str(person.values['name']))}@{PLACEHOLDER}"
        person.guess("email", placeholder, "write the mail address: it gets the catering summary.")
    if not any(one.values.get("phones") or one.values.get("show_email") for one in people):
        todo = "without phones, the pages show this address; or write phones = [...]."
        people[0].guess("show_email", value=True, todo=todo)


def _complete_meals(draft: Draft) -> None:
    taken: set[str] = set()
    for row in draft.rows["agenda"]:
        if row.values.get("kind") == "meal" and "id" not in row.values:
            row.values = {
                "kind": "meal",
                "id": meal_id(str(row.values["title"]), taken),
                **row.values,
            }
        taken.add(str(row.values.get("id", "")))
    if all(row.values.get("kind") == "meal" for row in draft.rows["agenda"] if row.values):
        _ask_for_programme(draft)
    if taken <= {""}:
        when = draft.word("under dagen", "during the day")
        meal = {"kind": "meal", "id": "lunch", "when": when, "title": "Lunch"}
        todo = {"id": "no meal is known, and there must be one; what is served, and when?"}
        draft.rows["agenda"].append(Table(dict(meal), todo))


def _ask_for_programme(draft: Draft) -> None:
    todo = {"the programme": "write its rows; without any, remove this line."}
    if not any(row.todo == todo for row in draft.rows["agenda"]):
        draft.rows["agenda"].append(Table(todo=todo))


def _complete_hours(draft: Draft) -> None:
    """Say when the event starts, unless a row of the first day does; ask when it ends."""
    first = first_day(draft)
    rows = takewhile(lambda row: row.values.get("date", first) == first, draft.rows["agenda"])
    if not any("starts" in row.values for row in rows):
        draft.event.guess("starts", "9.00", "when does the event start?")
    timed = [row.values for row in draft.rows["agenda"] if "starts" in row.values]
    if timed and "ends" not in {**timed[-1], **draft.event.values}:
        draft.event.todo.setdefault("ends", "when does the event end? No row says it.")
