"""Registration around the deadline, through the app: the summary counts every receipt."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

import app as application
from chalicelib.event.event import Event
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.service import scheduled_event
from tests.driving import MINUTE, ticks
from tests.examples import FORM_HEADERS
from tests.fakes import sent_mails
from tests.whole.pages import encoded, submit, text_of

MILLISECOND = timedelta(milliseconds=1)


def test_the_gateways_time_decides_to_the_millisecond_and_the_summary_counts_every_receipt(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    receipts = 0
    for milliseconds in (-60_000, -1000, -2, -1, 0, 1, 1000):
        clock.now = event.closes_at + milliseconds * MILLISECOND
        answer = submit(gateway, nonce=f"the-form-of-{milliseconds:08}")
        assert answer.status == (303 if milliseconds < 0 else 409)
        receipts += answer.status == 303
        if milliseconds == -1:
            in_time = answer
    # The same form was accepted in time.
    assert submit(gateway, nonce="the-form-of--0000001") == in_time
    clock.now = event.closes_at
    ticks(clock, 5)
    assert {f"Antal anmälningar: {receipts}\n" in m.part("plain") for m in sent_mails()} == {True}
    assert all("4 portioner till lunch" in m.message["Subject"] for m in sent_mails())


def test_a_request_that_reached_the_gateway_in_time_counts_even_if_the_function_runs_late(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    clock.now = event.closes_at + timedelta(seconds=8)
    body = encoded(name=["Åsa"], meal=["lunch"], diet=["vegan"])
    answer = gateway.request(
        "POST", "/dag/registration", FORM_HEADERS, body, at=event.closes_at - MILLISECOND
    )
    assert answer.status == 303


TICK, CLOSE = application.tick, application.close_registration


@pytest.mark.parametrize(
    "functions", [[TICK], [TICK, CLOSE], [TICK, *[CLOSE] * 2], [TICK, *[CLOSE] * 5], [CLOSE] * 2]
)
@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=6)], ids=["in time", "late"])
def test_scheduled_functions_that_run_concurrently_or_late_send_each_mail_once(
    gateway: Gateway, clock: SetClock, event: Event, functions: list[Any], late: timedelta
) -> None:
    submit(gateway)
    for minute in (2, 3, 3, 4, 20):
        clock.now = event.closes_at + late + minute * MINUTE
        with ThreadPoolExecutor(len(functions)) as pool:
            list(pool.map(lambda run: run(scheduled_event(clock.now), None), functions))
    recipients = [address for mail in sent_mails() for address in set(mail.recipients)]
    assert sorted(recipients) == sorted(contact.email for contact in event.contacts)
    assert {"Kopia" in str(mail.message["Subject"]) for mail in sent_mails()} == {False}


def test_after_the_deadline_the_form_is_closed_and_says_whom_to_ring(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    clock.now = event.closes_at
    page = gateway.request("GET", "/dag/registration")
    assert page.status == 200
    assert "<form" not in page.text
    assert "Anmälan stängde måndag 24 maj kl. 24.00." in text_of(page)
    assert page.text.count("tel:+46734328730") >= 1
    assert "Anmälan stängde måndag 24 maj kl. 24.00" in text_of(gateway.request("GET", "/"))


@pytest.mark.parametrize(("name", "allergens"), [("Åsa", ["nuts"]), ("", ["nuts", "kiwi"])])
def test_a_form_sent_too_late_is_shown_with_its_answers_and_whom_to_ring_even_if_it_has_errors(
    gateway: Gateway, clock: SetClock, event: Event, name: str, allergens: list[str]
) -> None:
    clock.now = event.closes_at
    answer = submit(gateway, name=[name], allergen=allergens, note=["Inte kiwi."])
    assert answer.status == 409
    for words in ("Din anmälan är inte sparad", "Vegansk + utan nötter", "Inte kiwi."):
        assert words in text_of(answer)
    assert 'href="tel:+46734328730"' in answer.text


def test_the_closing_schedule_is_24_may_in_utc_with_its_year(event: Event) -> None:
    assert (
        application.closing_schedule([event.closes_at]).to_string() == "cron(2-59 22 24 5 ? 2027)"
    )
