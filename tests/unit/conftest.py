"""What the unit tests share: a store and a mailer in memory."""

import pytest

from tests.fakes import InMemoryStore, RecordingMailer


@pytest.fixture
def store() -> InMemoryStore:
    return InMemoryStore()


@pytest.fixture
def mailer() -> RecordingMailer:
    return RecordingMailer()
