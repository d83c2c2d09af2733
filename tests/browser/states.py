"""Every page in every state, public and at the desk, with the steps that lead to each."""

import re
from collections.abc import Callable
from functools import partial

from playwright.sync_api import Page

from chalicelib.desk import session_store as access_tokens
from chalicelib.desk.sessions import login_link
from chalicelib.event.changes import row_key
from chalicelib.event.context import ALL_EVENTS
from chalicelib.registration.tokens import hash_token
from tests.browser.navigation import follow
from tests.browser.phased_service import CONTACT, LONG, Place
from tests.examples import EVENT, NOW
from tests.fakes import installed_table


def public(path: str, page: Page, place: Place, phase: str = "open") -> None:
    place.at(phase)
    place.show(page, path)


def agenda_when_closed(page: Page, place: Place) -> None:
    public("/", page, place, "closed")
    assert not page.get_by_role("link", name="Anmäl specialkost").count()


def form_with_errors(page: Page, place: Place) -> None:
    public("/dag/registration", page, place)
    page.locator("#organisation").fill(LONG)
    page.locator("#severe").check()
    follow(page.get_by_role("button", name="Skicka anmälan"))
    assert page.title().startswith("Fel: ")


def receipt(page: Page, place: Place) -> str:
    place.at("open")
    path = place.register()
    place.show(page, path)
    assert page.locator("h1").inner_text() == "Anmälan är mottagen"
    return path


def edit(page: Page, place: Place) -> str:
    path = receipt(page, place)
    follow(page.get_by_role("link", name="Ändra anmälan"))
    return path


def edit_conflict(page: Page, place: Place) -> None:
    place.change(edit(page, place))
    page.get_by_label("Kosher").check()
    follow(page.get_by_role("button", name="Spara ändringen"))
    assert "Någon har ändrat anmälan" in page.locator("main").inner_text()


def cancel(page: Page, place: Place) -> None:
    receipt(page, place)
    follow(page.get_by_role("link", name="Ta bort anmälan"))


def cancelled(page: Page, place: Place) -> None:
    cancel(page, place)
    follow(page.get_by_role("button", name="Ja, ta bort anmälan"))
    assert page.locator("h1").inner_text() == "Anmälan är borttagen"


def form_sent_again_after_cancelling(page: Page, place: Place) -> None:
    nonce = "the-nonce-of-a-removed-form"
    for _ in range(2):
        public("/dag/registration", page, place)
        page.evaluate(f"document.querySelector('[name=nonce]').value = '{nonce}'")
        page.locator("#name").fill("Bo Ek")
        page.locator("[name=meal]").first.check()
        page.locator("[name=diet][value=vegan]").check()
        follow(page.get_by_role("button", name="Skicka anmälan"))
        if page.locator("h1").inner_text() == "Anmälan är mottagen":
            follow(page.get_by_role("link", name="Ta bort anmälan"))
            follow(page.get_by_role("button", name="Ja, ta bort anmälan"))
    assert "inte sparad på nytt" in page.locator("main").inner_text()


def another(page: Page, place: Place) -> None:
    receipt(page, place)
    follow(page.get_by_role("link", name="Anmäl en till"))


def form_sent_again_with_a_correction(page: Page, place: Place) -> None:
    for diet in ("vegan", "kosher"):
        public("/dag/registration", page, place)
        nonce = "the-nonce-of-a-corrected-form"
        page.evaluate(f"document.querySelector('[name=nonce]').value = '{nonce}'")
        page.locator("#name").fill("Ida Lind")
        page.locator(f"[name=diet][value={diet}]").check()
        follow(page.get_by_role("button", name="Skicka anmälan"))
    assert "en annan person?" in page.locator("h1").inner_text()


def link_asked_for(page: Page, place: Place) -> None:
    public("/dag/registration", page, place)
    follow(page.get_by_role("link", name="Redan anmäld? Få länken mejlad"))
    page.locator("#email").fill("asa@boras.example")
    follow(page.get_by_role("button", name="Mejla länken"))
    assert page.locator("h1").inner_text() == "Titta i din inkorg"


def link_with_question(page: Page, place: Place) -> None:
    public("/dag/link", page, place)
    page.locator("#email").fill("asa@boars.example")
    follow(page.get_by_role("button", name="Mejla länken"))
    assert page.title().startswith("Fråga: ")


PUBLIC: dict[str, Callable[[Page, Place], object]] = {
    "agenda": partial(public, "/"),
    "agenda in English": partial(public, "/?lang=en"),
    "agenda when closed": agenda_when_closed,
    "agenda on the day": partial(public, "/", phase="on the day"),
    "agenda after the event": partial(public, "/", phase="over"),
    "form": partial(public, "/dag/registration"),
    "form in English": partial(public, "/dag/registration?lang=en"),
    "form with errors": form_with_errors,
    "form when closed": partial(public, "/dag/registration", phase="closed"),
    "receipt": receipt,
    "another": another,
    "edit": edit,
    "edit conflict": edit_conflict,
    "cancel": cancel,
    "cancelled": cancelled,
    "link": partial(public, "/dag/link"),
    "link with a question": link_with_question,
    "link asked for": link_asked_for,
    "form sent again after cancelling": form_sent_again_after_cancelling,
    "form sent again with a correction": form_sent_again_with_a_correction,
    "privacy": partial(public, "/dag/privacy"),
    "accessibility": partial(public, "/dag/accessibility"),
    "no such page": partial(public, "/nothing"),
}


def desk(path: str, page: Page, place: Place, phase: str = "open", press: str = "") -> None:
    """Open a page of the desk as a contact person, and press a button if `press` names one."""
    place.at(phase)
    place.enter(page)
    place.show(page, f"/desk/dag/{path}")
    if press:
        follow(page.get_by_role("button", name=press))


def login_with_error(page: Page, place: Place) -> None:
    public("/desk", page, place)
    page.get_by_label("E-post").fill("asa")
    follow(page.get_by_role("button", name="Skicka länken"))
    assert page.title().startswith("Fel: ")


def login_link_page(page: Page, place: Place) -> None:
    place.at("open")
    installed_table().beside(ALL_EVENTS).apply(
        access_tokens.save_write(hash_token("the-link"), login_link(CONTACT, NOW))
    )
    place.show(page, "/desk/enter/the-link")
    assert page.get_by_role("button", name="Logga in").is_visible()


def registration(page: Page, place: Place, press: str = "") -> None:
    desk("list?severe=yes", page, place)
    follow(page.locator(".registrations a").first)
    if press:
        follow(page.get_by_role("link", name=press))


def search_result(page: Page, place: Place) -> None:
    desk("list", page, place)
    page.get_by_label("Sök").fill("ö")
    follow(page.get_by_role("button", name="Sök"))
    assert "/desk/dag/list" in page.url


def bulk_removal(page: Page, place: Place) -> None:
    """The confirmation of a bulk removal, with the error that the number is missing."""
    desk("list?since=2027-05-20&until=2027-05-21", page, place)
    follow(page.get_by_role("button", name=re.compile("^Ta bort alla")))
    follow(page.get_by_role("button", name=re.compile("^Ja, ta bort")))
    assert page.title().startswith("Fel: ")


def merge(page: Page, place: Place) -> None:
    desk("duplicates", page, place)
    follow(page.get_by_role("link", name=re.compile("^Samma person")).first)
    assert "Varning!" in page.locator("main").inner_text()


def overview_when_closed(page: Page, place: Place) -> None:
    desk("overview", page, place, phase="closed")
    assert "version 1" in page.locator("main").inner_text()


_FILTERED_LIST = "list?meal=lunch&severe=yes&since=i+morgon&until=2027-05-21&sort=code"
DESK: dict[str, Callable[[Page, Place], object]] = {
    "login": partial(public, "/desk"),
    "login with an error": login_with_error,
    "login link sent": partial(public, "/desk/sent"),
    "login link": login_link_page,
    "unknown login link": partial(public, "/desk/enter/unknown"),
    "overview": partial(desk, "overview"),
    "overview when closed": overview_when_closed,
    "list": partial(desk, "list"),
    "filtered list with an error": partial(desk, _FILTERED_LIST),
    "search result": search_result,
    "empty list": partial(desk, "list", phase="closed"),
    "registration": registration,
    "new registration": partial(desk, "new"),
    "new registration with errors": partial(desk, "new", press="Lägg till"),
    "edit registration": partial(registration, press="Ändra"),
    "remove registration": partial(registration, press="Ta bort"),
    "extract": partial(registration, press="Registerutdrag"),
    "remove marked registrations": partial(desk, "list?mark=all", press="Ta bort de markerade"),
    "bulk removal with an error": bulk_removal,
    "blocks with an error": partial(desk, "blocks", press="Häv spärren"),
    "duplicates": partial(desk, "duplicates"),
    "merge duplicates": merge,
    "papers": partial(desk, "papers"),
    "programme": partial(desk, "programme"),
    "row of the programme": partial(desk, f"programme/{row_key(EVENT.agenda[0])}"),
    "kitchen": partial(desk, "kitchen"),
    "notes": partial(desk, "notes"),
    "labels": partial(desk, "labels?meal=lunch&names=yes"),
    "attendance": partial(desk, "attendance"),
    "attendance by code with plates": partial(desk, "attendance?sort=code&plates=yes"),
    "audit log": partial(desk, "log"),
    "send": partial(desk, "send"),
    "close": partial(desk, "close"),
    "close when closed": partial(desk, "close", phase="closed"),
    "reopen": partial(desk, "reopen", phase="closed"),
    "reopen with an error": partial(desk, "reopen", phase="closed", press="Öppna anmälan igen"),
}
STATES = {**PUBLIC, **DESK}
# `make test` runs axe on these and on the public pages; `make soak`, on all.
ALWAYS_CHECKED = {*PUBLIC, "overview", "list", "registration", "edit registration", "notes"}
