"""Whether the tests in a browser run: in CI they all do."""

import os

import pytest

from management.chromium import CHROMIUM

IN_CI = bool(os.environ.get("CI"))

needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and not IN_CI, reason="Chromium is not installed"),
]
