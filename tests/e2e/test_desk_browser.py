"""A contact person's whole working day, in a browser without JavaScript."""

import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page

from chalicelib.event import Event
from tests.e2e.browsing import follow, needs_chromium
from tests.e2e.desk_visits import register_guests
from tests.e2e.test_local_service import PATIENCE, request, running

pytestmark = needs_chromium


@pytest.fixture(params=[360, 1280], ids=lambda width: f"{width}px")
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        java_script_enabled=False,
        locale="sv-SE",
        viewport={"width": request.param, "height": 800},
    )
    context.set_default_timeout(PATIENCE * 1000)
    yield context.new_page()
    context.close()


@pytest.fixture
def address(event: Event) -> Iterator[str]:
    """Two minutes before the deadline, a minute a second, with registrations."""
    with running("--now", "2027-05-24T23:40", "--speed", "60") as (_, address, _):
        register_guests(address, event, 30)
        yield address


def test_a_working_day(page: Page, address: str, event: Event, tmp_path: Path) -> None:
    melia = event.contacts[0]

    # In: an address, a mail, a button.
    page.goto(f"{address}/")
    follow(page.get_by_role("link", name="För kontaktpersoner"))
    page.get_by_label("E-post").fill(melia.email.upper())
    follow(page.get_by_role("button", name="Skicka länken"))
    assert page.locator("h1").inner_text() == "Titta i din inkorg"
    link = mail_with(address, r"/desk/enter/[\w-]+")
    page.goto(address + link)
    follow(page.get_by_role("button", name="Öppna sidorna"))
    assert page.locator("h1").inner_text() == "Läget"
    assert page.get_by_text(melia.name).is_visible()

    # The double is merged while registration is open.
    follow(page.get_by_role("link", name="Dubbletter"))
    assert page.locator(".person").count() == 2
    follow(page.get_by_role("link", name=re.compile("^Samma person")).first)
    assert "De har inte samma kost" in page.locator("main").inner_text()
    follow(page.get_by_role("button", name=re.compile("^Ja, ta bort")))
    assert "Inga just nu" in page.locator("main").inner_text()

    # It closes by itself, and the summary arrives.
    wait_until(lambda: "stängde" in reloaded(page, f"{address}/desk/overview"))
    wait_until(lambda: "framme" in reloaded(page, f"{address}/desk/overview"))
    assert "Inget har ändrats sedan dess" in page.locator("main").inner_text()

    # The late caller.
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
    page.goto(f"{address}/desk/overview")
    assert "+1 ALLVARLIG ALLERGI" in page.locator("main").inner_text()
    assert code in page.locator("main").inner_text()
    notice = mail_with(address, r"\+1 ALLVARLIG ALLERGI[^<]+")
    assert "vegansk + utan jordnötter" in notice

    # Found by name; the name is in no address.
    follow(page.get_by_role("link", name="Listan").first)
    page.get_by_label("Sök").fill("sigrid")
    follow(page.get_by_role("button", name="Sök"))
    assert page.locator(".rows li").count() == 1
    assert "sigrid" not in page.url.lower()

    # The workbook, read back.
    with page.expect_download() as download:
        page.get_by_role("link", name="Hämta för Excel").click()
    sheet = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet is not None
    rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert len(rows) == 32
    assert rows[code][1] == "Sena Sigrid Ö"
    assert "Jordnötter" in rows[code]

    # Labels, on paper.
    follow(page.get_by_role("link", name="Skriv ut"))
    follow(page.get_by_role("link", name="Etiketter till lunch", exact=True))
    page.pdf(path=tmp_path / "labels.pdf", prefer_css_page_size=True)
    with pymupdf.open(tmp_path / "labels.pdf") as paper:  # type: ignore[no-untyped-call]
        text = "".join(sheet_of_paper.get_text() for sheet_of_paper in paper)
        assert paper.page_count == 2
    assert code in text
    assert "ALLVARLIG ALLERGI" in text
    assert "Sigrid" not in text

    # Out; what was there is gone, also for the back button.
    page.go_back()
    follow(page.get_by_role("button", name="Logga ut"))
    assert page.locator("h1").inner_text() == "För kontaktpersoner"
    page.go_back()
    assert melia.name not in page.locator("header").inner_text()
    assert page.goto(f"{address}/desk/list")
    assert page.locator("h1").inner_text() == "För kontaktpersoner"


def mail_with(address: str, pattern: str) -> str:
    """What the newest mail that says it says, once it has been sent."""
    found: list[str] = []

    def look() -> bool:
        outbox = request(address, "GET", "/outbox")[2]
        numbers = sorted(set(map(int, re.findall(r"/outbox/(\d+)", outbox))), reverse=True)
        for number in numbers:
            body = request(address, "GET", f"/outbox/{number}/html")[2]
            match = re.search(pattern, body)
            if match:
                found.append(match[0])
                return True
        return False

    wait_until(look)
    return found[0]


def reloaded(page: Page, address: str) -> str:
    page.goto(address)
    return page.locator("main").inner_text()


def wait_until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.3)
