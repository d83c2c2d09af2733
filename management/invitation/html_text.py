"""The text of a web page or of a mail in HTML, line by line."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    "address article aside blockquote dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6"
    " header hr main nav ol p pre section table tr ul".split()
)
_UNSEEN = frozenset({"head", "script", "style", "template", "noscript", "svg"})


def html_text(html: str) -> str:
    """What people see of a page: paragraphs apart, list items with bullets, cells with tabs."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.parts.append("\n\n" if tag in {"p", "table", "ul", "ol"} else "\n")
        self.parts += {"br": ["\n"], "li": ["\n• "], "td": ["\t"], "th": ["\t"]}.get(tag, [])

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(re.sub(r"\s+", " ", data))
