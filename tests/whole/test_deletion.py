"""The end of personal data, as everybody meets it: nothing of them is left, and that is told."""

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import pytest

import app as application
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
class Life:
    """What was written into the table before the day of deletion, and who saw it."""

    receipts: list[str]
    codes: list[str]
    contact_person: ContactPerson
    mailed_links: list[str]

    @property
    def marks(self) -> set[str]:
        """What must be nowhere when it is over, as it is and as it may be written."""
        tokens = {path.rpartition("/")[2] for path in self.receipts}
        session = self.contact_person.cookie.partition("=")[2]
        plain = {NAME, ORGANISATION, NOTE, MAILBOX, REASON, SEARCHED, *self.codes, *tokens, session}
        others = {"MARKVARDIG", MAILBOX.upper(), *map(hash_token, [*tokens, session, MAILBOX])}
        return plain | others | {quote(text) for text in plain}


@pytest.fixture
def life(gateway: Gateway, clock: SetClock, event: Event) -> Life:
    """Everything that happens up to two minutes after the time of deletion."""
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
    contact_person.post("/desk/list", text=[SEARCHED])
    contact_person.get("/desk/list.xlsx")
    gone = hash_token(receipts.pop().rpartition("/")[2])
    contact_person.fill_in(f"/desk/registrations/{gone}/remove", reason=[REASON])
    application.record_mail_event(
        sns_event(ses_event("Bounce", "receipt-1-1", kind="receipt", to=MAILBOX)), None
    )
    clock.now = event.closes_at
    ticks(clock, 5)
    links = [
        found[1]
        for mail in sent_mails()
        if (found := re.search(r"https://[^/]+(/registration/\S+)", mail.part("plain")))
    ]
    clock.now = event.deletes_at + 2 * MINUTE
    return Life(receipts, codes, contact_person, links)


def test_after_it_a_search_of_the_whole_table_finds_nothing(life: Life, clock: SetClock) -> None:
    before = str(items_in_the_table())
    assert {NAME, ORGANISATION, NOTE, MAILBOX, REASON, *life.codes} <= {
        mark for mark in life.marks if mark in before
    }
    tick(clock)
    after = str(items_in_the_table())
    assert [mark for mark in life.marks if mark.lower() in after.lower()] == []
    kinds = {item["sk"]["S"].partition("#")[0] for item in items_in_the_table()}
    assert kinds == {"CONTROL", "TOTALS", "MAIL"}  # the last are the certificates'
    certificate = sent_mails()[-1].part("plain")
    assert "Den har hämtats en gång" in certificate
    assert f"Gallrade handlingar: {PEOPLE} anmälningar" in certificate


def test_a_month_later_only_what_is_nobodys_is_left(
    life: Life, clock: SetClock, event: Event
) -> None:
    tick(clock)
    clock.move(timedelta(days=30))
    tick(clock)
    assert {item["sk"]["S"] for item in items_in_the_table()} == {"CONTROL", "TOTALS"}
    assert not any(contact.email in str(items_in_the_table()) for contact in event.contacts)


def test_from_the_very_hour_old_links_open_nothing_though_nothing_is_deleted_yet(
    life: Life, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    links = [*life.receipts, *life.mailed_links]
    assert len(life.mailed_links) > 1
    clock.now = event.deletes_at - timedelta(milliseconds=1)
    opened = [gateway.request("GET", link).status for link in links]
    assert opened.count(200) == 2 * PEOPLE  # all but the mailed link of who was removed
    clock.now = event.deletes_at
    for link in links:
        pages = [gateway.request("GET", path) for path in (link, f"{link}/edit", f"{link}/cancel")]
        changed = encoded(**VALID, revision=["1"])
        pages.append(gateway.request("POST", f"{link}/edit", FORM_HEADERS, changed))
        for answer in pages:
            assert answer.status == 404
            assert not [mark for mark in life.marks if mark in text_of(answer)]


def test_the_form_says_that_the_day_is_over(life: Life, gateway: Gateway) -> None:
    assert "Dagen har varit" in text_of(gateway.request("GET", "/registration"))
    assert "Anmälningarna visas inte längre." in text_of(gateway.request("GET", "/registration"))
    accepted_before = submit(gateway, "the-nonce-of-guest-0", **FORM)
    for answer in (submit(gateway), accepted_before):
        assert (answer.status, "location" in answer.headers) == (409, False)


def test_the_desk_shows_the_counts_that_stay_and_nothing_else(
    life: Life, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    clock.now = event.deletes_at
    early = ContactPerson(gateway).enter(event.contacts[1].email)
    assert "Personuppgifterna raderas nu" in text_of(early.get("/desk/overview"))
    clock.move(2 * MINUTE)
    tick(clock)
    assert early.get("/desk/overview").status == 303  # the session is deleted as well
    contact_person = ContactPerson(gateway).enter(event.contacts[1].email)
    page = contact_person.get("/desk/overview")
    text = text_of(page)
    assert "Alla personuppgifter raderades tisdag 8 juni kl. 0.02" in text
    assert f"{PEOPLE} anmälda" in text
    assert f"Lunch: {PEOPLE} portioner {PEOPLE} Allvarlig allergi Vegansk" in text
    assert not [mark for mark in life.marks if mark in text]
    assert "/desk/list" not in page.text
    assert contact_person.post("/desk/leave").status == 303


@pytest.mark.parametrize("is_deleted", [False, True])
def test_no_other_page_of_the_desk_shows_or_does_anything(
    life: Life,
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
    open_still = {"/desk", "/desk/sent", "/desk/enter/{token}", "/desk/overview", "/desk/leave"}
    walked = 0
    for pattern, methods in application.app.routes.items():
        if not pattern.startswith("/desk") or pattern in open_still:
            continue
        path = re.sub(r"\{\w+\}", hash_token(life.receipts[0].rpartition("/")[2]), pattern)
        for method in methods:
            answer = (
                contact_person.get(path) if method in {"GET", "HEAD"} else contact_person.post(path)
            )
            if answer.status != 405:
                assert (answer.status, answer.headers["location"]) == (303, "/desk/overview"), path
                walked += 1
    assert walked > 20
    assert items_in_the_table() == before
