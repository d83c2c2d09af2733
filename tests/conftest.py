"""What tests of every kind share."""

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
from management.local import moto_aws as local_aws
from management.local.clock import SetClock, parse_local_time
from management.local.gateway import Gateway
from tests.driving import Service
from tests.examples import EVENT
from tests.fakes import InMemoryComposition, RecordingMailer, TableInMemory
from tests.whole.contact_person import ContactPerson

# The machine may be slow; no test asserts a time.
_SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dukat", _SLOW, derandomize=True)
settings.register_profile(  # make fuzz: other examples each time, and as many as asked for
    "fuzz", _SLOW, max_examples=int(os.environ.get("EXAMPLES") or 300), print_blob=True
)
settings.load_profile("dukat")

# app.py makes a schedule of the event when it is imported.
bootstrap.install(bootstrap.Composition(event=EVENT))
# A session, of which every mock_aws makes a new one, would parse AWS's descriptions anew.
botocore.session.create_loader = cache(create_loader)


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """Commands that a test runs in this process tell the log in words."""
    log = logging.getLogger("dukat")
    handlers, level, propagate = log.handlers[:], log.level, log.propagate
    yield
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
    """An address at which nobody listens."""
    with socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch, nobody: str) -> None:
    """A proxy that reaches nothing, for this process and those that it starts."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "boras.example")


@pytest.fixture
def bare_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in this process, with nothing in it."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in local_aws.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    # Of all that asks AWS, only the table's client does not ask by botocore.
    monkeypatch.setattr(bootstrap, "send_to_dynamodb", lambda *_, **__: local_aws.ask_moto)
    with mock_aws():
        yield


@pytest.fixture
def aws(bare_aws: None) -> None:
    """AWS in this process, with the table and a verified sender."""
    local_aws.prepare_aws()


@pytest.fixture
def table(event: Event) -> Iterator[TableInMemory]:
    """The table, in memory; what a test wants to happen there must happen."""
    made = TableInMemory(event)
    yield made
    assert made.database.still_to_happen() == []


@pytest.fixture
def gateway(event: Event, clock: SetClock, table: TableInMemory) -> Iterator[Gateway]:
    """The app behind its gateway, without AWS, with a clock that stands still."""
    from app import app

    with InMemoryComposition(event, clock, table).installed():
        yield Gateway(app, clock)


@pytest.fixture
def logged() -> list[logging.LogRecord]:
    """What the service logs while the test runs."""
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler = Keep()
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
    """A contact person who is in."""
    return ContactPerson(gateway).enter(event.contacts[0].email)


@pytest.fixture
def colleague(gateway: Gateway, event: Event) -> ContactPerson:
    """Another one."""
    return ContactPerson(gateway).enter(event.contacts[1].email)
