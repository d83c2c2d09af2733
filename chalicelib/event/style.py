"""The style sheets of the pages, with the event's colour."""

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from chalicelib.event.theme import Theme

_PAGES = Path(__file__).parents[1] / "templates/pages"


@lru_cache(maxsize=2)
def style_sheet(theme: Theme) -> str:
    """The style sheet of the public pages."""
    colours = (
        f":root{{--accent:{theme.accent};--on-accent:#fff}}@media (prefers-color-scheme:dark)"
        f"{{:root{{--accent:{theme.accent_on_dark};--on-accent:#0c1418}}}}\n"
    )
    return colours + (_PAGES / "style.css").read_text(encoding="utf-8")


@lru_cache(maxsize=2)
def desk_style_sheet(theme: Theme) -> str:
    """The style sheet of the contact persons' pages: the public one with additions."""
    return style_sheet(theme) + (_PAGES / "desk/desk.css").read_text(encoding="utf-8")


@lru_cache(maxsize=2)
def style_sources(theme: Theme) -> str:
    """The style sheets as Content-Security-Policy source expressions (CSP 3, 2.3.1)."""
    digests = (sha256(sheet(theme).encode()).digest() for sheet in (style_sheet, desk_style_sheet))
    return " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)


def inline_style(template: str, theme: Theme) -> str:
    """The style sheet for a page's template, marked as safe HTML."""
    from markupsafe import Markup

    sheet = desk_style_sheet if template.startswith("desk/") else style_sheet
    return Markup(sheet(theme))  # noqa: S704 - our own style sheet
