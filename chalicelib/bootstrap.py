"""The composition root: the only place with AWS clients, the environment and the clock."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.event.agenda_pages import AgendaPages
from chalicelib.event.event import Event
from chalicelib.event.file import read_event
from chalicelib.logs.json_lines import JsonLines, log, telling
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.dynamo.client import Client, Send
    from chalicelib.dynamo.connection import Credentials
    from chalicelib.dynamo.table import Table
    from chalicelib.event.context import Context
    from chalicelib.mail.outbox import Letter
    from chalicelib.mail.ses import SesMailer

Clock = Callable[[], datetime]
_TOPIC_OF_TESTS = "dukat-mail-events"
PATIENCE = timedelta(seconds=3)
DESK_PATIENCE = timedelta(seconds=5)


class Patience(NamedTuple):
    """Seconds to connect and to be answered, and how often a call is tried."""

    connect_timeout: float
    read_timeout: float
    attempts: int


# Of those who wait, of those at the desk, and of the schedules.
QUICK = Patience(connect_timeout=1, read_timeout=1, attempts=2)
AT_DESK = Patience(connect_timeout=1, read_timeout=3, attempts=1)
PATIENT = Patience(connect_timeout=2, read_timeout=5, attempts=5)
# How much of DESK_PATIENCE work in many steps takes: the rest is for telling how far it came.
WORK_PATIENCE = timedelta(seconds=3)
# How old the deadline on a public page may be; what is written is decided on the table's own.
FRESH = timedelta(seconds=30)
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
    def tell(line: str) -> None:
        """A line of its own in the function's log, where CloudWatch looks for metrics."""
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    @cached_property
    def settings(self) -> Settings:
        """The stage's settings, from the environment."""
        return Settings.from_environment(os.environ)

    @property
    def table(self) -> Table:
        """The table for one request of somebody who waits.

        It makes no new call after PATIENCE; a call ends within 5 s, so all of it within 8 s.
        """
        return self._table(self._quick_client, PATIENCE)

    @property
    def desk_table(self) -> Table:
        """The table for one request at the desk, which may read thousands of registrations.

        It makes no new call after DESK_PATIENCE; a call ends within 4 s, so all of it within 9 s.
        """
        return self._table(self._desk_client, DESK_PATIENCE)

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
        """The effective deadline as it was at most FRESH ago.

        While the table doesn't answer, the last one that was known, or the announced one.
        """
        from chalicelib.dynamo.table import StoreUnavailable
        from chalicelib.lifecycle.deadline import own_deadline

        read_at, closes_at = self._deadline_known
        if not read_at <= now < read_at + FRESH:
            with suppress(StoreUnavailable):
                closes_at = self.event.deadline(own_deadline(self.table))
            self._deadline_known = now, closes_at
        return closes_at

    @cached_property
    def _patient_client(self) -> Client:
        return table_client(PATIENT)

    @cached_property
    def _quick_client(self) -> Client:
        return table_client(QUICK)

    @cached_property
    def _desk_client(self) -> Client:
        return table_client(AT_DESK)

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


class LateMailer:
    """SES, which is imported with the first letter: nearly every run of a schedule has none."""

    def __init__(self, parts: Composition) -> None:
        self._parts = parts

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        """As the mailer of the parts does it; if there can't be one, nothing was sent."""
        try:
            mailer = self._parts.mailer
        except Exception as fault:  # noqa: BLE001 - whatever it is, the mail must not count as sent
            from chalicelib.mail.faults import Fault
            from chalicelib.mail.outbox import MailNotTaken

            raise MailNotTaken(Fault.NOT_ALLOWED, type(fault).__name__) from None
        return mailer.send(recipient, letter, tags)


def on_lambda() -> bool:
    """Whether AWS's runtime client has started this process."""
    return "awslambdaric" in sys.modules


def credentials_of_function() -> Credentials:
    """What AWS gives a function."""
    from chalicelib.dynamo.connection import Credentials

    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return Credentials(*(os.environ.get(name, "") for name in names))


def table_client(patience: Patience) -> Client:
    """DynamoDB, in this process's region and with its credentials."""
    from chalicelib.dynamo.client import Client

    return Client(send_to_dynamodb(patience), patience.attempts)


def send_to_dynamodb(patience: Patience) -> Send:
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


class _StandardOutput(logging.Handler):
    """What standard output is at the moment; a line that can't be written fails no request."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            Composition.tell(self.format(record))


def set_up_log() -> None:
    """Makes a line of JSON of whatever is logged; on Lambda also of what any library says."""
    handler = _StandardOutput()
    handler.setFormatter(JsonLines())
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        logging.getLogger().handlers[:] = [handler]  # in place of Lambda's own, which writes texts
        warnings.showwarning = _tell_warning  # type: ignore[assignment]


def _tell_warning(_: object, category: type[Warning], path: str, line: int, *_rest: Any) -> None:
    kind, place = category.__name__, f"{Path(path).name}:{line}"
    log.warning("%s at %s", kind, place, extra=telling(what="warning", type=kind, place=place))


_installed: list[Composition] = []


def composition() -> Composition:
    """This process's composition, made from the environment unless one was installed."""
    if not _installed:
        _installed.append(Composition())
    return _installed[0]


def install(composition: Composition) -> None:
    """Makes this the process's composition; a local service sets its clock so."""
    _installed[:] = [composition]
