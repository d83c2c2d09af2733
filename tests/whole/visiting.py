"""A visitor who goes where the service's own addresses lead, and fails when one leads astray."""

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


class Visitor:
    """Visits addresses as the pages give them; each must begin with the prefix, once."""

    def __init__(self, gateway: Gateway, prefix: str, language: str) -> None:
        self._gateway = gateway
        self._prefix = prefix
        self._language = language

    def address(self, path: str) -> str:
        """The address of a page in the visitor's language."""
        return f"{self._prefix}{path}?lang={self._language}"

    def get(self, address: str) -> Answer:
        return self._request("GET", address)

    def fill_in(self, address: str, **changes: list[str]) -> Answer:
        """The answer to the form on a page."""
        form = read_form(self.get(address).text)
        return self.post(form.action, {**form.fields, **changes})

    def post(self, address: str, fields: dict[str, list[str]]) -> Answer:
        return self._request("POST", address, encoded(**fields))

    def get_all(self, *starts: str) -> dict[str, int]:
        """The status of these addresses and of all that their pages lead to."""
        statuses: dict[str, int] = {}
        waiting = set(starts)
        while waiting:
            address = waiting.pop()
            answer = self.get(address)
            statuses[address] = answer.status
            waiting |= {urldefrag(one).url for one in own_addresses(answer)}
            waiting -= statuses.keys()
        return statuses

    def _request(self, method: str, address: str, body: bytes = b"") -> Answer:
        target = urlsplit(address)._replace(scheme="", netloc="").geturl()
        headers = {"Host": HOST, "Accept": "text/html", **(FORM_HEADERS if body else {})}
        answer = self._gateway.request(method, target.removeprefix(self._prefix), headers, body)
        astray = {one for one in own_addresses(answer) if self._is_astray(one)}
        assert not astray, f"{astray} on {address}"
        return answer

    def _is_astray(self, address: str) -> bool:
        path = urlsplit(address).path
        beyond = path.removeprefix(self._prefix)
        return not path.startswith(f"{self._prefix}/") or f"{beyond}/".startswith(f"/{STAGE}/")


def own_addresses(answer: Answer) -> set[str]:
    """Every address of the service in an answer: linked, printed, or where it sends on to."""
    linked = map(unescape, _LINKED.findall(answer.text))
    found = {*linked, *_PRINTED.findall(answer.text), answer.headers.get("location", "")}
    return {address for address in found if urldefrag(address).url and _is_own(address)}


def _is_own(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("", "http", "https") and parts.netloc in ("", HOST)
