"""The registration form on a phone: how much it takes, what it shows, and where the focus goes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from chalicelib.event.event import Event
from management.local.clock import SetClock
from tests.browser.navigation import follow, needs_chromium, text_of
from tests.browser.page_checks import set_window
from tests.examples import NOW
from tests.fakes import InMemoryComposition
from tests.whole.serving import served

pytestmark = needs_chromium

# What a vegetarian reads: down to the first diet, the link to the end, and what it leads to.
_READ = """() => {
    const box = element => element.getBoundingClientRect();
    const diet = document.querySelector('#diet'), link = document.querySelector('[href="#send"]');
    const end = document.querySelector('#send'), button = document.querySelector('#send ~ button');
    const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    let words = 0;
    while (texts.nextNode()) {
        const range = document.createRange();
        range.selectNode(texts.currentNode);
        const { top, height } = box(range), isLink = link.contains(texts.currentNode);
        const isRead = top < box(diet).bottom || isLink || top >= box(end).top;
        if (height > 0 && isRead) words += texts.currentNode.data.match(/\\S+/g).length;
    }
    const pixels = scrollY + box(link).bottom + box(button).bottom - box(end).top;
    return [words, Math.round(pixels)];
}"""
_UNTIED = """() => [...document.querySelectorAll('.hint')]
    .filter(hint => !document.querySelector(`[aria-describedby~="${hint.id || 'none'}"]`))
    .map(hint => hint.textContent)"""


@pytest.fixture(scope="module")
def address(event: Event) -> Iterator[str]:
    with served(InMemoryComposition(event, SetClock(NOW))) as service:
        yield service.address


@pytest.fixture
def phone(window: Page) -> Page:
    window.context.clear_cookies()
    set_window(window, 360)
    window.set_viewport_size({"width": 360, "height": 640})
    return window


def in_view(target: Locator) -> bool:
    box = target.bounding_box()
    return bool(box and 0 <= box["y"] <= 640 - box["height"])


def test_a_vegetarian_registers_for_every_meal_with_five_taps_and_a_name(
    phone: Page, address: str
) -> None:
    phone.goto(f"{address}/")
    bar = phone.locator(".bar").get_by_role("link", name="Anmäl specialkost")
    assert in_view(bar)
    follow(bar)  # 1
    words, pixels = phone.evaluate(_READ)
    assert words <= 120, words
    assert pixels <= 2050, pixels
    phone.get_by_label("Namn", exact=True).click()  # 2
    phone.keyboard.type("Karin Öberg")
    phone.get_by_text("Vegetariskt (med mjölk och ägg)", exact=True).click()  # 3
    phone.get_by_role("link", name="Inga allergier? Gå till slutet").click()  # 4
    send = phone.get_by_role("button", name="Skicka anmälan")
    assert in_view(send)
    follow(send)  # 5
    shown = text_of(phone)
    assert "Lunch kl. 11.45: Vegetarisk" in shown
    assert "Fika kl. 14.40: Vegetarisk" in shown


def test_an_assistant_registers_five_colleagues_with_their_names_and_20_clicks(
    phone: Page, address: str
) -> None:
    """All have one organisation, address and lunch: before, 29 clicks, and all of it typed anew."""
    phone.goto(f"{address}/dag/registration")
    clicks = 0

    def click(target: Locator, *, leads_on: bool = False) -> None:
        nonlocal clicks
        follow(target) if leads_on else target.click()
        clicks += 1

    for field, words in (("organisation", "Kulturförvaltningen"), ("email", "a@boras.example")):
        phone.locator(f"#{field}").fill(words)
    click(phone.get_by_label("Fika"))
    phone.locator("#name").focus()
    for name in ("Anna", "Bo", "Cilla", "Dag", "Eva"):
        phone.keyboard.type(name)
        click(phone.get_by_label("Veganskt"))
        click(phone.get_by_role("link", name="Inga allergier?"))
        click(phone.get_by_role("button", name="Skicka anmälan"), leads_on=True)
        receipt = text_of(phone)
        assert [line in receipt for line in (name, "Kulturförvaltningen", "a@boras.example")] == [
            True
        ] * 3
        assert ("Lunch kl." in receipt, "Fika kl." in receipt) == (True, False)
        click(phone.get_by_role("link", name="Anmäl en till"), leads_on=True)
        assert phone.evaluate("document.activeElement.id") == "name"
    assert clicks - 1 <= 20
    assert "boras" not in phone.url.removeprefix(address)


def test_traces_are_asked_for_only_beside_a_ticked_allergen(phone: Page, address: str) -> None:
    phone.goto(f"{address}/dag/registration")
    traces = phone.get_by_label("Inte ens spår av nötter")
    assert phone.get_by_label("Inte ens spår").filter(visible=True).count() == 0
    phone.get_by_label("Nötter", exact=True).check()
    assert traces.is_visible()
    allergen = phone.get_by_label("Nötter", exact=True).bounding_box()
    indented = traces.bounding_box()
    assert allergen
    assert indented
    assert indented["x"] >= allergen["x"] + 24
    traces.check()
    phone.get_by_label("Nötter", exact=True).uncheck()
    assert traces.is_visible(), "what is ticked is never hidden"
    traces.uncheck()
    assert not traces.is_visible()


def test_every_hint_is_read_out_with_its_field(phone: Page, address: str) -> None:
    phone.goto(f"{address}/dag/registration")
    assert phone.locator(".hint").count() > 10
    assert phone.evaluate(_UNTIED) == []


def test_no_name_address_or_diet_goes_to_a_spelling_service(phone: Page, address: str) -> None:
    phone.goto(f"{address}/dag/registration")
    for field in ("name", "organisation", "email", "note"):
        assert phone.locator(f"#{field}").evaluate("field => field.spellcheck") is False, field


def test_errors_have_the_focus_and_lead_to_fields_that_are_marked_and_in_view_with_their_words(
    phone: Page, address: str
) -> None:
    phone.goto(f"{address}/dag/registration")
    for meal in ("Lunch", "Fika"):
        phone.get_by_label(meal).uncheck()
    follow(phone.get_by_role("button", name="Skicka anmälan"))
    assert phone.evaluate("document.activeElement.className") == "errors"
    for field, marked in (("name", "#name"), ("meal", "#meal"), ("diet", "[role=radiogroup]")):
        phone.locator(f".errors [href='#{field}']").click()
        assert phone.evaluate("document.activeElement.id") == field
        assert in_view(phone.locator(f"#{field}-error"))
        assert phone.locator(marked).get_attribute("aria-invalid") == "true"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_bar_of_a_phone_is_one_row(phone: Page, address: str, language: str) -> None:
    phone.goto(f"{address}/?lang={language}")
    box = phone.locator(".bar").bounding_box()
    assert box
    assert box["height"] < 70


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A phone whose browser keeps pages, as people's do; the other windows keep none."""
    context = browser.new_context(locale="sv-SE", viewport={"width": 360, "height": 640})
    yield context.new_page()
    context.close()


def fill_in(page: Page, address: str) -> None:
    page.goto(f"{address}/dag/registration")
    page.get_by_label("Namn", exact=True).fill("Karin Öberg")
    page.get_by_label("Veganskt").check()


def test_the_way_back_from_the_privacy_notice_leads_to_what_was_typed(
    visitor: Page, address: str
) -> None:
    fill_in(visitor, address)
    for _ in range(2):  # from the form, and from the form with errors
        visitor.get_by_label("Anteckning").fill("Inte kiwi.")
        follow(visitor.locator(".assure").get_by_role("link"))
        visitor.go_back()
        assert visitor.get_by_label("Anteckning").input_value() == "Inte kiwi."
        assert visitor.get_by_label("Veganskt").is_checked()
        visitor.get_by_label("Namn", exact=True).fill("")
        follow(visitor.get_by_role("button", name="Skicka anmälan"))
        assert visitor.title().startswith("Fel: ")


def test_a_form_sent_again_after_back_is_the_same_registration_and_corrected_it_asks(
    visitor: Page, address: str
) -> None:
    fill_in(visitor, address)
    send = visitor.get_by_role("button", name="Skicka anmälan")
    follow(send)
    receipt = visitor.url
    visitor.go_back()
    follow(send)
    assert visitor.url == receipt
    visitor.go_back()
    visitor.get_by_label("Kosher").check()
    follow(send)
    assert visitor.locator("h1").inner_text() == "Ändra den förra, eller en annan person?"
    follow(visitor.get_by_role("button", name="Ändra den förra"))
    assert visitor.url == receipt
    assert "Lunch kl. 11.45: Kosher" in text_of(visitor)


def test_switching_the_language_keeps_what_was_typed_and_enter_sends_the_form(
    visitor: Page, address: str
) -> None:
    fill_in(visitor, address)
    follow(visitor.get_by_role("button", name="English"))
    assert visitor.locator("html").get_attribute("lang") == "en"
    assert visitor.get_by_label("Name", exact=True).input_value() == "Karin Öberg"
    assert visitor.get_by_label("Vegan (").is_checked()
    with visitor.expect_navigation():
        visitor.get_by_label("Name", exact=True).press("Enter")
    assert visitor.locator("h1").inner_text() == "Your registration has been received"
