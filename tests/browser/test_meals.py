"""An event of two days with meals of one title: the form by days, and labels that differ."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from app import app
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.browser.navigation import follow, needs_chromium
from tests.browser.page_checks import axe_finds_nothing, nothing_scrolls_sideways, set_window
from tests.examples import NOW, event_with_meals
from tests.fakes import InMemoryComposition
from tests.whole.contact_person import ContactPerson
from tests.whole.pages import submit
from tests.whole.serving import served

pytestmark = needs_chromium
EVENT = event_with_meals(
    {"id": "buns", "title": "Fika", "starts": "10.15"},
    {"id": "cake", "title": "Fika", "starts": "14.00"},
    {"id": "dinner", "title": "Konferensmiddag på annan plats", "starts": "cirka 19.30"},
    {"id": "supper", "title": "Konferensmiddag på annan plats", "starts": "cirka 22.30"},
    {"id": "leaving", "title": "Fika", "starts": "10.15", "date": "2027-06-30"},
)
BY_DAY = {
    "måndag 31 maj": [
        "Fika kl. 10.15",
        "Fika kl. 14.00",
        "Konferensmiddag på annan plats cirka kl. 19.30",
        "Konferensmiddag på annan plats cirka kl. 22.30",
    ],
    "onsdag 30 juni": ["Fika kl. 10.15"],
}


@pytest.fixture
def address() -> Iterator[str]:
    with served(InMemoryComposition(EVENT, SetClock(NOW))) as service:
        yield service.address


@pytest.mark.soak
def test_the_form_has_a_group_of_meals_for_each_day(window: Page, address: str) -> None:
    window.goto(f"{address}/dag/registration?lang=sv")
    follow(window.get_by_role("button", name="Skicka anmälan"))
    meals = window.get_by_role("group", name="Vid vilka måltider äter du?")
    for day, names in BY_DAY.items():
        labels = meals.get_by_role("group", name=day).get_by_role("checkbox").all()
        shown = [label.evaluate("box => box.labels[0].innerText") for label in labels]
        assert [text.replace("\u00a0", " ") for text in shown] == names
    window.get_by_role("link", name="Välj minst en måltid").click()
    assert window.evaluate("document.activeElement.value") == "buns"
    axe_finds_nothing(window)
    nothing_scrolls_sideways(window)


@pytest.mark.parametrize(
    ("meal", "words"),
    [
        ("cake", "måndag 31 maj kl. 14.00"),
        ("supper", "måndag 31 maj cirka kl. 22.30"),
        ("leaving", "onsdag 30 juni"),
    ],
)
def test_a_label_shows_whole_what_tells_its_meal_from_another(
    window: Page, address: str, meal: str, words: str
) -> None:
    gateway = Gateway(app, SetClock(NOW))
    submit(gateway, meal=[meal], severe=["yes"], allergen=["nuts"])
    contact_person = ContactPerson(gateway).enter(EVENT.contacts[0].email)
    set_window(window, 1280).set_content(contact_person.get(f"/desk/dag/labels?meal={meal}").text)
    label = window.locator(".label").bounding_box()
    shown = window.locator(".label-event strong")
    box = shown.bounding_box()
    assert label
    assert box
    assert shown.inner_text() == words
    assert label["x"] < box["x"] < box["x"] + box["width"] <= label["x"] + label["width"]
    assert box["y"] + box["height"] <= label["y"] + label["height"]
    assert window.locator(".label").evaluate("label => label.scrollHeight <= label.clientHeight")
