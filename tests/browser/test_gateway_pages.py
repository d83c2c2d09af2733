"""The pages that API Gateway answers with itself, as a browser shows them."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from chalicelib.event.event import Event
from management.deploy.gateway_responses import PAGES, gateway_responses
from tests.browser.navigation import needs_chromium
from tests.browser.page_checks import (
    axe_finds_nothing,
    needs_java,
    nothing_scrolls_sideways,
    nu_finds_no_error,
    set_window,
)
from tests.examples import only

pytestmark = needs_chromium
URL = "https://dukat.test"
STYLED = "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\" id=x>x</p>')"


@pytest.mark.parametrize("kind", PAGES)
def test_the_gateways_pages_are_accessible_and_their_policy_blocks_styles_and_frames(
    window: Page, event: Event, kind: str
) -> None:
    response = gateway_responses(only(event), URL)[kind]
    headers = {
        name.removeprefix("gatewayresponse.header."): value[1:-1]
        for name, value in response["responseParameters"].items()
    }
    body = response["responseTemplates"]["application/json"]

    def answer(route: Route) -> None:
        route.fulfill(status=429, headers=headers, body=body)

    window.route(f"{URL}/**", answer)
    try:
        set_window(window, 360).goto(f"{URL}/dag/registration")
        assert window.locator("h1").inner_text() == PAGES[kind].sv.title
        axe_finds_nothing(window)
        nothing_scrolls_sideways(window)
        window.evaluate(STYLED)
        colour = window.evaluate("getComputedStyle(document.querySelector('#x')).color")
        assert colour == "rgb(0, 0, 0)"
    finally:
        window.unroute(f"{URL}/**")
        window.goto("about:blank")


@needs_java
def test_the_gateways_pages_are_valid_html(event: Event, tmp_path: Path) -> None:
    pages = gateway_responses(only(event), URL).values()
    bodies = (page["responseTemplates"]["application/json"].encode() for page in pages)
    nu_finds_no_error(bodies, tmp_path)
