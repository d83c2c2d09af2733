"""Input that is meant to be slow: what is done with it is counted, since no test asserts a time."""

import json
import unicodedata
from collections.abc import Callable
from encodings import idna
from typing import Any

import pytest

from management.local.gateway import Answer, Gateway
from tests.examples import EVENT, FORM_HEADERS
from tests.fakes import items_in_the_table
from tests.whole.contact_person import ContactPerson
from tests.whole.pages import encoded

VALID = {"name": ["Åsa"], "meal": ["lunch"], "diet": ["vegan"]}
FIELDS = {"name": 100, "organisation": 100, "email": 254, "note": 500}
ROOM = 15_000  # bytes, in a body of 16 KB
# Each makes normalising, or examining character by character, as slow as it gets.
PIECES = {
    "marks, in two classes": "\u0315\u0300",
    "marks, twice below": "\u0323\u0301",
    "one ligature of eighteen letters": "\ufdfa",
    "Hangul in letters": "\u1112\u1161\u11ab",
    "joined emoji": "\U0001f469\u200d",
    "a letter": "a",
    "spaces in between": "a   ",
    "line breaks": "a\r\n",
    "markup": "<&'\"",
}
Send = Callable[[Gateway, str, str], Answer]


class Work:
    """Counts what the functions of `unicodedata` are called with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.longest = self.normalised = self.examined = 0
        normalize, category = unicodedata.normalize, unicodedata.category

        def count_text(form: Any, text: str) -> str:
            self.longest = max(self.longest, len(text))
            self.normalised += len(text)
            return normalize(form, text)

        def count_character(character: str) -> str:
            self.examined += 1
            return category(character)

        monkeypatch.setattr(unicodedata, "normalize", count_text)
        monkeypatch.setattr(unicodedata, "category", count_character)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(monkeypatch)


def as_form(gateway: Gateway, field: str, text: str) -> Answer:
    body = encoded(**{**VALID, field: []}) + f"&{field}=".encode() + _raw(text)
    return gateway.request("POST", "/dag/registration", FORM_HEADERS, body)


def as_json(gateway: Gateway, field: str, text: str) -> Answer:
    body = json.dumps(
        {"name": "Åsa", "meal": "lunch", "diet": "vegan", field: text}, ensure_ascii=False
    )
    headers = {"content-type": "application/json"}
    return gateway.request("POST", "/dag/registration", headers, body.encode())


def _raw(text: str) -> bytes:
    """The text with few escapes, of which each takes the room of three bytes."""
    for character in "%&+":
        text = text.replace(character, f"%{ord(character):02X}")
    return text.encode()


def filled(piece: str, room: int = ROOM) -> str:
    return piece * (room // len(json.dumps(piece, ensure_ascii=False).encode()))


@pytest.mark.parametrize("send", [as_form, as_json])
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
@pytest.mark.parametrize(("field", "limit"), FIELDS.items())
def test_a_text_of_any_length_is_measured_before_it_is_normalised_or_examined(
    gateway: Gateway, work: Work, field: str, limit: int, piece: str, send: Send
) -> None:
    text = filled(piece)
    assert len(text) > 4 * limit
    answer = send(gateway, field, text)
    assert answer.status == 422
    assert f"Skriv högst {limit} tecken. Nu är det {len(text.strip())}." in answer.text
    assert work.longest <= len("asa@boras.example")
    assert work.examined <= 200
    assert items_in_the_table() == []


@pytest.mark.parametrize(("field", "limit"), FIELDS.items())
def test_no_text_within_the_raw_limit_has_a_run_of_marks_that_is_slow_to_sort(
    gateway: Gateway, work: Work, field: str, limit: int
) -> None:
    text = "a" + "\u0315\u0300" * (2 * limit - 1)
    assert len(text) <= 4 * limit
    answer = as_form(gateway, field, text)
    assert answer.status == 422
    assert "Fel: " in answer.text
    assert work.longest <= len("asa@boras.example")
    assert items_in_the_table() == []


def test_an_address_with_many_labels_is_encoded_once(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To check the address, and for the counters of its mailbox and its domain."""
    encoded_labels, encode, labels = [], idna.ToASCII, 28

    def count_label(label: str) -> Any:
        encoded_labels.append(label)
        return encode(label)

    monkeypatch.setattr(idna, "ToASCII", count_label)
    assert as_form(gateway, "email", f"a@{'å.' * labels}example").status == 303
    # A label is encoded again when it is decoded, to compare.
    assert labels <= len(encoded_labels) <= 2 * labels + 1


def test_what_was_too_long_stays_in_the_form(gateway: Gateway) -> None:
    text = filled("\u0315\u0300")
    for field in FIELDS:
        assert text in as_form(gateway, field, text).text


@pytest.mark.parametrize("field", ["name", "organisation", "note"])
@pytest.mark.parametrize("letter", ["å", "ế", "한", "ᾂ"])
def test_a_decomposed_text_of_the_longest_length_is_accepted(
    gateway: Gateway, field: str, letter: str
) -> None:
    text = unicodedata.normalize("NFD", letter * FIELDS[field])
    assert len(text) >= 2 * FIELDS[field]
    assert as_form(gateway, field, text).status == 303
    assert len(items_in_the_table()) > 0


def test_thirty_marks_on_one_letter_are_accepted_and_one_more_is_not(gateway: Gateway) -> None:
    assert as_form(gateway, "name", "x" + "\u0323" * 30).status == 303
    refused = as_form(gateway, "name", "x" + "\u0323" * 31)
    assert refused.status == 422
    assert "Texten har för många accenter på samma tecken. Skriv den på nytt." in refused.text


def test_after_the_deadline_the_answers_are_shown_without_any_such_work(
    gateway: Gateway, work: Work
) -> None:
    text = filled("\u0315\u0300")
    body = encoded(**VALID) + b"&note=" + text.encode()
    answer = gateway.request("POST", "/dag/registration", FORM_HEADERS, body, at=EVENT.closes_at)
    assert answer.status == 409
    assert work.longest <= len("Åsa")


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_a_search_is_cut_before_it_is_folded_and_folded_once(
    gateway: Gateway, contact_person: ContactPerson, work: Work, piece: str
) -> None:
    for number in range(20):
        as_form(gateway, "name", f"Bo {number}")

    def folded(text: str) -> int:
        work.longest = work.normalised = 0
        assert contact_person.search(text).status == 200
        return work.normalised

    usual = folded("b")
    assert folded(filled(piece, 5_000)) <= usual + 2 * 100
    assert work.longest <= 100


def test_the_desk_measures_as_the_form_does(contact_person: ContactPerson, work: Work) -> None:
    text = filled("\u0315\u0300", 5_000)
    answer = contact_person.post("/desk/dag/new", **VALID, note=[text])
    assert answer.status == 422
    assert work.longest <= len("Åsa")


@pytest.mark.parametrize("path", ["/desk", "/desk/dag/blocks"])
def test_an_address_at_the_desk_is_measured_first_too(
    contact_person: ContactPerson, work: Work, path: str
) -> None:
    answer = contact_person.post(path, email=["mailto:" + filled("\u0315\u0300", 5_000)])
    assert answer.status == 422
    assert work.longest == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"note=" + b"%" * 9_000, 400),
        (b"note=" + b"&" * 9_000, 400),
        (encoded(**VALID, note=["100 % utan nötter"]), 303),
        (b"name=Bo&meal=lunch&diet=vegan&note=100+%+utan+n%C3%B6tter", 303),
        ("name=Åsa&meal=lunch&diet=vegan".encode(), 303),
        (b"name&meal=lunch&&diet=vegan", 422),
    ],
)
def test_a_body_of_signs_that_are_no_escapes_is_refused_and_single_ones_are_not(
    gateway: Gateway, body: bytes, status: int
) -> None:
    assert gateway.request("POST", "/dag/registration", FORM_HEADERS, body).status == status


def test_a_language_header_of_any_length_is_read_to_a_limit(gateway: Gateway) -> None:
    header = {"Accept-Language": "en,"}
    assert '<html lang="en"' in gateway.request("GET", "/", header).text
    hidden_far_away = {"Accept-Language": "," * 9_000 + "en"}
    assert '<html lang="sv"' in gateway.request("GET", "/", hidden_far_away).text
