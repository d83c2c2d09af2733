"""Reads the event file, and tells the organiser in plain words what is wrong with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime, time
from itertools import starmap, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from chalicelib.event.checks import InvalidEvent
from chalicelib.event.event import Contact, Event, Link, Session
from chalicelib.event.legal_statements import Accessibility, Privacy
from chalicelib.event.theme import Theme
from chalicelib.texts.language import Bilingual, Translatable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Built = TypeVar("Built", bound=DataclassInstance)

SHIPPED = Path(__file__).parents[1] / "event.toml"


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
    operator = document.table("operator")
    said_elsewhere = {
        "last_day": registration.day("last_day"),
        "operator": operator.text("email"),
        "theme": _theme(document.table("look")),
        "privacy": document.table("privacy").built(Privacy),
        "accessibility": document.table("accessibility").built(Accessibility),
        "links": tuple(table.built(Link) for table in document.tables("links")),
        "contacts": tuple(table.built(Contact) for table in document.tables("contacts")),
        "agenda": tuple(map(_session, document.tables("agenda"))),
    }
    for table in (registration, operator, document):
        table.refuse_the_rest()
    return about.built(Event, **said_elsewhere)


def _theme(table: _Table) -> Theme:
    return table.built(Theme, accent=table.text("accent").lower())


def _session(table: _Table) -> Session:
    kind = table.text("kind", "session")
    if kind not in ("session", "meal"):
        raise InvalidEvent(f"{table.name}.kind", f'"{kind}" is neither "session" nor "meal"')
    return table.built(Session, meal_id=table.text("id") if kind == "meal" else "")


class _Table:
    """One table of the file: hands out its keys, and at the end refuses those nobody asked for."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name = name
        self._values = dict(values)

    def text(self, key: str, default: Any = MISSING) -> str:
        value = self._take(key, default)
        if not isinstance(value, str):
            raise InvalidEvent(self._key(key), "write it as text, in quotes")
        if not value.strip() and default is MISSING:
            raise InvalidEvent(self._key(key), "it is empty")
        return value.strip()

    def bilingual(self, key: str, default: Any = MISSING) -> Bilingual:
        """A text with its English, which stands under the same key and `_en`."""
        return Bilingual(self.text(key, default), self.text(f"{key}_en", ""))

    def all_bilingual(self, key: str, _: object = None) -> tuple[Bilingual, ...]:
        swedish, english = self.texts(key), self.texts(f"{key}_en")
        if english and len(english) != len(swedish):
            raise InvalidEvent(
                self._key(f"{key}_en"), f"write as many texts as in {key}: {len(swedish)}"
            )
        return tuple(starmap(Bilingual, zip_longest(swedish, english, fillvalue="")))

    def texts(self, key: str, _: object = None) -> tuple[str, ...]:
        """A list, which can be left out."""
        values = self._take(key, [])
        if not isinstance(values, list) or not all(
            isinstance(v, str) and v.strip() for v in values
        ):
            raise InvalidEvent(self._key(key), 'write it as a list of texts: ["one", "two"]')
        return tuple(value.strip() for value in values)

    def day(self, key: str, default: Any = MISSING) -> date:
        value = self._take(key, default)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise InvalidEvent(
                self._key(key), f"{value!r} is not a day; write it without quotes, like 2027-05-31"
            )
        return value

    def time(self, key: str, default: Any = MISSING) -> time:
        value = self._take(key, default)
        if isinstance(value, time):
            return value
        match = re.fullmatch(r"(\d{1,2})[.:](\d{2})", value) if isinstance(value, str) else None
        if not match or int(match[1]) > 23 or int(match[2]) > 59:
            raise InvalidEvent(
                self._key(key), f'{value!r} is not a time of day; write it in quotes, like "8.30"'
            )
        return time(int(match[1]), int(match[2]))

    def number(self, key: str, default: Any = MISSING) -> int:
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidEvent(self._key(key), f"{value!r} is not a whole number")
        return value

    def timezone(self, key: str, default: Any = MISSING) -> ZoneInfo:
        name = self.text(key, default)
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise InvalidEvent(
                self._key(key), f'"{name}" is not a time zone; write it like "Europe/Stockholm"'
            ) from None

    def table(self, key: str) -> _Table:
        value = self._take(key)
        if not isinstance(value, dict):
            raise InvalidEvent(self._key(key), f"write it as a table: [{key}]")
        return _Table(self._key(key), value)

    def tables(self, key: str) -> Iterator[_Table]:
        values = self._take(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise InvalidEvent(self._key(key), f"write each row as a table of its own: [[{key}]]")
        return (
            _Table(f"{self._key(key)}[{number}]", value) for number, value in enumerate(values, 1)
        )

    def built(self, kind: type[Built], **given: object) -> Built:
        """What this table describes: each field that isn't given, read by its type.

        The table must hold nothing else.
        """
        read = {
            field.name: _READ[field.type](
                self, field.metadata.get("key", field.name), field.default
            )
            for field in fields(kind)
            if field.name not in given
        }
        self.refuse_the_rest()
        return kind(**read, **given)

    def refuse_the_rest(self) -> None:
        for key in self._values:
            raise InvalidEvent(self._key(key), "no such key; check the spelling")

    def _take(self, key: str, default: object = MISSING) -> Any:
        value = self._values.pop(key, default)
        if value is MISSING:
            raise InvalidEvent(self._key(key), "it is missing")
        return value

    def _key(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key


# How a field of each type is read, with its default if it has one.
_READ: Mapping[Any, Callable[[_Table, str, Any], Any]] = {
    str: _Table.text,
    Translatable: _Table.bilingual,
    tuple[str, ...]: _Table.texts,
    tuple[Translatable, ...]: _Table.all_bilingual,
    int: _Table.number,
    date: _Table.day,
    time: _Table.time,
    ZoneInfo: _Table.timezone,
}
