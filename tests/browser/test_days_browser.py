"""The agenda of several days with parallel sessions, in a wide and a narrow window and on paper."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page

from chalicelib.event.agenda_pages import Addresses, AgendaPages, usual_variant
from chalicelib.event.event import Event
from tests.browser.navigation import needs_chromium
from tests.browser.page_checks import (
    axe_finds_nothing,
    needs_java,
    nothing_scrolls_sideways,
    nu_finds_no_error,
    set_window,
)
from tests.event import programmes
from tests.event.programmes import event_of

pytestmark = needs_chromium
EVENTS = {
    "two days": event_of(programmes.TWO_DAYS),
    "past midnight": event_of(programmes.CEREMONY, "2027-05-05"),
    "meals only": event_of(
        programmes.MEALS_ONLY, "2027-11-05", head='starts = "10.00"\nends = "16.00"'
    ),
    "seminars": event_of(programmes.SEMINARS, "2027-11-14"),
}
_PLACES = """[...document.querySelectorAll(".side-by-side > ul")]
    .map(group => [...group.children].map(session => session.getBoundingClientRect()))
    .map(boxes => boxes.map(box => [box.x, box.y]))"""


def html_of(event: Event) -> str:
    variant, addresses = usual_variant(event, "sv"), Addresses("https://kost.example", "", "")
    return AgendaPages(event, None).html(variant, addresses)


@pytest.fixture(
    params=["two days", *(pytest.param(one, marks=pytest.mark.soak) for one in [*EVENTS][1:])]
)
def shown(request: pytest.FixtureRequest, window: Page) -> Iterator[Page]:
    window.set_content(html_of(EVENTS[request.param]))
    yield window
    window.goto("about:blank")


def test_a_programme_of_any_kind_fits_a_narrow_window_and_is_accessible(shown: Page) -> None:
    nothing_scrolls_sideways(shown)
    axe_finds_nothing(set_window(shown, 360))


@pytest.mark.soak
@needs_java
def test_the_programmes_are_valid_html(tmp_path: Path) -> None:
    nu_finds_no_error((html_of(event).encode() for event in EVENTS.values()), tmp_path)


def test_parallel_sessions_are_side_by_side_in_a_wide_window_and_in_order_in_a_narrow_one(
    window: Page,
) -> None:
    window.set_content(html_of(EVENTS["seminars"]))
    for group in set_window(window, 1280).evaluate(_PLACES):
        assert len({x for x, _ in group}) > 1
        assert all((y, x) < (below, right) for (x, y), (right, below) in pairwise(group))
    for group in set_window(window, 360).evaluate(_PLACES):
        assert len({x for x, _ in group}) == 1
        assert all(y < below for (_, y), (_, below) in pairwise(group))
