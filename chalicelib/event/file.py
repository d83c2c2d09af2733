"""Reads an event's file, and explains in plain words what is wrong in the file."""

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

from chalicelib.event.agenda import AgendaRow, DayLead, at, end_after
from chalicelib.event.checks import InvalidEvent
from chalicelib.event.event import Contact, Event, Receiver, WebLink
from chalicelib.event.legal_statements import Accessibility, Privacy
from chalicelib.event.organisation import Organisation
from chalicelib.event.phone import numbers_in
from chalicelib.event.theme import Theme
from chalicelib.texts.language import ENGLISH, LANGUAGES, Bilingual, Translatable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Built = TypeVar("Built", bound=DataclassInstance)

ORGANISATION = "organisation.toml"
# Keys of [privacy] that an event's file can't set for itself.
_OF_THE_DEPLOYMENT = {"region", "backup_days", "log_days"}
_TIME = re.compile(r"(cirka |c:a |ca\.? ?|about |around )?(\d{1,2})[.:](\d{2})", re.IGNORECASE)


def parse_event(event_id: str, text: str, organisation: str = "") -> Event:
    """Parse the event with this id from the text of its file, laid over that of organisation.toml.

    Raises InvalidEvent with the file and the key whose value is wrong.
    """
    shared, own = _parsed(organisation, ORGANISATION), _parsed(text, file_of(event_id))
    try:
        merged = _overlaid(shared, own)
        return _event(event_id, _Table("", merged, _languages(merged)))
    except InvalidEvent as invalid:
        invalid.file = file_of(event_id)
        raise


def parse_organisation(text: str) -> Organisation:
    """Parse what concerns no single event from the text of organisation.toml.

    Raises InvalidEvent with the key whose value is wrong.
    """
    values = _parsed(text, ORGANISATION)
    try:
        languages = _languages(values)
        document = _Table("", values, languages)
        privacy = document.table("privacy")
        return Organisation(
            _theme(document.table("look")),
            document.table("operator").text("email"),
            privacy.text("region"),
            privacy.number("backup_days"),
            privacy.number("log_days"),
            languages,
        )
    except InvalidEvent as invalid:
        invalid.file = ORGANISATION
        raise


def read_text(path: Path) -> str:
    """The text of a file; raises InvalidEvent unless it is UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problem = "save the file with the encoding UTF-8"
        raise InvalidEvent("the file", problem, path.name) from None


def file_of(event_id: str) -> str:
    """The path of an event's file, inside chalicelib."""
    return f"events/{event_id}.toml"


def _event(event_id: str, document: _Table) -> Event:
    about, registration = document.table("event"), document.table("registration")
    operator = document.table("operator")
    other_tables: dict[str, Any] = {
        "languages": document.languages,
        "last_day": registration.day("last_day"),
        "last_time": registration.time_if_any("last_time") or time.min,
        "operator": operator.text("email"),
        "theme": _theme(document.table("look")),
        "privacy": document.table("privacy").build(Privacy),
        "accessibility": _accessibility(document),
        "links": tuple(table.build(WebLink) for table in document.tables("links")),
        "contacts": tuple(map(_contact, document.tables("contacts"))),
        "receivers": tuple(table.build(Receiver) for table in document.tables("receivers")),
        "leads": tuple(table.build(DayLead) for table in document.tables("days")),
        "date": about.day("date"),
        "timezone": about.timezone("timezone"),
    }
    other_tables["agenda"] = tuple(_rows(document, other_tables["date"], other_tables["timezone"]))
    for table in (registration, operator, document):
        table.refuse_unread_keys()
    return about.build(Event, id=event_id, **other_tables)


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidEvent("the file", f"this is not valid TOML: {error}", file) from error


def _overlaid(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The organisation's tables with the event's keys in them.

    A text that the event gives does not keep the organisation's translation.
    """
    for key in (
        _OF_THE_DEPLOYMENT & own.get("privacy", {}).keys() & shared.get("privacy", {}).keys()
    ):
        raise InvalidEvent(f"privacy.{key}", f"set this in {ORGANISATION}: it holds for all events")
    merged = {**shared, **own}
    for key, table in shared.items():
        mine = own.get(key)
        if isinstance(table, dict) and isinstance(mine, dict):
            kept = {k: v for k, v in table.items() if k.removesuffix("_en") not in mine}
            merged[key] = kept | mine
    return merged


def _languages(values: dict[str, Any]) -> tuple[str, ...]:
    """Take the languages out of [event]: all of its other texts depend on them."""
    about = values.get("event")
    named = about.pop("languages", LANGUAGES) if isinstance(about, dict) else LANGUAGES
    languages = tuple(named) if isinstance(named, list | tuple) else ()
    if languages not in (LANGUAGES, LANGUAGES[::-1], *((one,) for one in LANGUAGES)):
        raise InvalidEvent("event.languages", 'write ["sv", "en"], ["en", "sv"], ["sv"] or ["en"]')
    return languages


def _accessibility(document: _Table) -> Accessibility | None:
    has_one = document.has("accessibility")
    return document.table("accessibility").build(Accessibility) if has_one else None


def _contact(table: _Table) -> Contact:
    phones = table.texts("phones")
    return table.build(Contact, phones=tuple(one for text in phones for one in numbers_in(text)))


def _theme(table: _Table) -> Theme:
    return table.build(Theme, accent=table.text("accent").lower())


def _rows(document: _Table, date: date, zone: ZoneInfo) -> Iterator[AgendaRow]:
    """The agenda's rows; a row without a date has the date of the row above it."""
    for table in document.tables("agenda"):
        date = table.day("date", date)
        kind = table.text("kind", "session")
        if kind not in ("session", "meal"):
            raise InvalidEvent(f"{table.name}.kind", f'"{kind}" is not one of "session", "meal"')
        starts, starts_about = table.clock("starts")
        ends, ends_about = table.clock("ends")
        starts_at = at(date, starts, zone) if starts else None
        ends_at = end_after(starts_at or at(date, time.min, zone), ends) if ends else None
        yield table.build(
            AgendaRow,
            meal_id=table.text("id") if kind == "meal" else "",
            date=date,
            starts_at=starts_at,
            ends_at=ends_at,
            starts_about=starts_about,
            ends_about=ends_about,
        )


class _Table:
    """One table of the file. Values are taken by key, then the keys left over are refused."""

    def __init__(self, name: str, values: Mapping[str, Any], languages: tuple[str, ...]) -> None:
        self.name = name
        self.languages = languages
        self._values = dict(values)

    def text(self, key: str, default: Any = MISSING) -> str:
        value = self._take(key, default)
        if not isinstance(value, str):
            raise InvalidEvent(self._key(key), "write a text, in quotes")
        if not value.strip() and default is MISSING:
            raise InvalidEvent(self._key(key), "this text is empty")
        return value.strip()

    def bilingual(self, key: str, default: Any = MISSING) -> Bilingual:
        """A text with the translation under the same key with `_en`, if there is one."""
        english = self.text(f"{key}_en", "")
        plain = self.text(key, "" if english and self._is_english else default)
        return self._in_languages(plain, english)

    def all_bilingual(self, key: str, _: object = None) -> tuple[Bilingual, ...]:
        plain, english = self.texts(key), self.texts(f"{key}_en")
        if english and len(english) != len(plain) and (plain or not self._is_english):
            raise InvalidEvent(
                self._key(f"{key}_en"), f"write as many texts as in {key}, which has {len(plain)}"
            )
        return tuple(starmap(self._in_languages, zip_longest(plain, english, fillvalue="")))

    @property
    def _is_english(self) -> bool:
        return self.languages == (ENGLISH,)

    def _in_languages(self, plain: str, english: str) -> Bilingual:
        """The text in the event's first language, if the file has it; `plain` is Swedish unless
        the event has English only.
        """
        if self._is_english:
            return Bilingual(english or plain, language=ENGLISH)
        if english and self.languages[0] == ENGLISH:
            return Bilingual(english, plain, ENGLISH)
        return Bilingual(plain, english if ENGLISH in self.languages else "")

    def texts(self, key: str, _: object = None) -> tuple[str, ...]:
        """A list of texts; empty if the key is missing."""
        values = self._take(key, [])
        if not isinstance(values, list) or not all(
            isinstance(v, str) and v.strip() for v in values
        ):
            raise InvalidEvent(self._key(key), 'write a list of texts, like ["one", "two"]')
        return tuple(value.strip() for value in values)

    def day(self, key: str, default: Any = MISSING) -> date:
        value = self._take(key, default)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise InvalidEvent(
                self._key(key), f'"{value}" is not a date; write it without quotes, like 2027-05-31'
            )
        return value

    def time_if_any(self, key: str, _: object = None) -> time | None:
        at, is_about = self.clock(key)
        if is_about:
            raise InvalidEvent(self._key(key), 'write the time alone, like "8.30"')
        return at

    def clock(self, key: str) -> tuple[time | None, bool]:
        """A time of day if there is one, and whether it is approximate: "cirka 21.30"."""
        value = self._take(key, None)
        if value is None or isinstance(value, time):
            return value, False
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        hour, minute = (int(match[2]), int(match[3])) if match else (24, 0)
        is_end_of_day = match and key in {"ends", "last_time"} and (hour, minute) == (24, 0)
        if not is_end_of_day and (hour > 23 or minute > 59):
            raise InvalidEvent(
                self._key(key), f'"{value}" is not a time of day; write one in quotes, like "8.30"'
            )
        return time(hour % 24, minute), bool(match and match[1])

    def flag(self, key: str, default: Any = MISSING) -> bool:
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise InvalidEvent(self._key(key), "write true or false, without quotes")
        return value

    def number(self, key: str, default: Any = MISSING) -> int:
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidEvent(
                self._key(key), f'"{value}" is not a whole number; write one without quotes, like 7'
            )
        return value

    def number_if_any(self, key: str, _: object = None) -> int | None:
        return self.number(key) if key in self._values else None

    def timezone(self, key: str, default: Any = MISSING) -> ZoneInfo:
        name = self.text(key, default)
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise InvalidEvent(
                self._key(key), f'"{name}" is not a time zone; write one like "Europe/Stockholm"'
            ) from None

    def table(self, key: str) -> _Table:
        value = self._take(key)
        if not isinstance(value, dict):
            raise InvalidEvent(self._key(key), f"write a table, headed [{key}]")
        return _Table(self._key(key), value, self.languages)

    def tables(self, key: str) -> Iterator[_Table]:
        values = self._take(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise InvalidEvent(self._key(key), f"write a table for each row, headed [[{key}]]")
        return (
            _Table(f"{self._key(key)}[{number}]", value, self.languages)
            for number, value in enumerate(values, 1)
        )

    def has(self, key: str) -> bool:
        return key in self._values

    def build(self, kind: type[Built], **given: object) -> Built:
        """Build a `kind` from this table: fields that are not `given` are read by their types.

        Any other key in the table is refused.
        """
        read = {
            field.name: _READ[field.type](
                self, field.metadata.get("key", field.name), field.default
            )
            for field in fields(kind)
            if field.name not in given
        }
        self.refuse_unread_keys()
        return kind(**read, **given)

    def refuse_unread_keys(self) -> None:
        for key in self._values:
            raise InvalidEvent(self._key(key), "this key is unknown; check the spelling")

    def _take(self, key: str, default: object = MISSING) -> Any:
        value = self._values.pop(key, default)
        if value is MISSING:
            raise InvalidEvent(self._key(key), "this key is missing")
        return value

    def _key(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key


# The method that reads a field of each type.
_READ: Mapping[Any, Callable[[_Table, str, Any], Any]] = {
    str: _Table.text,
    Translatable: _Table.bilingual,
    tuple[str, ...]: _Table.texts,
    tuple[Translatable, ...]: _Table.all_bilingual,
    bool: _Table.flag,
    int: _Table.number,
    int | None: _Table.number_if_any,
    date: _Table.day,
    time | None: _Table.time_if_any,
    ZoneInfo: _Table.timezone,
}
