"""Reads an event's file, and explains in plain words what is wrong in the file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, time
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.event.agenda import AgendaRow, DayLead, at, end_after
from chalicelib.event.event import Contact, Event, Receiver, WebLink
from chalicelib.event.legal_statements import Accessibility, Privacy
from chalicelib.event.organisation import Organisation
from chalicelib.event.phone import numbers_in
from chalicelib.event.problems import InvalidEvent, Problem
from chalicelib.event.theme import Theme
from chalicelib.event.toml_table import TomlTable
from chalicelib.texts.language import LANGUAGES

ORGANISATION = "organisation.toml"
# Keys of [privacy] that an event's file can't set for itself.
_OF_THE_DEPLOYMENT = {"region", "backup_days", "log_days"}
# Stands in for a date that can't be read; nothing that depends on it is checked.
_ANY_DAY = date(2000, 1, 1)


def parse_event(event_id: str, text: str, organisation: str = "") -> Event:
    """Parse the event with this id from the text of its file, laid over that of organisation.toml.

    Raises InvalidEvent with the file and each key whose value is wrong.
    """
    shared, own = _parsed(organisation, ORGANISATION), _parsed(text, file_of(event_id))
    try:
        document = TomlTable("", _overlaid(shared, own), LANGUAGES)
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
        document = TomlTable("", values, LANGUAGES)
        about = (
            document.table("event") if document.has("event") else TomlTable("event", {}, LANGUAGES)
        )
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


def _event(event_id: str, document: TomlTable) -> Event:
    """The event of a document; raises InvalidEvent with all that is wrong in it.

    What can't be read is None while the rest is checked.
    """
    found = document.tried(document.table, "event")
    about = found or TomlTable("event", {}, LANGUAGES)
    document.languages = about.languages = about.tried(_languages, about) or LANGUAGES
    date, zone = about.tried(about.day, "date"), about.tried(about.timezone, "timezone")
    last_day, last_time = document.part("registration", _deadline) or (None, time.min)
    statement = None
    if document.has("accessibility"):
        statement = document.part("accessibility", TomlTable.build, Accessibility)
    parts: dict[str, Any] = {
        "id": event_id,
        "languages": document.languages,
        "date": date,
        "timezone": zone,
        "last_day": last_day,
        "last_time": last_time,
        "operator": document.part("operator", TomlTable.only, TomlTable.text, "email"),
        "theme": document.part("look", _theme),
        "privacy": document.part("privacy", TomlTable.build, Privacy),
        "accessibility": statement,
        "links": document.parts("links", TomlTable.build, WebLink),
        "contacts": document.parts("contacts", _contact),
        "receivers": document.parts("receivers", TomlTable.build, Receiver),
        "leads": document.parts("days", TomlTable.build, DayLead),
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


def _languages(about: TomlTable) -> tuple[str, ...]:
    named = about.raw("languages", LANGUAGES)
    languages = tuple(named) if isinstance(named, list | tuple) else ()
    if languages not in (LANGUAGES, LANGUAGES[::-1], *((one,) for one in LANGUAGES)):
        raise about.wrong("languages", 'write ["sv", "en"], ["en", "sv"], ["sv"] or ["en"]')
    return languages


def _deadline(table: TomlTable) -> tuple[date | None, time]:
    day = table.tried(table.day, "last_day")
    at = table.tried(table.time_if_any, "last_time")
    table.finish()
    return day, at or time.min


def _contact(table: TomlTable) -> Contact:
    phones = table.tried(table.texts, "phones") or ()
    return table.build(Contact, phones=tuple(one for text in phones for one in numbers_in(text)))


def _theme(table: TomlTable) -> Theme:
    accent = table.tried(table.text, "accent") or ""
    return table.build(Theme, accent=accent.lower())


def _rows(document: TomlTable, date: date, zone: ZoneInfo) -> tuple[AgendaRow | None, ...]:
    """The agenda's rows; a row without a date has the date of the row above it."""
    rows = []
    for table in document.tables("agenda"):
        date = table.tried(table.day, "date", date) or date
        rows.append(document.tried(_row, table, date, zone))
    return tuple(rows)


def _row(table: TomlTable, date: date, zone: ZoneInfo) -> AgendaRow:
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


def _meal_id(table: TomlTable) -> str:
    kind = table.text("kind", "session")
    if kind not in ("session", "meal"):
        table.has("id")
        raise table.wrong("kind", f'"{kind}" is not one of "session", "meal"')
    if kind == "meal":
        return table.text("id")
    if table.has("id"):
        raise table.wrong("id", 'a row with an id is a meal; add kind = "meal"')
    return ""
