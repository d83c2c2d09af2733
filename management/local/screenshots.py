"""Takes the README's screenshots of the local service."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser

from chalicelib.event.events import Events
from management.local.chromium import chromium
from management.local.clock import SetClock
from management.local.composition import LocalComposition
from management.local.service import local_service

# Name, path, width and height in pixels; the preview's mail 2 is the summary.
_PICTURES = (
    ("agenda", "/{event}", 1120, 760),
    ("form-phone", "/{event}/registration", 390, 760),
    ("summary", "/outbox/preview/2/html", 720, 760),
)


def take_screenshots(folder: Path, say: Callable[[str], None]) -> None:
    """Write the screenshots to `folder`, and report each file with `say`; raises NoChromium."""
    (event, *_) = Events().all()
    parts = LocalComposition(clock=SetClock(event.closes_at - timedelta(days=4)))
    with chromium() as browser, local_service(parts, 0) as service:
        folder.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=service.serve, daemon=True).start()
        for name, path, width, height in _PICTURES:
            file = folder / f"{name}.png"
            _take(browser, service.address + path.format(event=event.id), file, width, height)
            say(str(file))


def _take(browser: Browser, address: str, file: Path, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, locale="sv-SE")
    page.goto(address)
    page.screenshot(path=file)
    page.close()
