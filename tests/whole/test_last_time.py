"""Registration that closes at a time of its last day, through the app."""

from datetime import UTC, datetime, timedelta

import pytest

import app as application
from chalicelib.event.event import Event
from chalicelib.event.file import parse_event
from chalicelib.event.problems import InvalidEvent
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.examples import EVENT, WHOLE_FILE
from tests.whole.pages import submit, text_of

_LINE = "last_day = 2027-05-24"


def closing(last_day: str, last_time: str) -> Event:
    """The event with another deadline; `last_time` as it stands in the file."""
    lines = f"last_day = {last_day}\nlast_time = {last_time}"
    return parse_event(EVENT.id, WHOLE_FILE.replace(_LINE, lines))


@pytest.fixture
def event() -> Event:
    return closing("2027-05-24", '"12.00"')


def test_registration_closes_at_the_time_and_pages_and_mails_say_it(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    clock.now = noon = datetime(2027, 5, 24, 10, 0, tzinfo=UTC)
    assert event.closes_at == noon
    clock.now -= timedelta(milliseconds=1)
    shown = text_of(gateway.request("GET", "/dag"))
    assert "Anmäl det senast måndag 24 maj kl. 12.00" in shown
    assert "by Monday 24 May at 12:00" in text_of(gateway.request("GET", "/dag?lang=en"))
    assert submit(gateway).status == 303
    clock.now = noon
    assert submit(gateway, nonce="another-form-than-that").status == 409
    shown = text_of(gateway.request("GET", "/dag/registration"))
    assert "Anmälan stängde måndag 24 maj kl. 12.00" in shown


def test_the_closing_schedule_runs_on_after_a_deadline_late_in_an_hour() -> None:
    late, early = closing("2027-05-24", '"11.57"'), closing("2027-05-24", '"11.20"')
    schedule = application.closing_schedule
    assert schedule([late.closes_at]).to_string() == "cron(0-59 9,10 24 5 ? 2027)"
    assert schedule([early.closes_at]).to_string() == "cron(22-59 9 24 5 ? 2027)"


@pytest.mark.parametrize(
    ("last_day", "last_time", "utc"),
    [
        ("2027-05-24", '"24.00"', "2027-05-24T22:00"),  # as without a time
        ("2027-05-24", '"0.00"', "2027-05-24T22:00"),
        ("2027-05-24", "12:00:00", "2027-05-24T10:00"),
        ("2027-03-28", '"1.59"', "2027-03-28T00:59"),  # the clocks go forward at 2
        ("2027-03-28", '"3.00"', "2027-03-28T01:00"),
        ("2026-10-25", '"2.30"', "2026-10-25T00:30"),  # the first of two
        ("2027-05-31", '"8.30"', "2027-05-31T06:30"),  # the event's start
    ],
)
def test_the_last_time_is_local(last_day: str, last_time: str, utc: str) -> None:
    assert closing(last_day, last_time).closes_at == datetime.fromisoformat(f"{utc}Z")


@pytest.mark.parametrize(
    ("last_day", "last_time", "key", "problem"),
    [
        ("2027-03-28", '"2.30"', "last_time", "the clocks go forward over 02.30 on 2027-03-28"),
        ("2027-05-24", '"cirka 12.00"', "last_time", "write the time alone"),
        ("2027-05-24", '"12"', "last_time", "is not a time of day"),
        ("2027-05-24", '"24.01"', "last_time", "is not a time of day"),
        ("2027-05-31", '"8.31"', "last_time", "08.31 is not before the event's start"),
        ("2027-05-31", '"24.00"', "last_day", "not before the event"),
    ],
)
def test_a_last_time_that_cannot_be_is_refused(
    last_day: str, last_time: str, key: str, problem: str
) -> None:
    with pytest.raises(InvalidEvent, match=f"registration.{key}: .*{problem}"):
        closing(last_day, last_time)
