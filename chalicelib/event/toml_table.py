"""Reads the values of a TOML table, and collects what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime, time
from itertools import starmap, zip_longest
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from chalicelib.event.problems import InvalidEvent, Problem
from chalicelib.texts.language import ENGLISH, Bilingual, Translatable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Built = TypeVar("Built", bound=DataclassInstance)
    Read = TypeVar("Read")

_TIME = re.compile(r"(cirka |c:a |ca\.? ?|about |around )?(\d{1,2})[.:](\d{2})", re.IGNORECASE)


class TomlTable:
    """One table of a file. Values are read by key, then the keys never asked for are refused.

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
        """A text without spaces around it; raises InvalidEvent if it is empty and not optional."""
        value = self.raw(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "write a text, in quotes")
        if not value.strip() and default is MISSING:
            raise self.wrong(key, "this text is empty")
        return value.strip()

    def bilingual(self, key: str, default: Any = MISSING) -> Bilingual:
        """A text with the translation under the key with `_en`, if there is one."""
        self._asked |= {key, f"{key}_en"}
        english = self.text(f"{key}_en", "")
        plain = self.text(key, "" if english and self._is_english else default)
        return self._in_languages(plain, english)

    def all_bilingual(self, key: str, _: object = None) -> tuple[Bilingual, ...]:
        """A list of texts, each with its translation; empty if the key is missing."""
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
        is_list = isinstance(values, list)
        if not is_list or not all(isinstance(text, str) and text.strip() for text in values):
            raise self.wrong(key, 'write a list of texts, like ["one", "two"]')
        return tuple(value.strip() for value in values)

    def day(self, key: str, default: Any = MISSING) -> date:
        """A date; raises InvalidEvent for a time or a text."""
        value = self.raw(key, default)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self._refused(key, value, "a date; write it without quotes, like 2027-05-31")
        return value

    def time_if_any(self, key: str, _: object = None) -> time | None:
        """A time of day if there is one; raises InvalidEvent if it is approximate."""
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
            raise self._refused(key, value, 'a time of day; write one in quotes, like "8.30"')
        return time(hour % 24, minute), bool(match and match[1])

    def flag(self, key: str, default: Any = MISSING) -> bool:
        """True or false."""
        value = self.raw(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "write true or false, without quotes")
        return value

    def number(self, key: str, default: Any = MISSING) -> int:
        """A whole number."""
        value = self.raw(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._refused(key, value, "a whole number; write one without quotes, like 7")
        return value

    def number_if_any(self, key: str, _: object = None) -> int | None:
        """A whole number if there is one."""
        return self.number(key) if self.has(key) else None

    def timezone(self, key: str, default: Any = MISSING) -> ZoneInfo:
        """A time zone of the tz database."""
        name = self.text(key, default)
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise self._refused(
                key, name, 'a time zone; write one like "Europe/Stockholm"'
            ) from None

    def table(self, key: str) -> TomlTable:
        """The table headed [key]."""
        value = self.raw(key)
        if not isinstance(value, dict):
            raise self.wrong(key, f"write a table, headed [{key}]")
        return TomlTable(self._key(key), value, self.languages)

    def tables(self, key: str) -> Iterator[TomlTable]:
        """The tables headed [[key]]; none if the key is missing."""
        values = self.raw(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.wrong(key, f"write a table for each row, headed [[{key}]]")
        return (
            TomlTable(f"{self._key(key)}[{number}]", value, self.languages)
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
        """Whether the table has this key."""
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
        """The value as TOML has it; raises InvalidEvent if it is missing and not optional."""
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is MISSING:
            raise self.wrong(key, "this key is missing")
        return value

    def wrong(self, key: str, words: str) -> InvalidEvent:
        """The error that says of a key what to write instead."""
        return InvalidEvent(Problem(self._key(key), words))

    def _refused(self, key: str, value: object, words: str) -> InvalidEvent:
        return self.wrong(key, f'"{value}" is not {words}')

    def _key(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key


# The method that reads a field of each type.
_READ: Mapping[Any, Callable[[TomlTable, str, Any], Any]] = {
    str: TomlTable.text,
    Translatable: TomlTable.bilingual,
    tuple[str, ...]: TomlTable.texts,
    tuple[Translatable, ...]: TomlTable.all_bilingual,
    bool: TomlTable.flag,
    int: TomlTable.number,
    int | None: TomlTable.number_if_any,
    date: TomlTable.day,
    time | None: TomlTable.time_if_any,
    ZoneInfo: TomlTable.timezone,
}
