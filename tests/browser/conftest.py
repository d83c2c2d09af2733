"""Windows of Debian's Chromium, which `.ci/run` installs, so that CI skips no browser test.

All tests share one browser and two windows, because opening a window takes as long as ten requests.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from management.local.chromium import chromium
from tests.browser.navigation import TIMEOUT, logged_out


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def _window(browser: Browser, *, java_script_enabled: bool) -> Page:
    context = browser.new_context(locale="sv-SE", java_script_enabled=java_script_enabled)
    context.set_default_timeout(TIMEOUT * 1000)
    page = context.new_page()
    # The tests move the server's clock only; the browser would take cached pages for fresh.
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return page


@pytest.fixture(scope="session")
def window(browser: Browser) -> Page:
    """A window with JavaScript, so that tests can evaluate scripts on a page."""
    return _window(browser, java_script_enabled=True)


@pytest.fixture(scope="session")
def _window_without_scripts(browser: Browser) -> Page:
    return _window(browser, java_script_enabled=False)


@pytest.fixture(
    params=[360, pytest.param(1280, marks=pytest.mark.soak)], ids=lambda width: f"{width}px"
)
def page(request: pytest.FixtureRequest, _window_without_scripts: Page) -> Page:
    """A page without JavaScript, in a Swedish browser."""
    page = logged_out(_window_without_scripts)
    page.set_viewport_size({"width": request.param, "height": 800})
    return page
