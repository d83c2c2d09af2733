"""Enlarged text, the agenda on paper, and the bar beside what is wrong."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from chalicelib.event.event import Event
from tests.browser.navigation import needs_chromium
from tests.browser.other_programs import needs_firefox, print_with_firefox
from tests.browser.page_checks import set_window
from tests.browser.phased_service import Place, a_place
from tests.browser.states import form_with_errors, public
from tests.browser.test_days_browser import html_of
from tests.examples import EVENT, found_event

pytestmark = needs_chromium
FONT = "<style>html{font-family:'DejaVu Sans'!important}</style></head>"
PATHS = ("/", "/dag/registration", "/dag/privacy", "/dag/accessibility", "/nothing")
# What must not be the last words on a page of paper.
_HEADINGS = """[...document.querySelectorAll(
    'h2, h3, h4, .side-by-side > .at, .text > .speakers')].map(one => one.textContent)"""
_OVERFLOWING = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with a_place() as place:
        yield place


@pytest.mark.parametrize("language", ["sv", "en"])
def test_text_of_one_and_a_half_times_the_size_fits_a_phone(
    window: Page, place: Place, language: str
) -> None:
    for path in PATHS:
        public(f"{path}?lang={language}", set_window(window, 360), place)
        window.evaluate("document.documentElement.style.fontSize = '27px'")
        assert window.evaluate(_OVERFLOWING) <= 0, path


@pytest.mark.parametrize("name", ["miljomal", "stockholmstinget", "nordregio", "friluft"])
def test_the_agendas_of_others_fit_a_phone_at_that_size(window: Page, name: str) -> None:
    with_dejavu(found_event(name), window)
    set_window(window, 360).evaluate("document.documentElement.style.fontSize = '27px'")
    assert window.evaluate(_OVERFLOWING) <= 0


def test_no_word_of_a_long_title_is_cut_on_a_phone(window: Page) -> None:
    """Browsers hyphenate no word with a capital, such as "Erfarenhetsinsamlande"."""
    with_dejavu(found_event("friluft"), window)
    set_window(window, 360)
    cut = window.evaluate(
        """() => {
            const text = document.querySelector('h1').firstChild, range = document.createRange();
            return [...text.textContent.matchAll(/\\S+/g)].filter(word => {
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                return new Set([...range.getClientRects()].map(box => box.top)).size > 1;
            }).map(word => word[0]).filter(word => !word.includes('\u00ad'));
        }"""
    )
    assert cut == []


def printed(content: bytes) -> Sequence[str]:
    """The text of each page of paper, with single spaces."""
    import pymupdf  # slow to import

    paper: Any = pymupdf.open(stream=content)  # type: ignore[no-untyped-call]
    return [" ".join(page.get_text(sort=True).split()) for page in paper]


def with_dejavu(event: Event, window: Page) -> str:
    """Show the agenda in a font that is wider than most; return the page."""
    html = html_of(event).replace("</head>", FONT)
    window.goto("about:blank")  # another page's policy would refuse the style
    window.set_content(html)
    return html


@pytest.mark.parametrize("name", ["dag", "miljomal", "hogtid"])
def test_an_agenda_of_a_day_or_two_prints_on_one_page(window: Page, name: str) -> None:
    with_dejavu(found_event(name), window)
    assert len(printed(window.pdf(format="A4"))) == 1


@pytest.mark.soak
@needs_firefox
def test_firefox_prints_it_on_one_page_too(window: Page, tmp_path: Path) -> None:
    html = with_dejavu(EVENT, window)
    assert len(printed(print_with_firefox(html, tmp_path))) == 1


@pytest.mark.parametrize("name", ["stockholmstinget", "nordregio"])
@pytest.mark.parametrize(
    "program", ["Chromium", pytest.param("Firefox", marks=[pytest.mark.soak, needs_firefox])]
)
def test_no_heading_is_alone_at_the_foot_of_a_page(
    window: Page, tmp_path: Path, name: str, program: str
) -> None:
    html = with_dejavu(found_event(name), window)
    headings = [" ".join(text.split()) for text in window.evaluate(_HEADINGS)]
    is_ours = program == "Chromium"
    pages = printed(window.pdf(format="A4") if is_ours else print_with_firefox(html, tmp_path))
    assert len(pages) > 1
    for page in pages[:-1]:
        text = page.partition(" 1 of ")[0]  # Firefox's own line at the foot
        assert not [one for one in headings if text.casefold().endswith(one.casefold())], text[-90:]


def test_a_red_bar_stands_beside_the_whole_of_what_is_wrong(window: Page, place: Place) -> None:
    import pymupdf  # slow to import

    form_with_errors(set_window(window, 700), place)
    wrong = window.locator("fieldset.wrong").all()
    assert wrong
    for fieldset in wrong:
        picture: Any = pymupdf.Pixmap(fieldset.screenshot())  # type: ignore[no-untyped-call]
        for y in (10, picture.height // 2, picture.height - 10):
            red, green, _ = picture.pixel(3, y)[:3]
            assert red > 150 > 100 > green, y
