"""Debian's Chromium for the tests; `.ci/run` installs it, and there nothing is skipped."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from management.chromium import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser
