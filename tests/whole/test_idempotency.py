"""What is sent again: the same Idempotency-Key, a form after its registration was removed."""

import json
import time
from collections.abc import Mapping

import pytest

from chalicelib.registration.registration import RegistrationRemoved
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.driving import Service
from tests.examples import FORM_HEADERS, NOW
from tests.fakes import installed_composition, items_in_the_table
from tests.whole.contact_person import ContactPerson, key_of
from tests.whole.forms import read_form
from tests.whole.pages import NONCE, encoded, nonce_of, submit, text_of
from tests.wire import Refusal

KEY, OTHER_KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324", "0c7bdd0b-6f3e-4d2e-9d5d-6f4c2f3c6a55"
ASA = {"name": "Åsa Öström", "meal": ["lunch"], "diet": "vegan"}
BO = {**ASA, "name": "Bo Ek"}
REUSED = (422, {"error": "idempotency_key_reused"})
REMOVED = (409, {"error": "removed"})


def post_json(
    gateway: Gateway, document: Mapping[str, object], key: str = KEY
) -> tuple[int, dict[str, str]]:
    headers = {"content-type": "application/json", **({"Idempotency-Key": key} if key else {})}
    answer = gateway.request("POST", "/dag/registration", headers, json.dumps(document).encode())
    assert answer.headers["content-type"] == "application/json"
    return answer.status, json.loads(answer.text)


def cancel(gateway: Gateway, address: str) -> None:
    form = read_form(gateway.request("GET", f"{address}/cancel").text)
    answer = gateway.request("POST", form.action, FORM_HEADERS, encoded(**form.fields))
    assert answer.headers["location"] == "/dag/registration/cancelled"


def registrations_stored() -> int:
    return sum(item["sk"]["S"].startswith("REG#") for item in items_in_the_table())


# Idempotency-Key


def test_the_same_key_with_other_answers_is_refused_and_registers_nothing(
    gateway: Gateway,
) -> None:
    first = post_json(gateway, ASA)
    assert first[0] == 201
    assert post_json(gateway, BO) == REUSED
    assert post_json(gateway, {**ASA, "diet": "halal"}) == REUSED
    assert post_json(gateway, ASA) == first
    assert registrations_stored() == 1
    assert post_json(gateway, BO, OTHER_KEY)[0] == 201


def test_a_nonce_in_the_document_is_a_key_too(gateway: Gateway) -> None:
    first = post_json(gateway, {**ASA, "nonce": KEY}, "")
    assert first[0] == 201
    assert post_json(gateway, {**BO, "nonce": KEY}, "") == REUSED
    assert post_json(gateway, BO, KEY) == REUSED
    assert post_json(gateway, ASA, KEY) == first


def test_the_same_answers_in_another_spelling_are_the_same_request(gateway: Gateway) -> None:
    again = {**ASA, "name": "  Åsa   Öström ", "meal": "lunch", "diet": ["vegan"], "note": "-"}
    assert post_json(gateway, ASA) == post_json(gateway, again)


def test_without_a_key_each_request_registers_another_person(gateway: Gateway) -> None:
    assert [post_json(gateway, ASA, "")[0] for _ in range(2)] == [201, 201]
    assert registrations_stored() == 2


def test_a_refused_document_does_not_use_up_its_key(gateway: Gateway) -> None:
    assert post_json(gateway, {**ASA, "name": ""})[0] == 422
    assert post_json(gateway, ASA)[0] == 201


def test_a_key_whose_request_failed_can_be_sent_again_with_the_same_answers_only(
    gateway: Gateway,
) -> None:
    def fail() -> None:
        raise TimeoutError

    installed_composition().database.on("TransactWriteItems", "REG#", fail)
    assert post_json(gateway, ASA) == (503, {"error": "not_saved"})
    assert post_json(gateway, BO) == REUSED
    assert post_json(gateway, ASA)[0] == 201


def test_of_two_documents_with_one_key_at_once_only_one_is_registered(gateway: Gateway) -> None:
    answers = []
    installed_composition().database.on(
        "PutItem", "CAP#key#", lambda: answers.append(post_json(gateway, BO))
    )
    assert post_json(gateway, ASA) == REUSED
    assert [status for status, _ in answers] == [201]
    assert registrations_stored() == 1


def test_after_the_deadline_a_used_key_leads_to_its_receipt_and_other_answers_are_late(
    gateway: Gateway, clock: SetClock
) -> None:
    first = post_json(gateway, ASA)
    clock.now = installed_composition().event.closes_at
    assert post_json(gateway, ASA) == first
    status, answer = post_json(gateway, BO)
    assert (status, answer["error"]) == (409, "closed")


def test_the_table_has_neither_a_key_nor_an_answer_beside_the_registration(
    gateway: Gateway,
) -> None:
    post_json(gateway, ASA)
    stored = {item["sk"]["S"]: json.dumps(item) for item in items_in_the_table()}
    assert KEY not in "".join(stored.values())
    (marker,) = [text for key, text in stored.items() if key.startswith("CAP#key#")]
    assert "sa \\u00d6str" not in marker
    assert "vegan" not in marker


def test_only_a_key_costs_one_more_write(gateway: Gateway) -> None:
    database = installed_composition().database
    usual = ["GetItem", "TransactWriteItems"]
    for send, calls in (
        (lambda: submit(gateway), usual),
        (lambda: post_json(gateway, ASA, ""), usual),
        (lambda: post_json(gateway, ASA), ["GetItem", "PutItem", "TransactWriteItems"]),
    ):
        database.calls.clear()
        send()
        assert database.calls == calls


def test_a_form_with_the_same_nonce_and_another_name_still_registers_another_person(
    gateway: Gateway,
) -> None:
    receipts = [submit(gateway, NONCE, name=[name]).headers["location"] for name in ("Åsa", "Bo")]
    assert receipts[0] != receipts[1]
    assert registrations_stored() == 2


# After a removal


@pytest.fixture
def again(gateway: Gateway) -> Answer:
    """The answer to a form that is sent again after its registration was cancelled."""
    cancel(gateway, submit(gateway, NONCE, note=["Inte kiwi."]).headers["location"])
    return submit(gateway, NONCE, note=["Inte kiwi."])


def test_a_form_sent_again_after_cancelling_says_so_and_registers_nothing(
    gateway: Gateway, again: Answer
) -> None:
    assert again.status == 409
    assert "<title>Fel: " in again.text
    assert "Anmälan är inte sparad på nytt" in text_of(again)
    assert "den anmälan är sedan borttagen" in text_of(again)
    assert registrations_stored() == 0
    assert submit(gateway, NONCE, note=["Inte kiwi."]).status == 409  # a reload


def test_the_form_that_is_then_shown_registers_anew_with_another_receipt(
    gateway: Gateway, again: Answer
) -> None:
    form = read_form(again.text)
    assert form.fields["note"] == ["Inte kiwi."]
    assert nonce_of(again.text) != NONCE
    answers = [
        gateway.request("POST", form.action, FORM_HEADERS, encoded(**form.fields)) for _ in range(2)
    ]
    assert answers[0].status == 303
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert registrations_stored() == 1
    assert "Inte kiwi." in text_of(gateway.request("GET", answers[0].headers["location"]))


def test_the_page_after_cancelling_is_in_the_visitors_language(
    gateway: Gateway, again: Answer
) -> None:
    body = encoded(**read_form(again.text).fields | {"nonce": [NONCE]})
    english = gateway.request("POST", "/dag/registration?lang=en", FORM_HEADERS, body)
    assert "that registration was then removed" in text_of(english)


def test_json_sent_again_after_cancelling_is_refused_with_and_without_the_key_in_use(
    gateway: Gateway,
) -> None:
    status, answer = post_json(gateway, ASA)
    assert status == 201
    cancel(gateway, answer["receipt"])
    assert post_json(gateway, ASA) == REMOVED
    assert post_json(gateway, BO) == REUSED
    assert post_json(gateway, ASA, OTHER_KEY)[0] == 201


def test_a_changed_registration_is_recognised_after_cancelling_too(gateway: Gateway) -> None:
    address = submit(gateway).headers["location"]
    fields = read_form(gateway.request("GET", f"{address}/edit").text).fields
    changed = encoded(**{**fields, "diet": ["halal"]})
    assert gateway.request("POST", f"{address}/edit", FORM_HEADERS, changed).status == 303
    cancel(gateway, address)
    assert submit(gateway).status == 409


def test_a_registration_whose_first_codes_were_taken_is_recognised_after_cancelling(
    service: Service,
) -> None:
    for _ in range(3):  # each time with the next code
        receipt = service.register(name="Åsa")
        service.cancel(receipt.token)
        code = f"CODE#{receipt.registration.plate_code}"
        service.table.database.damage(code, registration={"S": "somebody else's"})
    receipt = service.register(name="Åsa")
    service.cancel(receipt.token)
    with pytest.raises(RegistrationRemoved):
        service.register(NOW, name="Åsa")


def test_what_a_contact_person_removed_does_not_come_back_by_a_reload(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    sent = submit(gateway)
    asked = contact_person.get(f"/desk/dag/registrations/{key_of(sent)}/remove")
    form = read_form(asked.text)
    assert contact_person.post(form.action, **form.fields).status == 303
    assert submit(gateway).status == 409
    assert registrations_stored() == 0


def test_the_desk_is_told_when_its_form_was_used_for_a_removed_registration(
    contact_person: ContactPerson,
) -> None:
    caller = {
        "name": ["Bo Ek"],
        "meal": ["lunch"],
        "diet": ["halal"],
        "nonce": ["a-desk-nonce-123"],
    }
    added = contact_person.post("/desk/dag/new", **caller)
    address = added.headers["location"].partition("?")[0]
    form = read_form(contact_person.get(f"{address}/remove").text)
    assert contact_person.post(form.action, **form.fields).status == 303
    refused = contact_person.post("/desk/dag/new", **caller)
    assert refused.status == 409
    assert "den anmälan är sedan borttagen" in text_of(refused)
    assert registrations_stored() == 0
    form = read_form(refused.text)
    assert contact_person.post(form.action, **form.fields).status == 303
    assert registrations_stored() == 1


# Conflicts


@pytest.mark.parametrize(("conflicts", "status"), [(4, 303), (5, 503)])
def test_a_registration_survives_four_conflicts_with_other_writers(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, conflicts: int, status: int
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)

    def collide() -> None:
        reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
        raise Refusal("TransactionCanceledException", CancellationReasons=reasons)

    database = installed_composition().database
    database.on("TransactWriteItems", "REG#", collide, times=conflicts)
    assert submit(gateway).status == status
    assert len(pauses) == 4
    assert database.calls.count("TransactWriteItems") == 5
