"""Registering and tending, as the functions on AWS do it, on a store and a mailer in memory."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from chalicelib.event import Event
from chalicelib.mail_record import Happening, MailEvent
from chalicelib.services import registering, tending
from chalicelib.services.context import Context
from chalicelib.stores import mail_records, registrations
from chalicelib.table import Table
from tests.examples import NOW, VEGAN_WITHOUT_NUTS
from tests.fakes import RecordingMailer

VISITOR = registering.Visitor("https://dukat.example/api", "sv")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_TOKENS = count()


def new_token() -> str:
    """Another one each time."""
    return f"token-{next(_TOKENS)}"


def register(
    event: Event,
    table: Table,
    now: datetime = NOW,
    name: str = "Åsa",
    nonce: str = "n",
    email: str = "",
) -> registering.Receipt:
    answers = replace(VEGAN_WITHOUT_NUTS, name=name, email=email)
    return registering.register(Context(now, event, table), answers, nonce, VISITOR)


def tend_at(
    moments: Iterable[datetime], event: Event, table: Table, mailer: RecordingMailer
) -> list[str]:
    steps: list[str] = []
    for now in moments:
        taken = tending.tend(Context(now, event, table), mailer, new_token)
        steps += map(str, taken)
    return steps


def keys_in(table: Table) -> list[str]:
    """The keys of everybody who is registered."""
    return [entry.key for entry in registrations.entries(table)]


def states(table: Table) -> dict[str, str]:
    return {record.id: record.state.value for record in mail_records.to_contacts(table)}


def minutes_from(start: datetime, how_many: int) -> list[datetime]:
    return [start + n * MINUTE for n in range(how_many)]


def deliver_all(table: Table) -> None:
    """SES tells that every mail to a contact person that it took has arrived."""
    for record in mail_records.to_contacts(table):
        if record.sent_at and not record.events:
            at, to = record.sent_at, record.recipient
            mail_records.record_event(
                table, MailEvent(record.id, record.kind, Happening.DELIVERY, at, to)
            )
