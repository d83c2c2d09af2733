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
from management.invitation.answers import Answers, Ask, ask_for_missing
from management.invitation.completing import complete_first_day, first_day
from management.invitation.draft import Draft
from management.invitation.earlier import draft_like, move_days
from management.invitation.file_text import file_text
from management.invitation.naming import event_id
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
    ask: Ask | None = None,
) -> NewEvent:
    """Write the file of a new event into `folder`, which has organisation.toml and events/.

    `like` is the id of an earlier event. `ask` asks for what is missing. Raises NoSuchEvent,
    FileExistsError, and InvalidEvent if organisation.toml or the earlier file is wrong.
    """
    events, organisation = Events(folder), read_text(folder / ORGANISATION)
    draft = _draft(events, like) if like else Draft(events.organisation.languages[0])
    answers.into(draft)
    if ask:
        ask_for_missing(draft, ask)
    complete_first_day(draft, today)
    if like:
        move_days(draft, _earlier(events, like).date)
    make_valid(draft, organisation, today)
    title, year = str(draft.event.values["title"]), first_day(draft).year
    chosen = wanted_id or event_id(title, year, events.ids)
    path = folder / file_of(chosen)
    text = file_text(draft, f", like {like}" if like else "")
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return NewEvent(path, left_to_do(text))


def _draft(events: Events, like: str) -> Draft:
    earlier = _earlier(events, like)
    return draft_like(tomllib.loads(events.source(like).text), earlier.language)


def _earlier(events: Events, like: str) -> Event:
    earlier = events.find(like)
    if not earlier:
        raise NoSuchEvent(f'there is no event "{like}": {", ".join(events.ids)}')
    return earlier
