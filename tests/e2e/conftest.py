"""Contact persons at the desk; and Debian's Chromium, which `.ci/run` installs, and there nothing
is skipped.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from chalicelib.event import Event
from management.chromium import chromium
from management.gateway import Gateway
from tests.e2e.officer import Officer


@pytest.fixture
def officer(gateway: Gateway, event: Event) -> Officer:
    """A contact person who is in."""
    return Officer(gateway).enter(event.contacts[0].email)


@pytest.fixture
def colleague(gateway: Gateway, event: Event) -> Officer:
    """Another one."""
    return Officer(gateway).enter(event.contacts[1].email)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser
