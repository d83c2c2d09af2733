"""A form as a browser reads it off a page and would send it."""

import re
from html.parser import HTMLParser

from management.local.gateway import Answer


class FormReader(HTMLParser):
    """The successful controls of the page's form (HTML, 4.10.22), by name."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, list[str]] = {}
        self._textarea = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.action = values["action"]
        elif tag == "textarea":
            self._textarea = values["name"]
            self.fields[self._textarea] = [""]
        elif tag == "input" and "name" in values:
            ticked = values["type"] not in ("checkbox", "radio") or "checked" in values
            if ticked:
                self.fields.setdefault(values["name"], []).append(values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            text = self.fields[self._textarea][0].removeprefix("\n")
            self.fields[self._textarea] = [text.replace("\n", "\r\n")]
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea][0] += data


def read_form(page: str) -> FormReader:
    reader = FormReader()
    reader.feed(page)
    return reader


def read_forms(page: str) -> list[FormReader]:
    """Every form of a page by itself."""
    return [read_form(one) for one in re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL)]


def form_for(page: Answer, action: str) -> FormReader:
    """The form on a page that goes to this address."""
    (found,) = [form for form in read_forms(page.text) if form.action == action]
    return found
