"""Registering, running ticks and receiving SES events, with a table and a mailer in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import app as application
from chalicelib.closing import tick as closing_tick
from chalicelib.dynamo.table import Table
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import EventState
from chalicelib.mail import record_store as mail_records
from chalicelib.mail import ses_events
from chalicelib.mail.letter import Letter
from chalicelib.mail.records import MailEvent, MailEventType
from chalicelib.mail.ses_events import read_ses_event
from chalicelib.registration import private_link, registering
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import Registration
from chalicelib.registration.tokens import hash_token
from chalicelib.texts.language import SWEDISH
from management.local.clock import SetClock
from management.local.service import scheduled_event
from tests.examples import NOW, VEGAN_WITHOUT_NUTS
from tests.fakes import PickyMailer, RecordingMailer, TableInMemory

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1),
)  # fmt: skip
_TOKENS = count()


def new_token() -> str:
    """A different token each time."""
    return f"token-{next(_TOKENS)}"


def register(
    event: Event,
    table: Table,
    now: datetime = NOW,
    name: str = "Åsa",
    nonce: str = "n",
    email: str = "",
) -> registering.Receipt:
    """Register with a form for each address and `nonce`."""
    answers = replace(VEGAN_WITHOUT_NUTS, name=name, email=email)
    return registering.register(Context(now, event, table), answers, nonce + email, SWEDISH)


def tick_at(
    instants: Iterable[datetime], event: Event, table: Table, mailer: RecordingMailer
) -> list[str]:
    steps: list[str] = []
    for now in instants:
        taken = closing_tick.run_due_steps([Context(now, event, table)], mailer, new_token)
        steps += map(str, taken)
    return steps


def tick(clock: SetClock, *instants: datetime) -> None:
    """Run the deployed tick at these instants, or at the clock's present time if none is given."""
    for at in instants or (clock.now,):
        clock.now = at
        application.tick(scheduled_event(at), None)


def ticks(clock: SetClock, minutes: int) -> None:
    """Run the tick once in each of the next `minutes` minutes."""
    tick(clock, *minutes_from(clock.now + MINUTE, minutes))


def keys_in(table: Table) -> list[str]:
    """The keys of all registrations."""
    return [entry.key for entry in registrations.entries(table)]


def states(table: Table) -> dict[str, str]:
    return {record.id: record.state.value for record in mail_records.to_contacts(table)}


def minutes_from(start: datetime, how_many: int) -> list[datetime]:
    return [start + n * MINUTE for n in range(how_many)]


def deliver_all(table: Table) -> None:
    """Record a delivery event for each mail to a contact person that was sent and has no event."""
    for record in mail_records.to_contacts(table):
        if record.sent_at and not record.events:
            at, to = record.sent_at, record.recipient
            mail_records.record_event(
                table, MailEvent(record.id, record.kind, MailEventType.DELIVERY, at, to)
            )


@dataclass
class Service:
    """An event's table and mailer, with methods for the actions of people, ticks and SES."""

    event: Event
    table: TableInMemory
    mailer: PickyMailer = field(default_factory=PickyMailer)

    @property
    def state(self) -> EventState:
        return event_state.read(self.table)

    @property
    def contacts(self) -> list[str]:
        """The contact persons' email addresses."""
        return [contact.email for contact in self.event.contacts]

    @property
    def recipients(self) -> list[str]:
        """The recipient of each sent mail, oldest first."""
        return [to for to, _ in self.mailer.letters]

    def letters(self, to: str) -> list[Letter]:
        return [letter for recipient, letter in self.mailer.letters if recipient == to]

    def subjects(self, to: str) -> list[str]:
        return [letter.subject for letter in self.letters(to)]

    def alarms(self) -> list[str]:
        """The texts of the mails to the operator."""
        return [letter.text for letter in self.letters(self.event.operator)]

    def at(self, now: datetime) -> Context:
        return Context(now, self.event, self.table)

    def register(
        self, now: datetime = NOW, name: str = "Åsa", email: str = "", nonce: str = "n"
    ) -> registering.Receipt:
        return register(self.event, self.table, now, name, nonce, email)

    def find(self, token: str, now: datetime = NOW) -> Registration | None:
        return private_link.find(self.at(now), token)

    def change(
        self,
        receipt: registering.Receipt,
        revision: int = 1,
        now: datetime = NOW + HOUR,
        **fields: Any,
    ) -> Registration | None:
        answers = replace(receipt.registration.answers, **fields)
        return private_link.change(self.at(now), receipt.token, answers, revision, SWEDISH)

    def cancel(self, token: str, revision: int = 1, now: datetime = NOW + HOUR) -> None:
        private_link.cancel(self.at(now), token, revision)

    def correct(self, receipt: registering.Receipt, at: datetime, **fields: Any) -> None:
        """Change a registration after the first snapshot: the write also records the time `at`."""
        key = hash_token(receipt.token)
        stored = registrations.find(self.table, key)
        assert stored
        answers = replace(stored.answers, **fields)
        changed = replace(stored, answers=answers, revision=stored.revision + 1, changed_at=at)
        registrations.change(self.table, key, changed, event_state.change_writes(self.state, at))

    def run_due_steps(self, *instants: datetime) -> list[str]:
        return tick_at(instants, self.event, self.table, self.mailer)

    def tick_for(self, minutes: int, start: datetime) -> list[str]:
        """Run the due steps once a minute from `start`, `minutes` times."""
        return self.run_due_steps(*minutes_from(start, minutes))

    def summarise(self) -> datetime:
        """Close at the deadline and mail the summaries; return an instant after that."""
        self.tick_for(5, self.event.closes_at)
        return self.event.closes_at + 5 * MINUTE

    def hear(self, text: str, now: datetime) -> None:
        """Record the mail event in `text`, which SES published."""
        ses_events.record_mail_event(self.at(now), read_ses_event(text))
