"""Reads the event file, and tells the organiser in plain words what is wrong with it."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from itertools import starmap, zip_longest
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from chalicelib.event import Contact, Event, InvalidEvent, Link, Session
from chalicelib.language import Bilingual
from chalicelib.look import Look
from chalicelib.notices import Accessibility, Privacy

Built = TypeVar("Built")
SHIPPED = Path(__file__).with_name("event.toml")


def read_event(path: Path = SHIPPED) -> Event:
    """The event in the file; raises InvalidEvent with the key that is wrong."""
    try:
        return parse_event(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidEvent("the file", "it is not saved as UTF-8; choose that encoding") from None


def parse_event(text: str) -> Event:
    """The event in the text of an event file; raises InvalidEvent with the key that is wrong."""
    try:
        document = _Table("", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidEvent("the file", f"it is not readable as TOML: {error}") from error
    about, registration = document.table("event"), document.table("registration")
    operator = document.table("operator").read(_operator)
    look = document.table("look").read(_look)
    privacy = document.table("privacy").read(_privacy)
    accessibility = document.table("accessibility").read(_accessibility)
    links = tuple(table.read(_link) for table in document.tables("links"))
    contacts = tuple(table.read(_contact) for table in document.tables("contacts"))
    agenda = tuple(table.read(_session) for table in document.tables("agenda"))
    document.refuse_the_rest()
    event = Event(
        id=about.text("id"),
        title=about.said("title"),
        kind=about.said("kind"),
        organiser=about.text("organiser"),
        invited=about.said("invited"),
        welcome=about.said("welcome"),
        place=about.said("place"),
        date=about.day("date"),
        starts=about.time("starts"),
        ends=about.time("ends"),
        timezone=about.timezone("timezone"),
        last_day=registration.day("last_day"),
        links=links,
        contacts=contacts,
        operator=operator,
        agenda=agenda,
        look=look,
        privacy=privacy,
        accessibility=accessibility,
        revision=about.number("revision", 0),
    )
    about.refuse_the_rest()
    registration.refuse_the_rest()
    return event


def _operator(table: "_Table") -> str:
    return table.text("email")


def _link(table: "_Table") -> Link:
    return Link(table.said("title"), table.text("url"), table.said("description", ""))


def _contact(table: "_Table") -> Contact:
    return Contact(
        name=table.text("name"),
        office=table.said("office"),
        phones=table.texts("phones"),
        email=table.text("email"),
    )


def _look(table: "_Table") -> Look:
    return Look(accent=table.text("accent").lower(), logo=table.text("logo"))


def _privacy(table: "_Table") -> Privacy:
    return Privacy(
        controller=table.said("controller"),
        controller_email=table.text("controller_email"),
        officer=table.said("officer"),
        officer_email=table.text("officer_email"),
        basis=table.text("basis"),
        legal_basis=table.said("legal_basis"),
        legal_basis_sensitive=table.said("legal_basis_sensitive"),
        recipients=table.all_said("recipients"),
        region=table.text("region"),
        storage=table.said("storage"),
        delete_after_days=table.number("delete_after_days"),
        backup_days=table.number("backup_days"),
        log_days=table.number("log_days"),
    )


def _accessibility(table: "_Table") -> Accessibility:
    return Accessibility(
        status=table.text("status"),
        method=table.said("method"),
        assessed=table.day("assessed"),
        updated=table.day("updated"),
        faults=table.all_said("faults"),
        exempt=table.said("exempt", ""),
        contact=table.text("contact"),
        supervisor=table.said("supervisor"),
        supervisor_url=table.text("supervisor_url"),
    )


def _session(table: "_Table") -> Session:
    kind = table.text("kind", "session")
    if kind not in ("session", "meal"):
        raise InvalidEvent(f"{table.name}.kind", f'"{kind}" is neither "session" nor "meal"')
    return Session(
        starts=table.time("starts"),
        ends=table.time("ends"),
        title=table.said("title"),
        description=table.said("description", ""),
        bullets=table.all_said("bullets"),
        speakers=table.all_said("speakers"),
        meal_id=table.text("id") if kind == "meal" else "",
    )


class _Table:
    """One table of the file: hands out its keys, and at the end refuses those nobody asked for."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name = name
        self._values = dict(values)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        if not isinstance(value, str):
            raise InvalidEvent(self._key(key), "write it as text, in quotes")
        if not value.strip() and default is None:
            raise InvalidEvent(self._key(key), "it is empty")
        return value.strip()

    def said(self, key: str, default: str | None = None) -> Bilingual:
        """A text with its English, which stands under the same key and `_en`."""
        return Bilingual(self.text(key, default), self.text(f"{key}_en", ""))

    def all_said(self, key: str) -> tuple[Bilingual, ...]:
        swedish, english = self.texts(key), self.texts(f"{key}_en")
        if english and len(english) != len(swedish):
            raise InvalidEvent(
                self._key(f"{key}_en"), f"write as many texts as in {key}: {len(swedish)}"
            )
        return tuple(starmap(Bilingual, zip_longest(swedish, english, fillvalue="")))

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._take(key, [])
        if not isinstance(values, list) or not all(
            isinstance(v, str) and v.strip() for v in values
        ):
            raise InvalidEvent(self._key(key), 'write it as a list of texts: ["one", "two"]')
        return tuple(value.strip() for value in values)

    def day(self, key: str) -> date:
        value = self._take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise InvalidEvent(
                self._key(key), f"{value!r} is not a day; write it without quotes, like 2027-05-31"
            )
        return value

    def time(self, key: str) -> time:
        value = self._take(key)
        if isinstance(value, time):
            return value
        match = re.fullmatch(r"(\d{1,2})[.:](\d{2})", value) if isinstance(value, str) else None
        if not match or int(match[1]) > 23 or int(match[2]) > 59:
            raise InvalidEvent(
                self._key(key), f'{value!r} is not a time of day; write it in quotes, like "8.30"'
            )
        return time(int(match[1]), int(match[2]))

    def number(self, key: str, default: int | None = None) -> int:
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidEvent(self._key(key), f"{value!r} is not a whole number")
        return value

    def timezone(self, key: str) -> ZoneInfo:
        name = self.text(key)
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise InvalidEvent(
                self._key(key), f'"{name}" is not a time zone; write it like "Europe/Stockholm"'
            ) from None

    def table(self, key: str) -> "_Table":
        value = self._take(key)
        if not isinstance(value, dict):
            raise InvalidEvent(self._key(key), f"write it as a table: [{key}]")
        return _Table(self._key(key), value)

    def tables(self, key: str) -> "Iterator[_Table]":
        values = self._take(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise InvalidEvent(self._key(key), f"write each row as a table of its own: [[{key}]]")
        return (
            _Table(f"{self._key(key)}[{number}]", value) for number, value in enumerate(values, 1)
        )

    def read(self, build: "Callable[[_Table], Built]") -> Built:
        """What is built of this table, which must hold nothing else."""
        built = build(self)
        self.refuse_the_rest()
        return built

    def refuse_the_rest(self) -> None:
        for key in self._values:
            raise InvalidEvent(self._key(key), "no such key; check the spelling")

    def _take(self, key: str, default: object = None) -> Any:
        value = self._values.pop(key, default)
        if value is None:
            raise InvalidEvent(self._key(key), "it is missing")
        return value

    def _key(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key
