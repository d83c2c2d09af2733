"""Every page of the desk in every state, looked at as the public pages are."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from chalicelib.diet import ALLERGENS
from chalicelib.event import Event
from tests.e2e.browsing import follow, needs_chromium
from tests.e2e.desk_visits import mailed_link, register_guests, session_cookie
from tests.e2e.looking import (
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
from tests.e2e.pages import encoded
from tests.e2e.test_local_service import request, running

pytestmark = needs_chromium

SPEED = "30"
_cookies: dict[str, tuple[str, str]] = {}


@pytest.fixture(scope="module")
def addresses(event: Event) -> Iterator[dict[str, str]]:
    """The service while registration is open and after it has closed, with a contact person in."""
    moments = {"open": "2027-05-20T10:00", "closed": "2027-05-25T00:00"}
    with ExitStack() as stack:
        found = {}
        for name, now in moments.items():
            options = ("--now", now, "--speed", SPEED)
            found[name] = stack.enter_context(running(*options))[1]
        register_guests(found["open"], event)
        register_hardest_plates(found["open"])
        found["link"] = mailed_link(found["open"], event.contacts[0].email)
        for name in moments:
            _cookies[found[name]] = session_cookie(found[name], event.contacts[0].email)
        yield found


def register_hardest_plates(address: str) -> None:
    """What a label has the least room for: long names, and few to all allergens and traces."""
    for number in (4, 6, 8, 12, 16):
        codes = list(ALLERGENS)[:number]
        for traces in ([], codes[:-1], codes):
            form = {
                "name": ["W" * 100],
                "meal": ["lunch"],
                "diet": ["lacto_vegetarian"],
                "allergen": codes,
                "traces": traces,
                "severe": ["yes"],
                "note": ["Kiwi"],
                "nonce": [f"the-nonce-of-plate-{number}-{len(traces)}"],
            }
            assert request(address, "POST", "/registration", encoded(**form))[0] == 303


def inside(path: str, moment: str = "open", press: str = "") -> Visit:
    """A page of the desk, and what comes after a button on it is pressed."""

    def visit(page: Page, addresses: dict[str, str]) -> None:
        name, value = _cookies[addresses[moment]]
        own = {"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "secure": True}
        page.context.add_cookies([own])  # type: ignore[list-item]
        page.goto(addresses[moment] + path)
        if press:
            follow(page.get_by_role("button", name=press))

    return visit


def outside(path: str) -> Visit:
    def visit(page: Page, addresses: dict[str, str]) -> None:
        page.goto(addresses["open"] + path)

    return visit


def mistyped(page: Page, addresses: dict[str, str]) -> None:
    page.goto(f"{addresses['open']}/desk")
    page.get_by_label("E-post").fill("asa")
    follow(page.get_by_role("button", name="Skicka länken"))
    assert page.title().startswith("Fel: ")


def link(page: Page, addresses: dict[str, str]) -> None:
    page.goto(addresses["open"] + addresses["link"])


def one(page: Page, addresses: dict[str, str]) -> None:
    inside("/desk/list?severe=yes")(page, addresses)
    follow(page.locator(".rows a").first)


def found(page: Page, addresses: dict[str, str]) -> None:
    inside("/desk/list")(page, addresses)
    page.get_by_label("Sök").fill("ö")
    follow(page.get_by_role("button", name="Sök"))
    assert "/desk/list" in page.url


def edit(page: Page, addresses: dict[str, str]) -> None:
    one(page, addresses)
    follow(page.get_by_role("link", name="Ändra"))


def remove(page: Page, addresses: dict[str, str]) -> None:
    one(page, addresses)
    follow(page.get_by_role("link", name="Ta bort"))


def extract(page: Page, addresses: dict[str, str]) -> None:
    one(page, addresses)
    follow(page.get_by_role("link", name="Registerutdrag"))


def marked(page: Page, addresses: dict[str, str]) -> None:
    inside("/desk/list?mark=all")(page, addresses)
    follow(page.get_by_role("button", name="Ta bort de markerade"))


def matching(page: Page, addresses: dict[str, str]) -> None:
    """With the error that nobody has typed the number."""
    inside("/desk/list?since=2027-05-20&until=2027-05-21")(page, addresses)
    follow(page.get_by_role("button", name=re.compile("^Ta bort alla")))
    follow(page.get_by_role("button", name=re.compile("^Ja, ta bort")))
    assert page.title().startswith("Fel: ")


def keep(page: Page, addresses: dict[str, str]) -> None:
    inside("/desk/doubles")(page, addresses)
    follow(page.get_by_role("link", name=re.compile("^Samma person")).first)


def summarised(page: Page, addresses: dict[str, str]) -> None:
    """Once the summary has been made, whenever that is."""
    visit = inside("/desk/overview", "closed")
    visit(page, addresses)
    while "version 1" not in page.locator("main").inner_text():
        page.wait_for_timeout(500)
        visit(page, addresses)


STATES: dict[str, Visit] = {
    "door": outside("/desk"),
    "door with an error": mistyped,
    "link on its way": outside("/desk/sent"),
    "link": link,
    "link that is too old": outside("/desk/enter/unknown"),
    "overview": inside("/desk/overview"),
    "overview when closed": summarised,
    "list": inside("/desk/list"),
    "list of some, with an error": inside(
        "/desk/list?meal=lunch&severe=yes&since=i+morgon&until=2027-05-21&sort=code"
    ),
    "list of who was searched": found,
    "empty list": inside("/desk/list", "closed"),
    "one": one,
    "new": inside("/desk/new"),
    "new with errors": inside("/desk/new", press="Lägg till"),
    "edit": edit,
    "remove": remove,
    "extract": extract,
    "marked": marked,
    "matching": matching,
    "blocks with an error": inside("/desk/blocks", press="Häv spärren"),
    "doubles": inside("/desk/doubles"),
    "keep": keep,
    "papers": inside("/desk/papers"),
    "kitchen": inside("/desk/kitchen"),
    "labels": inside("/desk/labels?meal=lunch&names=yes"),
    "attendance": inside("/desk/attendance"),
    "log": inside("/desk/log"),
    "send": inside("/desk/send"),
    "close": inside("/desk/close"),
    "close when closed": inside("/desk/close", "closed"),
    "reopen": inside("/desk/reopen", "closed"),
    "reopen with an error": inside("/desk/reopen", "closed", press="Öppna anmälan igen"),
}
GALLERY = Gallery(STATES)


@pytest.fixture(scope="module", params=STATES)
def shown(
    request: pytest.FixtureRequest, browser: Browser, addresses: dict[str, str]
) -> Iterator[Shown]:
    """Each state, visited once for all the looks that are taken of it."""
    with GALLERY.showing(browser, request.param, addresses) as shown:
        yield shown


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_axe_finds_nothing(shown: Shown, width: int, scheme: Scheme) -> None:
    axe_finds_nothing(shown.look(width, scheme))


def test_nothing_scrolls_sideways_and_everything_to_press_is_large_enough(shown: Shown) -> None:
    everything_to_press_is_large_enough(shown.look(320), at_least=3)
    nothing_scrolls_sideways(shown.look(320))


@needs_java
def test_the_nu_html_checker_finds_no_error(
    browser: Browser, addresses: dict[str, str], tmp_path: Path
) -> None:
    nu_finds_no_error(GALLERY.all_sent(browser, addresses), tmp_path)


@pytest.mark.parametrize("names", ["", "&names=yes"])
@pytest.mark.parametrize("media", ["print", "screen"])
def test_no_label_cuts_anything_off_but_a_long_name(
    browser: Browser, addresses: dict[str, str], names: str, media: Literal["print", "screen"]
) -> None:
    page = open_page(browser, 1280)
    page.emulate_media(media=media)
    inside(f"/desk/labels?meal=lunch{names}")(page, addresses)
    too_full = page.evaluate(
        "[...document.querySelectorAll('.label')]"
        ".filter(one => one.scrollHeight > one.clientHeight).map(one => one.innerText)"
    )
    assert too_full == []
    page.context.close()
