"""The desk of a service that runs on this machine, over HTTP: getting in, and who is registered."""

import http.client
import re
import time
from random import Random
from urllib.parse import urlsplit

from chalicelib.event import Event
from management.guests import invented_guests
from tests.e2e.pages import encoded
from tests.e2e.test_local_service import PATIENCE, request
from tests.examples import FORM_HEADERS


def register_guests(address: str, event: Event, count: int = 60) -> None:
    """Invented guests, and one person who is registered twice."""
    guests = [guest.fields for guest in invented_guests(count, event, Random(5))]
    for name, diet in (("Åsa Öström", "vegan"), ("ASA OSTROM", "halal")):
        double = {"name": [name], "organisation": ["Kultur"], "meal": ["lunch"], "diet": [diet]}
        guests.append(double)
    for number, fields in enumerate(guests):
        form = {**fields, "nonce": [f"the-nonce-of-guest-{number}"]}
        status, _, _ = request(address, "POST", "/registration", encoded(**form))
        assert status == 303


def mailed_link(address: str, contact: str) -> str:
    """The path in the mail that a contact person gets on asking for a way in."""
    before = _mails(address)
    assert request(address, "POST", "/desk", encoded(email=[contact]))[0] == 303
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        for number in range(_mails(address), before, -1):
            source = request(address, "GET", f"/outbox/{number}/html")[2]
            found = re.search(r"/desk/enter/[\w-]+", source)
            if found:
                return found[0]
        time.sleep(0.2)
    raise AssertionError("no link was mailed")


def session_cookie(address: str, contact: str) -> tuple[str, str]:
    """Name and value of the cookie that a browser has after coming in."""
    link = mailed_link(address, contact)
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    connection.request("POST", link, b"", {**FORM_HEADERS, "Origin": address})
    answer = connection.getresponse()
    answer.read()
    cookie = answer.getheader("set-cookie", "")
    connection.close()
    name, _, value = cookie.partition(";")[0].partition("=")
    return name, value


def _mails(address: str) -> int:
    numbers = re.findall(r"/outbox/(\d+)", request(address, "GET", "/outbox")[2])
    return max(map(int, numbers), default=0)
