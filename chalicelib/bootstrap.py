"""The composition root: the only place with AWS clients, the environment and the clock."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

from chalicelib.dynamo.timeouts import (
    DESK_CALLS,
    DESK_READS_FOR,
    SCHEDULE_CALLS,
    VISITOR_CALLS,
    VISITOR_READS_FOR,
    CallLimits,
)
from chalicelib.event.agenda_pages import AgendaPages
from chalicelib.event.event import Event
from chalicelib.event.file import read_event
from chalicelib.lifecycle.timing import DEADLINE_SHOWN_FOR
from chalicelib.logs import json_lines
from chalicelib.logs.json_lines import write_line
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.dynamo.client import Client, Send
    from chalicelib.dynamo.signing import Credentials
    from chalicelib.dynamo.table import Table
    from chalicelib.event.context import Context
    from chalicelib.mail.ses import SesMailer

Clock = Callable[[], datetime]
_TOPIC_OF_TESTS = "dukat-mail-events"
_NEVER = datetime.min.replace(tzinfo=UTC)


def system_clock() -> datetime:
    """The real time, aware."""
    return datetime.now(UTC)


class Composition:
    """One event with its table, mailer and clock; the AWS clients are made when asked for."""

    def __init__(self, *, event: Event | None = None, clock: Clock = system_clock) -> None:
        self.event = event or read_event()
        self.agenda_pages = AgendaPages(self.event, is_shipped=event is None)
        self.clock = clock
        self._deadline_known = _NEVER, self.event.closes_at

    @staticmethod
    def new_token() -> str:
        """A fresh private token or nonce: 256 random bits, base64url."""
        from secrets import token_urlsafe

        return token_urlsafe(32)

    @staticmethod
    def seconds() -> float:
        """What a clock says that nobody sets: how long something took is a difference of two."""
        return monotonic()

    def time_for(self, patience: timedelta) -> Callable[[], bool]:
        """Whether there is time left, counted from now."""
        gives_up_at = self.seconds() + patience.total_seconds()
        return lambda: self.seconds() < gives_up_at

    @staticmethod
    def write_line(line: str) -> None:
        """Writes a line to the function's log, as `json_lines.write_line` does."""
        write_line(line)

    @cached_property
    def settings(self) -> Settings:
        """The stage's settings, from the environment."""
        return Settings.from_environment(os.environ)

    @property
    def table(self) -> Table:
        """The table for one request of a visitor.

        It makes no new call after VISITOR_READS_FOR; a call ends within 5 s, so all of it within
        8 s.
        """
        return self._table(self._quick_client, VISITOR_READS_FOR)

    @property
    def desk_table(self) -> Table:
        """The table for one request at the desk, which may read thousands of registrations.

        It makes no new call after DESK_READS_FOR; a call ends within 4 s, so all of it within 9 s.
        """
        return self._table(self._desk_client, DESK_READS_FOR)

    @cached_property
    def patient_table(self) -> Table:
        """The table for the schedules, which rather wait than leave a step half done."""
        return self._table(self._patient_client)

    def context(self) -> Context:
        """What the schedules and the organiser's commands work with, now."""
        from chalicelib.event.context import Context

        return Context(self.clock(), self.event, self.patient_table)

    def _table(self, client: Client, patience: timedelta | None = None) -> Table:
        from chalicelib.dynamo.table import Table

        has_time = self.time_for(patience) if patience else lambda: True
        name, event = self.settings.table, self.event
        return Table(client, name, event.id, event.expires_at, out_of_time=lambda: not has_time())

    def deadline_to_show(self, now: datetime) -> datetime:
        """The effective deadline as it was at most DEADLINE_SHOWN_FOR ago.

        While the table doesn't answer, the last one that was known, or the announced one.
        """
        from chalicelib.dynamo.errors import StoreUnavailable
        from chalicelib.lifecycle.deadline import own_deadline

        read_at, closes_at = self._deadline_known
        if not read_at <= now < read_at + DEADLINE_SHOWN_FOR:
            with suppress(StoreUnavailable):
                closes_at = self.event.deadline(own_deadline(self.table))
            self._deadline_known = now, closes_at
        return closes_at

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
        """SES. Its client sends once: SES can't tell a retry from a second mail."""
        import boto3
        from botocore.config import Config

        from chalicelib.mail.ses import SesMailer

        config = Config(
            connect_timeout=2,
            read_timeout=5,
            retries={"mode": "standard", "total_max_attempts": 1},
        )
        client = boto3.client("sesv2", config=config)
        return SesMailer(client, self.settings.sender, self.settings.configuration_set)


def on_lambda() -> bool:
    """Whether AWS's runtime client has started this process."""
    return "awslambdaric" in sys.modules


def credentials_of_function() -> Credentials:
    """What AWS gives a function."""
    from chalicelib.dynamo.signing import Credentials

    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return Credentials(*(os.environ.get(name, "") for name in names))


def table_client(patience: CallLimits) -> Client:
    """DynamoDB, in this process's region and with its credentials."""
    from chalicelib.dynamo.client import Client

    return Client(send_to_dynamodb(patience), patience.attempts)


def send_to_dynamodb(patience: CallLimits) -> Send:
    """The connection."""
    from chalicelib.dynamo.connection import Endpoint

    region = os.environ["AWS_DEFAULT_REGION"]
    return Endpoint(
        os.environ.get("AWS_ENDPOINT_URL") or f"https://dynamodb.{region}.amazonaws.com",
        region,
        credentials_of_function,
        system_clock,
        connect_timeout=patience.connect_timeout,
        read_timeout=patience.read_timeout,
    )


def set_up_log() -> None:
    """Makes every line of this process's log a line of JSON; on Lambda that of libraries too."""
    json_lines.set_up_log(of_libraries="AWS_LAMBDA_FUNCTION_NAME" in os.environ)


def mail_events_topic() -> str:
    """The topic on which SES tells of mails; Chalice asks for it when it imports the app."""
    return os.environ.get("MAIL_EVENTS_TOPIC", _TOPIC_OF_TESTS)


def gateway_binary_types(types: list[str]) -> list[str]:
    """The media types that API Gateway must decode: all of them, as Chalice tells it in a deploy.

    It goes by the first type that a browser accepts, which is never the file's own. The function
    itself knows only `types`: Chalice would take every page for binary.
    """
    is_deploying = os.environ.get("AWS_CHALICE_CLI_MODE") == "true"
    return ["*/*"] if is_deploying else types


_installed: list[Composition] = []


def composition() -> Composition:
    """This process's composition, made from the environment unless one was installed."""
    if not _installed:
        _installed.append(Composition())
    return _installed[0]


def install(composition: Composition) -> None:
    """Makes this the process's composition; a local service sets its clock so."""
    _installed[:] = [composition]
