"""The commands `close` and `reopen`, and what the pages show afterwards."""

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

import manage
from chalicelib.event.event import Event
from chalicelib.lifecycle import timing
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.stage import command_line
from tests.driving import ticks
from tests.fakes import TableInMemory, installed_composition
from tests.whole.pages import submit, text_of
from tests.wire import no_answer


@pytest.fixture
def shared_clock(gateway: Gateway, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """The clock that pages and commands share; the commands also use the pages' table."""
    monkeypatch.setattr(command_line, "composition_of", lambda _: installed_composition())
    return clock


def run(*arguments: str) -> Result:
    return CliRunner().invoke(manage.manage, [*arguments, "--stage", "dev"])


def test_after_closing_early_the_pages_say_that_registration_is_closed(
    gateway: Gateway, shared_clock: SetClock, event: Event
) -> None:
    clock = shared_clock
    assert submit(gateway).status == 303
    assert "Anmäl det senast måndag 24 maj kl. 24.00" in text_of(gateway.request("GET", "/"))
    closed = run("close", "--yes")
    assert closed.output == "dag: registration closed 2027-05-20 10:00. The summary follows.\n"
    assert submit(gateway, name=["Bo"]).status == 409
    form = text_of(gateway.request("GET", "/dag/registration"))
    assert "Anmälan stängde torsdag 20 maj kl. 10.00." in form
    clock.move(timing.STATE_SHOWN_FOR)
    assert "Anmälan stängde torsdag 20 maj kl. 10.00" in text_of(gateway.request("GET", "/"))


def test_after_reopening_the_pages_show_the_new_deadline(
    gateway: Gateway, shared_clock: SetClock, event: Event
) -> None:
    clock = shared_clock
    clock.now = event.closes_at
    ticks(clock, 5)
    assert submit(gateway).status == 409
    reopened = run("reopen", "--until", "2027-05-26T12:00")
    assert reopened.output == "dag: registration is open until 2027-05-26 12:00.\n"
    clock.move(timing.STATE_SHOWN_FOR)
    assert "senast onsdag 26 maj kl. 12.00" in text_of(gateway.request("GET", "/"))
    assert "senast onsdag 26 maj kl. 12.00" in text_of(gateway.request("GET", "/dag/registration"))
    assert submit(gateway).status == 303


@pytest.mark.parametrize(
    ("until", "refusal"),
    [
        ("2027-05-20T10:00", "The new deadline has passed already."),
        ("2027-05-31T08:31", "The new deadline is after the event's start."),
        ("tomorrow", "'tomorrow' is not a date and time; write it like 2027-05-26T12:00"),
    ],
)
def test_an_impossible_deadline_is_refused_in_one_line(
    gateway: Gateway, shared_clock: SetClock, until: str, refusal: str
) -> None:
    refused = run("reopen", "--until", until)
    assert refused.exit_code == 2
    assert refused.output.splitlines()[-1] == f"Error: Invalid value for --until: {refusal}"


def test_closing_asks_for_confirmation(gateway: Gateway, shared_clock: SetClock) -> None:
    asked = CliRunner().invoke(manage.manage, ["close", "--stage", "dev"], input="n\n")
    assert "Close now? [y/N]" in asked.output
    assert submit(gateway).status == 303


def test_a_table_that_does_not_answer_is_reported_in_one_line(
    shared_clock: SetClock,
) -> None:
    installed_composition().database.on("", "", no_answer)
    failed = run("close", "--yes")
    assert failed.exit_code == 1
    assert failed.output == (
        "Error: The table of dev did not answer (TimeoutError). As far as is known, nothing was "
        "changed.\n"
    )


def test_the_agenda_is_shown_even_when_the_table_does_not_answer(
    gateway: Gateway, table: TableInMemory
) -> None:
    table.database.on("GetItem", "", no_answer)
    for _ in range(5):
        page = gateway.request("GET", "/")
        assert page.status == 200
        assert "Anmäl det senast måndag 24 maj kl. 24.00" in text_of(page)
    assert table.database.calls == ["GetItem"], "only the first request reads the table"


def test_the_agenda_reads_the_table_only_when_its_cached_deadline_is_too_old(
    gateway: Gateway, clock: SetClock, table: TableInMemory
) -> None:
    for seconds in (0, 1, 28, 1, 1):
        clock.move(timedelta(seconds=seconds))
        gateway.request("GET", "/")
    assert table.database.calls == ["GetItem"] * 2
