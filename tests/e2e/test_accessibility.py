"""Every page in every state: axe-core, the Nu Html Checker, narrow windows, large text, paper."""

import gzip
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from chalicelib.event import Event
from management.preview import sample_mails
from tests.e2e.browsing import follow, needs_chromium
from tests.e2e.looking import (
    RULES,
    Gallery,
    Scheme,
    Shown,
    Visit,
    axe_finds_nothing,
    everything_to_press_is_large_enough,
    needs_java,
    nothing_scrolls_sideways,
    nu_finds_no_error,
    open_page,
)
from tests.e2e.test_local_service import running

pytestmark = needs_chromium
LONG = "Förvaltningsövergripande-samordningsansvarig" * 2


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """The service while registration is open, after it closed, on the day and after the event."""
    moments = {
        "open": "2027-05-20T10:00",
        "closed": "2027-05-25T10:00",
        "today": "2027-05-31T09:00",
        "over": "2027-06-01T10:00",
    }
    with ExitStack() as stack:
        yield {name: stack.enter_context(running("--now", now))[1] for name, now in moments.items()}


def at(path: str, moment: str = "open") -> Visit:
    def visit(page: Page, addresses: dict[str, str]) -> None:
        page.goto(addresses[moment] + path)

    return visit


def form_with_errors(page: Page, addresses: dict[str, str]) -> None:
    page.goto(f"{addresses['open']}/registration")
    page.locator("#organisation").fill(LONG)
    page.locator("#severe").check()
    follow(page.get_by_role("button", name="Skicka anmälan"))
    assert page.title().startswith("Fel: ")


def receipt(page: Page, addresses: dict[str, str]) -> None:
    page.goto(f"{addresses['open']}/registration")
    page.locator("#name").fill(f"{LONG} O’Brien")
    page.locator("#email").fill("asa@boras.example")
    page.get_by_label("Lunch").check()
    page.get_by_label("Veganskt").check()
    page.get_by_label("Nötter", exact=True).check()
    page.locator("#severe").check()
    page.locator("#note").fill("Inte kiwi.")
    follow(page.get_by_role("button", name="Skicka anmälan"))
    assert page.locator("h1").inner_text() == "Anmälan är mottagen"


def edit(page: Page, addresses: dict[str, str]) -> None:
    receipt(page, addresses)
    follow(page.get_by_role("link", name="Ändra anmälan"))


def stale_edit(page: Page, addresses: dict[str, str]) -> None:
    edit(page, addresses)
    elsewhere = page.context.new_page()
    elsewhere.goto(page.url)
    elsewhere.get_by_label("Halal").check()
    follow(elsewhere.get_by_role("button", name="Spara ändringen"))
    page.get_by_label("Kosher").check()
    follow(page.get_by_role("button", name="Spara ändringen"))
    assert "Någon har ändrat anmälan" in page.locator("main").inner_text()


def cancel(page: Page, addresses: dict[str, str]) -> None:
    receipt(page, addresses)
    follow(page.get_by_role("link", name="Ta bort anmälan"))


def cancelled(page: Page, addresses: dict[str, str]) -> None:
    cancel(page, addresses)
    follow(page.get_by_role("button", name="Ja, ta bort anmälan"))
    assert page.locator("h1").inner_text() == "Anmälan är borttagen"


STATES: dict[str, Visit] = {
    "agenda": at("/"),
    "agenda in English": at("/?lang=en"),
    "agenda when closed": at("/", "closed"),
    "agenda on the day": at("/", "today"),
    "agenda after the event": at("/", "over"),
    "form": at("/registration"),
    "form in English": at("/registration?lang=en"),
    "form with errors": form_with_errors,
    "form when closed": at("/registration", "closed"),
    "receipt": receipt,
    "edit": edit,
    "edit that lost": stale_edit,
    "cancel": cancel,
    "cancelled": cancelled,
    "privacy": at("/privacy"),
    "accessibility": at("/accessibility"),
    "no such page": at("/nothing"),
}
GALLERY = Gallery(STATES)


@pytest.fixture(scope="module", params=STATES)
def shown(
    request: pytest.FixtureRequest, browser: Browser, addresses: dict[str, str]
) -> Iterator[Shown]:
    """Each state, visited once for all the looks that are taken of it."""
    with GALLERY.showing(browser, request.param, addresses) as shown:
        yield shown


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(shown: Shown, width: int, scheme: Scheme) -> None:
    axe_finds_nothing(shown.look(width, scheme))


def test_everything_to_press_is_large_enough(shown: Shown) -> None:
    everything_to_press_is_large_enough(shown.look(360), at_least=6)


def test_nothing_scrolls_sideways_at_320_pixels_nor_with_twice_the_text(shown: Shown) -> None:
    nothing_scrolls_sideways(shown.look(320))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_mail_is_as_accessible_and_fits_a_narrow_window(
    browser: Browser, addresses: dict[str, str], event: Event, scheme: Scheme
) -> None:
    page = open_page(browser, 320)
    page.emulate_media(color_scheme=scheme)
    for mail in sample_mails(event):
        page.goto(f"{addresses['open']}/outbox/preview/{mail.number}/html")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, mail.number
        for heading in page.locator("thead th").all():  # one line each: no word is broken
            box = heading.bounding_box()
            assert box
            assert box["height"] < 60 or " " in heading.inner_text(), heading.inner_text()
        # A mail has no page around it, so the rules on landmarks don't apply.
        found = Axe().run(page, options={"runOnly": RULES[:-1]})
        assert found.violations_count == 0, found.generate_report()
    page.context.close()


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("moment", ["open", "closed"])
def test_the_agenda_prints_on_one_page_of_paper(
    browser: Browser, addresses: dict[str, str], language: str, moment: str, tmp_path: Path
) -> None:
    page = open_page(browser, 1280)
    page.emulate_media(color_scheme="dark")
    page.goto(f"{addresses[moment]}/?lang={language}")
    page.pdf(path=tmp_path / "agenda.pdf", format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "agenda.pdf").read_bytes())) == 1
    page.emulate_media(media="print")
    assert page.get_by_text(f"{addresses[moment]}/registration").is_visible() is (moment == "open")
    black = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert black == "rgb(0, 0, 0)"
    page.context.close()


@needs_java
def test_the_nu_html_checker_finds_no_error(
    browser: Browser, addresses: dict[str, str], tmp_path: Path
) -> None:
    nu_finds_no_error(GALLERY.all_sent(browser, addresses), tmp_path)


@pytest.mark.parametrize(
    ("path", "raw", "compressed"), [("/", 50_000, 14_000), ("/registration", 60_000, 20_000)]
)
def test_a_page_is_one_small_request(
    browser: Browser, addresses: dict[str, str], path: str, raw: int, compressed: int
) -> None:
    page = open_page(browser)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(addresses["open"] + path, wait_until="networkidle")
    assert answer
    assert [url for url in asked if not url.startswith("data:")] == [addresses["open"] + path]
    assert len(answer.body()) < raw
    assert len(gzip.compress(answer.body())) < compressed
    page.context.close()


def test_the_way_to_the_form_is_in_sight_wherever_one_reads_the_agenda(
    browser: Browser, addresses: dict[str, str], event: Event
) -> None:
    for width in (360, 1280):
        page = open_page(browser, width)
        page.goto(f"{addresses['open']}/")
        for title in (event.agenda[0].title, event.agenda[6].title, event.agenda[-1].title):
            page.get_by_role("heading", name=title).scroll_into_view_if_needed()
            ways = page.get_by_role("link", name="Anmäl specialkost").all()
            boxes = [box for way in ways if (box := way.bounding_box())]
            assert any(0 <= box["y"] <= 800 - box["height"] for box in boxes), title
            assert all(box["height"] < 60 for box in boxes), "it is said on one line"
        page.context.close()
