"""A form that is sent again for the same name: back, correct, send; and what strangers learn."""

from datetime import timedelta

import pytest

from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.examples import FORM_HEADERS
from tests.fakes import installed_composition, items_in_the_table
from tests.whole.contact_person import ContactPerson, key_of
from tests.whole.forms import FormReader, read_forms, switching
from tests.whole.pages import NONCE, encoded, submit, text_of
from tests.whole.test_idempotency import registrations_stored

ASKED = "Ändra den förra, eller en annan person?"
SEVERE = {"diet": [""], "allergen": ["nuts"], "severe": ["yes"]}


def send(gateway: Gateway, form: FormReader) -> Answer:
    return gateway.request("POST", form.action, FORM_HEADERS, encoded(**form.fields))


def nonces(form: FormReader) -> list[str]:
    return form.fields.get("nonce", [])


def receipt_of(gateway: Gateway, answer: Answer) -> str:
    assert answer.status == 303
    return text_of(gateway.request("GET", answer.headers["location"]))


@pytest.fixture
def first(gateway: Gateway) -> Answer:
    return submit(gateway, NONCE, note=["Inte kiwi."], **SEVERE)


@pytest.fixture
def asked(gateway: Gateway, first: Answer) -> Answer:
    """The answer to the same form, sent again with a correction, the name spelt otherwise."""
    assert first.status == 303
    return submit(gateway, NONCE, name=["åsa  Öström"], note=["Inte kiwi.\nInte lök."])


def test_a_form_sent_again_with_a_correction_asks_and_stores_nothing(
    gateway: Gateway, asked: Answer
) -> None:
    assert asked.status == 409
    assert asked.headers["cache-control"] == "private, no-cache"
    text = text_of(asked)
    assert ASKED in text
    assert "Utan nötter" in text.partition("Det här skrev du nu")[0]
    assert "Inte lök." in text.partition("Det här skrev du nu")[2]
    assert registrations_stored() == 1


def test_the_first_button_changes_the_registration(
    gateway: Gateway, first: Answer, asked: Answer
) -> None:
    change, _ = read_forms(asked.text)
    assert send(gateway, change).headers["location"] == first.headers["location"]
    shown = receipt_of(gateway, first)
    assert "Vegansk" in shown
    assert "Inte lök." in shown
    assert "Allvarlig reaktion" not in shown
    assert registrations_stored() == 1


def test_the_second_button_registers_another_person_once(
    gateway: Gateway, first: Answer, asked: Answer
) -> None:
    _, another = read_forms(asked.text)
    answers = [send(gateway, another) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert answers[0].headers["location"] != first.headers["location"]
    assert "Inte lök." in receipt_of(gateway, answers[0])
    assert "Allvarlig reaktion" in receipt_of(gateway, first)
    assert registrations_stored() == 2


def test_the_same_answers_in_another_spelling_of_the_same_form_lead_to_the_receipt(
    gateway: Gateway, first: Answer
) -> None:
    again = submit(gateway, NONCE, name=[" Åsa   Öström "], note=["Inte kiwi. "], **SEVERE)
    assert again.headers["location"] == first.headers["location"]


def test_after_a_change_the_first_version_of_the_form_asks_before_it_undoes_it(
    gateway: Gateway, first: Answer, asked: Answer
) -> None:
    change, _ = read_forms(asked.text)
    send(gateway, change)
    again = submit(gateway, NONCE, note=["Inte kiwi."], **SEVERE)
    assert again.status == 409
    assert ASKED in text_of(again)
    assert "Inte lök." in receipt_of(gateway, first)


def test_a_change_made_meanwhile_is_shown_before_the_question_overwrites_it(
    gateway: Gateway, asked: Answer
) -> None:
    change, _ = read_forms(asked.text)
    send(gateway, change)
    change.fields["diet"] = ["halal"]
    conflict = send(gateway, change)
    assert conflict.status == 409
    assert "Någon har ändrat anmälan sedan du öppnade den" in text_of(conflict)


def test_nobody_without_the_form_learns_that_a_name_is_registered(
    gateway: Gateway, first: Answer
) -> None:
    assert first.status == 303
    strangers = [submit(gateway, nonce) for nonce in ("the-nonce-of-a-stranger", "short")]
    assert [answer.status for answer in strangers] == [303, 303]


def test_after_the_deadline_the_correction_is_late_and_the_same_answers_are_not(
    gateway: Gateway, clock: SetClock, first: Answer
) -> None:
    clock.now = installed_composition().event.closes_at
    assert submit(gateway, NONCE, note=["Inte kiwi."], **SEVERE).status == 303
    late = submit(gateway, NONCE)
    assert late.status == 409
    assert "Ändringen är inte sparad" in text_of(late)
    assert "Din tidigare anmälan gäller fortfarande" in text_of(late)
    assert "Utan nötter" not in text_of(late)
    assert f'href="{first.headers["location"]}"' in late.text
    assert "Allvarlig reaktion" in receipt_of(gateway, first)
    other = submit(gateway, NONCE, name=["Bo"])
    assert "Din anmälan är inte sparad" in text_of(other)
    assert first.headers["location"] not in other.text


def test_a_late_correction_with_an_error_stands_by_the_earlier_registration_too(
    gateway: Gateway, clock: SetClock, first: Answer
) -> None:
    clock.now = installed_composition().event.closes_at
    late = submit(gateway, NONCE, allergen=[""], severe=["yes"])
    assert late.status == 409
    assert "Din tidigare anmälan gäller fortfarande" in text_of(late)
    assert f'href="{first.headers["location"]}"' in late.text
    nobody = submit(gateway, NONCE, name=[""])
    assert "Din anmälan är inte sparad" in text_of(nobody)


def test_a_late_correction_opens_no_registration_whose_links_are_ended(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, first: Answer
) -> None:
    clock.move(timedelta(minutes=1))
    page = f"/desk/dag/registrations/{key_of(first)}"
    assert contact_person.post(f"{page}/links", revision=["1"]).status == 303
    clock.now = installed_composition().event.closes_at
    late = submit(gateway, NONCE)
    assert "Din tidigare anmälan gäller fortfarande" in text_of(late)
    assert first.headers["location"] not in late.text


def test_once_a_contact_person_has_ended_the_links_the_question_neither_shows_nor_changes(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, first: Answer
) -> None:
    clock.move(timedelta(minutes=1))
    page = f"/desk/dag/registrations/{key_of(first)}"
    assert contact_person.post(f"{page}/links", revision=["1"]).status == 303
    asked = submit(gateway, NONCE)
    assert asked.status == 409
    assert "Är det en annan person?" in text_of(asked)
    assert "Inte kiwi" not in asked.text
    (another,) = read_forms(asked.text)
    assert send(gateway, another).status == 303
    assert registrations_stored() == 2


def test_asking_costs_the_calls_of_a_form_sent_twice_and_no_item_more(gateway: Gateway) -> None:
    database = installed_composition().database
    assert submit(gateway, NONCE).status == 303
    stored = {item["sk"]["S"] for item in items_in_the_table()}
    database.calls.clear()
    assert submit(gateway, NONCE, diet=["halal"]).status == 409
    assert database.calls == ["GetItem", "TransactWriteItems", "GetItem"]
    assert {item["sk"]["S"] for item in items_in_the_table()} == stored


def test_the_question_is_in_the_visitors_language_and_has_no_nonce_of_the_first(
    gateway: Gateway, first: Answer
) -> None:
    assert first.status == 303
    body = encoded(name=["Åsa Öström"], meal=["lunch"], diet=["vegan"], nonce=[NONCE])
    english = gateway.request("POST", "/dag/registration?lang=en", FORM_HEADERS, body)
    assert "Change the earlier one, or is this another person?" in text_of(english)
    assert NONCE not in {nonce for form in read_forms(english.text) for nonce in nonces(form)}
    assert all("?lang=en" in form.action for form in read_forms(english.text))


def test_a_form_that_is_only_asked_about_uses_up_no_confirmation_of_anybodys_mailbox(
    gateway: Gateway, first: Answer
) -> None:
    assert first.status == 303
    before = items_in_the_table()
    for number in range(5):
        again = submit(gateway, NONCE, email=["offer@boras.example"], note=[f"Inte {number}"])
        assert again.status == 409
    assert items_in_the_table() == before
    real = submit(gateway, "a-nonce-of-the-real-person", name=["Offer"],
                  email=["offer@boras.example"])  # fmt: skip
    assert "Vi skickar ett kvitto" in receipt_of(gateway, real)


def test_the_question_is_asked_in_the_other_language_of_what_was_typed(
    gateway: Gateway, asked: Answer
) -> None:
    english = send(gateway, switching(asked.text))
    assert english.status == 409
    text = text_of(english)
    assert "Change the earlier one, or is this another person?" in text
    assert "Inte lök." in text.partition("What you wrote now")[2]
    change, _ = read_forms(english.text)
    assert send(gateway, change).status == 303
    assert registrations_stored() == 1
