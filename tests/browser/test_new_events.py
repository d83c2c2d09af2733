"""Events that new-event has read from invitations, in a narrow window and on paper."""

from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import Page

from tests.browser.navigation import needs_chromium
from tests.browser.page_checks import axe_finds_nothing, nothing_scrolls_sideways, set_window
from tests.browser.test_days_browser import html_of
from tests.management.test_invitations import event_of

pytestmark = needs_chromium


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        ("dag", 1),
        ("nordregio", 2),
        pytest.param("friluft", 1, marks=pytest.mark.soak),
        pytest.param("stockholmstinget", 2, marks=pytest.mark.soak),
    ],
)
def test_an_event_that_was_read_fits_a_narrow_window_and_paper(
    window: Page, name: str, pages: int, tmp_path: Path
) -> None:
    event = event_of(name)
    window.set_content(html_of(event))
    nothing_scrolls_sideways(window)
    axe_finds_nothing(set_window(window, 360))
    window.pdf(path=tmp_path / "agenda.pdf", format="A4")
    with pymupdf.open(tmp_path / "agenda.pdf") as paper:  # type: ignore[no-untyped-call]
        assert len(paper) <= pages
        text = " ".join(" ".join(page.get_text() for page in paper).split())
    for row in event.agenda:
        assert " ".join(row.title.split()[:3]) in text
