"""The search for marks, with which tests look for leaked personal data, finds every encoding."""

import json
from base64 import b64encode, urlsafe_b64encode
from html import escape
from urllib.parse import quote, quote_plus, urlencode

import pytest

from tests.whole.marks import found

MARK = 'Qznamn "Åsa" & <Öst>'


@pytest.mark.parametrize(
    "text",
    [
        f"fault: {MARK} at x.py:1",
        MARK.lower(),
        MARK.upper(),
        f"/?name={quote(MARK)}",
        urlencode({"name": MARK}),
        quote_plus(MARK).lower(),
        json.dumps({"name": MARK}),
        json.dumps({"name": MARK}, ensure_ascii=False),
        f"<td>{escape(MARK)}</td>",
        *(b64encode(f"{before}{MARK} after".encode()).decode() for before in ("", "a", "ab")),
        b64encode(json.dumps([MARK.upper()], ensure_ascii=False).encode()).decode(),
        urlsafe_b64encode(f"name={MARK}".encode()).decode(),
    ],
)
def test_a_mark_is_found_in_every_encoding(text: str) -> None:
    assert found([MARK, "Qzannat"], text) == {MARK}


def test_an_absent_mark_is_not_found() -> None:
    assert found([MARK], "Qznamn Öst " + b64encode(b"Qznamn Ost" * 9).decode()) == set()
