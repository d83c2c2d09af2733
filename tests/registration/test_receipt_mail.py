"""The receipt by mail, and its link."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest

from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.caps import RECEIPTS_PER_MAILBOX_A_DAY
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailInDoubt, MailNotAccepted
from chalicelib.mail.retry import leased
from chalicelib.registration import link_store, registering
from chalicelib.registration import store as registrations
from chalicelib.registration.receipt_mail import receipt_letter
from chalicelib.registration.tokens import hash_token
from tests.driving import MINUTE, SECOND, Service
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, found_event
from tests.registration.test_registering import ADDRESS
from tests.wire import no_answer, refusing


@pytest.mark.parametrize("act", [no_answer, refusing("ThrottlingException")])
@pytest.mark.parametrize(
    ("operation", "key"),
    [
        ("GetItem", "REG#"),
        ("GetItem", "BLOCK#"),
        ("UpdateItem", "CAP#"),
        ("TransactWriteItems", "LINK#"),
        ("GetItem", "CONTROL"),
    ],
)
def test_a_fault_of_the_table_delays_a_receipt_and_does_not_lose_it(
    service: Service, operation: str, key: str, act: Callable[[], None]
) -> None:
    service.register(email=ADDRESS)
    service.table.database.on(operation, key, act)
    service.run_due_steps(NOW)
    assert service.recipients == []
    service.tick_for(3, NOW + MINUTE)
    assert service.recipients == [ADDRESS]


def test_a_retried_receipt_counts_once_towards_the_caps(service: Service) -> None:
    service.mailer.errors += [MailNotAccepted(Fault.THROTTLED)] * 3
    for n in range(RECEIPTS_PER_MAILBOX_A_DAY):
        service.register(name=f"Person {n}", email=ADDRESS)
    service.tick_for(30, NOW)
    assert len(service.recipients) == RECEIPTS_PER_MAILBOX_A_DAY


def test_a_receipt_in_doubt_is_not_sent_again(service: Service) -> None:
    service.mailer.errors.append(MailInDoubt("ReadTimeoutError"))
    service.register(email=ADDRESS)
    service.tick_for(30, NOW)
    assert service.mailer.calls == 1


def test_a_receipt_sent_after_the_deadline_does_not_offer_changes(service: Service) -> None:
    service.register(service.event.closes_at - SECOND, email=ADDRESS)
    service.run_due_steps(service.event.closes_at + SECOND)
    (letter,) = service.letters(ADDRESS)
    for content in (letter.text, letter.html):
        assert "Visa anmälan" in content
        assert "Du kan ändra" not in content


def test_a_receipt_says_when_and_where_but_nothing_about_the_answers(
    service: Service,
) -> None:
    receipt = service.register(name="MARKNAME", email=ADDRESS)
    service.run_due_steps(NOW)
    (letter,) = service.letters(ADDRESS)
    assert [file.media_type for file in letter.attachments] == ["text/calendar"]
    files = b"".join(file.content for file in letter.attachments).decode()
    whole = letter.subject + letter.text + letter.html + files
    code = receipt.registration.plate_code
    assert letter.subject == f"Anmälan mottagen, kod {code}: Säker och trygg kommun, 31 maj"
    assert letter.attachments[0].name == f"dag-31-maj-{code}.ics"
    assert letter.sender_name == "Borås Stad"
    assert f"Portionskod: {code}" in letter.text
    assert "Svar på det här mejlet läses inte" in letter.text
    assert "073-432 87 30" in letter.text
    assert "måndag 31 maj 2027" in letter.text
    assert "Borås Kongress" in letter.text
    assert "fram till måndag 24 maj kl. 24.00" in letter.text
    assert '<a class="tel" href="tel:+4633357219">033-35 72 19</a>' in letter.html
    for secret in ("MARKNAME", "egan", "nötter", "kiwi", "allvarlig", "Kulturförvaltningen"):
        assert secret not in whole


@pytest.mark.parametrize(("language", "query"), [("sv", ""), ("en", "?lang=en")])
def test_the_attached_calendar_leads_to_the_agenda_in_its_language(
    service: Service, language: str, query: str
) -> None:
    answers = replace(VEGAN_WITHOUT_NUTS, email=ADDRESS)
    registering.register(service.at(NOW), answers, "nonce", language)
    service.run_due_steps(NOW)
    (letter,) = service.letters(ADDRESS)
    calendar = icalendar.Calendar.from_ical(letter.attachments[0].content)
    (entry,) = calendar.walk("VEVENT")
    assert str(entry["url"]).endswith(f"/dag{query}")
    assert str(entry["description"]).endswith(f"\n{entry['url']}")
    assert "/registration" not in entry["url"]


@pytest.mark.parametrize(
    ("language", "subject", "file"),
    [
        ("sv", "Anmälan mottagen, kod {}: Säker och trygg kommun, 31 maj", "dag-31-maj-{}.ics"),
        (
            "en",
            "Registration received, code {}: A safe and secure municipality, 31 May",
            "dag-31-May-{}.ics",
        ),
    ],
)
def test_five_colleagues_mails_to_one_address_are_told_apart_by_code_and_day(
    service: Service, language: str, subject: str, file: str
) -> None:
    codes = []
    for number in range(RECEIPTS_PER_MAILBOX_A_DAY):
        answers = replace(VEGAN_WITHOUT_NUTS, name=f"Person {number}", email=ADDRESS)
        receipt = registering.register(service.at(NOW), answers, "nonce", language)
        codes.append(receipt.registration.plate_code)
    service.run_due_steps(NOW)
    letters = service.letters(ADDRESS)
    assert sorted(one.subject for one in letters) == sorted(map(subject.format, codes))
    assert sorted(one.attachments[0].name for one in letters) == sorted(map(file.format, codes))


def test_the_days_of_an_event_are_part_of_the_files_name_without_spaces_or_dashes() -> None:
    event = found_event("stockholmstinget")
    letter = receipt_letter(event, "sv", code="K7RT", link="", closes_at=None, calendar=b"")
    assert re.fullmatch(r"stockholmstinget-[\w-]+-K7RT\.ics", letter.attachments[0].name)


def test_the_button_of_a_receipt_stands_above_the_raw_address(service: Service) -> None:
    service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    (letter,) = service.letters(ADDRESS)
    button, raw = re.findall(r'<a href="([^"]+/registration/[^"]+)"[^>]*>([^<]+)</a>', letter.html)
    assert button[1] == "Visa eller ändra anmälan"
    assert raw[0] == raw[1] == button[0]


@pytest.mark.parametrize("how", ["cancelled", "moved to no address"])
@pytest.mark.parametrize("when", ["before", "postponed", "taken by a sender that died"])
def test_a_receipt_that_is_no_longer_wanted_is_dropped(
    service: Service, how: str, when: str
) -> None:
    receipt = service.register(email=ADDRESS)
    if when == "postponed":
        service.mailer.errors.append(MailNotAccepted(Fault.THROTTLED))
        service.run_due_steps(NOW)
    elif when == "taken by a sender that died":
        outbox.lease(service.table, leased(outbox.due(service.table, NOW)[0], NOW, "somebody"))
    if how == "cancelled":
        service.cancel(receipt.token, now=NOW)
    else:
        service.change(receipt, now=NOW, email="")
    steps = service.tick_for(20, NOW + MINUTE)
    assert service.recipients == []
    assert [step.partition(" ")[2].partition(":")[0] for step in steps] == ["dropped"]
    assert outbox.due(service.table, NOW + timedelta(days=9)) == []
    if how == "cancelled":
        assert service.table.database.keys("LINK#") == []


@pytest.mark.parametrize("removed", [True, False])
def test_a_removal_or_new_link_while_the_receipt_is_written_is_noticed(
    service: Service, *, removed: bool
) -> None:
    receipt, table = service.register(email=ADDRESS), service.table
    key = hash_token(receipt.token)

    def overtake() -> None:
        if removed:
            registrations.remove(table, key, receipt.registration)
        else:
            link_store.link(table, "another", key, receipt.registration)

    table.database.on("TransactWriteItems", "LINK#", overtake)
    (step,) = service.run_due_steps(NOW)
    assert ("dropped" in step) is removed
    assert len(service.recipients) == (not removed)
    assert len(table.database.keys("LINK#")) == (0 if removed else 2)
