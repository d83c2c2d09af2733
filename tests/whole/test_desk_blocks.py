"""Blocked addresses: against whom a block holds, when it was made, and lifting those of a time."""

import re
from datetime import timedelta

import pytest

from chalicelib import timeouts
from chalicelib.audit.log import AuditAction
from chalicelib.dynamo.writes import put
from chalicelib.event.event import Event
from chalicelib.event.mail_address import mailbox_hash
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.fakes import installed_composition, installed_table
from tests.whole.contact_person import ContactPerson, audit_actions, key_of, ticks
from tests.whole.forms import FormReader, form_for, read_forms
from tests.whole.pages import submit, text_of
from tests.wire import refusing

OWNER = "owner@elsewhere.example"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def register(gateway: Gateway, nonce: str, email: str = OWNER) -> str:
    return key_of(submit(gateway, f"a-nonce-of-the-{nonce}", name=[f"P {nonce}"], email=[email]))


def clear(contact_person: ContactPerson, keys: list[str]) -> None:
    """Remove these as junk, and block their addresses."""
    form = form_for(contact_person.show("/desk/dag/marked", marked=keys), "/desk/dag/marked/remove")
    answer = contact_person.post(form.action, **{**form.fields, "block": ["yes"]})
    assert answer.status == 303


def mailed(clock: SetClock) -> list[str]:
    return [mail.recipients[0] for mail in ticks(clock, 1)]


def lifting_forms(page: Answer) -> list[FormReader]:
    return [form for form in read_forms(page.text) if form.action == "/desk/dag/blocks/lift"]


def blocked_hashes() -> list[str]:
    return installed_composition().database.keys("BLOCK#")


def test_a_block_of_cleared_junk_does_not_hold_against_a_later_registration_of_the_owner(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    junk = [register(gateway, f"junk {n}") for n in range(3)]
    earlier = register(gateway, "earlier")
    ticks(clock, 2)
    clear(contact_person, junk)
    contact_person.fill_in(f"/desk/dag/registrations/{earlier}/edit", diet=["halal"])
    assert mailed(clock) == []
    assert "Adressen är spärrad" in text_of(
        contact_person.get(f"/desk/dag/registrations/{earlier}")
    )
    own = register(gateway, "owner herself")
    assert mailed(clock) == [OWNER]
    page = contact_person.get(f"/desk/dag/registrations/{own}")
    assert "Adressen är spärrad" not in text_of(page)
    contact_person.fill_in(f"/desk/dag/registrations/{own}/edit", diet=["halal"])
    assert mailed(clock) == [OWNER]
    contact_person.fill_in(f"/desk/dag/registrations/{own}/remove")
    assert mailed(clock) == [OWNER]


def test_a_later_step_of_the_same_clearing_does_not_silence_an_owner_who_registers_between_two(
    gateway: Gateway,
    contact_person: ContactPerson,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for n in range(2):
        register(gateway, f"junk {n}")
    clock.move(MINUTE)
    selection = {"since": ["2027-05-20 10.00"], "until": ["2027-05-20 10.59"]}
    fields = form_for(
        contact_person.show("/desk/dag/matching", **selection), "/desk/dag/matching/remove"
    ).fields
    monkeypatch.setattr(timeouts, "BULK_WORK_FOR", timedelta(0))
    sent = {**fields, "typed": fields["asked"], "block": ["yes"]}
    step = contact_person.post("/desk/dag/matching/remove", **sent)
    clock.move(MINUTE)
    register(gateway, "owner herself")
    clock.move(MINUTE)
    while step.status == 200:
        again = form_for(step, "/desk/dag/matching/remove").fields
        step = contact_person.post("/desk/dag/matching/remove", **again)
    assert step.headers["location"] == "/desk/dag/list?removed=2"
    assert mailed(clock) == [OWNER]


def test_a_block_that_the_owner_asked_for_holds_also_later_and_clearing_junk_does_not_weaken_it(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    contact_person.fill_in(
        f"/desk/dag/registrations/{register(gateway, 'one')}/remove", block=["yes"]
    )
    register(gateway, "two")
    assert mailed(clock) == []
    clock.move(HOUR)
    clear(contact_person, [register(gateway, "three")])
    register(gateway, "four")
    assert mailed(clock) == []
    (form,) = lifting_forms(contact_person.get("/desk/dag/blocks"))
    assert "junk" not in form.fields
    shown = text_of(contact_person.get("/desk/dag/blocks"))
    assert "torsdag 20 maj kl. 10.00 : en adress, av" in shown
    assert "Gäller också senare anmälningar." in shown


def test_the_pages_say_against_whom_a_block_holds(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    key = register(gateway, "one")
    clock.move(MINUTE)
    one = text_of(contact_person.get(f"/desk/dag/registrations/{key}/remove"))
    assert "Kryssa bara om den som har adressen vill det" in one
    selection = "since=2027-05-20+10.00&until=2027-05-20+10.59"
    for question in (f"marked?marked={key}", f"matching?{selection}"):
        page = text_of(contact_person.get(f"/desk/dag/{question}"))
        assert "anmäler sig senare får mejl som vanligt" in page


def test_blocks_are_listed_by_the_time_of_making_and_lifted_together(
    gateway: Gateway,
    event: Event,
    contact_person: ContactPerson,
    colleague: ContactPerson,
    clock: SetClock,
) -> None:
    installed_table().apply(put(f"BLOCK#{mailbox_hash('old@elsewhere.example')}", {}))
    for round_, who in enumerate((contact_person, contact_person, colleague)):
        for n in range(3):
            key = register(gateway, f"{round_} {n}", f"p{round_}{n}@elsewhere.example")
            clear(who, [key])
            clock.move(4 * MINUTE)
        clock.move(HOUR)
    page = contact_person.get("/desk/dag/blocks")
    shown = text_of(page)
    assert "10 adresser är spärrade." in shown
    me, other = event.contacts[0].name, event.contacts[1].name
    groups = [
        f"torsdag 20 maj kl. 12.24 till torsdag 20 maj kl. 12.32 : 3 adresser, av {other}.",
        f"torsdag 20 maj kl. 11.12 till torsdag 20 maj kl. 11.20 : 3 adresser, av {me}.",
        f"torsdag 20 maj kl. 10.00 till torsdag 20 maj kl. 10.08 : 3 adresser, av {me}.",
        "Tiden är inte känd : en adress. Gäller också senare anmälningar.",
    ]
    assert [text for text in groups if text not in shown] == []
    assert [shown.index(text) for text in groups] == sorted(map(shown.index, groups))
    before = blocked_hashes()
    answer = contact_person.post("/desk/dag/blocks/lift", **lifting_forms(page)[1].fields)
    assert answer.headers["location"] == "/desk/dag/blocks?lifted=3"
    back = text_of(contact_person.get(answer.headers["location"]))
    assert "3 spärrar är hävda." in back
    assert "7 adresser är spärrade." in back
    lifted = {f"BLOCK#{mailbox_hash(f'p1{n}@elsewhere.example')}" for n in range(3)}
    assert set(before) - set(blocked_hashes()) == lifted
    assert [entry for entry in audit_actions() if entry[0] is AuditAction.UNBLOCKED_GROUP] == [
        (AuditAction.UNBLOCKED_GROUP, event.contacts[0].email, "torsdag 20 maj kl. 11.12")
    ]
    again = contact_person.post("/desk/dag/blocks/lift", **lifting_forms(page)[1].fields)
    assert again.headers["location"] == "/desk/dag/blocks?lifted=0"
    old = contact_person.post("/desk/dag/blocks/lift", **lifting_forms(page)[3].fields)
    assert "En spärr är hävd." in text_of(contact_person.get(old.headers["location"]))
    assert "elsewhere" not in str(audit_actions())


def test_blocks_made_after_the_page_was_shown_are_not_lifted_with_it(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    clear(contact_person, [register(gateway, "one")])
    clock.move(MINUTE)
    (form,) = lifting_forms(contact_person.get("/desk/dag/blocks"))
    clear(contact_person, [register(gateway, "two", "other@elsewhere.example")])
    assert contact_person.post(form.action, **form.fields).status == 303
    assert blocked_hashes() == [f"BLOCK#{mailbox_hash('other@elsewhere.example')}"]


def test_lifting_many_blocks_stops_when_time_runs_out_and_continues_at_the_button(
    contact_person: ContactPerson, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "BULK_WORK_FOR", timedelta(0))
    made = {"made_at": "2027-05-20T08:00:00.000000Z", "made_by": "x@d.example"}
    until = {"holds_until": "2027-05-20T08:00:00.000000Z"}
    for n in range(250):
        installed_table().apply(put(f"BLOCK#{n:064x}", {**made, **until}))
    for left in (151, 52, 0):
        (form,) = lifting_forms(contact_person.get("/desk/dag/blocks"))
        contact_person.post(form.action, **form.fields)
        assert len(blocked_hashes()) == left
    actions = [action for action, _, _ in audit_actions()]
    assert actions == [AuditAction.UNBLOCKED_GROUP] * 3


def test_no_block_is_lifted_without_an_entry_in_the_log_or_with_unreadable_times(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    clear(contact_person, [register(gateway, "one")])
    (form,) = lifting_forms(contact_person.get("/desk/dag/blocks"))
    installed_composition().database.on("", "ACCESS#", refusing("ThrottlingException"))
    assert contact_person.post(form.action, **form.fields).status == 503
    for wrong in ("", "x", "2027-05-20T10:00:00"):
        answer = contact_person.post(form.action, **{**form.fields, "first": [wrong]})
        assert answer.status == 404
    assert len(blocked_hashes()) == 1


def test_no_address_or_hash_is_on_the_page(gateway: Gateway, contact_person: ContactPerson) -> None:
    clear(contact_person, [register(gateway, "one")])
    page = contact_person.get("/desk/dag/blocks").text
    assert OWNER not in page
    assert not re.search("[0-9a-f]{40}", page)
