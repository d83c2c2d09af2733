"""What contact persons change in the programme without a deploy: a notice, and corrected rows.

Pages about the programme and calendar files show the changes; registrations, mails about food and
deletion go by the event's file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.event.agenda import AgendaRow, at, end_after
from chalicelib.event.event import Event
from chalicelib.event.problems import InvalidEvent
from chalicelib.texts.language import SWEDISH, Bilingual


@dataclass(frozen=True)
class Notice:
    """A short text on the event's page until the instant `until`, perhaps with a translation."""

    text: str
    until: datetime
    translation: str = ""
    language: str = SWEDISH

    @property
    def words(self) -> Bilingual:
        """The text with its translation."""
        return Bilingual(self.text, self.translation, self.language)


@dataclass(frozen=True)
class RowChange:
    """What differs from the file's row; what is None is as in the file.

    `starts` and `ends` are local times, `09:30`; an empty `ends` is for an end that is not known.
    """

    starts: str | None = None
    ends: str | None = None
    title: str | None = None
    translation: str | None = None
    room: str | None = None
    speakers: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Changes:
    """The notice and the changed rows, by the rows' keys. `number` counts all changes so far."""

    notice: Notice | None = None
    rows: Mapping[str, RowChange] = field(default_factory=dict)
    number: int = 0

    def to_json(self) -> str:
        """The changes as text, empty if nothing has ever been changed."""
        if not self.number:
            return ""
        notice = self.notice and {**vars(self.notice), "until": self.notice.until.isoformat()}
        rows = {key: _set(change) for key, change in sorted(self.rows.items())}
        stored = {"notice": notice, "rows": rows, "number": self.number}
        return json.dumps(stored, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Changes:
        """The changes that `to_json` wrote."""
        if not text:
            return cls()
        stored = json.loads(text)
        notice, rows = stored["notice"], stored["rows"].items()
        if notice:
            notice = Notice(**{**notice, "until": datetime.fromisoformat(notice["until"])})
        return cls(notice, {key: _row_change(change) for key, change in rows}, stored["number"])

    def shown_at(self, now: datetime) -> Changes:
        """The changes without a notice whose time has passed."""
        is_over = self.notice is not None and now >= self.notice.until
        return replace(self, notice=None) if is_over else self

    def with_notice(self, notice: Notice | None) -> Changes:
        """The changes with another notice, or without one."""
        return replace(self, notice=notice, number=self.number + 1)

    def part(self, key: str = "") -> str:
        """The stored change of a row, or the notice, as text: to notice that it has changed."""
        if key:
            return json.dumps(_set(self.rows[key])) if key in self.rows else ""
        return repr(self.notice) if self.notice else ""

    def without_texts(self) -> Changes:
        """No change, but the same number: calendars ignore a lower one."""
        return Changes(number=self.number)

    def with_row(self, key: str, change: RowChange) -> Changes:
        """The changes with a row as in `change`; as in the file if nothing differs."""
        rows = {other: one for other, one in self.rows.items() if other != key}
        if _set(change):
            rows[key] = change
        return replace(self, rows=rows, number=self.number + 1)


def _set(change: RowChange) -> dict[str, object]:
    return {name: value for name, value in vars(change).items() if value is not None}


def _row_change(stored: Mapping[str, object]) -> RowChange:
    change = RowChange(**stored)  # type: ignore[arg-type]
    return replace(change, speakers=None if change.speakers is None else tuple(change.speakers))


def row_key(row: AgendaRow) -> str:
    """What names a row of the file: a hash. A row that is edited in the file has another."""
    facts = (
        row.meal_id, row.date, row.starts_at, row.ends_at, row.when, row.title, row.room,
        row.place, *row.speakers,
    )  # fmt: skip
    return sha256("|".join(map(str, facts)).encode()).hexdigest()


def with_changes(event: Event, text: str) -> Event:
    """The event as its pages show it, by `Changes.to_json`; raises InvalidEvent if they don't fit.

    Its revision is higher for each change, as calendars need it (RFC 5545, SEQUENCE).
    """
    changes = Changes.from_json(text)
    rows = tuple(
        changed_row(row, change, event) if (change := changes.rows.get(row_key(row))) else row
        for row in event.agenda
    )
    revision = event.revision + changes.number
    try:
        return replace(event, agenda=rows, revision=revision)
    except InvalidEvent:  # a row may have moved out of the event's own hours
        return replace(event, agenda=rows, revision=revision, starts=None, ends=None)


def shown(event: Event, text: str) -> Event:
    """The event with its changes; as in its file if the file has changed so that they don't fit."""
    if not text:
        return event
    try:
        return with_changes(event, text)
    except InvalidEvent:
        return replace(event, revision=event.revision + Changes.from_json(text).number)


def changed_row(row: AgendaRow, change: RowChange, event: Event) -> AgendaRow:
    """The file's row with what has changed."""
    texts: dict[str, Any] = {}
    if change.room is not None:
        texts["room"] = Bilingual(change.room, "", event.language) if change.room else ""
    if change.speakers is not None:
        texts["speakers"] = tuple(Bilingual(one, "", event.language) for one in change.speakers)
    if change.title is not None:
        texts["title"] = Bilingual(change.title, change.translation or "", event.language)
        texts["known_as"] = row.title
    if change.starts is None and change.ends is None:
        return replace(row, **texts)
    starts_at = row.starts_at
    if change.starts:
        starts_at = _nearest(row, time.fromisoformat(change.starts), event.timezone)
    ends = row.ends if change.ends is None else _time_or_none(change.ends)
    ends_at = end_after(starts_at, ends) if starts_at and ends else None
    return replace(
        row, **texts, starts_at=starts_at, ends_at=ends_at, when="",
        starts_about=row.starts_about and change.starts is None,
        ends_about=row.ends_about and change.ends is None,
    )  # fmt: skip


def _nearest(row: AgendaRow, starts: time, zone: ZoneInfo) -> datetime:
    """This start on the row's day or, if that is nearer to the start before, on the next day."""
    days = (row.date, row.date + timedelta(days=1))
    before = row.starts_at or at(row.date, time.min, zone)
    return min((at(day, starts, zone) for day in days), key=lambda one: abs(one - before))


def _time_or_none(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


def lines_for_file(event: Event, changes: Changes) -> Iterator[tuple[AgendaRow, list[str]]]:
    """The file's rows that differ from the programme, each with the lines that the file needs."""
    for row in event.agenda:
        change = changes.rows.get(row_key(row))
        if change and changed_row(row, change, event) != row:
            yield row, list(_lines(row, change))


def unknown_rows(event: Event, changes: Changes) -> int:
    """How many changes are of rows that the file no longer has as they were."""
    return len(changes.rows.keys() - {row_key(row) for row in event.agenda})


def _lines(row: AgendaRow, change: RowChange) -> Iterator[str]:
    """Lines of TOML, such as `starts = "9.30"`."""
    filed = {"room": [row.room], "speakers": row.speakers}
    for name, value in _set(change).items():
        if any(getattr(text, "translation", "") for text in filed.get(name, ())):
            yield f"# {name}_en: translate, or remove this line"
        key = "title_en" if name == "translation" else name
        if name in {"ends", "translation"} and not value:
            yield f"# {key}: remove this line"
        elif name in {"starts", "ends"}:
            yield f'{key} = "{time.fromisoformat(str(value)):%-H.%M}"'
        else:
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}"
