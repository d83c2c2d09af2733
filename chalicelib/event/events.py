"""The events of a deployment: one file for each, laid over organisation.toml."""

from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from chalicelib.event.event import Event
from chalicelib.event.file import ORGANISATION, file_of, parse_event, parse_organisation, read_text
from chalicelib.event.organisation import Organisation
from chalicelib.event.problems import InvalidEvent

PACKAGE = Path(__file__).parents[1]


class Source(NamedTuple):
    """The texts that an event is read from: those of its file and of organisation.toml."""

    event_id: str
    text: str
    organisation: str

    def read(self) -> Event:
        """Read the event; raises InvalidEvent."""
        return parse_event(*self)


class Events:
    """The events in the files of `folder`, each read when it is first asked for, and `known` ones.

    Another event's wrong file does not matter to any event.
    """

    def __init__(self, folder: Path | None = PACKAGE, known: Iterable[Event] = ()) -> None:
        self._folder = folder
        self._known = {event.id: event for event in known}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of all events, in alphabetical order."""
        files = (self._folder / "events").glob("*.toml") if self._folder else ()
        return tuple(sorted({*self._known, *(path.stem for path in files)}))

    def find(self, event_id: str) -> Event | None:
        """The event with this id, or None; raises InvalidEvent if its file is wrong."""
        if event_id not in self._known and event_id in self.ids:
            self._known[event_id] = self.source(event_id).read()
        return self._known.get(event_id)

    def all(self) -> list[Event]:
        """All events, the first to start first; raises InvalidEvent if a file is wrong."""
        return sorted(filter(None, map(self.find, self.ids)), key=lambda event: event.starts_at)

    def readable(self) -> list[Event]:
        """The events whose files are right, the first to start first."""
        found = []
        for event_id in self.ids:
            with suppress(InvalidEvent):
                found.append(self.find(event_id))
        return sorted(filter(None, found), key=lambda event: event.starts_at)

    def source(self, event_id: str) -> Source:
        """The texts of an event that has a file."""
        return Source(event_id, self._text(file_of(event_id)), self._text(ORGANISATION))

    @cached_property
    def organisation(self) -> Organisation:
        """What concerns no single event; raises InvalidEvent if its file is wrong."""
        if self._folder is None:
            return Organisation.of(self.all()[0])
        return parse_organisation(self._text(ORGANISATION))

    def _text(self, file: str) -> str:
        path = self._folder / file if self._folder else None
        return read_text(path) if path and path.exists() else ""  # a known event has no file
