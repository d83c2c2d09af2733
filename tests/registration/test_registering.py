import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.alarm_words import WORDS
from chalicelib.mail.caps import RECEIPTS_PER_MAILBOX_A_DAY
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailInDoubt, MailNotAccepted
from chalicelib.mail.retry import LEASE, leased
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import RegistrationClosed, StaleRevision
from chalicelib.registration.tokens import hash_token
from tests.driving import DAY, HOUR, MINUTE, SECOND, Service, states
from tests.examples import NOW
from tests.wire import no_answer, refusing

LATER = NOW + HOUR
ADDRESS = "asa@elsewhere.example"


def test_closing_fixes_the_deadline_even_if_the_event_file_changes(service: Service) -> None:
    closed_at = service.event.closes_at
    service.run_due_steps(closed_at)
    service.event = replace(service.event, last_day=service.event.last_day + 3 * DAY)
    with pytest.raises(RegistrationClosed):
        service.register(closed_at + MINUTE)


def test_registrations_are_counted_twice_a_minute_apart_after_the_settling_time(
    service: Service,
) -> None:
    settled = service.event.closes_at + 2 * MINUTE
    assert service.run_due_steps(NOW, service.event.closes_at - SECOND) == []
    assert service.run_due_steps(settled - SECOND) == ["closed"]
    assert service.run_due_steps(settled) == ["snapshot taken"]
    assert service.run_due_steps(settled + 59 * SECOND) == []
    assert service.run_due_steps(settled + 60 * SECOND)[0] == "summary-1 issued"


def test_a_mail_always_in_doubt_is_sent_twice_and_given_up_once_an_alarm_is_stored(
    service: Service,
) -> None:
    service.mailer.refused = {to: MailInDoubt("ReadTimeoutError") for to in service.contacts}
    service.table.database.on("TransactWriteItems", "ALARM#", no_answer)
    service.tick_for(120, service.event.closes_at)
    assert service.mailer.calls == 2 * len(service.contacts) + len(service.recipients)
    assert states(service.table) == {"summary-1-1": "failed", "summary-1-2": "failed"}
    assert [WORDS[Fault.IN_DOUBT] in alarm for alarm in service.alarms()] == [True, True]


def test_a_table_fault_while_sending_one_mail_does_not_stop_the_others(service: Service) -> None:
    service.table.database.on("TransactWriteItems", "MAIL#contact#summary-1-1", no_answer)
    service.summarise()
    assert service.recipients == service.contacts
    assert states(service.table) == {"summary-1-2": "sent"}


def test_a_mail_in_doubt_is_sent_once_more_and_says_that_it_is_a_copy(service: Service) -> None:
    service.mailer.errors.append(MailInDoubt("ReadTimeoutError"))
    one, other = service.contacts
    start = service.event.closes_at + 3 * MINUTE
    service.run_due_steps(start - MINUTE, start)
    assert service.recipients == [other]
    service.run_due_steps(start + LEASE - SECOND)
    assert service.recipients == [other]
    service.run_due_steps(start + LEASE)
    (copy,) = service.letters(one)
    assert copy.subject.startswith("Kopia: ")
    assert "KOPIA" in copy.text


# Changes


def test_a_change_overtaken_during_its_write_is_refused_as_stale(service: Service) -> None:
    receipt = service.register()
    service.table.database.on(
        "TransactWriteItems", "REG#", lambda: service.change(receipt, diet="kosher")
    )
    with pytest.raises(StaleRevision) as stale:
        service.change(receipt, diet="halal")
    assert stale.value.stored.answers.diet == "kosher"


def test_a_clock_that_is_set_back_loses_no_change(service: Service) -> None:
    receipt = service.register(email=ADDRESS)
    for revision, address in enumerate(("a@b.example", "c@d.example", "a@b.example"), 1):
        assert service.change(receipt, revision, NOW, email=address)
    assert service.change(receipt, 4, NOW - MINUTE, diet="kosher")


# Receipts


def mailed_token(service: Service) -> str:
    found = re.search(r"/registration/([^\s?]+)", service.mailer.letters[-1][1].text)
    assert found
    return found[1]


def test_a_link_mailed_to_a_mistyped_address_opens_nothing_once_the_address_is_corrected(
    service: Service,
) -> None:
    receipt = service.register(email="wrong@stranger.example")
    service.run_due_steps(NOW)
    mailed = mailed_token(service)
    assert service.find(mailed)
    service.change(receipt, email=ADDRESS)
    assert service.find(mailed) is None
    assert service.change(receipt._replace(token=mailed), diet="halal") is None


def test_a_mailed_link_stays_invalid_when_the_same_form_is_sent_after_cancelling(
    service: Service,
) -> None:
    receipt = service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    mailed = mailed_token(service)
    service.cancel(receipt.token)
    assert service.register(LATER, email=ADDRESS).token == receipt.token
    assert service.find(mailed) is None


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
    assert "Du kan ändra" not in service.letters(ADDRESS)[0].text


def test_a_receipt_says_when_and_where_but_nothing_about_the_answers(
    service: Service,
) -> None:
    service.register(name="MARKNAME", email=ADDRESS)
    service.run_due_steps(NOW)
    (letter,) = service.letters(ADDRESS)
    assert [file.media_type for file in letter.attachments] == ["text/calendar"]
    files = b"".join(file.content for file in letter.attachments).decode()
    whole = letter.subject + letter.text + letter.html + files
    assert "måndag 31 maj 2027" in letter.text
    assert "Borås Kongress" in letter.text
    assert "fram till måndag 24 maj kl. 24.00" in letter.text
    for secret in ("MARKNAME", "egan", "nötter", "kiwi", "allvarlig", "Kulturförvaltningen"):
        assert secret not in whole


@pytest.mark.parametrize("with_the_mailed_link", [True, False])
def test_a_mailed_link_can_change_and_cancel_and_each_new_address_gets_a_receipt(
    service: Service, *, with_the_mailed_link: bool
) -> None:
    receipt = service.register(email=ADDRESS)
    service.run_due_steps(LATER)
    mailed = receipt._replace(token=mailed_token(service))
    assert service.change(mailed, diet="halal") == service.find(receipt.token)
    for revision, address in enumerate(("b@else.example", "c@else.example"), 2):
        moved = service.change(mailed, revision, email=address, diet="halal")
        assert moved
        assert service.find(mailed.token) == service.find(receipt.token) == moved
        service.run_due_steps(LATER)
    assert service.recipients == [ADDRESS, "b@else.example", "c@else.example"]
    assert len(service.table.database.keys("LINK#")) == 3
    service.cancel(mailed.token if with_the_mailed_link else receipt.token, 4)
    assert service.find(receipt.token) is service.find(mailed.token) is None
    assert [service.table.database.keys(kind) for kind in ("REG#", "LINK#", "CODE#")] == [[]] * 3


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
            registrations.link(table, "another", key, receipt.registration)

    table.database.on("TransactWriteItems", "LINK#", overtake)
    (step,) = service.run_due_steps(NOW)
    assert ("dropped" in step) is removed
    assert len(service.recipients) == (not removed)
    assert len(table.database.keys("LINK#")) == (0 if removed else 2)
