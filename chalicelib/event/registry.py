"""The registry: what the table knows of each event, so that nothing depends on its file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from chalicelib.event.event import Event
from chalicelib.event.events import Source
from chalicelib.lifecycle.timing import MOVED_DAY_SETTLES


@dataclass(frozen=True)
class Entry:
    """One event of the registry.

    The facts are those of the file that holds for the event; `stored` is that file's digest. While
    the file of the deployment has other facts, `changed` is their digest, first seen at
    `changed_at`. `finished_for` is the deletion day after which nothing was left; `told` is the
    last fault that the operator was told of.
    """

    id: str
    title: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    deletes_at: datetime
    meals: tuple[str, ...]
    stored: str = ""
    changed: str = ""
    changed_at: datetime | None = None
    finished_for: datetime | None = None
    told: str = ""

    @property
    def is_finished(self) -> bool:
        """Whether everything of the event has been deleted."""
        return self.finished_for == self.deletes_at

    def has_facts_of(self, event: Event) -> bool:
        """Whether the event's day, zone and meals are those of the registry."""
        return facts_of(self) == facts_of(entry_of(event, ""))

    def rests(self, event: Event, now: datetime) -> bool:
        """Whether the stored file still holds, since the event's own says that its day is over.

        So a mistyped year deletes nothing for MOVED_DAY_SETTLES.
        """
        is_moved_to_past = event.deletes_at < self.deletes_at and event.ends_at <= now
        seen_at = self.changed_at or now
        return is_moved_to_past and now < seen_at + MOVED_DAY_SETTLES


def entry_of(event: Event, stored: str) -> Entry:
    """The entry of an event whose file's digest is `stored`."""
    meals = tuple(meal.id for meal in event.meals)
    zone = event.timezone.key
    times = event.starts_at, event.ends_at, event.deletes_at
    return Entry(event.id, str(event.title), zone, *times, meals, stored)


def facts_of(entry: Entry) -> tuple[object, ...]:
    """What must not change unnoticed once people have registered."""
    return entry.timezone, entry.starts_at, entry.ends_at, entry.deletes_at, entry.meals


def digest_of(source: Source) -> str:
    """A digest of the texts that an event is read from."""
    return sha256("\0".join(source).encode()).hexdigest()[:32]


def updated(before: Entry | None, event: Event, source: Source, now: datetime) -> Entry:
    """The entry after the event's file was seen at `now`.

    Other facts than the entry's replace them only once they have been seen for MOVED_DAY_SETTLES.
    """
    seen = entry_of(event, digest_of(source))
    if before is None:
        return seen
    kept = replace(seen, told=before.told)
    if before.is_finished and before.deletes_at == seen.deletes_at:
        kept = replace(kept, finished_for=before.finished_for)
    if before.is_finished or before.has_facts_of(event):
        return kept
    changed = sha256(repr(facts_of(seen)).encode()).hexdigest()[:16]
    if before.changed != changed or before.changed_at is None:
        return replace(before, changed=changed, changed_at=now)
    return kept if now >= before.changed_at + MOVED_DAY_SETTLES else before
