"""The composition root: it alone creates AWS clients, reads the environment and the clock."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

from chalicelib.event.agenda_pages import PACKAGE, AgendaPages
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.event.problems import InvalidEvent
from chalicelib.lifecycle.timing import STATE_SHOWN_FOR
from chalicelib.logs import json_lines
from chalicelib.logs.json_lines import write_line
from chalicelib.settings import Settings
from chalicelib.timeouts import (
    DESK_CALLS,
    DESK_READS_FOR,
    SCHEDULE_CALLS,
    SES_CALLS,
    VISITOR_CALLS,
    VISITOR_READS_FOR,
    CallLimits,
)

if TYPE_CHECKING:
    from chalicelib.dynamo.client import Client, Send
    from chalicelib.dynamo.signing import Credentials
    from chalicelib.dynamo.table import Table
    from chalicelib.event.context import Context
    from chalicelib.event.index_pages import IndexPages
    from chalicelib.mail.ses import SesMailer

Clock = Callable[[], datetime]
_TOPIC_OF_TESTS = "dukat-mail-events"
_NEVER = datetime.min.replace(tzinfo=UTC)


def system_clock() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)


class Composition:
    """The events with their table, mailer and clock. AWS clients are created on first use.

    Pages show only published events, unless `shows_unpublished`.
    """

    shows_unpublished = False

    def __init__(self, *, events: Events | None = None, clock: Clock = system_clock) -> None:
        self.events = events or Events()
        self._are_shipped = events is None
        self._agenda_pages: dict[str, AgendaPages] = {}
        self.clock = clock
        self._shown: dict[str, tuple[datetime, datetime, str]] = {}

    @staticmethod
    def new_token() -> str:
        """A new private token or nonce: 256 random bits, base64url."""
        from secrets import token_urlsafe

        return token_urlsafe(32)

    @staticmethod
    def seconds() -> float:
        """Seconds of a monotonic clock, for measuring durations."""
        return monotonic()

    def time_for(self, duration: timedelta) -> Callable[[], bool]:
        """Return a function that returns True until `duration`, counted from now, has passed."""
        ends_at = self.seconds() + duration.total_seconds()
        return lambda: self.seconds() < ends_at

    @staticmethod
    def write_line(line: str) -> None:
        """Write a line to the function's log."""
        write_line(line)

    @cached_property
    def settings(self) -> Settings:
        """The stage's settings, from the environment."""
        return Settings.from_environment(os.environ)

    def shows(self, event: Event) -> bool:
        """Whether pages show the event to visitors."""
        return event.published or self.shows_unpublished

    def shown_events(self) -> list[Event]:
        """The events that pages show, the first to start first, without those of wrong files."""
        return [event for event in self.events.readable() if self.shows(event)]

    def only_event(self) -> Event | None:
        """The event that pages show, if it is the only one."""
        ids: Sequence[str]
        if self._stored_index:
            ids = self._stored_index.ids
        else:
            ids = [event.id for event in self.shown_events()]
        return self.events.find(ids[0]) if len(ids) == 1 else None

    @cached_property
    def index_pages(self) -> IndexPages:
        """The list of the events that pages show."""
        from chalicelib.event.index_pages import made_of

        return self._stored_index or made_of(self.shown_events(), self.events.organisation)

    @cached_property
    def _stored_index(self) -> IndexPages | None:
        is_usual = self._are_shipped and not self.shows_unpublished
        if not is_usual or len(self.events.ids) == 1:
            return None
        from chalicelib.event.index_pages import stored_index

        return stored_index(self.events.ids)

    def agenda_pages(self, event: Event) -> AgendaPages:
        """The event's agenda pages."""
        if event.id not in self._agenda_pages:
            self._agenda_pages[event.id] = AgendaPages(
                event, PACKAGE if self._are_shipped else None
            )
        return self._agenda_pages[event.id]

    def table(self, event: Event) -> Table:
        """An event's items, for one request of a visitor.

        The table starts no call later than VISITOR_READS_FOR from now. A call ends within 5 s, so
        all calls of the request end within 8 s.
        """
        return self._table(event, self._quick_client, VISITOR_READS_FOR)

    def desk_table(self, event: Event) -> Table:
        """An event's items, for one request at the desk, which may read thousands of registrations.

        The table starts no call later than DESK_READS_FOR from now. A call ends within 4 s, so
        all calls of the request end within 9 s.
        """
        return self._table(event, self._desk_client, DESK_READS_FOR)

    def patient_table(self, event: Event) -> Table:
        """An event's items, for scheduled runs: longer timeouts, more retries, no limit for all."""
        return self._table(event, self._patient_client)

    def context(self, event: Event) -> Context:
        """The current time, an event and its items, for scheduled runs and management commands."""
        from chalicelib.event.context import Context

        return Context(self.clock(), event, self.patient_table(event))

    def context_of(self, event_id: str) -> Context | None:
        """The context of the event with this id, by its file or else by the registry's."""
        from chalicelib.event.registry_store import stored_source

        event, ids = None, self.events.ids
        if not event_id and len(ids) == 1:  # a mail that an earlier version sent
            event_id = ids[0]
        with suppress(InvalidEvent):
            event = self.events.find(event_id)
        with suppress(InvalidEvent, LookupError):
            event = event or stored_source(self.shared_table(), event_id).read()
        return self.context(event) if event else None

    def shared_table(self) -> Table:
        """The items of no single event, for scheduled runs; each has its own expiry, or stays."""
        from chalicelib.dynamo.table import Table
        from chalicelib.event.context import ALL_EVENTS

        return Table(self._patient_client, self.settings.table, ALL_EVENTS, 0)

    def _table(self, event: Event, client: Client, time_limit: timedelta | None = None) -> Table:
        from chalicelib.dynamo.table import Table

        has_time = self.time_for(time_limit) if time_limit else lambda: True
        name = self.settings.table
        return Table(client, name, event.id, event.expires_at, out_of_time=lambda: not has_time())

    def state_to_show(self, event: Event, now: datetime) -> tuple[datetime, str]:
        """An event's effective deadline, and the changes of its programme, read from the table at
        most STATE_SHOWN_FOR ago.

        While the table does not answer: what was read last, or the event file's deadline.
        """
        from chalicelib.dynamo.errors import StoreUnavailable
        from chalicelib.lifecycle.deadline import shown_state

        read_at, closes_at, changes = self._shown.get(event.id, (_NEVER, event.closes_at, ""))
        if not read_at <= now < read_at + STATE_SHOWN_FOR:
            with suppress(StoreUnavailable):
                stored, changes = shown_state(self.table(event))
                closes_at = event.deadline(stored)
            self._shown[event.id] = now, closes_at, changes
        return closes_at, changes

    @cached_property
    def _patient_client(self) -> Client:
        return table_client(SCHEDULE_CALLS)

    @cached_property
    def _quick_client(self) -> Client:
        return table_client(VISITOR_CALLS)

    @cached_property
    def _desk_client(self) -> Client:
        return table_client(DESK_CALLS)

    @cached_property
    def mailer(self) -> SesMailer:
        """The SES mailer. The client never retries, since SES could send a retried mail twice."""
        import boto3
        from botocore.config import Config

        from chalicelib.mail.ses import SesMailer

        config = Config(
            connect_timeout=SES_CALLS.connect_timeout,
            read_timeout=SES_CALLS.read_timeout,
            retries={"mode": "standard", "total_max_attempts": SES_CALLS.attempts},
        )
        client = boto3.client("sesv2", config=config)
        settings = self.settings
        return SesMailer(client, settings.sender, settings.configuration_set, settings.receipt_set)


def on_lambda() -> bool:
    """Whether Lambda's runtime client started this process."""
    return "awslambdaric" in sys.modules


def credentials_of_function() -> Credentials:
    """The credentials that Lambda puts into a function's environment."""
    from chalicelib.dynamo.signing import Credentials

    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return Credentials(*(os.environ.get(name, "") for name in names))


def table_client(limits: CallLimits) -> Client:
    """A DynamoDB client with `limits` and this process's region and credentials."""
    from chalicelib.dynamo.client import Client

    return Client(dynamodb_sender(limits), limits.attempts)


def dynamodb_sender(limits: CallLimits) -> Send:
    """The sender of calls to DynamoDB, or to AWS_ENDPOINT_URL if that variable is set."""
    from chalicelib.dynamo.connection import Endpoint

    region = os.environ["AWS_DEFAULT_REGION"]
    return Endpoint(
        os.environ.get("AWS_ENDPOINT_URL") or f"https://dynamodb.{region}.amazonaws.com",
        region,
        credentials_of_function,
        system_clock,
        connect_timeout=limits.connect_timeout,
        read_timeout=limits.read_timeout,
    )


def set_up_log() -> None:
    """Log Dukat's records as JSON lines; on Lambda also those of libraries."""
    json_lines.set_up_log(of_libraries="AWS_LAMBDA_FUNCTION_NAME" in os.environ)


def deadlines_of_files() -> list[datetime]:
    """The deadlines of all events' files, which Chalice needs to make the closing schedule.

    In the function nobody asks for the schedule, so no file is read for it.
    """
    if on_lambda():
        return [_NEVER.replace(year=2000)]
    return [event.closes_at for event in composition().events.all()] or [_NEVER.replace(year=2000)]


def mail_events_topic() -> str:
    """The SNS topic of SES's mail events. Chalice needs the topic when the app is imported."""
    return os.environ.get("MAIL_EVENTS_TOPIC", _TOPIC_OF_TESTS)


def gateway_binary_types(types: list[str]) -> list[str]:
    """The binary media types: all types while Chalice deploys, otherwise only `types`.

    API Gateway decides by the first type in the Accept header, which is never a file's own type.
    In the function, all types would make Chalice send every page as binary.
    """
    is_deploying = os.environ.get("AWS_CHALICE_CLI_MODE") == "true"
    return ["*/*"] if is_deploying else types


_installed: list[Composition] = []


def composition() -> Composition:
    """This process's composition: the installed one, or a new one made from the environment."""
    if not _installed:
        _installed.append(Composition())
    return _installed[0]


def install(composition: Composition) -> None:
    """Make `composition` this process's composition, for example one with another clock."""
    _installed[:] = [composition]
