"""The browsers that people use, driven by the W3C's WebDriver commands: Chromium, WebKit, Firefox.

Chromium's and WebKit's drivers speak HTTP. Firefox speaks the same commands over a socket of its
own (Marionette), since Debian has no driver for Firefox. Playwright drives neither of Debian's
Firefox and WebKit.
"""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from tests.browser.navigation import IN_CI, TIMEOUT

Send = Callable[[str, dict[str, Any]], Any]
_PAUSE = 0.05
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element's id (W3C WebDriver)
# The HTTP method and path of each command, by its name in Marionette.
_COMMANDS = {
    "Navigate": ("POST", "url"),
    "Back": ("POST", "back"),
    "Refresh": ("POST", "refresh"),
    "GetCurrentURL": ("GET", "url"),
    "GetTitle": ("GET", "title"),
    "AddCookie": ("POST", "cookie"),
    "FindElement": ("POST", "element"),
    "FindElements": ("POST", "elements"),
    "ElementClick": ("POST", "element/{id}/click"),
    "ElementClear": ("POST", "element/{id}/clear"),
    "ElementSendKeys": ("POST", "element/{id}/value"),
    "GetElementText": ("GET", "element/{id}/text"),
    "GetElementProperty": ("GET", "element/{id}/property/{name}"),
}


class CommandFailed(Exception):
    """The browser could not carry out a command, such as finding an element."""


@dataclass(frozen=True)
class Browser:
    """A window of a browser; elements are found by the words that people read."""

    send: Send
    # Whether pages of this machine without TLS may have cookies that are for TLS only.
    trusts_this_machine: bool = True

    def show(self, address: str) -> None:
        self.send("Navigate", {"url": address})

    def back(self) -> None:
        self.send("Back", {})

    def refresh(self) -> None:
        self.send("Refresh", {})

    def set_cookie(self, name: str, value: str) -> None:
        """Set a cookie of the page."""
        cookie = {"name": name, "value": value, "path": "/", "secure": self.trusts_this_machine}
        self.send("AddCookie", {"cookie": cookie})

    @property
    def address(self) -> str:
        return str(self.send("GetCurrentURL", {}))

    @property
    def title(self) -> str:
        return str(self.send("GetTitle", {}))

    @property
    def heading(self) -> str:
        return self.text("//h1")

    def text(self, xpath: str = "//main") -> str:
        """The text of an element as it is shown, with plain spaces."""
        found = str(self.send("GetElementText", {"id": self._find(xpath)}))
        return found.replace("\u00a0", " ").replace("\u2011", "-")

    def count(self, xpath: str) -> int:
        """How many elements there are."""
        return len(self.send("FindElements", {"using": "xpath", "value": xpath}))

    def follow(self, words: str) -> None:
        """Click the first link or button with these words, and wait for the next page."""
        page = self._find("/*")
        self.click(words)
        _wait_until(lambda: self._find("/*") != page and self._is_complete())

    def click(self, words: str) -> None:
        """Click the first link or visible button with these words."""
        says = _says(words)
        found = self._find(f"//main//a[{says}] | //button[not(@aria-hidden)][{says}] | //a[{says}]")
        self.send("ElementClick", {"id": found})

    def choose(self, label: str) -> None:
        """Tick or untick a box, or choose an option, by clicking its label."""
        self.send("ElementClick", {"id": self._find(f"//label[{_says(label)}]")})

    def fill(self, label: str, text: str) -> None:
        field = {"id": self._field(label)}
        self.send("ElementClear", field)
        self.send("ElementSendKeys", {**field, "text": text, "value": list(text)})

    def value(self, label: str) -> str:
        return str(self._property(label, "value"))

    def is_chosen(self, label: str) -> bool:
        return bool(self._property(label, "checked"))

    def _property(self, label: str, name: str) -> Any:
        return self.send("GetElementProperty", {"id": self._field(label), "name": name})

    def _field(self, label: str) -> str:
        of_label = f"//label[{_says(label)}]"
        return self._find(f"//*[@id={of_label}/@for] | {of_label}//input | {of_label}//textarea")

    def _find(self, xpath: str) -> str:
        found = self.send("FindElement", {"using": "xpath", "value": xpath})
        return str(found[_ELEMENT])

    def _is_complete(self) -> bool:
        return bool(self.send("FindElements", {"using": "xpath", "value": "//body//footer"}))


def _says(words: str) -> str:
    """An XPath condition: the element's text starts with these words."""
    return f"starts-with(normalize-space(translate(., '\u00a0\u2011', ' -')), {_quoted(words)})"


def _quoted(words: str) -> str:
    return f'"{words}"' if '"' not in words else f"'{words}'"


def _wait_until(holds: Callable[[], bool]) -> None:
    end = monotonic() + TIMEOUT
    while True:
        with suppress(CommandFailed):  # between two pages
            if holds():
                return
        assert monotonic() < end, "the next page has not come"
        sleep(_PAUSE)


@contextmanager
def chromium() -> Iterator[Browser]:
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
               "--disable-background-networking", "--window-size=1280,1000"]  # fmt: skip
    preferences = {"intl.accept_languages": "sv"}
    chosen = {"goog:chromeOptions": {"args": options, "prefs": preferences}}
    with _over_http(["chromedriver", "--port={port}"], chosen) as browser:
        yield browser


@contextmanager
def webkit() -> Iterator[Browser]:
    """WebKitGTK's own small browser, on a screen that nobody sees."""
    browser = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    chosen = {"webkitgtk:browserOptions": {"binary": str(browser), "args": ["--automation"]}}
    driver = ["xvfb-run", "-a", "WebKitWebDriver", "--port={port}"]
    with _over_http(driver, chosen, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS="1") as window:
        yield replace(window, trusts_this_machine=False)


@contextmanager
def _over_http(
    command: list[str], chosen: Mapping[str, Any], **environment: str
) -> Iterator[Browser]:
    port = _free_port()
    base = f"http://127.0.0.1:{port}/session"
    started = [part.format(port=port) for part in command]
    with _running(started, {**os.environ, **environment}):
        capabilities = {"capabilities": {"alwaysMatch": chosen}}
        _wait_until(lambda: bool(_http("GET", f"http://127.0.0.1:{port}/status", None)))
        session = _http("POST", base, capabilities)["sessionId"]

        def send(name: str, parameters: dict[str, Any]) -> Any:
            method, path = _COMMANDS[name]
            body = parameters if method == "POST" else None
            return _http(method, f"{base}/{session}/{path.format(**parameters)}", body)

        try:
            yield Browser(send)
        finally:
            _http("DELETE", f"{base}/{session}", None)


def _http(method: str, address: str, body: Any) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(address, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return json.loads(answer.read())["value"]
    except HTTPError as refused:
        fault = json.loads(refused.read())["value"]
        raise CommandFailed(f"{fault['error']}: {fault['message']}") from None
    except (URLError, ConnectionError) as fault:
        raise CommandFailed(str(fault)) from None


@contextmanager
def firefox(folder: Path) -> Iterator[Browser]:
    """Firefox with a new profile in `folder`."""
    port = _free_port()
    settings = {
        "marionette.port": port,
        "intl.accept_languages": "sv",
        "datareporting.policy.dataSubmissionEnabled": False,
        "app.update.enabled": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
    }
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(to)});" for key, to in settings.items()]
    (folder / "user.js").write_text("\n".join(lines))
    command = ["firefox-esr", "--marionette", "--headless", "--no-remote", "--profile", str(folder)]
    with _running(command, {**os.environ, "HOME": str(folder)}), _connected(port) as connection:
        marionette = _Marionette(connection)
        marionette.send("NewSession", {"acceptInsecureCerts": True})
        yield Browser(marionette.send)


class _Marionette:
    """Messages are JSON behind their length: `17:[0, 1, "name", {}]`; the answer has the number."""

    def __init__(self, connection: socket.socket) -> None:
        self._stream = connection.makefile("rwb")
        self._number = 0
        self._read()  # the greeting

    def send(self, name: str, parameters: dict[str, Any]) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, f"WebDriver:{name}", parameters]).encode()
        self._stream.write(b"%d:%b" % (len(message), message))
        self._stream.flush()
        _, _, fault, value = self._read()
        if fault:
            raise CommandFailed(fault["message"])
        return value.get("value", value) if isinstance(value, dict) else value

    def _read(self) -> Any:
        digits = b""
        while (one := self._stream.read(1)) != b":":
            assert one, "Firefox has ended"
            digits += one
        return json.loads(self._stream.read(int(digits)))


@contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    end = monotonic() + TIMEOUT
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        except OSError:
            assert monotonic() < end, "Firefox does not answer"
            sleep(_PAUSE)
        else:
            break
    with connection:
        yield connection


@contextmanager
def _running(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, env=dict(environment), stdout=quiet, stderr=quiet, start_new_session=True
    ) as process:
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 15)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip a test on a machine without these programs, but not in CI."""
    missing = [one for one in programs if not shutil.which(one)]
    return pytest.mark.skipif(bool(missing) and not IN_CI, reason=f"not installed: {missing}")
