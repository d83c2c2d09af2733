"""What the unit tests share: a mailer in memory, and the service on it."""

import pytest

from chalicelib.event import Event
from tests.driving import Service
from tests.fakes import RecordingMailer, TableInMemory


@pytest.fixture
def mailer() -> RecordingMailer:
    return RecordingMailer()


@pytest.fixture
def service(event: Event, table: TableInMemory) -> Service:
    return Service(event, table)
