"""Private links at the desk: a changed address, its link's use, ending links, the receipt again."""

import json
import re
from datetime import timedelta

import pytest

import app as application
from chalicelib.audit.log import AuditAction
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.mail import blocks
from chalicelib.mail.caps import RECEIPTS_PER_MAILBOX_A_DAY
from chalicelib.mail.outbox import receipt_id
from chalicelib.registration.tokens import hash_token
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.fakes import installed_composition, installed_table, items_in_the_table
from tests.ses import ses_event, sns_event
from tests.whole.contact_person import ContactPerson, audit_actions, key_of, stored, ticks
from tests.whole.forms import form_for
from tests.whole.pages import submit, text_of
from tests.wire import refusing

OWN, NEW = "asa@elsewhere.example", "other@elsewhere.example"
HOUR = timedelta(hours=1)


def mailed_link(clock: SetClock, to: str) -> str:
    """The path of the private link in the newest mail to this address, after a tick."""
    mails = [mail for mail in ticks(clock, 1) if mail.recipients == (to,)]
    found = re.search(r"https://[^/\s]+(/dag/registration/[^\s?]+)", mails[-1].part("plain"))
    assert found
    return found[1]


@pytest.fixture
def receipt(gateway: Gateway) -> str:
    """The path of a receipt page."""
    return submit(gateway, email=[OWN]).headers["location"]


@pytest.fixture
def key(receipt: str) -> str:
    return hash_token(receipt.rpartition("/")[2])


def end_links(contact_person: ContactPerson, key: str) -> None:
    page = contact_person.get(f"/desk/dag/registrations/{key}")
    form = form_for(page, f"/desk/dag/registrations/{key}/links")
    answer = contact_person.post(form.action, **form.fields)
    assert answer.headers["location"] == f"/desk/dag/registrations/{key}?saved=ended"
    assert "Länkarna är avslutade." in text_of(contact_person.get(answer.headers["location"]))


def test_a_changed_address_is_an_entry_of_its_own_beside_the_other_changes(
    contact_person: ContactPerson, clock: SetClock, key: str
) -> None:
    path, code = f"/desk/dag/registrations/{key}/edit", stored(key).plate_code
    for changes in ({"email": [NEW]}, {"diet": ["halal"]}, {"email": [OWN], "diet": ["kosher"]}):
        clock.move(HOUR)
        contact_person.fill_in(path, **changes)
    actions = {AuditAction.READDRESSED, AuditAction.CORRECTED}
    logged = [(action, about) for action, _, about in audit_actions() if action in actions]
    moved, corrected = (AuditAction.READDRESSED, code), (AuditAction.CORRECTED, code)
    assert logged[:2] == [moved, corrected]
    assert sorted(logged[2:]) == sorted([moved, corrected])
    assert "ändrade e-postadressen i en anmälan" in text_of(contact_person.get("/desk/dag/log"))
    assert NEW not in str(audit_actions())


def test_the_use_of_a_link_that_was_mailed_after_a_changed_address_is_shown(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, key: str, receipt: str
) -> None:
    page = f"/desk/dag/registrations/{key}"
    first = mailed_link(clock, OWN)
    assert "En mejlad länk öppnar den nu." in text_of(contact_person.get(page))
    contact_person.fill_in(f"{page}/edit", email=[NEW])
    assert "Ingen mejlad länk öppnar den nu." in text_of(contact_person.get(page))
    link = mailed_link(clock, NEW)
    shown = text_of(contact_person.get(page))
    assert "En kontaktperson ändrade e-postadressen torsdag 20 maj kl. 10.01." in shown
    assert "Ingen mejlad länk har öppnats sedan dess." in shown
    clock.move(HOUR)
    assert gateway.request("GET", first).status == 404
    assert gateway.request("GET", receipt).status == 200
    assert "Ingen mejlad länk har öppnats" in text_of(contact_person.get(page))
    assert gateway.request("GET", link).status == 200
    assert "En mejlad länk öppnades senast torsdag 20 maj kl. 11.02" in text_of(
        contact_person.get(page)
    )
    extract = json.loads(contact_person.get(f"{page}/extract.json").body)["Privata länkar"]
    assert extract == {
        "En kontaktperson ändrade e-postadressen": "2027-05-20 10:01",
        "En länk i ett mejl öppnades senast": "2027-05-20 11:02",
    }


def test_opening_a_link_writes_nothing_unless_a_contact_person_has_changed_the_address(
    gateway: Gateway, clock: SetClock, key: str
) -> None:
    link, before = mailed_link(clock, OWN), items_in_the_table()
    assert gateway.request("GET", link).status == 200
    assert items_in_the_table() == before


def test_ended_links_open_nothing_and_the_present_address_gets_a_new_one(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, key: str, receipt: str
) -> None:
    links = [receipt, mailed_link(clock, OWN)]
    contact_person.fill_in(f"/desk/dag/registrations/{key}/edit", diet=["halal"])
    links.append(mailed_link(clock, OWN))
    assert [gateway.request("GET", link).status for link in links] == [200, 200, 200]
    before = stored(key)
    end_links(contact_person, key)
    for link in links:
        assert gateway.request("GET", link).status == 404
        assert gateway.request("GET", f"{link}/edit").status == 404
    assert (stored(key).answers, stored(key).plate_code) == (before.answers, before.plate_code)
    new = mailed_link(clock, OWN)
    assert new not in links
    assert gateway.request("GET", new).status == 200
    assert (AuditAction.ENDED_LINKS, before.plate_code) in [
        (action, about) for action, _, about in audit_actions()
    ]
    shown = text_of(contact_person.get(f"/desk/dag/registrations/{key}"))
    assert "Länkarna avslutades torsdag 20 maj kl. 10.02." in shown
    assert "En mejlad länk öppnar den nu." in shown
    end_links(contact_person, key)
    assert gateway.request("GET", new).status == 404


def test_a_double_click_that_ends_links_is_no_change_by_somebody_else(
    contact_person: ContactPerson, clock: SetClock, key: str
) -> None:
    path = f"/desk/dag/registrations/{key}"
    form = form_for(contact_person.get(path), f"{path}/links")
    first, second = (contact_person.post(form.action, **form.fields) for _ in range(2))
    assert first.headers["location"] == second.headers["location"] == f"{path}?saved=ended"
    assert len(ticks(clock, 2)) == 2, "the receipt, and one mail with a new link"


def test_a_form_sent_again_does_not_revive_an_ended_link(
    gateway: Gateway, contact_person: ContactPerson, key: str, receipt: str
) -> None:
    end_links(contact_person, key)
    assert submit(gateway, email=[OWN]).headers["location"] == receipt
    assert gateway.request("GET", receipt).status == 404


@pytest.mark.parametrize("blocked", [True, False])
def test_without_an_address_that_gets_mail_the_page_says_that_no_new_link_is_mailed(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, *, blocked: bool
) -> None:
    email = [OWN] if blocked else [""]
    key = key_of(submit(gateway, email=email))
    if blocked:
        installed_table().apply(blocks.block_write(mailbox_hash(OWN)))
    page = text_of(contact_person.get(f"/desk/dag/registrations/{key}"))
    assert "Ingen ny mejlas: personen får höra av sig." in page
    end_links(contact_person, key)
    assert ticks(clock, 1) == []
    page = contact_person.get(f"/desk/dag/registrations/{key}").text
    assert "Avsluta länkarna" not in page


def test_links_are_not_ended_if_the_registration_has_changed_since_it_was_shown(
    gateway: Gateway,
    contact_person: ContactPerson,
    colleague: ContactPerson,
    key: str,
    receipt: str,
) -> None:
    path = f"/desk/dag/registrations/{key}"
    form = form_for(contact_person.get(path), f"{path}/links")
    colleague.fill_in(f"{path}/edit", diet=["halal"])
    answer = contact_person.post(form.action, **form.fields)
    assert answer.status == 409
    assert "Länkarna är inte avslutade" in text_of(answer)
    assert "Halal" in text_of(answer)
    assert gateway.request("GET", receipt).status == 200
    again = form_for(answer, f"{path}/links")
    assert contact_person.post(again.action, **again.fields).status == 303
    assert contact_person.post(f"/desk/dag/registrations/{'0' * 64}/links").status == 404


def test_links_that_cannot_be_ended_with_an_entry_in_the_log_stay(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, key: str, receipt: str
) -> None:
    link = mailed_link(clock, OWN)
    revision = [str(stored(key).revision)]
    database = installed_composition().database
    database.on("TransactWriteItems", "ACCESS#", refusing("ThrottlingException"))
    path = f"/desk/dag/registrations/{key}/links"
    assert contact_person.post(path, revision=revision).status == 503
    assert gateway.request("GET", receipt).status == 200
    assert gateway.request("GET", link).status == 200


def test_a_merge_does_not_let_an_ended_link_open_the_kept_registration(
    gateway: Gateway, contact_person: ContactPerson, key: str, receipt: str
) -> None:
    kept = key_of(submit(gateway, "a-nonce-of-another", name=["Åsa Öström"], email=[NEW]))
    end_links(contact_person, key)
    answer = contact_person.fill_in(f"/desk/dag/duplicates/keep/{kept}/{key}", linking=["yes"])
    assert answer.status == 303
    assert gateway.request("GET", receipt).status == 404


# The receipt again


def send_receipt(contact_person: ContactPerson, key: str) -> str:
    """Press the button, and return what the page then says."""
    answer = contact_person.post(f"/desk/dag/registrations/{key}/receipt")
    assert answer.status == 303
    return text_of(contact_person.get(answer.headers["location"]))


def test_a_receipt_that_came_back_is_told_and_sent_again_with_a_link_that_opens(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, key: str
) -> None:
    page = f"/desk/dag/registrations/{key}"
    assert "Kvittot är på väg." in text_of(contact_person.get(page))
    assert f'action="{page}/receipt"' not in contact_person.get(page).text
    first = mailed_link(clock, OWN)
    assert "Kvittot är skickat." in text_of(contact_person.get(page))
    bounced = ses_event(
        "Bounce", receipt_id(key, 1), kind="receipt", to=OWN, bounceType="Permanent"
    )
    application.record_mail_event(sns_event(bounced), None)
    assert "Kvittot kom inte fram. Är adressen fel?" in text_of(contact_person.get(page))
    assert form_for(contact_person.get(page), f"{page}/receipt")
    clock.move(HOUR)
    assert "Kvittot är på väg igen, med en ny länk." in send_receipt(contact_person, key)
    assert "Kvittot är redan på väg." in send_receipt(contact_person, key)
    again = mailed_link(clock, OWN)
    assert again != first
    for link in (first, again):
        assert gateway.request("GET", link).status == 200
    assert "Kvittot är skickat." in text_of(contact_person.get(page))
    logged = [about for action, _, about in audit_actions() if action is AuditAction.SENT_RECEIPT]
    assert logged == [stored(key).plate_code]
    assert "skickade ett kvitto igen" in text_of(contact_person.get("/desk/dag/log"))


def test_a_receipt_that_cannot_be_sent_again_says_why(
    contact_person: ContactPerson, clock: SetClock, key: str
) -> None:
    mailed_link(clock, OWN)
    for _ in range(RECEIPTS_PER_MAILBOX_A_DAY - 1):
        assert "på väg igen" in send_receipt(contact_person, key)
        ticks(clock, 1)
    assert "så många kvitton som adressen kan få på en dag" in send_receipt(contact_person, key)
    installed_table().apply(blocks.block_write(mailbox_hash(OWN), clock.now, "a@b.example"))
    assert "Kvittot skickas inte: adressen är spärrad." in send_receipt(contact_person, key)
    contact_person.fill_in(f"/desk/dag/registrations/{key}/edit", email=[""])
    assert "ingen e-postadress är anmäld" in send_receipt(contact_person, key)
    assert contact_person.post(f"/desk/dag/registrations/{'0' * 64}/receipt").status == 404


def test_when_the_audit_log_cannot_be_written_no_receipt_is_sent_again(
    contact_person: ContactPerson, clock: SetClock, key: str
) -> None:
    mailed_link(clock, OWN)
    before = items_in_the_table()
    installed_composition().database.on("", "ACCESS#", refusing("ThrottlingException"), times=99)
    assert contact_person.post(f"/desk/dag/registrations/{key}/receipt").status == 503
    changed = [item for item in items_in_the_table() if item not in before]
    assert [item["sk"]["S"][:4] for item in changed] == ["CAP#"]
