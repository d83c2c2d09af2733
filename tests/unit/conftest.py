"""What the unit tests share: a mailer in memory."""

import pytest

from tests.fakes import RecordingMailer


@pytest.fixture
def mailer() -> RecordingMailer:
    return RecordingMailer()
