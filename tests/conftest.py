"""Settings and fixtures for all tests."""

import logging
import os
from collections.abc import Iterator
from functools import cache
from socket import socket

import botocore.session
import pytest
from botocore.loaders import create_loader
from hypothesis import HealthCheck, settings
from moto import mock_aws

from chalicelib import bootstrap
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.logs.json_lines import event_id
from management.local import moto_aws as local_aws
from management.local.clock import SetClock, parse_local_time
from management.local.gateway import Gateway
from tests.driving import Service
from tests.examples import EVENT
from tests.fakes import InMemoryComposition, RecordingMailer, TableInMemory
from tests.whole.contact_person import ContactPerson

# Time limits of hypothesis would fail tests on a slow machine.
_SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dukat", _SLOW, derandomize=True)
settings.register_profile(  # `make fuzz`: new random examples each time; EXAMPLES sets how many
    "fuzz", _SLOW, max_examples=int(os.environ.get("EXAMPLES") or 300), print_blob=True
)
settings.load_profile("dukat")

# Importing app.py creates a schedule, which needs the event.
bootstrap.install(bootstrap.Composition(events=Events(None, [EVENT])))
# Each mock_aws starts a botocore session, which would parse AWS's service models again.
botocore.session.create_loader = cache(create_loader)


@pytest.fixture(autouse=True)
def restore_logger() -> Iterator[None]:
    """Restore the logger, which management commands reconfigure when a test runs them."""
    log = logging.getLogger("dukat")
    handlers, level, propagate = log.handlers[:], log.level, log.propagate
    yield
    event_id.set("")
    log.handlers[:], log.propagate = handlers, propagate
    log.setLevel(level)


@pytest.fixture(scope="session")
def event() -> Event:
    return EVENT


@pytest.fixture
def clock(event: Event) -> SetClock:
    return SetClock(parse_local_time("2027-05-20T10:00", event.timezone))


@pytest.fixture
def nobody() -> Iterator[str]:
    """The URL of a local port that refuses connections."""
    with socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch, nobody: str) -> None:
    """Set an unreachable proxy for this process and the processes that the test starts."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "boras.example")


@pytest.fixture
def empty_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS account, simulated by moto in this process."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in local_aws.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    # moto intercepts botocore only; the table's client does not use botocore.
    monkeypatch.setattr(bootstrap, "dynamodb_sender", lambda *_, **__: local_aws.ask_moto)
    with mock_aws():
        yield


@pytest.fixture
def aws(empty_aws: None) -> None:
    """AWS simulated by moto, with the table and a verified sender."""
    local_aws.prepare_aws()


@pytest.fixture
def table(event: Event) -> Iterator[TableInMemory]:
    """The table on the in-memory stand-in. All actions that a test sets with `on` must run."""
    table = TableInMemory(event)
    yield table
    assert table.database.actions_not_run() == []


@pytest.fixture
def gateway(event: Event, clock: SetClock, table: TableInMemory) -> Iterator[Gateway]:
    """The app behind a simulated API Gateway, without AWS; only the test moves the clock."""
    from app import app

    with InMemoryComposition(event, clock, table).installed():
        yield Gateway(app, clock)


@pytest.fixture
def logged() -> list[logging.LogRecord]:
    """The records that the service logs during the test."""
    records: list[logging.LogRecord] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler = Collector()
    log = logging.getLogger("dukat")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    return records


@pytest.fixture
def mailer() -> RecordingMailer:
    return RecordingMailer()


@pytest.fixture
def service(event: Event, table: TableInMemory) -> Service:
    return Service(event, table)


@pytest.fixture
def contact_person(gateway: Gateway, event: Event) -> ContactPerson:
    """A contact person, logged in."""
    return ContactPerson(gateway).enter(event.contacts[0].email)


@pytest.fixture
def colleague(gateway: Gateway, event: Event) -> ContactPerson:
    """Another contact person, logged in."""
    return ContactPerson(gateway).enter(event.contacts[1].email)
