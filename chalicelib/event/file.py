"""Reads an event's file, and explains in plain words what is wrong in the file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime, time
from functools import partial
from itertools import starmap, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from chalicelib.event.agenda import AgendaRow, DayLead, at, end_after
from chalicelib.event.checks import InvalidEvent, Problem
from chalicelib.event.event import Contact, Event, Receiver, WebLink
from chalicelib.event.legal_statements import Accessibility, Privacy
from chalicelib.event.organisation import Organisation
from chalicelib.event.phone import numbers_in
from chalicelib.event.theme import Theme
from chalicelib.texts.language import ENGLISH, LANGUAGES, Bilingual, Translatable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Built = TypeVar("Built", bound=DataclassInstance)
    Read = TypeVar("Read")

ORGANISATION = "organisation.toml"
# Keys of [privacy] that an event's file can't set for itself.
_OF_THE_DEPLOYMENT = {"region", "backup_days", "log_days"}
# Stands in for a date that can't be read; nothing that depends on it is checked.
_ANY_DAY = date(2000, 1, 1)
_TIME = re.compile(r"(cirka |c:a |ca\.? ?|about |around )?(\d{1,2})[.:](\d{2})", re.IGNORECASE)


def parse_event(event_id: str, text: str, organisation: str = "") -> Event:
    """Parse the event with this id from the text of its file, laid over that of organisation.toml.

    Raises InvalidEvent with the file and each key whose value is wrong.
    """
    shared, own = _parsed(organisation, ORGANISATION), _parsed(text, file_of(event_id))
    try:
        document = _Table("", _overlaid(shared, own), LANGUAGES)
        document.tried(_refuse_keys_of_the_deployment, shared, own)
        return _event(event_id, document)
    except InvalidEvent as invalid:
        invalid.file = file_of(event_id)
        raise


def parse_organisation(text: str) -> Organisation:
    """Parse what concerns no single event from the text of organisation.toml.

    Raises InvalidEvent with the key whose value is wrong.
    """
    values = _parsed(text, ORGANISATION)
    try:
        document = _Table("", values, LANGUAGES)
        about = document.table("event") if document.has("event") else _Table("event", {}, LANGUAGES)
        privacy = document.table("privacy")
        return Organisation(
            _theme(document.table("look")),
            document.table("operator").text("email"),
            privacy.text("region"),
            privacy.number("backup_days"),
            privacy.number("log_days"),
            _languages(about),
        )
    except InvalidEvent as invalid:
        invalid.file = ORGANISATION
        raise


def read_text(path: Path) -> str:
    """The text of a file; raises InvalidEvent unless it is UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problem = Problem("the file", "save the file with the encoding UTF-8")
        raise InvalidEvent(problem, file=path.name) from None


def file_of(event_id: str) -> str:
    """The path of an event's file, inside chalicelib."""
    return f"events/{event_id}.toml"


def _event(event_id: str, document: _Table) -> Event:
    """The event of a document; raises InvalidEvent with all that is wrong in it.

    What can't be read is None while the rest is checked.
    """
    found = document.tried(document.table, "event")
    about = found or _Table("event", {}, LANGUAGES)
    document.languages = about.languages = about.tried(_languages, about) or LANGUAGES
    date, zone = about.tried(about.day, "date"), about.tried(about.timezone, "timezone")
    last_day, last_time = document.part("registration", _deadline) or (None, time.min)
    statement = None
    if document.has("accessibility"):
        statement = document.part("accessibility", _Table.build, Accessibility)
    parts: dict[str, Any] = {
        "id": event_id,
        "languages": document.languages,
        "date": date,
        "timezone": zone,
        "last_day": last_day,
        "last_time": last_time,
        "operator": document.part("operator", _Table.only, _Table.text, "email"),
        "theme": document.part("look", _theme),
        "privacy": document.part("privacy", _Table.build, Privacy),
        "accessibility": statement,
        "links": document.parts("links", _Table.build, WebLink),
        "contacts": document.parts("contacts", _contact),
        "receivers": document.parts("receivers", _Table.build, Receiver),
        "leads": document.parts("days", _Table.build, DayLead),
        "agenda": document.tried(_rows, document, date or _ANY_DAY, zone or UTC),
    }
    parts |= about.read(Event, parts)
    if found:
        document.tried(found.finish)
    event = document.tried(partial(Event, **parts))
    document.finish()
    assert event  # noqa: S101 - finish has raised what is wrong
    return event


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = Problem("the file", f"this is not valid TOML: {error}")
        raise InvalidEvent(problem, file=file) from error


def _overlaid(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The organisation's tables with the event's keys in them.

    A text that the event gives does not keep the organisation's translation.
    """
    merged = {**shared, **own}
    for key, table in shared.items():
        mine = own.get(key)
        if isinstance(table, dict) and isinstance(mine, dict):
            kept = {k: v for k, v in table.items() if k.removesuffix("_en") not in mine}
            merged[key] = kept | mine
    return merged


def _refuse_keys_of_the_deployment(shared: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    twice = [
        key
        for key in own.get("privacy", ())
        if key in _OF_THE_DEPLOYMENT and key in shared.get("privacy", ())
    ]
    if twice:
        words = f"set this in {ORGANISATION}: it holds for all events"
        raise InvalidEvent(*(Problem(f"privacy.{key}", words) for key in twice))


def _languages(about: _Table) -> tuple[str, ...]:
    named = about.raw("languages", LANGUAGES)
    languages = tuple(named) if isinstance(named, list | tuple) else ()
    if languages not in (LANGUAGES, LANGUAGES[::-1], *((one,) for one in LANGUAGES)):
        raise about.wrong("languages", 'write ["sv", "en"], ["en", "sv"], ["sv"] or ["en"]')
    return languages


def _deadline(table: _Table) -> tuple[date | None, time]:
    day = table.tried(table.day, "last_day")
    at = table.tried(table.time_if_any, "last_time")
    table.finish()
    return day, at or time.min


def _contact(table: _Table) -> Contact:
    phones = table.tried(table.texts, "phones") or ()
    return table.build(Contact, phones=tuple(one for text in phones for one in numbers_in(text)))


def _theme(table: _Table) -> Theme:
    accent = table.tried(table.text, "accent") or ""
    return table.build(Theme, accent=accent.lower())


def _rows(document: _Table, date: date, zone: ZoneInfo) -> tuple[AgendaRow | None, ...]:
    """The agenda's rows; a row without a date has the date of the row above it."""
    rows = []
    for table in document.tables("agenda"):
        date = table.tried(table.day, "date", date) or date
        rows.append(document.tried(_row, table, date, zone))
    return tuple(rows)


def _row(table: _Table, date: date, zone: ZoneInfo) -> AgendaRow:
    meal_id = table.tried(_meal_id, table)
    starts, starts_about = table.tried(table.clock, "starts") or (None, False)
    ends, ends_about = table.tried(table.clock, "ends") or (None, False)
    starts_at = at(date, starts, zone) if starts else None
    ends_at = end_after(starts_at or at(date, time.min, zone), ends) if ends else None
    return table.build(
        AgendaRow,
        meal_id=meal_id,
        date=date,
        starts_at=starts_at,
        ends_at=ends_at,
        starts_about=starts_about,
        ends_about=ends_about,
    )


def _meal_id(table: _Table) -> str:
    kind = table.text("kind", "session")
    if kind not in ("session", "meal"):
        table.has("id")
        raise table.wrong("kind", f'"{kind}" is not one of "session", "meal"')
    if kind == "meal":
        return table.text("id")
    if table.has("id"):
        raise table.wrong("id", 'a row with an id is a meal; add kind = "meal"')
    return ""


class _Table:
    """One table of the file. Values are read by key, then the keys never asked for are refused.

    Problems are collected (`tried`), and raised all together (`finish`).
    """

    def __init__(self, name: str, values: Mapping[str, Any], languages: tuple[str, ...]) -> None:
        self.name = name
        self.languages = languages
        self._values = values
        self._asked: set[str] = set()
        self._problems: list[Problem] = []

    def tried(self, read: Callable[..., Read], *arguments: Any) -> Read | None:
        """What `read` returns, or None if it raises problems, which `finish` raises."""
        try:
            return read(*arguments)
        except InvalidEvent as invalid:
            known = {problem.key for problem in self._problems}
            self._problems += (one for one in invalid.problems if one.key not in known)
        return None

    def text(self, key: str, default: Any = MISSING) -> str:
        value = self.raw(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "write a text, in quotes")
        if not value.strip() and default is MISSING:
            raise self.wrong(key, "this text is empty")
        return value.strip()

    def bilingual(self, key: str, default: Any = MISSING) -> Bilingual:
        """A text with the translation under the same key with `_en`, if there is one."""
        self._asked |= {key, f"{key}_en"}
        english = self.text(f"{key}_en", "")
        plain = self.text(key, "" if english and self._is_english else default)
        return self._in_languages(plain, english)

    def all_bilingual(self, key: str, _: object = None) -> tuple[Bilingual, ...]:
        self._asked |= {key, f"{key}_en"}
        plain, english = self.texts(key), self.texts(f"{key}_en")
        if english and len(english) != len(plain) and (plain or not self._is_english):
            raise self.wrong(
                f"{key}_en", f"write as many texts as in {key}, which has {len(plain)}"
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
        values = self.raw(key, [])
        if not isinstance(values, list) or not all(
            isinstance(v, str) and v.strip() for v in values
        ):
            raise self.wrong(key, 'write a list of texts, like ["one", "two"]')
        return tuple(value.strip() for value in values)

    def day(self, key: str, default: Any = MISSING) -> date:
        value = self.raw(key, default)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(
                key, f'"{value}" is not a date; write it without quotes, like 2027-05-31'
            )
        return value

    def time_if_any(self, key: str, _: object = None) -> time | None:
        at, is_about = self.clock(key)
        if is_about:
            raise self.wrong(key, 'write the time alone, like "8.30"')
        return at

    def clock(self, key: str) -> tuple[time | None, bool]:
        """A time of day if there is one, and whether it is approximate: "cirka 21.30"."""
        value = self.raw(key, None)
        if value is None or isinstance(value, time):
            return value, False
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        hour, minute = (int(match[2]), int(match[3])) if match else (24, 0)
        is_end_of_day = match and key in {"ends", "last_time"} and (hour, minute) == (24, 0)
        if not is_end_of_day and (hour > 23 or minute > 59):
            raise self.wrong(
                key, f'"{value}" is not a time of day; write one in quotes, like "8.30"'
            )
        return time(hour % 24, minute), bool(match and match[1])

    def flag(self, key: str, default: Any = MISSING) -> bool:
        value = self.raw(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "write true or false, without quotes")
        return value

    def number(self, key: str, default: Any = MISSING) -> int:
        value = self.raw(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(
                key, f'"{value}" is not a whole number; write one without quotes, like 7'
            )
        return value

    def number_if_any(self, key: str, _: object = None) -> int | None:
        return self.number(key) if self.has(key) else None

    def timezone(self, key: str, default: Any = MISSING) -> ZoneInfo:
        name = self.text(key, default)
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise self.wrong(
                key, f'"{name}" is not a time zone; write one like "Europe/Stockholm"'
            ) from None

    def table(self, key: str) -> _Table:
        value = self.raw(key)
        if not isinstance(value, dict):
            raise self.wrong(key, f"write a table, headed [{key}]")
        return _Table(self._key(key), value, self.languages)

    def tables(self, key: str) -> Iterator[_Table]:
        values = self.raw(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.wrong(key, f"write a table for each row, headed [[{key}]]")
        return (
            _Table(f"{self._key(key)}[{number}]", value, self.languages)
            for number, value in enumerate(values, 1)
        )

    def part(self, key: str, read: Callable[..., Read], *arguments: Any) -> Read | None:
        """What `read` makes of a table, or None if it is wrong."""
        table = self.tried(self.table, key)
        return self.tried(read, table, *arguments) if table else None

    def only(self, read: Callable[..., Read], key: str) -> Read | None:
        """The value of the only key of this table; any other is refused."""
        value = self.tried(read, self, key)
        self.finish()
        return value

    def parts(
        self, key: str, read: Callable[..., Read], *arguments: Any
    ) -> tuple[Read | None, ...] | None:
        """What `read` makes of each row headed [[key]]; None in place of a wrong one."""
        tables = self.tried(self.tables, key)
        return tuple(self.tried(read, table, *arguments) for table in tables) if tables else None

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._values

    def build(self, kind: type[Built], **given: Any) -> Built:
        """Build a `kind` from this table: fields that are not `given` are read by their types.

        Any other key in the table is refused.
        """
        read = self.read(kind, given)
        self.finish()
        return kind(**read, **given)

    def read(self, kind: type[DataclassInstance], given: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a `kind` that are not `given`; None for those that are wrong."""
        return {
            field.name: self.tried(
                _READ[field.type], self, field.metadata.get("key", field.name), field.default
            )
            for field in fields(kind)
            if field.name not in given
        }

    def finish(self) -> None:
        """Raise InvalidEvent if anything was wrong, or if keys are left that nothing has read."""
        missing = tuple(sorted(self._asked - self._values.keys()))
        problems = self._problems + [
            Problem(self._key(key), "this key is unknown; check the spelling", missing)
            for key in self._values
            if key not in self._asked
        ]
        if problems:
            raise InvalidEvent(*problems)

    def raw(self, key: str, default: object = MISSING) -> Any:
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is MISSING:
            raise self.wrong(key, "this key is missing")
        return value

    def wrong(self, key: str, words: str) -> InvalidEvent:
        return InvalidEvent(Problem(self._key(key), words))

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
