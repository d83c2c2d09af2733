"""Whoever has only the kitchen's list on paper learns the same plates."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.navigation import needs_chromium
from tests.whole.readers import read_print
from tests.whole.seeded_event import moments
from tests.whole.test_readers import EVERY_SUM, LARGE, MIDDLE, SMALL, VARIED, Event, check

pytestmark = needs_chromium
AT_THE_TOP = (
    r"Sida \d+ av \d+|Antal Portion och koder"
    r"|\w+ kl\. [\d.]+, 31 maj 2027: Säker och trygg kommun(?:, del \d+ av \d+)?"
)


def printed_text(window: Page, page: str) -> str:
    import pymupdf  # slow to import

    window.goto("about:blank")  # the page before has a policy that forbids this one's styles
    window.set_content(page)
    content = window.pdf(prefer_css_page_size=True)
    papers: Any = pymupdf.open(stream=content)  # type: ignore[no-untyped-call]
    return "\n".join(paper.get_text() for paper in papers)


@pytest.mark.parametrize(
    "event",
    [MIDDLE, *(pytest.param(one, marks=pytest.mark.soak) for one in (SMALL, LARGE, VARIED))],
    ids=str,
)
def test_the_printed_list_has_all_plates_codes_and_sums(window: Page, event: Event) -> None:
    for moment in moments(*event):
        text = "\n".join(printed_text(window, part) for part in moment.kitchen)
        reading = read_print(text, AT_THE_TOP)
        check(reading, moment, *EVERY_SUM)
        assert reading.unlisted == {}
