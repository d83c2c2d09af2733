"""Makes and writes a new event's file."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path

from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.event.file import ORGANISATION, file_of, read_text
from management.files.left_to_do import left_to_do
from management.invitation.answers import Answers, Ask, ask_for_first_day, ask_for_missing
from management.invitation.completing import complete_first_day, first_day
from management.invitation.draft import Draft
from management.invitation.earlier import fill_like, move_days
from management.invitation.file_text import file_text
from management.invitation.naming import event_id
from management.invitation.reading import draft_of
from management.invitation.sources import STANDARD_INPUT, text_of
from management.invitation.valid import make_valid


class NoSuchEvent(LookupError):
    """There is no event with the id after --like; the text says which there are."""


@dataclass(frozen=True)
class NewEvent:
    """A written file, and what is left to do in it, line by line."""

    path: Path
    left: list[str]


def new_event(
    folder: Path,
    answers: Answers,
    today: dt.date,
    wanted_id: str = "",
    like: str = "",
    *,
    source: str = "",
    ask: Ask | None = None,
) -> NewEvent:
    """Write the file of a new event into `folder`, which has organisation.toml and events/.

    `like` is the id of an earlier event, `source` the name of an invitation's file or "-" for the
    standard input. `ask` asks for what is missing. Raises NoSuchEvent, Unreadable, FileExistsError,
    and InvalidEvent if organisation.toml or the earlier file is wrong.
    """
    events, organisation = Events(folder), read_text(folder / ORGANISATION)
    draft = _draft(source, answers, today, ask) if source else Draft(_language(events, like))
    earlier = _earlier(events, like) if like else None
    if earlier:
        fill_like(draft, tomllib.loads(events.source(like).text))
    answers.into(draft)
    if ask:
        ask_for_missing(draft, ask)
    complete_first_day(draft, today)
    if earlier:
        move_days(draft, earlier.date)
    make_valid(draft, organisation, today)
    title, year = str(draft.event.values["title"]), first_day(draft).year
    chosen = wanted_id or event_id(title, year, events.ids)
    path, text = folder / file_of(chosen), file_text(draft, _made_from(source, like))
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return NewEvent(path, left_to_do(text))


def _draft(source: str, answers: Answers, today: dt.date, ask: Ask | None) -> Draft:
    """The draft of an invitation; its other days depend on the first, so that is asked before."""
    text = text_of(source)
    draft = draft_of(text, today, answers.date)
    if ask and ask_for_first_day(draft, answers, ask):
        draft = draft_of(text, today, answers.date)
    return draft


def _language(events: Events, like: str) -> str:
    return _earlier(events, like).language if like else events.organisation.languages[0]


def _earlier(events: Events, like: str) -> Event:
    earlier = events.find(like)
    if not earlier:
        raise NoSuchEvent(f'there is no event "{like}": {", ".join(events.ids)}')
    return earlier


def _made_from(source: str, like: str) -> str:
    named = "the standard input" if source == STANDARD_INPUT else Path(source).name
    return (f" from {named}" if source else "") + (f", like {like}" if like else "")
