"""Names and addresses as people see them, from the form to the desk and to SES."""

import re
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.event.event import Event
from chalicelib.registration import store as registrations
from chalicelib.registration.form import InvalidForm, fields_of, read_answers
from management.local.gateway import Answer, Gateway
from tests.fakes import installed_table, sent_mails
from tests.whole.contact_person import ContactPerson, key_of, stored, tick
from tests.whole.pages import listed_names, submit, text_of

INVISIBLE = (
    "\u200b\u00ad\u2060\ufeff\u200d\u200e\u202a\u202c\u2066\u2069\ufff9\ufffb\u180e\ufe0f\u115f"
    "\U000e0041"
)


def register(gateway: Gateway, **changes: str) -> Answer:
    """Register somebody who has been asked about the address, where it looks mistyped."""
    changes |= {"email_asked": changes.get("email", "")}
    answer = submit(gateway, nonce="n" * 20, **{name: [text] for name, text in changes.items()})
    assert answer.status == 303, text_of(answer)
    return answer


@pytest.mark.parametrize("invisible", INVISIBLE)
def test_an_invisible_character_is_taken_out_of_each_text(
    gateway: Gateway, contact_person: ContactPerson, invisible: str
) -> None:
    between = {"name": "Åsa Ek", "organisation": "Kultur", "email": "asa@boras.example"}
    typed = {field: text[:2] + invisible + text[2:] for field, text in between.items()}
    note = f"Inte{invisible} kiwi.{invisible}\r\n\r\n  Inte lök.{invisible}"
    answers = stored(key_of(register(gateway, **typed, note=note))).answers
    assert {field: getattr(answers, field) for field in between} == between
    assert answers.note == "Inte kiwi.\n\n  Inte lök."
    found = contact_person.search(f"E{invisible}k Ås")
    assert listed_names(found) == ["Åsa Ek"]


def test_the_same_person_in_another_spelling_is_a_likely_duplicate(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    register(gateway, name="Siân O’Brien-Öström", organisation="Kultur")
    register(gateway, name="Ostrom, Sian\u00ad O'Brien", organisation="kul\u200btur")
    page = text_of(contact_person.get("/desk/dag/duplicates"))
    assert "Siân O’Brien-Öström" in page
    assert "Ostrom, Sian O'Brien" in page
    for text in ("o'brien sian", "OBRIEN", "Öström O´Brien"):
        assert len(listed_names(contact_person.search(text))) == 2


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [
        ("\u202aasa@boras.example\u202c\u00a0", "asa@boras.example"),
        ("mailto:asa@bo\u00adras.example", "asa@boras.example"),
        ("Åsa Ek <asa@boras.example>", "asa@boras.example"),
        ("asa@borås.example", "asa@xn--bors-soa.example"),
        ("asa@xn--bors-soa.example", "asa@xn--bors-soa.example"),
    ],
)
def test_a_pasted_address_gets_the_receipt_and_is_shown_as_people_write_it(
    gateway: Gateway, contact_person: ContactPerson, typed: str, sent_to: str
) -> None:
    answer = register(gateway, email=typed)
    tick()
    mail = sent_mails()[-1]
    assert mail.recipients == (sent_to,)
    assert mail.message["To"] == sent_to
    shown = "asa@borås.example" if "xn--" in sent_to else sent_to
    form = gateway.request("GET", f"{answer.headers['location']}/edit").text
    assert f'name="email" value="{shown}"' in form
    assert shown in text_of(contact_person.get(f"/desk/dag/registrations/{key_of(answer)}"))
    found = contact_person.search(typed.rpartition(" ")[2])
    assert listed_names(found) == ["Åsa Öström"]


def test_five_receipts_a_day_are_counted_for_a_domain_however_it_is_written(
    gateway: Gateway,
) -> None:
    for number, domain in enumerate(["borås", "BORÅS", "xn--bors-soa", "bor\u00adås"] * 2):
        register(gateway, name=f"Bo {number}", email=f"asa@{domain}.example")
    for _ in range(2):
        tick()
    assert len(sent_mails()) == 5


def test_a_blocked_address_is_unblocked_however_it_is_written(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    key = key_of(register(gateway, email="asa@borås.example"))
    contact_person.fill_in(f"/desk/dag/registrations/{key}/remove", block=["yes"])
    typed = "Åsa <mailto:asa@xn--bors-soa.example>"
    assert contact_person.post("/desk/dag/blocks", email=[typed]).status == 303


def test_a_contact_person_logs_in_with_a_pasted_address(gateway: Gateway, event: Event) -> None:
    address = event.contacts[0].email
    person = ContactPerson(gateway).enter(f"\u202amailto:{address.upper()}\u202c ")
    assert person.get("/desk/dag/overview").status == 200


def test_what_cannot_be_mended_is_refused_with_its_reason_and_stays_in_the_form(
    gateway: Gateway,
) -> None:
    answer = submit(gateway, email=["åsa@boras.example"])
    assert answer.status == 422
    assert "Före @ kan en adress bara ha bokstäverna a–z" in text_of(answer)
    assert 'value="åsa@boras.example"' in answer.text
    answer = submit(gateway, note=["Inte\r\n\r\nki\u202ewi"])
    assert "Tecken nummer 9 går inte att använda." in text_of(answer)
    (kept,) = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", answer.text, re.DOTALL)
    assert unescape(kept) == "Inte\r\n\r\nki\u202ewi"


@given(
    st.text(
        st.sampled_from("Åa\u200b\u00ad\u3164 \n'’<>@.\u0301👩\u200d🍳\ufe0fक\u094dب\u200c"),
        max_size=12,
    )
    | st.text(max_size=12)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_read_from_a_form_is_read_the_same_again(event: Event, text: str) -> None:
    fields = {"name": [f"A{text}"], "organisation": [text], "note": [text], "meal": ["lunch"],
              "diet": ["vegan"]}  # fmt: skip
    try:
        answers = read_answers(fields, event)
    except InvalidForm:
        return
    assert read_answers(fields_of(answers), event) == answers


def test_nothing_of_this_is_stored_otherwise(gateway: Gateway) -> None:
    register(gateway, name="می\u200cخواهم 葛\U000e0100 O’Brien")
    (only,) = registrations.everybody(installed_table())
    assert only.answers.name == "می\u200cخواهم 葛\U000e0100 O’Brien"
