"""Reads pages, and sends the registration form."""

import re
from hashlib import sha256
from html import unescape
from urllib.parse import urlencode

from management.local.gateway import Answer, Gateway
from tests.examples import FORM_HEADERS

NONCE = "a-nonce-of-the-tests"
VALID = {"name": ["Åsa Öström"], "meal": ["lunch", "fika"], "diet": ["vegan"]}


def nonce_of(page: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def encoded(**fields: list[str]) -> bytes:
    return urlencode(fields, doseq=True).encode()


def submit(gateway: Gateway, nonce: str = "", **changes: list[str]) -> Answer:
    """Send the form; without a `nonce`, other answers are sent with a form of their own."""
    form = {**VALID, **changes}
    theirs = sha256(repr(sorted(form.items())).encode()).hexdigest() if changes else ""
    body = encoded(**{"nonce": [nonce or f"{NONCE}{theirs}"], **form})
    return gateway.request("POST", "/dag/registration", FORM_HEADERS, body)


def text_of(answer: Answer) -> str:
    """The page's text without markup, each run of white space as one space."""
    page = re.sub(r"</?bdi[^>]*>", "", answer.text)
    body = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(body).split())


def listed_names(page: Answer) -> list[str]:
    """The names on a page of the desk's list, in order."""
    return re.findall(
        r'<div><a href="/desk/dag/registrations/[^"]+"><bdi[^>]*>([^<]+)</bdi></a>', page.text
    )


def codes_on(page: Answer) -> list[str]:
    """The plate codes on labels, or in the rows of a table."""
    return re.findall(r'<(?:p class="label-code"><bdi|td) translate="no"[^>]*>(\w+)<', page.text)
