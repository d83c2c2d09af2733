"""An address that looks mistyped is asked about once, wherever people type one."""

import json
import re

from management.local.gateway import Answer, Gateway
from tests.examples import FORM_HEADERS
from tests.fakes import items_in_the_table
from tests.whole.contact_person import ContactPerson, key_of, stored
from tests.whole.pages import VALID, encoded, submit, text_of

ODD = "asa@boars.example"
QUESTION = "Menade du asa@boras.example? Rätta adressen, eller skicka igen om den stämmer."


def resend(gateway: Gateway, page: Answer, path: str, **changes: list[str]) -> Answer:
    """Send the page's hidden fields and a valid form with these changes."""
    hidden = {
        name: [value]
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    }
    return gateway.request("POST", path, FORM_HEADERS, encoded(**{**VALID, **hidden, **changes}))


def test_the_form_asks_once_keeps_what_was_typed_and_takes_it_when_it_is_sent_again(
    gateway: Gateway,
) -> None:
    before = items_in_the_table()
    asked = submit(gateway, email=[ODD])
    assert asked.status == 422
    assert text_of(asked).count(QUESTION) == 2, "in the summary and at the field"
    assert f'value="{ODD}"' in asked.text
    assert "<title>Fråga: Anmäl specialkost" in asked.text
    assert "Fel:" not in text_of(asked)
    both = submit(gateway, email=[ODD], name=[""])
    assert "<title>Fel: " in both.text
    assert text_of(both).count("Fel:") == 2, "in the title and at the name"
    assert items_in_the_table() == before
    again = resend(gateway, asked, "/dag/registration", email=[ODD])
    assert again.status == 303
    assert stored(key_of(again)).answers.email == ODD


def test_another_odd_address_is_asked_about_anew_and_a_corrected_one_is_taken(
    gateway: Gateway,
) -> None:
    asked = submit(gateway, email=[ODD])
    other = resend(gateway, asked, "/dag/registration", email=["asa@gmial.com"])
    assert (other.status, "Menade du asa@gmail.com?" in text_of(other)) == (422, True)
    right = resend(gateway, asked, "/dag/registration", email=["asa@boras.example"])
    assert right.status == 303


def test_switching_the_language_does_not_answer_the_question(gateway: Gateway) -> None:
    asked = submit(gateway, email=[ODD])
    path = "/dag/registration?lang=en"
    switched = resend(gateway, asked, path, email=[ODD], switched=["en"])
    assert switched.status == 200
    again = resend(gateway, switched, path, email=[ODD])
    assert (again.status, "Did you mean asa@boras.example?" in text_of(again)) == (422, True)
    assert resend(gateway, again, path, email=[ODD]).status == 303


def test_a_change_does_not_ask_about_the_address_that_is_stored(gateway: Gateway) -> None:
    asked = submit(gateway, email=[ODD])
    path = resend(gateway, asked, "/dag/registration", email=[ODD]).headers["location"]
    edit = gateway.request("GET", f"{path}/edit")
    wrong = resend(gateway, edit, f"{path}/edit", email=[ODD], name=[""])
    assert (wrong.status, "Menade du" in text_of(wrong)) == (422, False)
    assert resend(gateway, wrong, f"{path}/edit", email=[ODD], diet=["halal"]).status == 303
    edit = gateway.request("GET", f"{path}/edit")
    other = resend(gateway, edit, f"{path}/edit", email=["asa@bora.example"])
    assert (other.status, QUESTION in text_of(other)) == (422, True)


def test_the_desk_asks_too(contact_person: ContactPerson) -> None:
    asked = contact_person.fill_in("/desk/dag/new", **{**VALID, "email": [ODD]})
    assert (asked.status, QUESTION in text_of(asked)) == (422, True)
    assert 'name="email_asked"' in asked.text


def test_a_program_is_not_asked(gateway: Gateway) -> None:
    body = json.dumps({"name": "A", "meal": ["lunch"], "diet": "vegan", "email": ODD}).encode()
    answer = gateway.request(
        "POST", "/dag/registration", {"content-type": "application/json"}, body
    )
    assert answer.status == 201
