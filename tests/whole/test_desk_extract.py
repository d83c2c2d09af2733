"""One person's data, handed out at the desk."""

import json
import re
from html import unescape

from chalicelib.audit.log import AuditAction
from chalicelib.event.event import Event
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.whole.contact_person import ContactPerson, audit_actions, key_of, stored, ticks
from tests.whole.pages import submit, text_of

ADDRESS = "asa@elsewhere.example"


def test_the_page_and_the_file_tell_everything_that_is_stored_of_one_person_and_of_nobody_else(
    gateway: Gateway, event: Event, contact_person: ContactPerson, clock: SetClock
) -> None:
    key = key_of(submit(gateway, email=[ADDRESS], note=["<b>Inte kiwi.</b>"]))
    other = key_of(submit(gateway, name=["Nils Annan"], email=["nils@elsewhere.example"]))
    code = stored(key).plate_code
    ticks(clock, 1)
    contact_person.fill_in(f"/desk/registrations/{key}/edit", email=["new@elsewhere.example"])
    contact_person.get(f"/desk/registrations/{other}")
    one = contact_person.get(f"/desk/registrations/{key}")
    assert f'href="/desk/registrations/{key}/extract">Registerutdrag</a>' in one.text

    page = contact_person.get(f"/desk/registrations/{key}/extract")
    file = contact_person.get(f"/desk/registrations/{key}/extract.json")
    assert file.headers["content-type"] == "application/json; charset=utf-8"
    disposition = file.headers["content-disposition"]
    assert disposition == f'attachment; filename="registerutdrag-{code}.json"'
    told = json.loads(file.body)
    assert told["Anmälan"]["Namn"] == "Åsa Öström"
    assert told["Anmälan"]["Anteckning"] == "<b>Inte kiwi.</b>"
    assert told["Anmälan"]["Version"] == "2"
    assert [mail["Läge"] for mail in told["Mejl"]] == [
        "skickat, men det är inte bekräftat att det har kommit fram",
        "väntar, till new@elsewhere.example",
    ]
    seen = [line["Vad"] for line in told["Vad kontaktpersonerna har gjort"]]
    assert sorted(seen) == [
        "hämtade ett registerutdrag som fil", "såg en anmälan", "såg en anmälan",
        "ändrade en anmälan", "öppnade ett registerutdrag",
    ]  # fmt: skip
    assert "Nils" not in file.text
    assert event.contacts[0].email not in file.text

    assert "<b>Inte" not in page.text
    shown = re.findall(r"<d[td]>(.*?)</d[td]>", page.text, re.DOTALL)
    in_both = {unescape(text).strip() for text in shown} - {"–"}
    assert len(in_both) > 40
    in_file = {
        text
        for part in told.values() if isinstance(part, dict)
        for line in part.items()
        for text in line
    }  # fmt: skip
    assert in_both ^ (in_file - {""}) <= {told["Registerutdrag"]["Uttaget"]}
    assert "Nils" not in text_of(page)
    logged = [line[::2] for line in audit_actions()]
    assert {(AuditAction.SAW_EXTRACT, code), (AuditAction.TOOK_EXTRACT, code)} <= set(logged)


def test_of_what_is_gone_there_is_no_extract(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    key = key_of(submit(gateway))
    contact_person.fill_in(f"/desk/registrations/{key}/remove")
    known = audit_actions()
    for name in ("extract", "extract.json"):
        answer = contact_person.get(f"/desk/registrations/{key}/{name}")
        assert answer.status == 404
        assert "Åsa Öström" not in answer.text
    assert audit_actions() == known
