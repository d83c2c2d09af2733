"""Whether the tests in a browser run, in CI they all do; and how they get from page to page."""

import os

import pytest
from playwright.sync_api import Locator

from management.chromium import CHROMIUM

IN_CI = bool(os.environ.get("CI"))

needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and not IN_CI, reason="Chromium is not installed"),
]


def follow(way: Locator) -> None:
    """Presses a link or a button, and goes on when the page that it leads to is there."""
    with way.page.expect_navigation():
        way.click()
