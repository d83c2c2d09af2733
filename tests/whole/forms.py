"""Reads the forms of a page as a browser would send them."""

import re
from html import unescape
from html.parser import HTMLParser

from management.local.gateway import Answer


class FormReader(HTMLParser):
    """The form's action, and its successful controls (HTML, 4.10.22) by name."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, list[str]] = {}
        self._textarea = ""
        self._has_button = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.action = values["action"]
        elif tag == "textarea":
            self._textarea = values["name"]
            self.fields[self._textarea] = [""]
        elif tag == "button" and "form" not in values and not self._has_button:
            self._has_button = True  # Enter presses the first button, which is sent as a field
            if "name" in values:
                self.fields[values["name"]] = [values["value"]]
        elif tag == "input" and "name" in values:
            is_successful = values["type"] not in ("checkbox", "radio") or "checked" in values
            if is_successful:
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
    """Read each form of a page separately."""
    return [read_form(form) for form in re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL)]


def switching(page: str) -> FormReader:
    """The form that the button for the other language sends, and where."""
    (button,) = re.findall(r'<button form="(\w+)" name="(\w+)" value="([^"]*)" (.*?)>', page)
    owner, name, value, attributes = button
    (form,) = re.findall(rf'<form id="{owner}".*?</form>', page, re.DOTALL)
    sent = read_form(form)
    sent.action = unescape(attributes.split('"')[1])
    sent.fields[name] = [unescape(value)]
    return sent


def form_for(page: Answer, action: str) -> FormReader:
    """The only form on the page that has this action."""
    (found,) = [form for form in read_forms(page.text) if form.action == action]
    return found
