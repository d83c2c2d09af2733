"""Switching the language of a half-filled form."""

import json
from collections.abc import Mapping
from datetime import timedelta

from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.examples import FORM_HEADERS
from tests.fakes import installed_composition, items_in_the_table
from tests.whole.forms import read_form, switching
from tests.whole.pages import NONCE, encoded, submit, text_of

TYPED = {
    "name": ["Åsa"], "organisation": ["<Kultur>"], "email": ["asa@"], "meal": ["fika"],
    "diet": ["halal"], "allergen": ["nuts"], "traces": ["nuts"], "severe": ["yes"],
    "note": ["Inte kiwi."], "nonce": [NONCE], "website": [""],
}  # fmt: skip


def in_english(gateway: Gateway, path: str, fields: Mapping[str, list[str]]) -> Answer:
    body = encoded(**fields, switched=["en"])
    return gateway.request("POST", f"{path}?lang=en", FORM_HEADERS, body)


def test_everything_typed_is_in_the_form_of_the_other_language_and_nothing_is_stored(
    gateway: Gateway,
) -> None:
    answer = in_english(gateway, "/dag/registration", TYPED)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "<title>Register a special diet" in answer.text
    assert read_form(answer.text).fields == TYPED
    assert 'formaction="/dag/registration?lang=sv"' in answer.text
    assert items_in_the_table() == []


def test_an_empty_form_is_switched_without_errors(gateway: Gateway) -> None:
    answer = in_english(gateway, "/dag/registration", {"nonce": [NONCE]})
    assert answer.status == 200
    assert 'class="errors"' not in answer.text


def test_a_change_is_switched_before_it_is_stored(gateway: Gateway) -> None:
    path = f"{submit(gateway).headers['location']}/edit"
    fields = read_form(gateway.request("GET", path).text).fields | {"diet": ["kosher"]}
    answer = in_english(gateway, path, fields)
    asked_anew = {name: values for name, values in fields.items() if name != "email_asked"}
    assert (answer.status, read_form(answer.text).fields) == (200, asked_anew)
    assert "<title>Change the registration" in answer.text
    assert "Vegansk" in text_of(gateway.request("GET", path.removesuffix("/edit")))
    unknown = in_english(gateway, "/dag/registration/unknown/edit", fields)
    assert unknown.status == 404


def test_after_the_deadline_the_switched_form_is_late(gateway: Gateway, clock: SetClock) -> None:
    clock.now = installed_composition().event.closes_at
    answer = in_english(gateway, "/dag/registration", TYPED)
    assert answer.status == 409
    assert "Your registration has not been saved" in text_of(answer)


def test_a_late_form_is_shown_in_the_other_language_with_what_was_typed_and_never_stored(
    gateway: Gateway, clock: SetClock
) -> None:
    first = submit(gateway)
    clock.now = installed_composition().event.closes_at
    edit = f"{first.headers['location']}/edit"
    own = {**TYPED, "name": ["Åsa Öström"], "revision": ["1"]}
    for path, fields, stands in (
        ("/dag/registration", TYPED, False),
        ("/dag/registration", own, True),
        (edit, own, True),
    ):
        late = gateway.request("POST", path, FORM_HEADERS, encoded(**fields))
        button = switching(late.text)
        assert button.action == f"{path}?lang=en"
        before, body = items_in_the_table(), encoded(**button.fields)
        english = gateway.request("POST", button.action, FORM_HEADERS, body)
        assert (english.status, "Halal" in text_of(english)) == (409, True)
        assert ("Your earlier registration still stands" in text_of(english)) is stands
        assert switching(english.text).action == f"{path}?lang=sv"
        clock.move(-timedelta(days=1))
        again = gateway.request("POST", button.action, FORM_HEADERS, body)
        assert (again.status, read_form(again.text).fields["diet"]) == (200, ["halal"])
        assert items_in_the_table() == before
        clock.move(timedelta(days=1))


def test_a_program_switches_nothing(gateway: Gateway) -> None:
    document = {"name": "Bo", "meal": "lunch", "diet": "vegan", "switched": "en"}
    headers = {"content-type": "application/json"}
    body = json.dumps(document).encode()
    assert gateway.request("POST", "/dag/registration", headers, body).status == 201
