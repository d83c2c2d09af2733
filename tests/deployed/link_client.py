"""A client that follows the service's links and fails if one leaves the stage's path."""

import re
from html import unescape
from urllib.parse import urldefrag, urlsplit

from management.local.gateway import Answer, Gateway
from tests.examples import FORM_HEADERS
from tests.whole.forms import read_form
from tests.whole.pages import encoded

HOST = "abc123.execute-api.example"
STAGE = "api"
_LINKED = re.compile(r"""\b(?:href|src|action|formaction)\s*=\s*["']?([^"'\s>]*)""")
_PRINTED = re.compile(rf"https?://{re.escape(HOST)}[^\s<\"]*")


class LinkClient:
    """Requests URLs as the pages write them; each must begin with `prefix` exactly once."""

    def __init__(self, gateway: Gateway, prefix: str, language: str) -> None:
        self._gateway = gateway
        self._prefix = prefix
        self._language = language

    def address(self, path: str) -> str:
        """The URL of the page at `path` in the client's language."""
        return f"{self._prefix}{path}?lang={self._language}"

    def get(self, address: str) -> Answer:
        return self._request("GET", address)

    def fill_in(self, address: str, **changes: list[str]) -> Answer:
        """Send the form of the page at `address` with `changes`."""
        form = read_form(self.get(address).text)
        return self.post(form.action, {**form.fields, **changes})

    def post(self, address: str, fields: dict[str, list[str]]) -> Answer:
        return self._request("POST", address, encoded(**fields))

    def get_all(self, *starts: str) -> dict[str, int]:
        """The status of the `starts` and of every page that can be reached from them by links."""
        statuses: dict[str, int] = {}
        unvisited = set(starts)
        while unvisited:
            address = unvisited.pop()
            answer = self.get(address)
            statuses[address] = answer.status
            unvisited |= {urldefrag(link).url for link in own_addresses(answer)}
            unvisited -= statuses.keys()
        return statuses

    def _request(self, method: str, address: str, body: bytes = b"") -> Answer:
        target = urlsplit(address)._replace(scheme="", netloc="").geturl()
        headers = {"Host": HOST, "Accept": "text/html", **(FORM_HEADERS if body else {})}
        answer = self._gateway.request(method, target.removeprefix(self._prefix), headers, body)
        wrong = {link for link in own_addresses(answer) if self._is_outside_stage(link)}
        assert not wrong, f"{wrong} on {address}"
        return answer

    def _is_outside_stage(self, address: str) -> bool:
        path = urlsplit(address).path
        rest = path.removeprefix(self._prefix)
        return not path.startswith(f"{self._prefix}/") or f"{rest}/".startswith(f"/{STAGE}/")


def own_addresses(answer: Answer) -> set[str]:
    """Every URL of the service in an answer: in a link, in its text, or in `Location`."""
    text = answer.text.replace("\r\n ", "")  # a calendar's long lines are folded
    linked = map(unescape, _LINKED.findall(text))
    found = {*linked, *_PRINTED.findall(text), answer.headers.get("location", "")}
    return {address for address in found if urldefrag(address).url and _is_own(address)}


def _is_own(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("", "http", "https") and parts.netloc in ("", HOST)
