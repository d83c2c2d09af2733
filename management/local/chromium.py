"""Headless Chromium, for the screenshots and the browser tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


class NoChromium(Exception):
    """Chromium is not installed on this machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless browser and close it afterwards; raises NoChromium."""
    if CHROMIUM is None:
        raise NoChromium("Chromium is not installed. On Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_OPTIONS)
        yield browser
        browser.close()
