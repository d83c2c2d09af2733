"""A contact person's working day at the desk, in a browser without JavaScript."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page

from app import app
from chalicelib.event.event import Event
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.service import LocalService
from tests.browser.navigation import follow, needs_chromium
from tests.browser.phased_service import Place, register_guests, store_session
from tests.driving import deliver_all
from tests.fakes import InMemoryComposition, installed_table, sent_mails
from tests.whole.serving import served

pytestmark = needs_chromium
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock(event: Event) -> SetClock:
    return SetClock(event.closes_at - 20 * MINUTE)


@pytest.fixture
def service(event: Event, clock: SetClock) -> Iterator[LocalService]:
    """The service 20 minutes before the deadline, with registrations."""
    with served(InMemoryComposition(event, clock)) as service:
        register_guests(Gateway(app, clock), 30)
        yield service


def tick(service: LocalService, clock: SetClock, minutes: int) -> None:
    """Run a tick in each of the next `minutes` minutes; all sent mails are delivered."""
    for _ in range(minutes):
        clock.move(MINUTE)
        service.tick()
        deliver_all(installed_table())


def test_a_working_day(
    page: Page, service: LocalService, clock: SetClock, event: Event, tmp_path: Path
) -> None:
    melia, address = event.contacts[0], service.address

    # Log in by the mailed link.
    page.goto(f"{address}/")
    follow(page.get_by_role("link", name="För kontaktpersoner"))
    page.get_by_label("E-post").fill(melia.email.upper())
    follow(page.get_by_role("button", name="Skicka länken"))
    assert page.locator("h1").inner_text() == "Titta i din inkorg"
    tick(service, clock, 1)
    page.goto(address + mailed(r"/desk/enter/[\w-]+"))
    follow(page.get_by_role("button", name="Logga in"))
    assert page.locator("h1").inner_text() == "Översikt"
    assert page.get_by_text(melia.name).is_visible()

    # Merge duplicates while registration is open.
    follow(page.get_by_role("link", name="Dubbletter"))
    assert page.locator(".person").count() == 2
    follow(page.get_by_role("link", name=re.compile("^Samma person")).first)
    assert "De har inte samma kost" in page.locator("main").inner_text()
    assert page.get_by_label("Lägg ihop").is_checked()
    follow(page.get_by_role("button", name=re.compile("^Ja, ta bort")))
    assert "Inga just nu" in page.locator("main").inner_text()

    # Registration closes at the deadline, and the summary is delivered.
    tick(service, clock, 24)
    page.goto(f"{address}/desk/dag/overview")
    assert "stängde" in page.locator("main").inner_text()
    assert "levererad" in page.locator("main").inner_text()
    assert "Inget har ändrats sedan dess" in page.locator("main").inner_text()

    # Add somebody who calls after the deadline.
    follow(page.get_by_role("link", name="Lägg till någon").first)
    follow(page.get_by_role("button", name="Lägg till"))
    assert page.title().startswith("Fel: ")
    page.get_by_label("Namn", exact=True).fill("Sena Sigrid Ö")
    page.get_by_label("Lunch").check()
    page.get_by_label("Veganskt").check()
    page.get_by_label("Jordnötter", exact=True).check()
    page.get_by_label("Ja, en allvarlig reaktion").check()
    follow(page.get_by_role("button", name="Lägg till"))
    code = page.locator(".code").inner_text()
    page.goto(f"{address}/desk/dag/overview")
    assert "ALLVARLIG ALLERGI, 1 fler" in page.locator("main").inner_text()
    assert code in page.locator("main").inner_text()
    tick(service, clock, 10)
    assert "vegansk + utan jordnötter" in mailed(r"ALLVARLIG ALLERGI, 1 fler[^<]+")

    # Search by name; the name must not be in the URL.
    follow(page.get_by_role("link", name="Anmälda").first)
    page.get_by_label("Sök").fill("sigrid")
    follow(page.get_by_role("button", name="Sök"))
    assert page.locator(".registrations tbody tr").count() == 1
    assert "sigrid" not in page.url.lower()

    # Download the workbook.
    with page.expect_download() as download:
        page.get_by_role("link", name="Hämta för Excel").click()
    sheet = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet is not None
    rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert len(rows) == 32
    assert rows[code][1] == "Sena Sigrid Ö"
    assert "Jordnötter" in rows[code]

    # Print labels.
    import pymupdf  # slow to import

    follow(page.get_by_role("link", name="Skriv ut"))
    follow(page.get_by_role("link", name="Etiketter till lunch", exact=True))
    page.pdf(path=tmp_path / "labels.pdf", prefer_css_page_size=True)
    with pymupdf.open(tmp_path / "labels.pdf") as paper:  # type: ignore[no-untyped-call]
        text = "".join(sheet_of_paper.get_text() for sheet_of_paper in paper)
        assert paper.page_count == 2
    assert code in text
    assert "ALLVARLIG ALLERGI" in " ".join(text.split())
    assert "Sigrid" not in text

    # Log out; personal data is no longer shown, also after the back button.
    page.go_back()
    follow(page.get_by_role("button", name="Logga ut"))
    assert page.locator("h1").inner_text() == "För kontaktpersoner"
    page.go_back()
    assert melia.name not in page.locator("header").inner_text()
    assert page.goto(f"{address}/desk/dag/list")
    assert page.locator("h1").inner_text() == "För kontaktpersoner"


def test_each_person_is_a_row_of_four_columns_and_stays_readable_on_a_phone(
    window: Page, service: LocalService, clock: SetClock
) -> None:
    store_session(clock)
    Place.enter(window)
    window.set_viewport_size({"width": 1280, "height": 800})
    window.goto(f"{service.address}/desk/dag/list")
    table = window.locator(".registrations")
    assert table.locator("thead th").all_inner_texts() == ["Namn", "Kod", "Portion", "Anmäld"]
    rows = table.locator("tbody tr")
    assert rows.count() == 32
    box = table.bounding_box()
    assert box
    assert box["height"] < 33 * 80
    window.set_viewport_size({"width": 320, "height": 800})
    assert not table.locator("thead").is_visible()
    cells = rows.first.locator("th, td").all()
    places = [place for cell in cells if (place := cell.bounding_box())]
    assert [place for place in places if place["x"] + place["width"] > 320] == []
    name, code, plate, _ = (place["width"] for place in places)
    assert code > 40, "a code is on one line"
    assert plate > 270 > name


@pytest.mark.parametrize(("width", "across"), [(1280, 3), (768, 3), (360, 1)])
def test_labels_are_three_across_as_on_their_sheet_where_the_window_has_room(
    window: Page, service: LocalService, clock: SetClock, width: int, across: int
) -> None:
    store_session(clock)
    Place.enter(window)
    window.set_viewport_size({"width": width, "height": 800})
    window.goto(f"{service.address}/desk/dag/labels?meal=lunch")
    boxes = [label.bounding_box() for label in window.locator(".label").all()[:6]]
    places = [box for box in boxes if box]
    assert sum(place["y"] == places[0]["y"] for place in places) == across
    assert [place for place in places if place["x"] + place["width"] > width] == []


def test_back_shows_a_search_and_what_was_typed_by_phone_also_with_errors(
    browser: Browser, service: LocalService, clock: SetClock
) -> None:
    store_session(clock)
    page = browser.new_context(java_script_enabled=False).new_page()  # with a cache, as people's
    Place.enter(page)
    page.goto(f"{service.address}/desk/dag/new")
    page.get_by_label("Namn", exact=True).fill("Sena Sigrid")
    page.get_by_label("Veganskt").check()
    page.get_by_label("Anteckning").fill("Ringer igen")
    follow(page.get_by_role("link", name="Anmälda"))
    page.get_by_label("Sök").fill("åsa")
    follow(page.get_by_role("button", name="Sök"))
    found = page.locator(".registrations tbody tr").count()
    follow(page.locator(".registrations a").first)
    page.go_back()
    assert page.locator(".registrations tbody tr").count() == found > 0
    assert page.get_by_label("Sök").input_value() == "åsa"
    page.go_back()
    page.go_back()
    # Browsers have the name too, in their cache of living pages, which playwright turns off.
    assert page.get_by_label("Anteckning").input_value() == "Ringer igen"
    assert page.get_by_label("Veganskt").is_checked()
    page.get_by_label("Namn", exact=True).fill("Sena Sigrid")
    follow(page.get_by_role("button", name="Lägg till"))
    assert page.title().startswith("Fel: ")
    page.get_by_label("Lunch").check()
    follow(page.get_by_role("link", name="Dubbletter"))
    page.go_back()
    assert page.title().startswith("Fel: ")
    assert page.get_by_label("Namn", exact=True).input_value() == "Sena Sigrid"
    assert page.get_by_label("Lunch").is_checked()
    follow(page.get_by_role("button", name="Lägg till"))
    assert "Anmälan är tillagd" in page.locator("main").inner_text()
    page.context.close()


def mailed(pattern: str) -> str:
    """The text in the newest mail's HTML that matches `pattern`."""
    found = re.search(pattern, sent_mails()[-1].part("html"))
    assert found
    return found[0]
