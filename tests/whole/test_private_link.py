"""The private link to a registration: reading, changing and cancelling through the app."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import bootstrap
from chalicelib.event.event import Event
from chalicelib.registration import private_link, registering
from chalicelib.registration.answers import Answers
from chalicelib.registration.form import fields_of, read_answers
from chalicelib.texts.language import SWEDISH
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.driving import HOUR, ticks
from tests.examples import FORM_HEADERS, any_answers
from tests.fakes import items_in_the_table, sent_mails
from tests.whole.forms import read_form
from tests.whole.pages import encoded, submit, text_of

texts = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufffd"), min_size=1
)


def post(gateway: Gateway, path: str, fields: dict[str, list[str]]) -> Answer:
    return gateway.request("POST", path, FORM_HEADERS, encoded(**fields))


def edit_form(gateway: Gateway, address: str) -> dict[str, list[str]]:
    return read_form(gateway.request("GET", f"{address}/edit").text).fields


def stored(address: str) -> Answers:
    token = address.rpartition("/")[2]
    parts = bootstrap.composition()
    found = private_link.find(parts.context(parts.events.all()[0]), token)
    assert found
    return found.answers


@pytest.fixture
def address(gateway: Gateway) -> str:
    return submit(gateway, allergen=["nuts"], traces=["nuts"], note=["Inte kiwi."]).headers[
        "location"
    ]


@given(
    answers=any_answers(),
    name=texts.map(lambda text: f"{text[:99]}e"),
    note=st.text(max_size=60),
    email=st.sampled_from(["", "asa@boras.example"]),
)
@settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_saving_the_edit_form_of_any_registration_unchanged_changes_nothing(
    gateway: Gateway, event: Event, answers: Answers, name: str, note: str, email: str
) -> None:
    printable = (
        "".join(c for c in note if c.isprintable() or c == "\n").replace("\ufffd", "").strip()
    )
    wanted = {
        **asdict(answers),
        "name": name,
        "email": email,
        "note": f"{printable}e" if printable else answers.note,
    }
    fields = fields_of(read_answers(fields_of(Answers(**wanted)), event))
    address = post(gateway, "/dag/registration", fields).headers["location"]
    before = stored(address)
    assert before == read_answers(fields, event)
    form = read_form(gateway.request("GET", f"{address}/edit").text)
    assert form.action == f"{address}/edit"
    assert post(gateway, form.action, form.fields).status == 303
    assert stored(address) == before


def test_a_stored_registration_with_traces_of_lactose_is_shown_and_can_be_saved(
    gateway: Gateway,
) -> None:
    parts = bootstrap.composition()
    context = parts.context(parts.events.all()[0])
    old = Answers("Bo", ("lunch",), allergens=("lactose",), traces=("lactose",))
    token = registering.register(context, old, "the-nonce-of-an-old-form", SWEDISH).token
    address = f"/dag/registration/{token}"
    assert "Laktosfri (inte ens spår)" in text_of(gateway.request("GET", address))
    assert post(gateway, f"{address}/edit", edit_form(gateway, address)).status == 303
    assert stored(address) == replace(old, traces=())


def test_a_change_is_shown_on_the_receipt_and_keeps_the_plate_code_and_the_registration_time(
    gateway: Gateway, address: str, clock: SetClock
) -> None:
    code = gateway.request("GET", address).text.partition('class="code">')[2][:4]
    fields = {**edit_form(gateway, address), "diet": ["halal"], "traces": [], "note": [""]}
    fields |= {"plate_code": ["XXXX"], "registered_at": ["2020-01-01T00:00:00Z"]}  # ignored
    clock.move(HOUR)
    answer = post(gateway, f"{address}/edit", fields)
    assert (answer.status, answer.headers["location"]) == (303, address)
    receipt = gateway.request("GET", address)
    assert "Halal + utan nötter" in text_of(receipt)
    assert "inte ens spår" not in text_of(receipt)
    assert f'class="code">{code}<' in receipt.text
    assert "Anmält torsdag 20 maj kl. 10.00. Ändrat torsdag 20 maj kl. 11.00." in text_of(receipt)


def test_the_second_of_two_tabs_is_shown_both_versions_and_can_then_save(
    gateway: Gateway, address: str
) -> None:
    first, second = edit_form(gateway, address), edit_form(gateway, address)
    assert post(gateway, f"{address}/edit", {**first, "diet": ["halal"]}).status == 303
    answer = post(gateway, f"{address}/edit", {**second, "diet": ["kosher"]})
    assert answer.status == 409
    assert "Ändringen är inte sparad" in text_of(answer)
    assert "Halal + utan nötter" in text_of(answer)
    mine = read_form(answer.text).fields
    assert mine["diet"] == ["kosher"]
    assert stored(address).diet == "halal"
    assert post(gateway, f"{address}/edit", mine).status == 303
    assert stored(address).diet == "kosher"


def test_a_change_with_errors_keeps_what_was_typed_and_changes_nothing(
    gateway: Gateway, address: str
) -> None:
    before = stored(address)
    fields = {**edit_form(gateway, address), "name": [""], "note": ["Nytt."]}
    answer = post(gateway, f"{address}/edit", fields)
    assert answer.status == 422
    form = read_form(answer.text)
    assert form.action == f"{address}/edit"
    assert (form.fields["note"], form.fields["revision"]) == (["Nytt."], ["1"])
    assert stored(address) == before


def test_the_receipt_shows_its_own_url_so_that_a_printout_can_be_used(
    gateway: Gateway, address: str
) -> None:
    page = gateway.request("GET", address, {"Host": "127.0.0.1:8000"})
    assert f"https://127.0.0.1:8000{address}" in text_of(page)


def test_cancelling_asks_first_and_then_removes_the_registration(
    gateway: Gateway, address: str
) -> None:
    page = gateway.request("GET", f"{address}/cancel")
    assert "Vill du ta bort anmälan om specialkost?" in text_of(page)
    assert stored(address)
    form = read_form(page.text)
    answer = post(gateway, form.action, form.fields)
    assert (answer.status, answer.headers["location"]) == (303, "/dag/registration/cancelled")
    assert "Anmälan är borttagen" in gateway.request("GET", "/dag/registration/cancelled").text
    assert gateway.request("GET", address).status == 404
    assert [item["sk"]["S"][:5] for item in items_in_the_table()] == ["CODE#"]
    assert post(gateway, form.action, form.fields).status == 303  # a double click


def test_cancelling_a_changed_registration_shows_the_change_and_asks_again(
    gateway: Gateway, address: str
) -> None:
    form = read_form(gateway.request("GET", f"{address}/cancel").text)
    post(gateway, f"{address}/edit", {**edit_form(gateway, address), "diet": ["halal"]})
    answer = post(gateway, form.action, form.fields)
    assert answer.status == 409
    assert "Någon har ändrat anmälan" in text_of(answer)
    assert "Halal" in text_of(answer)
    assert stored(address)
    assert post(gateway, form.action, read_form(answer.text).fields).status == 303
    assert gateway.request("GET", address).status == 404


@pytest.mark.parametrize("revision", ["", "0", "x", "-1", "9" * 400, "1.0"])
def test_an_invalid_revision_counts_as_stale(gateway: Gateway, address: str, revision: str) -> None:
    fields = {**edit_form(gateway, address), "diet": ["halal"], "revision": [revision]}
    assert post(gateway, f"{address}/edit", fields).status == 409
    assert post(gateway, f"{address}/cancel", {"revision": [revision]}).status == 409
    assert stored(address)


def test_after_the_deadline_nothing_can_be_changed_and_the_receipt_says_whom_to_ring(
    gateway: Gateway, address: str, clock: SetClock, event: Event
) -> None:
    fields = {**edit_form(gateway, address), "diet": ["halal"]}
    before = stored(address)
    clock.now = event.closes_at
    refused = post(gateway, f"{address}/edit", fields)
    assert refused.status == 409
    assert "Halal + utan nötter" in text_of(refused)
    assert "Ändringen är inte sparad" in text_of(refused)
    assert "gäller fortfarande." in text_of(refused)
    assert post(gateway, f"{address}/edit", {**fields, "name": [""]}).status == 409
    kept = post(gateway, f"{address}/cancel", {"revision": ["1"]})
    assert kept.status == 409
    assert "Anmälan är inte borttagen" in text_of(kept)
    assert f'href="{address}"' in kept.text
    for page in ("edit", "cancel"):
        assert "Anmälan är stängd" in text_of(gateway.request("GET", f"{address}/{page}"))
    receipt = gateway.request("GET", address)
    assert receipt.status == 200
    assert "går inte att ändra här" in text_of(receipt)
    assert "/edit" not in receipt.text
    assert stored(address) == before


def test_changing_an_unknown_registration_gets_a_404_page(gateway: Gateway, address: str) -> None:
    fields = edit_form(gateway, address)
    for name in (["Åsa"], [""]):
        answer = post(gateway, "/dag/registration/unknown/edit", {**fields, "name": name})
        assert answer.status == 404


def test_the_same_form_sent_ten_times_at_once_makes_one_registration_and_one_receipt_mail(
    gateway: Gateway, clock: SetClock
) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: submit(gateway, email=["a@b.example"]), range(10)))
    assert {answer.status for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    items = items_in_the_table()
    assert sum(item["sk"]["S"].startswith("REG#") for item in items) == 1
    ticks(clock, 2)
    assert len(sent_mails()) == 1


def test_of_ten_tabs_saving_at_once_one_succeeds_and_nine_get_a_conflict(
    gateway: Gateway, address: str
) -> None:
    form = edit_form(gateway, address)
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(
                lambda n: post(gateway, f"{address}/edit", {**form, "note": [f"Tab {n}"]}),
                range(10),
            )
        )
    assert sorted(answer.status for answer in answers) == [303] + [409] * 9
    assert stored(address).note.startswith("Tab ")
