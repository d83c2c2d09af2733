"""Codes beside Arabic names, and the printed list of codes and names."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from app import app
from chalicelib.desk import session_store as access_tokens
from chalicelib.desk.request import COOKIE
from chalicelib.desk.sessions import session_token
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.event import Event
from chalicelib.registration.tokens import hash_token
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.service import HOST
from tests.browser.navigation import needs_chromium
from tests.examples import NOW
from tests.fakes import InMemoryComposition, installed_table
from tests.whole.pages import submit
from tests.whole.serving import served

pytestmark = needs_chromium
NAME, ORGANISATION = "محمد العربي", "بلدية بوروس"
_SESSION = "the-session"
# The code and the boxes of its characters, in each element that has a code and nothing before it.
_BOXES = """selector => [...document.querySelectorAll(selector)].map(element => {
    const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
    return [text.data, [...text.data].map((_, at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        const {left, right, top} = range.getBoundingClientRect();
        return {left, right, top};
    })];
})"""


@pytest.fixture(scope="module")
def desk(window: Page, event: Event) -> Iterator[tuple[Page, str]]:
    """A logged-in window, and the address of a service with 40 Arabic names in pairs."""
    clock = SetClock(NOW)
    with served(InMemoryComposition(event, clock)) as service:
        for number in range(40):
            name = [f"{NAME} {chr(0x0628 + number // 2)}"]
            submit(
                Gateway(app, clock),
                f"the-nonce-{number:06}",
                name=name,
                organisation=[ORGANISATION],
            )
        contact = event.contacts[0].email
        installed_table().beside(ALL_EVENTS).apply(
            access_tokens.save_write(hash_token(_SESSION), session_token(contact, NOW))
        )
        session: Any = {"name": COOKIE, "value": _SESSION, "domain": HOST, "path": "/"}
        window.context.add_cookies([session | {"secure": True}])
        window.emulate_media(media="null")
        window.set_viewport_size({"width": 1280, "height": 800})
        yield window, service.address


@pytest.mark.parametrize(
    "path", ["attendance", "labels?meal=lunch&names=yes", "list", "duplicates"]
)
def test_the_characters_of_a_code_beside_an_arabic_name_stand_together(
    desk: tuple[Page, str], path: str
) -> None:
    page, address = desk
    page.goto(f"{address}/desk/dag/{path}")
    codes = page.evaluate(_BOXES, ".codes, .label-code")
    assert len(codes) == 40
    # A digit after an Arabic letter is what would leave the rest of its code.
    assert any(code[0].isdigit() and code[1:].isalnum() for code, _ in codes)
    for code, boxes in codes:
        assert len(code) == 4
        for one, following in pairwise(boxes):
            assert following["left"] == pytest.approx(one["right"], abs=1), code
            assert following["top"] == one["top"], code


def test_an_arabic_organisation_stands_after_an_arabic_name(desk: tuple[Page, str]) -> None:
    page, address = desk
    page.goto(f"{address}/desk/dag/attendance")
    boxes = page.evaluate(
        """[...document.querySelectorAll('.who')].map(
            cell => [...cell.children].map(part => part.getBoundingClientRect().left))"""
    )
    assert len(boxes) == 40
    assert all(name < organisation for name, organisation in boxes)


def test_each_printed_page_of_codes_and_names_has_the_event_and_the_day_and_whole_rows(
    desk: tuple[Page, str], tmp_path: Path
) -> None:
    import pymupdf  # slow to import

    page, address = desk
    page.goto(f"{address}/desk/dag/attendance?sort=code&plates=yes")
    codes = page.locator(".people .codes").all_inner_texts()
    row = page.locator(".people tbody tr").first
    page.emulate_media(media="print")
    assert row.evaluate("row => getComputedStyle(row).breakInside") == "avoid"
    page.emulate_media(media="null")
    page.pdf(path=tmp_path / "codes.pdf", prefer_css_page_size=True)
    with pymupdf.open(tmp_path / "codes.pdf") as paper:  # type: ignore[no-untyped-call]
        sheets = [" ".join(sheet.get_text(sort=True).split()) for sheet in paper]
    printed = [re.sub(r" ?Sida \d+ av \d+ ?", "", sheet) for sheet in sheets]
    assert len(printed) > 1
    heading = "Koder och namn, efter kod. Säker och trygg kommun, måndag 31 maj 2027. Hämtat Kod "
    assert [sheet[: len(heading)] for sheet in printed] == [heading] * len(printed)
    assert {code: "".join(printed).count(code) for code in codes} == dict.fromkeys(codes, 1)
    assert len(codes) == 40
