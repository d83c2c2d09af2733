"""When browser tests run (in CI always), and how they follow links and log out."""

import os

import pytest
from playwright.sync_api import Locator, Page

from management.local.chromium import CHROMIUM
from management.local.gateway import as_typed

IN_CI = bool(os.environ.get("CI"))
TIMEOUT = 300  # seconds; ends tests that hang, asserts no speed

needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and not IN_CI, reason="Chromium is not installed"),
]


def follow(target: Locator) -> None:
    """Click a link or a button, and wait for the page that the link or button leads to."""
    with target.page.expect_navigation():
        target.click()


def logged_out(page: Page) -> Page:
    """The page without cookies."""
    page.context.clear_cookies()
    return page


def text_of(page: Page) -> str:
    """What the page says in its main part, with plain spaces and hyphens."""
    return as_typed(page.locator("main").inner_text())
