"""An attendee's and a contact person's way through the pages in each browser that people use."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from app import app
from chalicelib.desk.request import COOKIE
from chalicelib.event.event import Event
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.service import LocalService
from tests.browser import webdriver
from tests.browser.phased_service import SESSION, register_guests, store_session
from tests.browser.webdriver import Browser, needs
from tests.examples import NOW
from tests.fakes import InMemoryComposition
from tests.whole.serving import served

BROWSERS = {
    "Chromium": pytest.param(
        lambda _: webdriver.chromium(), marks=needs("chromium", "chromedriver")
    ),
    "Firefox": pytest.param(webdriver.firefox, marks=[pytest.mark.soak, needs("firefox-esr")]),
    "WebKit": pytest.param(
        lambda _: webdriver.webkit(), marks=[pytest.mark.soak, needs("WebKitWebDriver", "xvfb-run")]
    ),
}
Start = Callable[[Path], AbstractContextManager[Browser]]


@pytest.fixture(scope="module", params=list(BROWSERS.values()), ids=list(BROWSERS))
def browser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    start: Start = request.param
    with start(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def service(event: Event, clock: SetClock) -> Iterator[LocalService]:
    with served(InMemoryComposition(event, clock)) as service:
        register_guests(Gateway(app, clock), 5)
        yield service


def test_an_attendee_registers_corrects_and_cancels(
    browser: Browser, service: LocalService, clock: SetClock
) -> None:
    browser.show(f"{service.address}/")
    browser.follow("Anmäl specialkost")
    browser.follow("Skicka anmälan")
    assert browser.title.startswith("Fel: ")
    browser.click("Skriv namnet")
    assert browser.address.endswith("#name")
    browser.fill("Namn", "Örjan Öberg")
    browser.choose("Veganskt")
    browser.follow("Skicka anmälan")
    assert browser.heading == "Anmälan är mottagen"
    receipt = browser.address
    browser.follow("Ändra anmälan")
    assert browser.value("Namn") == "Örjan Öberg"
    browser.choose("Fika")
    browser.follow("Spara ändringen")
    assert browser.heading == "Ändringen är sparad"
    clock.move(timedelta(hours=1))
    browser.show(receipt)
    assert browser.heading == "Din anmälan"
    browser.follow("Ta bort")
    browser.follow("Ja, ta bort")
    assert browser.heading == "Anmälan är borttagen"
    browser.show(receipt)
    assert browser.heading == "Anmälan finns inte kvar"


def registered(browser: Browser, service: LocalService) -> str:
    """Register Åsa Öström, vegan, with the form; return the address of the receipt."""
    browser.show(f"{service.address}/dag/registration")
    browser.fill("Namn", "Åsa Öström")
    browser.choose("Veganskt")
    browser.follow("Skicka anmälan")
    return browser.address


def enter(browser: Browser, service: LocalService, clock: SetClock, page: str) -> None:
    """Log the browser in as a contact person, and show a page of the desk."""
    store_session(clock)
    browser.show(f"{service.address}/desk")
    browser.set_cookie(COOKIE, SESSION)
    browser.show(f"{service.address}/desk/dag/{page}")


def test_what_was_typed_survives_reading_the_notice_and_coming_back(
    browser: Browser, service: LocalService
) -> None:
    browser.show(f"{service.address}/dag/registration")
    browser.fill("Namn", "Åsa Öström")
    browser.choose("Fika")
    browser.choose("Nötter")
    browser.follow("Så behandlas")
    browser.back()
    assert browser.value("Namn") == "Åsa Öström"
    assert not browser.is_chosen("Fika")
    assert browser.is_chosen("Nötter")


def test_going_back_to_correct_an_answer_leaves_one_registration(
    browser: Browser, service: LocalService
) -> None:
    receipt = registered(browser, service)
    browser.back()
    assert browser.value("Namn") == "Åsa Öström"
    browser.follow("Skicka anmälan")
    assert browser.address == receipt
    browser.back()
    browser.choose("Halal")
    browser.follow("Skicka anmälan")
    assert browser.heading == "Ändra den förra, eller en annan person?"
    browser.follow("Ändra den förra")
    assert browser.heading == "Ändringen är sparad"
    browser.show(receipt)
    assert "Halal" in browser.text()


@pytest.mark.soak
def test_an_edit_and_the_name_of_one_more_person_survive_leaving_and_coming_back(
    browser: Browser, service: LocalService
) -> None:
    receipt = registered(browser, service)
    browser.follow("Ändra anmälan")
    browser.fill("Namn", "Åsa Östlund")
    browser.choose("Halal")
    browser.follow("Så behandlas")
    browser.back()
    assert browser.value("Namn") == "Åsa Östlund"
    assert browser.is_chosen("Halal")
    browser.follow("Spara ändringen")
    assert browser.heading == "Ändringen är sparad"
    browser.show(receipt)
    browser.follow("Anmäl en till")
    browser.fill("Namn", "Bo Ek")
    browser.follow("Så behandlas")
    browser.back()
    assert browser.value("Namn") == "Bo Ek"


def test_a_contact_person_searches_adds_somebody_goes_back_and_loses_nothing(
    browser: Browser, service: LocalService, clock: SetClock
) -> None:
    enter(browser, service, clock, "overview")
    assert browser.heading == "Översikt"

    browser.follow("Anmälda")
    browser.fill("Sök", "åsa ostrom")
    browser.follow("Sök")
    assert browser.count("//tbody/tr") == 2
    browser.follow("Åsa Öström")
    assert browser.heading == "Åsa Öström"
    browser.back()
    assert browser.count("//tbody/tr") == 2

    browser.follow("Lägg till någon")
    typed = {"Namn": "Sena Sigrid", "Organisation": "Förskolan Sländan", "E-post": "sena@kultur.se"}
    for label, text in typed.items():
        browser.fill(label, text)
    browser.follow("Översikt")
    browser.back()
    assert {label: browser.value(label) for label in typed} == typed
    browser.follow("Lägg till")
    assert browser.title.startswith("Fel: ")
    browser.fill("Anteckning", "Ringer igen")
    browser.follow("Översikt")
    browser.back()
    assert browser.value("Namn") == "Sena Sigrid"
    assert browser.value("Anteckning") == "Ringer igen"

    browser.choose("Lunch")
    browser.choose("Halal")
    browser.follow("Lägg till")
    assert browser.heading == "Sena Sigrid"
    browser.back()
    browser.choose("Veganskt")
    browser.follow("Lägg till")
    assert browser.heading == "Ändra den förra, eller en annan person?"
    browser.follow("Ändra den förra")
    assert browser.heading == "Sena Sigrid"
    assert "Vegansk" in browser.text()


def test_the_questions_before_a_bulk_removal_are_shown_again_by_back(
    browser: Browser, service: LocalService, clock: SetClock
) -> None:
    clock.move(timedelta(minutes=1))
    enter(browser, service, clock, "list?since=2027-05-20&until=2027-05-21")
    browser.follow("Ta bort alla")
    question = browser.heading
    assert question.startswith("Vill du ta bort alla")
    browser.follow("Översikt")
    browser.back()
    assert browser.heading == question
    browser.follow("Anmälda")
    browser.follow("Markera alla på sidan")
    browser.follow("Ta bort de markerade")
    question = browser.heading
    assert question.startswith("Vill du ta bort de här")
    browser.follow("Åsa Öström")
    browser.back()
    assert browser.heading == question
