"""Whether the tests in a browser run, in CI they all do; and how they get from page to page."""

import os

import pytest
from playwright.sync_api import Locator, Page

from management.local.chromium import CHROMIUM

IN_CI = bool(os.environ.get("CI"))
PATIENCE = 300  # seconds; not an assertion of speed, only an end to waiting

needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and not IN_CI, reason="Chromium is not installed"),
]


def follow(way: Locator) -> None:
    """Presses a link or a button, and goes on when the page that it leads to is there."""
    with way.page.expect_navigation():
        way.click()


def as_a_stranger(page: Page) -> Page:
    """The page, with nothing that it was given before."""
    page.context.clear_cookies()
    return page
