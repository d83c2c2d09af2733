"""What the organiser says of a new event, by options or when asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr

from chalicelib.event.mail_address import is_mail_address
from management.invitation.draft import Draft, Table, Value

Ask = Callable[[str, str], str]  # a question and the answer that Enter gives
_DAY = "Day of the event, like 2027-05-31"
_YEARS = range(2000, 2100)


class BadAnswer(ValueError):
    """The answer can't be used; the text says why."""


@dataclass
class Answers:
    """The answers so far; `contacts` are names with mail addresses."""

    title: str = ""
    place: str = ""
    date: dt.date | None = None
    last_day: dt.date | None = None
    contacts: Sequence[tuple[str, str]] = field(default=())

    def into(self, draft: Draft) -> None:
        """Put the answers in the draft, in place of what it has."""
        if self.title and draft.event.values.get("title") not in {None, self.title}:
            draft.event.todo["welcome"] = "does this fit the title?"
        for key, value in (("title", self.title), ("place", self.place), ("date", self.date)):
            _put(draft.event, key, value)
        _put(draft.registration, "last_day", self.last_day)
        for name, email in self.contacts:
            _put_contact(draft, name, email)


def parse_day(text: str) -> dt.date:
    """A day as 2027-05-31; raises BadAnswer."""
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise BadAnswer(f"{text!r} is not a date; write it like 2027-05-31") from None
    if day.year not in _YEARS:
        raise BadAnswer(f"{day.year} is not a year of an event")
    return day


def parse_contact(text: str) -> tuple[str, str]:
    """A name and its mail address, from `Åsa Ek <asa.ek@boras.se>`; raises BadAnswer."""
    name, email = parseaddr(text)
    if not name or not is_mail_address(email):
        raise BadAnswer(f"{text!r} is not like Åsa Ek <asa.ek@boras.se>")
    return name, email


def ask_for_first_day(draft: Draft, answers: Answers, ask: Ask) -> bool:
    """Ask for the event's day if the draft lacks it or has only guessed it; whether it did."""
    if "date" in draft.event.values and "date" not in draft.event.todo:
        return False
    _ask_for_day(draft.event, "date", _DAY, ask)
    day = draft.event.values.get("date")
    answers.date = day if isinstance(day, dt.date) else None
    return True


def ask_for_missing(draft: Draft, ask: Ask) -> None:
    """Ask for what the draft lacks or has only guessed; an empty answer leaves it as it is."""
    for key, question in (("title", "Title"), ("place", "Place")):
        if key not in draft.event.values or key in draft.event.todo:
            _put(draft.event, key, ask(question, str(draft.event.values.get(key, ""))))
    _ask_for_day(draft.event, "date", _DAY, ask)
    _ask_for_day(draft.registration, "last_day", "Last day to register", ask)
    if not draft.rows["contacts"]:
        draft.rows["contacts"] += [Table({"name": n}) for n in [ask("Contact person", "")] if n]
    for person in draft.rows["contacts"]:
        if "email" not in person.values:
            _ask_until_right(person, "email", f"Mail address of {person.values['name']}", ask)


def _ask_for_day(table: Table, key: str, question: str, ask: Ask) -> None:
    if key in table.todo or key not in table.values:
        _ask_until_right(table, key, question, ask)


def _ask_until_right(table: Table, key: str, question: str, ask: Ask) -> None:
    parse = _parse_address if key == "email" else parse_day
    while True:
        guessed = str(table.values.get(key, ""))
        answer = ask(question, guessed)
        if not answer:
            return
        try:
            _put(table, key, parse(answer))
        except BadAnswer as bad:
            question = str(bad)
        else:
            return


def _parse_address(text: str) -> str:
    if not is_mail_address(text.strip()):
        raise BadAnswer(f"{text!r} is not a mail address")
    return text.strip()


def _put(table: Table, key: str, value: Value | None) -> None:
    if value:
        if table.values.get(key) != value:
            table.values.pop(f"{key}_en", None)  # the translation of another text
        table.values[key] = value
        table.todo.pop(key, None)


def _put_contact(draft: Draft, name: str, email: str) -> None:
    people = draft.rows["contacts"]
    known = (one for one in people if str(one.values["name"]).casefold() == name.casefold())
    person = next(known, None)
    if person is None:
        people.append(person := Table({"name": name}))
    _put(person, "email", email)
