"""What tests of every kind share."""

import logging
import os
from collections.abc import Iterator
from functools import cache

import botocore.session
import pytest
from botocore.loaders import create_loader
from hypothesis import HealthCheck, settings
from moto import mock_aws

from chalicelib import bootstrap
from chalicelib.event import Event
from chalicelib.event_file import read_event
from chalicelib.repository import Repository
from management import local_aws
from management.clock import SetClock, local_moment
from management.gateway import Gateway
from tests.tables import client_as_on_lambda

# The machine may be slow; no test asserts a time.
settings.register_profile("dukat", deadline=None, derandomize=True)
settings.register_profile(  # make fuzz: other examples each time, and as many as asked for
    "fuzz",
    deadline=None,
    max_examples=int(os.environ.get("EXAMPLES") or 1000),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("dukat")

# A session, of which every mock_aws makes a new one, would parse AWS's descriptions anew.
botocore.session.create_loader = cache(create_loader)


@pytest.fixture(scope="session")
def event() -> Event:
    return read_event()


@pytest.fixture
def clock(event: Event) -> SetClock:
    return SetClock(local_moment("2027-05-20T10:00", event.timezone))


@pytest.fixture
def bare_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in this process, with nothing in it."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in local_aws.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.fixture
def aws(bare_aws: None) -> None:
    """AWS in this process, with the table and a verified sender."""
    local_aws.prepare_aws()


@pytest.fixture
def repository(aws: None, event: Event) -> Repository:
    """The table as the functions on Lambda reach it; others, by the app and tools, use boto3."""
    return Repository(client_as_on_lambda(), local_aws.TABLE, event)


class Unhurried(bootstrap.Composition):
    """However slow the machine is, no request runs out of time."""

    @staticmethod
    def seconds() -> float:
        return 0.0


@pytest.fixture
def gateway(aws: None, clock: SetClock) -> Gateway:
    """The app behind its gateway, on AWS in this process, with a clock that stands still."""
    from app import app

    bootstrap.install(Unhurried(clock=clock))
    return Gateway(app, clock)


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """What the service logs while the test runs."""
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler = Keep()
    log = logging.getLogger("dukat")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield records
    log.removeHandler(handler)
    log.setLevel(level)
