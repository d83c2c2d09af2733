"""The agenda and the registration form in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page

from chalicelib.event.event import Event
from management.local.clock import SetClock
from tests.browser.navigation import follow, needs_chromium, text_of
from tests.examples import NOW
from tests.fakes import InMemoryComposition
from tests.whole.serving import served

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def address(event: Event) -> Iterator[str]:
    with served(InMemoryComposition(event, SetClock(NOW))) as service:
        yield service.address


def test_a_visitor_registers_by_mouse_from_the_agenda_to_the_receipt(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/")
    follow(page.get_by_role("link", name="Anmäl specialkost").last)
    page.get_by_label("Namn", exact=True).fill("Åsa Öström-O’Brien")
    page.get_by_label("Lunch").check()
    page.get_by_label("Fika").check()
    page.get_by_label("Veganskt").check()
    page.get_by_label("Nötter", exact=True).check()
    page.get_by_label("Inte ens spår av nötter").check()
    page.get_by_label("Ja, jag kan få en allvarlig reaktion").check()
    page.get_by_label("Anteckning").fill("Inte kiwi.\nTack!")
    follow(page.get_by_role("button", name="Skicka anmälan"))
    assert page.locator("h1").inner_text() == "Anmälan är mottagen"
    receipt = text_of(page)
    assert "Åsa Öström-O’Brien" in receipt
    assert "Vegansk + utan nötter (inte ens spår)" in receipt
    assert "Inte kiwi.\nTack!" in receipt


def test_an_empty_form_shows_errors_and_is_accepted_after_correction(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/dag/registration")
    follow(page.get_by_role("button", name="Skicka anmälan"))
    assert page.title().startswith("Fel: ")
    assert page.get_by_role("alert").get_by_role("link").count() == 2
    follow(page.get_by_role("alert").get_by_role("link").first)
    assert page.url.endswith("#name")
    page.get_by_label("Namn", exact=True).fill("Örjan")
    page.get_by_label("Lunch").check()
    page.get_by_label("Vegetariskt", exact=False).first.check()
    follow(page.get_by_role("button", name="Skicka anmälan"))
    assert page.locator("h1").inner_text() == "Anmälan är mottagen"


def test_a_registration_is_changed_and_cancelled_from_its_receipt(page: Page, address: str) -> None:
    page.goto(f"{address}/dag/registration")
    page.get_by_label("Namn", exact=True).fill("Märta")
    page.get_by_label("Fika").uncheck()
    page.get_by_label("Veganskt").check()
    follow(page.get_by_role("button", name="Skicka anmälan"))
    receipt = page.url
    follow(page.get_by_role("link", name="Ändra anmälan"))
    assert page.get_by_label("Namn", exact=True).input_value() == "Märta"
    assert page.get_by_label("Lunch").is_checked()
    assert not page.get_by_label("Fika").is_checked()
    assert page.get_by_label("Veganskt").is_checked()
    page.get_by_label("Fika").check()
    follow(page.get_by_role("button", name="Spara ändringen"))
    assert page.url == receipt
    assert "Fika kl. 14.40: Vegansk" in text_of(page)
    follow(page.get_by_role("link", name="Ta bort anmälan"))
    follow(page.get_by_role("button", name="Ja, ta bort anmälan"))
    assert page.locator("h1").inner_text() == "Anmälan är borttagen"
    page.goto(receipt)
    assert page.locator("h1").inner_text() == "Anmälan finns inte kvar"


def test_going_back_and_sending_another_name_makes_another_registration(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/dag/registration")
    receipts = set()
    for name in ("Anna", "Bengt", "Cecilia"):
        page.get_by_label("Namn", exact=True).fill(name)
        page.get_by_label("Lunch").check()
        page.get_by_label("Veganskt").check()
        follow(page.get_by_role("button", name="Skicka anmälan"))
        assert name in text_of(page)
        receipts.add(page.url)
        page.go_back()
    assert len(receipts) == 3


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the link, field or button with this name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.locator(":focus").is_visible() and name in described(page):
            return
    raise AssertionError(f"{name} can't be reached by keyboard")


def follow_by_keyboard(page: Page, name: str) -> None:
    """Follow a link or press a button by keyboard, and wait for the next page."""
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tick(page: Page, name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Space")


def described(page: Page) -> str:
    focused = page.locator(":focus")
    if focused.get_attribute("id"):
        label = page.locator(f"label[for='{focused.get_attribute('id')}']")
        if label.count():
            return label.inner_text()
    return focused.inner_text()


def test_a_registration_is_made_and_changed_by_keyboard_alone(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Hoppa till innehållet"
    follow_by_keyboard(page, "Anmäl specialkost")
    tab_to(page, "Namn")
    page.keyboard.type("Karin Öberg")
    tick(page, "Fika")
    tick(page, "Nötter")
    tick(page, "Inte ens spår av nötter")
    follow_by_keyboard(page, "Skicka anmälan")
    assert "Utan nötter (inte ens spår)" in text_of(page)
    follow_by_keyboard(page, "Ändra anmälan")
    tick(page, "Fika")
    follow_by_keyboard(page, "Spara ändringen")
    assert "Fika kl. 14.40" in text_of(page)


def test_the_focused_element_is_never_hidden_behind_the_bar(page: Page, address: str) -> None:
    """WCAG 2.2, 2.4.11."""
    page.goto(f"{address}/")
    page.keyboard.press("Tab")
    focused = 0
    while page.locator(":focus").count():
        box, bar = page.locator(":focus").bounding_box(), page.locator(".bar").bounding_box()
        if box and bar and not page.locator(".bar :focus").count():
            assert box["y"] + box["height"] <= bar["y"] or box["y"] >= bar["y"] + bar["height"]
        focused += 1
        page.keyboard.press("Tab")
    assert focused > 10


def test_the_content_security_policy_blocks_nothing_that_the_pages_use(
    window: Page, address: str
) -> None:
    messages: list[str] = []

    def collect(message: ConsoleMessage) -> None:
        messages.append(message.text)

    window.on("console", collect)
    for path in ("/", "/dag/registration"):
        window.goto(address + path)
    color = window.evaluate(
        "getComputedStyle(document.querySelector('main button')).backgroundColor"
    )
    window.remove_listener("console", collect)
    assert messages == []
    assert color != "rgba(0, 0, 0, 0)"
