"""Reads HTML: whether it is well formed, and in which elements its texts stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

_VOID = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}


Attributes = dict[str, str | None]


@dataclass(frozen=True)
class ShownText:
    """A text that a browser draws, with its elements from the outermost, and their attributes."""

    text: str
    elements: tuple[tuple[str, Attributes], ...]

    @property
    def is_isolated(self) -> bool:
        """Whether its direction is its own: in a bdi, or in a field with dir="auto"."""
        tag, attributes = self.elements[-1]
        is_field = tag in ("input", "textarea") and attributes.get("dir") == "auto"
        return is_field or any(tag == "bdi" for tag, _ in self.elements)

    @property
    def is_untranslated(self) -> bool:
        """Whether no browser translates it: in translate="no", or the content of a field."""
        is_field = self.elements[-1][0] in ("input", "textarea")
        return is_field or any(held.get("translate") == "no" for _, held in self.elements)


def shown_texts(page: str) -> Iterator[ShownText]:
    """Every text of an HTML page that is drawn: also values of fields, but not the title."""
    reader = _TextReader(convert_charrefs=True)
    reader.feed(page)
    reader.close()
    yield from reader.texts


class _TextReader(HTMLParser):
    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self.texts: list[ShownText] = []
        self._open: list[tuple[str, Attributes]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        element = tag, dict(attributes)
        if tag == "input" and element[1].get("type") != "hidden":
            self.texts.append(ShownText(element[1].get("value") or "", (*self._open, element)))
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Nothing: a drawing's elements have no text."""

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] not in ("title", "style"):
            self.texts.append(ShownText(data, tuple(self._open)))


class MarkupReader(HTMLParser):
    """Collects the elements, attributes and errors of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: dict[str, set[str]] = {}
        self.errors: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        self.errors += self._open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attributes]
        self.errors += {f"{tag} {name}" for name in names if names.count(name) > 1}
        self.elements.add(tag)
        for name, value in attributes:
            self.attributes.setdefault(name, set()).add(value or "")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.errors.append(f"/{tag}")
