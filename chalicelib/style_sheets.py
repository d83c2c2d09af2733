"""The style sheets of the pages, in the event's own colour, and what lets browsers use them."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from chalicelib.look import Look

_PAGES = Path(__file__).with_name("templates") / "pages"


@cache
def style(look: Look) -> str:
    """The style sheet that every page carries, in the event's own colour."""
    light, dark = look.accent, look.accent_on_dark
    colours = (
        f":root{{--accent:{light};--on-accent:#fff}}@media (prefers-color-scheme:dark)"
        f"{{:root{{--accent:{dark};--on-accent:#0c1418}}}}\n"
    )
    return colours + (_PAGES / "style.css").read_text(encoding="utf-8")


@cache
def desk_style(look: Look) -> str:
    """The style sheet of the contact persons' pages: the same, and what only they need."""
    return style(look) + (_PAGES / "desk/desk.css").read_text(encoding="utf-8")


@cache
def style_sources(look: Look) -> str:
    """The style sheets as Content-Security-Policy source expressions (CSP 3, 2.3.1)."""
    digests = (sha256(sheet(look).encode()).digest() for sheet in (style, desk_style))
    return " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
