"""After the deletion day no personal data is stored or shown, and the pages say so."""

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import pytest

import app as application
from chalicelib.dynamo.table import Item
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.event import Event
from chalicelib.registration.tokens import hash_token
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.driving import MINUTE, tick, ticks
from tests.examples import FORM_HEADERS
from tests.fakes import items_in_the_table, sent_mails
from tests.ses import ses_event, sns_event
from tests.whole.contact_person import ContactPerson
from tests.whole.pages import VALID, encoded, submit, text_of

NAME, MAILBOX = "Märkvärdig Öst", "markvardig@elsewhere.example"
ORGANISATION, NOTE = "Märkenheten", "Inte märkkiwi."
REASON, SEARCHED = "Märkorsak", "Märksökning"
FORM = {"name": [NAME], "organisation": [ORGANISATION], "note": [NOTE], "email": [MAILBOX]}
PEOPLE = 4


@dataclass
class PersonalData:
    """Personal data written before the deletion day, and the links and session that open it."""

    receipts: list[str]
    codes: list[str]
    contact_person: ContactPerson
    mailed_links: list[str]

    @property
    def values(self) -> set[str]:
        """Every text that must be deleted: plain, normalised, hashed and URL-encoded."""
        tokens = {path.rpartition("/")[2] for path in self.receipts}
        session = self.contact_person.cookie.partition("=")[2]
        plain = {NAME, ORGANISATION, NOTE, MAILBOX, REASON, SEARCHED, *self.codes, *tokens, session}
        derived = {"MARKVARDIG", MAILBOX.upper(), *map(hash_token, [*tokens, session, MAILBOX])}
        return plain | derived | {quote(text) for text in plain}


@pytest.fixture
def personal_data(gateway: Gateway, clock: SetClock, event: Event) -> PersonalData:
    """Everything that happens before the deletion; the clock is set 2 minutes after its time."""
    receipts = [
        submit(gateway, f"the-nonce-of-guest-{n}", severe=["yes"], **FORM).headers["location"]
        for n in range(PEOPLE + 1)
    ]
    codes = [
        found[1]
        for path in receipts
        if (found := re.search(r'class="code">(\w+)<', gateway.request("GET", path).text))
    ]
    contact_person = ContactPerson(gateway).enter(event.contacts[0].email)
    contact_person.search(SEARCHED)
    contact_person.get("/desk/dag/list.xlsx")
    removed = hash_token(receipts.pop().rpartition("/")[2])
    contact_person.fill_in(f"/desk/dag/registrations/{removed}/remove", reason=[REASON])
    application.record_mail_event(
        sns_event(ses_event("Bounce", "receipt-1-1", kind="receipt", to=MAILBOX)), None
    )
    clock.now = event.closes_at
    ticks(clock, 5)
    links = [
        found[1]
        for mail in sent_mails()
        if (found := re.search(r"https://[^/]+(/dag/registration/\S+)", mail.part("plain")))
    ]
    clock.now = event.deletes_at + 2 * MINUTE
    return PersonalData(receipts, codes, contact_person, links)


def partitioned(items: list[Item]) -> tuple[list[Item], list[Item]]:
    """Sessions and counters of all events, which expire by themselves; and the event's items."""
    kinds: tuple[list[Item], list[Item]] = ([], [])
    for item in items:
        kinds[item["pk"] != {"S": ALL_EVENTS}].append(item)
    return kinds


def soon(clock: SetClock) -> float:
    return (clock.now + timedelta(days=2)).timestamp()


def test_after_the_deletion_the_table_contains_no_personal_data(
    personal_data: PersonalData, clock: SetClock
) -> None:
    before = str(items_in_the_table())
    assert {NAME, ORGANISATION, NOTE, MAILBOX, REASON, *personal_data.codes} <= {
        value for value in personal_data.values if value in before
    }
    tick(clock)
    expiring, kept = partitioned(items_in_the_table())
    assert all(float(item["expires_at"]["N"]) < soon(clock) for item in expiring)
    after = str(kept)
    assert [value for value in personal_data.values if value.lower() in after.lower()] == []
    kinds = {item["sk"]["S"].partition("#")[0] for item in kept}
    assert kinds == {"CONTROL", "TOTALS", "MAIL"}  # the mails with the deletion certificate
    certificate = sent_mails()[-1].part("plain")
    assert "Den har hämtats en gång" in certificate
    assert f"Raderade handlingar: {PEOPLE} anmälningar" in certificate


def test_a_month_later_only_the_event_state_and_the_anonymous_totals_are_left(
    personal_data: PersonalData, clock: SetClock, event: Event
) -> None:
    tick(clock)
    clock.move(timedelta(days=30))
    tick(clock)
    _, kept = partitioned(items_in_the_table())
    assert {item["sk"]["S"] for item in kept} == {"CONTROL", "TOTALS"}
    assert not any(contact.email in str(kept) for contact in event.contacts)


def test_from_the_deletion_time_old_links_open_nothing_even_before_the_items_are_deleted(
    personal_data: PersonalData, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    links = [*personal_data.receipts, *personal_data.mailed_links]
    assert len(personal_data.mailed_links) > 1
    clock.now = event.deletes_at - timedelta(milliseconds=1)
    opened = [gateway.request("GET", link).status for link in links]
    assert opened.count(200) == 2 * PEOPLE  # one mailed link is of the removed registration
    clock.now = event.deletes_at
    for link in links:
        pages = [gateway.request("GET", path) for path in (link, f"{link}/edit", f"{link}/cancel")]
        changed = encoded(**VALID, revision=["1"])
        pages.append(gateway.request("POST", f"{link}/edit", FORM_HEADERS, changed))
        for answer in pages:
            assert answer.status == 404
            assert not [value for value in personal_data.values if value in text_of(answer)]


def test_the_form_says_that_the_event_is_over(
    personal_data: PersonalData, gateway: Gateway
) -> None:
    assert "Evenemanget är över" in text_of(gateway.request("GET", "/dag/registration"))
    assert "Anmälningarna visas inte längre." in text_of(
        gateway.request("GET", "/dag/registration")
    )
    accepted_before = submit(gateway, "the-nonce-of-guest-0", **FORM)
    for answer in (submit(gateway), accepted_before):
        assert (answer.status, "location" in answer.headers) == (409, False)


def test_after_the_deletion_the_desk_shows_only_the_anonymous_totals(
    personal_data: PersonalData, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    clock.now = event.deletes_at
    session_before = ContactPerson(gateway).enter(event.contacts[1].email)
    assert "Personuppgifterna raderas nu" in text_of(session_before.get("/desk/dag/overview"))
    clock.move(2 * MINUTE)
    tick(clock)
    page = session_before.get("/desk/dag/overview")
    text = text_of(page)
    assert "Alla personuppgifter raderades tisdag 8 juni kl. 0.02" in text
    assert f"{PEOPLE} anmälda" in text
    assert f"Lunch: {PEOPLE} portioner {PEOPLE} Allvarlig allergi Vegansk" in text
    assert not [value for value in personal_data.values if value in text]
    assert "/desk/dag/list" not in page.text
    assert session_before.post("/desk/leave").status == 303


@pytest.mark.parametrize("is_deleted", [False, True])
def test_every_other_desk_page_redirects_to_the_overview_and_changes_nothing(
    personal_data: PersonalData,
    gateway: Gateway,
    clock: SetClock,
    event: Event,
    is_deleted: bool,  # noqa: FBT001
) -> None:
    clock.now = event.deletes_at
    contact_person = ContactPerson(gateway).enter(event.contacts[1].email)
    if is_deleted:
        clock.move(3 * MINUTE)
        tick(clock)
        contact_person = ContactPerson(gateway).enter(event.contacts[1].email)
    before = items_in_the_table()
    exempt = {"/desk", "/desk/sent", "/desk/enter/{token}", "/desk/{event}/overview", "/desk/leave"}
    redirected = 0
    for pattern, methods in application.app.routes.items():
        if not pattern.startswith("/desk") or pattern in exempt:
            continue
        route = pattern.replace("{event}", "dag").replace("{proxy+}", "nothing")
        path = re.sub(r"\{\w+\}", hash_token(personal_data.receipts[0].rpartition("/")[2]), route)
        for method in methods:
            answer = (
                contact_person.get(path) if method in {"GET", "HEAD"} else contact_person.post(path)
            )
            if answer.status != 405:
                assert (answer.status, answer.headers["location"]) == (
                    303,
                    "/desk/dag/overview",
                ), path
                redirected += 1
    assert redirected > 20
    assert items_in_the_table() == before
