"""The README's pictures, taken of the local service in Debian's Chromium."""

import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from chalicelib.event_file import read_event
from management.clock import SimulatedClock
from management.local_service import local_service

_OPTIONS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
# Name, path, width and height; the summary is the second mail of the preview.
_PICTURES = (
    ("agenda", "/", 1120, 760),
    ("form-phone", "/registration", 390, 760),
    ("summary", "/outbox/preview/2/html", 720, 760),
)


class NoChromium(Exception):
    """There is no Chromium on this machine."""


def take_screenshots(folder: Path, say: Callable[[str], None]) -> None:
    """Leaves the pictures in the folder; raises NoChromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise NoChromium("Chromium is not installed. On Debian: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    start = read_event().closes_at - timedelta(days=4)
    with local_service(SimulatedClock(start), 0) as service:
        threading.Thread(target=service.serve, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=_OPTIONS)
            for name, path, width, height in _PICTURES:
                file = folder / f"{name}.png"
                _take(browser, service.address + path, file, width, height)
                say(str(file))
            browser.close()


def _take(browser: Browser, address: str, file: Path, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, locale="sv-SE")
    page.goto(address)
    page.screenshot(path=file)
    page.close()
