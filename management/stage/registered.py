"""The events that a stage's table holds, compared with the files of this folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.event import registry_store
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.event.file import file_of
from chalicelib.event.problems import InvalidEvent
from chalicelib.event.registry import Entry
from chalicelib.lifecycle.timing import MOVED_DAY_SETTLES
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Order
from management.stage.aws import Aws
from management.stage.stages import Stage
from management.stage.table import StageTable, open_shared_table


@dataclass(frozen=True)
class RegisteredEvent:
    """An event in the table: how many have registered, for which meals, and its file, if any."""

    entry: Entry
    registrations: int
    meals: frozenset[str]
    event: Event | None
    wrong: str = ""  # what is wrong in its file

    @property
    def id(self) -> str:
        """The event's id."""
        return self.entry.id

    def rests(self, now: datetime) -> bool:
        """Whether the file's day, which is over, does not hold yet."""
        return self.event is not None and self.entry.rests(self.event, now)

    def faults(self, now: datetime) -> Iterator[str]:
        """How the file differs from what people registered for, each in words."""
        event, entry = self.event, self.entry
        if event is None:
            yield (
                f"its file is wrong: {self.wrong}" if self.wrong else f"{file_of(self.id)} is gone"
            )
            return
        if event.timezone.key != entry.timezone:
            yield f"its time zone was {entry.timezone} and is now {event.timezone.key}"
        gone = sorted(self.meals - {meal.id for meal in event.meals})
        if gone:
            yield f"its file no longer has the meals {', '.join(gone)}"
        rests_until = (entry.changed_at or now) + MOVED_DAY_SETTLES
        before = entry.starts_at, entry.ends_at, entry.deletes_at
        if before != (event.starts_at, event.ends_at, event.deletes_at):
            yield (
                f"its day was {entry.starts_at.astimezone(event.timezone):%Y-%m-%d} and is now "
                f"{event.date}: "
                f"{self.registrations} registrations will be deleted "
                f"{max(event.deletes_at, rests_until).astimezone(event.timezone):%Y-%m-%d}"
            )


def registered_events(stage: Stage, events: Events, aws: Aws) -> list[RegisteredEvent]:
    """The events that the table holds and that are not finished, with their registrations."""
    if StageTable(stage, aws).described() is None:
        return []
    shared = open_shared_table(stage.service, aws)
    found = []
    for entry in registry_store.entries(shared):
        if entry.is_finished:
            continue
        orders = list(map(Order.decode, registrations.encoded_orders(shared.beside(entry.id))))
        meals = frozenset(meal for order in orders for meal in order.meals)
        event, wrong = None, ""
        try:
            event = events.find(entry.id)
        except InvalidEvent as invalid:
            wrong = str(invalid)
        found.append(RegisteredEvent(entry, len(orders), meals, event, wrong))
    return found
