"""The extract of one person's data (GDPR, article 15), as a page and as a file."""

import json
import re
from html import unescape

from chalicelib.audit.log import AuditAction
from chalicelib.event.event import Event
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.examples import FORM_HEADERS
from tests.whole.contact_person import ContactPerson, audit_actions, key_of, stored, ticks
from tests.whole.pages import encoded, submit, text_of

ADDRESS = "asa@elsewhere.example"


def test_the_page_and_the_file_contain_all_stored_data_of_one_person_and_of_nobody_else(
    gateway: Gateway, event: Event, contact_person: ContactPerson, clock: SetClock
) -> None:
    key = key_of(submit(gateway, email=[ADDRESS], note=["<b>Inte kiwi.</b>"]))
    other = key_of(submit(gateway, name=["Nils Annan"], email=["nils@elsewhere.example"]))
    code = stored(key).plate_code
    ticks(clock, 1)
    contact_person.fill_in(f"/desk/dag/registrations/{key}/edit", email=["new@elsewhere.example"])
    contact_person.get(f"/desk/dag/registrations/{other}")
    registration = contact_person.get(f"/desk/dag/registrations/{key}")
    assert f'href="/desk/dag/registrations/{key}/extract">Registerutdrag</a>' in registration.text

    page = contact_person.get(f"/desk/dag/registrations/{key}/extract")
    file = contact_person.get(f"/desk/dag/registrations/{key}/extract.json")
    assert file.headers["content-type"] == "application/json; charset=utf-8"
    disposition = file.headers["content-disposition"]
    assert disposition == f'attachment; filename="registerutdrag-{code}.json"'
    extract = json.loads(file.body)
    assert extract["Anmälan"]["Namn"] == "Åsa Öström"
    assert extract["Anmälan"]["Anteckning"] == "<b>Inte kiwi.</b>"
    assert extract["Anmälan"]["Version"] == "2"
    assert [mail["Läge"] for mail in extract["Mejl"]] == [
        "skickat, men det är inte bekräftat att det har kommit fram",
        f"väntar, till {ADDRESS}",
        "väntar, till new@elsewhere.example",
    ]
    assert [mail["Mejl"] for mail in extract["Mejl"]] == [
        "kvitto med länk till anmälan",
        "besked till den förra adressen om att den är ändrad",
        "kvitto med länk till anmälan",
    ]
    actions = [entry["Vad"] for entry in extract["Vad kontaktpersonerna har gjort"]]
    assert sorted(actions) == [
        "hämtade ett registerutdrag som fil", "ändrade e-postadressen i en anmälan",
        "öppnade en anmälan", "öppnade en anmälan", "öppnade ett registerutdrag",
    ]  # fmt: skip
    assert "Nils" not in file.text
    assert event.contacts[0].email not in file.text

    assert "<b>Inte" not in page.text
    shown = re.findall(r"<d[td]>(?:<bdi[^>]*>)?(.*?)(?:</bdi>)?</d[td]>", page.text, re.DOTALL)
    in_both = {unescape(text).strip() for text in shown} - {"–"}
    assert len(in_both) > 40
    in_file = {
        text
        for part in extract.values() if isinstance(part, dict)
        for item in part.items()
        for text in item
    }  # fmt: skip
    assert in_both ^ (in_file - {""}) <= {extract["Registerutdrag"]["Uttaget"]}
    assert "Nils" not in text_of(page)
    logged = [(action, about) for action, _, about in audit_actions()]
    assert {(AuditAction.SAW_EXTRACT, code), (AuditAction.TOOK_EXTRACT, code)} <= set(logged)


def test_a_removed_registration_has_no_extract(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    key = key_of(submit(gateway))
    contact_person.fill_in(f"/desk/dag/registrations/{key}/remove")
    known = audit_actions()
    for name in ("extract", "extract.json"):
        answer = contact_person.get(f"/desk/dag/registrations/{key}/{name}")
        assert answer.status == 404
        assert "Åsa Öström" not in answer.text
    assert audit_actions() == known


def test_the_extract_has_the_mails_with_links_that_somebody_asked_for(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    key = key_of(submit(gateway, email=[ADDRESS]))
    ticks(clock, 1)
    form = encoded(email=[ADDRESS], nonce=["the-nonce-of-a-lost-link"])
    assert gateway.request("POST", "/dag/link", FORM_HEADERS, form).status == 303
    ticks(clock, 1)
    file = contact_person.get(f"/desk/dag/registrations/{key}/extract.json")
    assert [mail["Mejl"] for mail in json.loads(file.body)["Mejl"]] == [
        "kvitto med länk till anmälan",
        "länkar till anmälningarna med adressen, på begäran",
    ]
