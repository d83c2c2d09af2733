"""The mails that tell people what contact persons did with their registrations."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.desk import changing
from chalicelib.desk.bulk_removal import marked, remove_many
from chalicelib.desk.merging import merge
from chalicelib.desk.work import DeskWork
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.mail import blocks, ses_events
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.allowance import HARMED_A_DAY, count_harm, read_counts
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailInDoubt, MailNotAccepted
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailEvent, MailEventType
from chalicelib.registration import registering
from chalicelib.registration import store as registrations
from chalicelib.registration.limits import LINKS_AT_MOST
from chalicelib.registration.registering import Receipt
from chalicelib.registration.registration import Registration
from chalicelib.registration.tokens import hash_token
from chalicelib.texts.language import ENGLISH, SWEDISH
from tests.driving import DAY, HOUR, MINUTE, Service, new_token
from tests.examples import NOW, VEGAN_WITHOUT_NUTS
from tests.fakes import BASE_URL

ADDRESS, OTHER = "asa@elsewhere.example", "ostrom@elsewhere.example"
LATER = NOW + HOUR
SUBJECTS = {
    "Anmälan om specialkost är ändrad": "corrected",
    "Anmälan om specialkost hör inte längre till den här adressen": "readdressed",
    "Anmälan om specialkost är borttagen": "removed",
    "Två anmälningar om specialkost är nu en": "merged",
    "Anmälan mottagen": "receipt",
}


def work(service: Service, now: Any = LATER) -> DeskWork:
    contact = service.event.contacts[0]
    return DeskWork(now, service.event, service.table, contact, new_token)


def key_of(receipt: Receipt) -> str:
    return hash_token(receipt.token)


def stored(service: Service, receipt: Receipt) -> Registration:
    found = registrations.find(service.table, key_of(receipt))
    assert found
    return found


def correct(service: Service, receipt: Receipt, **fields: Any) -> None:
    before = stored(service, receipt)
    answers = replace(before.answers, **fields)
    changing.correct(work(service), key_of(receipt), answers, before.revision)


def remove(service: Service, receipt: Receipt, *, block: bool = False) -> None:
    revision = stored(service, receipt).revision
    changing.remove(work(service), key_of(receipt), revision, "", block=block)


def merge_two(
    service: Service, kept: Receipt, gone: Receipt, *, adding: bool = False, linking: bool = False
) -> None:
    shown = [(key_of(one), stored(service, one).revision) for one in (kept, gone)]
    assert merge(work(service), shown[0], shown[1], adding=adding, linking=linking)


def registered(service: Service, email: str = ADDRESS, nonce: str = "n") -> Receipt:
    """A registration whose receipt has been sent."""
    receipt = service.register(email=email, nonce=nonce)
    service.run_due_steps(NOW)
    service.mailer.letters.clear()
    return receipt


def told(service: Service, now: Any = LATER) -> list[tuple[str, str]]:
    """Whom the next tick tells what."""
    service.mailer.letters.clear()
    service.run_due_steps(now)
    return [
        (to, SUBJECTS[re.split("[,:]", letter.subject)[0]]) for to, letter in service.mailer.letters
    ]


def token_in(text: str) -> str:
    found = re.search(rf"{BASE_URL}/dag/registration/([^\s?]+)", text)
    return found[1] if found else ""


def test_a_correction_is_told_to_the_address_once_with_a_link_that_opens_the_registration(
    service: Service,
) -> None:
    receipt = registered(service)
    for _ in range(2):
        changing.correct(
            work(service), key_of(receipt), replace(VEGAN_WITHOUT_NUTS, email=ADDRESS), 1
        )
    assert told(service) == [(ADDRESS, "corrected")]
    (letter,) = service.letters(ADDRESS)
    assert service.find(token_in(letter.text), LATER) == stored(service, receipt)
    assert token_in(letter.html.replace('"', " ")) == token_in(letter.text)
    assert "Kontaktpersonerna har ändrat något i anmälan." in letter.text
    assert "fram till måndag 24 maj kl. 24.00" in letter.text
    assert all(phone in letter.text for phone in service.event.contacts[0].phones)
    assert letter.attachments == ()
    assert told(service, LATER + MINUTE) == []


def test_a_correction_that_changes_nothing_and_one_without_an_address_tell_nobody(
    service: Service,
) -> None:
    receipt, nobody = registered(service), registered(service, "", "other")
    correct(service, receipt)
    correct(service, nobody, diet="halal")
    assert told(service) == []


def test_no_notice_says_anything_about_the_answers(service: Service) -> None:
    answers = replace(VEGAN_WITHOUT_NUTS, name="MARKNAME", organisation="MARKORG", note="MARKNOTE")
    keys = []
    for nonce, email in (("a", ADDRESS), ("b", OTHER), ("c", "c@d.example"), ("d", "d@d.example")):
        one = replace(answers, email=email)
        keys.append(key_of(registering.register(service.at(NOW), one, nonce, SWEDISH)))
    desk = work(service)
    changing.correct(desk, keys[0], replace(answers, email=ADDRESS, diet="kosher"), 1)
    changing.correct(desk, keys[1], replace(answers, email="new@d.example"), 1)
    assert merge(desk, (keys[0], 2), (keys[2], 1), adding=True, linking=True)
    changing.remove(desk, keys[3], 1, "MARKREASON")
    kinds = {kind for _, kind in told(service)}
    assert kinds == {"corrected", "readdressed", "merged", "removed", "receipt"}
    for _, letter in service.mailer.letters:
        for secret in ("MARK", "egan", "nöt", "osher", "allvarlig"):
            assert secret not in letter.subject + letter.text + letter.html, secret


def test_each_notice_names_the_code_of_its_plate_in_the_subject_unless_it_was_merged(
    service: Service,
) -> None:
    kept, gone, moved, removed = (registered(service, nonce=nonce) for nonce in "abcd")
    correct(service, moved, email=OTHER)
    remove(service, removed)
    merge_two(service, kept, gone, linking=True)
    correct(service, kept, email="third@elsewhere.example", diet="halal")
    told(service)
    subjects = [letter.subject for _, letter in service.mailer.letters]
    codes = {
        one.registration.plate_code: [
            subject.partition(",")[0]
            for subject in subjects
            if f" kod {one.registration.plate_code}:" in subject
        ]
        for one in (kept, gone, moved, removed)
    }
    left = "Anmälan om specialkost hör inte längre till den här adressen"
    assert codes == {
        kept.registration.plate_code: [left, "Anmälan mottagen"],
        gone.registration.plate_code: [],
        moved.registration.plate_code: [left, "Anmälan mottagen"],
        removed.registration.plate_code: ["Anmälan om specialkost är borttagen"],
    }


@pytest.mark.parametrize("email", ["new@elsewhere.example", ""])
def test_an_address_that_a_registration_no_longer_has_is_told_so_without_a_link(
    service: Service, email: str
) -> None:
    receipt = registered(service)
    correct(service, receipt, email=email, diet="halal")
    new = [(email, "receipt")] if email else []
    assert told(service) == [(ADDRESS, "readdressed"), *new]
    (letter,) = service.letters(ADDRESS)
    assert "http" not in letter.text
    assert "Hör av dig till någon av dem." in letter.text


def test_an_address_whose_capitals_change_gets_only_the_receipt(service: Service) -> None:
    receipt = registered(service)
    correct(service, receipt, email=ADDRESS.upper())
    assert told(service) == [(ADDRESS.upper(), "receipt")]


def test_a_removed_person_is_told_unless_the_address_is_blocked_with_the_removal(
    service: Service,
) -> None:
    for nonce, block in (("one", False), ("two", True)):
        receipt = registered(service, f"{nonce}@elsewhere.example", nonce)
        remove(service, receipt, block=block)
    remove(service, registered(service, "", "three"))
    assert len(outbox.due(service.table, LATER)) == 1
    assert told(service) == [("one@elsewhere.example", "removed")]
    (letter,) = service.letters("one@elsewhere.example")
    assert "Kontaktpersonerna har tagit bort anmälan" in letter.text
    assert "http" not in letter.text


def test_a_bulk_removal_tells_nobody(service: Service) -> None:
    """It is for floods: mails to hundreds of invented addresses would end all mail."""
    keys = [key_of(registered(service, f"p{n}@nowhere.example", f"{n}")) for n in range(3)]
    result = remove_many(
        work(service),
        marked(work(service), keys),
        lambda *_: True,
        "skräp",
        block_until=None,
        has_time=lambda: True,
    )
    assert result.removed == 3
    assert told(service) == []


# Merging


def halal(service: Service, email: str) -> Receipt:
    """A registration with another diet and without allergens, whose receipt has been sent."""
    answers = replace(VEGAN_WITHOUT_NUTS, email=email, allergens=(), traces=(), severe=False)
    receipt = registering.register(service.at(NOW), answers, "halal", SWEDISH)
    service.run_due_steps(NOW)
    return receipt


@pytest.mark.parametrize("adding", [True, False])
@pytest.mark.parametrize("linking", [True, False])
def test_after_a_merge_of_one_address_it_gets_a_link_to_the_kept_registration(
    service: Service, *, adding: bool, linking: bool
) -> None:
    kept, gone = halal(service, ADDRESS), registered(service, ADDRESS.title())
    merge_two(service, kept, gone, adding=adding, linking=linking)
    assert told(service) == [(ADDRESS, "merged")]
    (letter,) = service.letters(ADDRESS)
    assert service.find(token_in(letter.text), LATER) == stored(service, kept)
    assert stored(service, kept).answers.severe is adding
    assert "portionens kod" in letter.text


@pytest.mark.parametrize("adding", [True, False])
@pytest.mark.parametrize("linking", [True, False])
def test_after_a_merge_another_address_gets_a_link_only_if_the_links_lead_on(
    service: Service, *, adding: bool, linking: bool
) -> None:
    kept, gone = halal(service, OTHER), registered(service)
    merge_two(service, kept, gone, adding=adding, linking=linking)
    to_kept = [(OTHER, "merged")] if linking else [(OTHER, "corrected")] * adding
    assert sorted(told(service)) == sorted([*to_kept, (ADDRESS, "merged")])
    (letter,) = service.letters(ADDRESS)
    found = service.find(token_in(letter.text), LATER)
    assert found == (stored(service, kept) if linking else None)
    assert ("http" in letter.text) is linking
    assert ("Länkarna till den öppnar ingenting längre." in letter.text) is not linking
    assert (service.find(gone.token, LATER) == stored(service, kept)) is linking


def test_a_link_to_an_earlier_address_does_not_lead_on_to_the_kept_registration(
    service: Service,
) -> None:
    """It was mailed to a mistyped address, which is somebody else's."""
    kept, gone = halal(service, OTHER), service.register(email="wrong@stranger.example")
    service.run_due_steps(NOW)
    stranger = token_in(service.letters("wrong@stranger.example")[0].text)
    service.change(gone, now=NOW, email=ADDRESS)
    service.run_due_steps(NOW)
    mailed = token_in(service.letters(ADDRESS)[0].text)
    merge_two(service, kept, gone, linking=True)
    opens = [service.find(token, LATER) for token in (gone.token, mailed, stranger)]
    assert opens == [stored(service, kept), stored(service, kept), None]
    service.cancel(kept.token, now=LATER)
    assert service.table.database.keys("LINK#") == []


def test_a_merged_persons_old_link_can_change_and_cancel_the_kept_registration(
    service: Service,
) -> None:
    kept, gone = halal(service, OTHER), registered(service)
    merge_two(service, kept, gone, linking=True)
    assert service.change(gone, 1, LATER, email=OTHER, diet="kosher")
    assert stored(service, kept).answers.diet == "kosher"
    service.cancel(gone.token, 2, LATER)
    assert registrations.find(service.table, key_of(kept)) is None


@pytest.mark.parametrize("linking", [True, False])
def test_everybody_is_told_of_two_merges_in_a_row_before_a_mail_is_sent(
    service: Service, *, linking: bool
) -> None:
    last, middle, first = (
        registered(service, f"{name}@elsewhere.example", name) for name in ("c", "b", "a")
    )
    merge_two(service, middle, first, linking=True)
    merge_two(service, last, middle, linking=linking)
    names = "abc" if linking else "ab"
    assert sorted(told(service)) == [(f"{name}@elsewhere.example", "merged") for name in names]
    for name, one in (("a", first), ("b", middle)):
        (letter,) = service.letters(f"{name}@elsewhere.example")
        for token in (token_in(letter.text), one.token):
            found = service.find(token, LATER) if token else None
            assert found == (stored(service, last) if linking else None)


# Notices that are not wanted any more


def cancel(service: Service, receipt: Receipt) -> None:
    service.cancel(receipt.token, stored(service, receipt).revision, LATER)


def change(**fields: Any) -> Callable[[Service, Receipt], None]:
    def act(service: Service, receipt: Receipt) -> None:
        service.change(receipt, stored(service, receipt).revision, LATER, **fields)

    return act


def desk(**fields: Any) -> Callable[[Service, Receipt], None]:
    return lambda service, receipt: correct(service, receipt, **fields)


CORRECT, MOVE = desk(diet="halal"), desk(email=OTHER)
SINCE: dict[str, tuple[list[Callable[[Service, Receipt], None]], list[tuple[str, str]]]] = {
    "corrected, then cancelled": ([CORRECT, cancel], []),
    "corrected, then removed": ([CORRECT, remove], [(ADDRESS, "removed")]),
    "corrected, then moved": ([CORRECT, MOVE], [(ADDRESS, "readdressed"), (OTHER, "receipt")]),
    "corrected twice": ([CORRECT, desk(diet="kosher")], [(ADDRESS, "corrected")]),
    "corrected, then changed by the person": ([CORRECT, change(diet="kosher")], []),
    "moved away and back": (
        [MOVE, desk(email=ADDRESS)],
        [(ADDRESS, "receipt"), (OTHER, "readdressed")],
    ),
    "moved, then removed": ([MOVE, remove], [(ADDRESS, "readdressed"), (OTHER, "removed")]),
}  # fmt: skip


@pytest.mark.parametrize("name", SINCE)
def test_a_notice_that_is_no_longer_true_is_not_sent(service: Service, name: str) -> None:
    receipt = registered(service)
    acts, expected = SINCE[name]
    for act in acts:
        act(service, receipt)
    assert sorted(told(service)) == sorted(expected)
    assert outbox.due(service.table, LATER + 9 * DAY) == []


MERGED_SINCE: dict[str, tuple[Callable[[Service, Receipt], None], bool | None]] = {
    "kept one moved": (desk(email="third@elsewhere.example"), False),
    "kept one removed": (remove, False),
    "kept one corrected": (CORRECT, True),
}


@pytest.mark.parametrize("name", MERGED_SINCE)
def test_a_merged_persons_notice_has_a_link_only_while_it_would_open_the_kept_registration(
    service: Service, name: str
) -> None:
    kept, gone = halal(service, OTHER), registered(service)
    merge_two(service, kept, gone, linking=True)
    act, has_link = MERGED_SINCE[name]
    act(service, kept)
    assert (ADDRESS, "merged") in told(service)
    assert ("http" in service.letters(ADDRESS)[0].text) is has_link


@pytest.mark.parametrize("act", [cancel, desk(email="third@elsewhere.example")])
def test_a_merge_of_one_address_is_not_told_once_the_kept_registration_is_not_its_own(
    service: Service, act: Callable[[Service, Receipt], None]
) -> None:
    kept, gone = halal(service, ADDRESS), registered(service)
    merge_two(service, kept, gone)
    act(service, kept)
    assert (ADDRESS, "merged") not in told(service)


@pytest.mark.parametrize("act", [CORRECT, MOVE, remove])
def test_nobody_is_told_at_a_blocked_mailbox_or_after_the_deletion(
    service: Service, act: Callable[[Service, Receipt], None]
) -> None:
    receipt = registered(service)
    service.table.apply(blocks.block_write(blocked := mailbox_hash(ADDRESS)))
    act(service, receipt)
    assert ADDRESS not in dict(told(service))
    blocks.unblock(service.table, blocked)
    other = registered(service, nonce="other")
    act(service, other)
    service.run_due_steps(service.event.deletes_at)
    assert ADDRESS not in service.recipients


# Language, faults, caps


def test_a_notice_is_in_the_language_of_the_latest_receipt(service: Service) -> None:
    answers = replace(VEGAN_WITHOUT_NUTS, email=ADDRESS)
    receipt = registering.register(service.at(NOW), answers, "n", ENGLISH)
    service.run_due_steps(NOW)
    CORRECT(service, receipt)
    service.run_due_steps(LATER)
    correct(service, receipt, diet="kosher")
    remove(service, receipt)
    service.run_due_steps(LATER)
    _, corrected, removed = service.letters(ADDRESS)
    assert corrected.subject.startswith("The special-diet registration has been changed, code ")
    assert re.search(r"/dag/registration/\S+\?lang=en", corrected.text)
    assert 'lang="en"' in corrected.html
    assert removed.subject.startswith("The special-diet registration has been removed")


def test_a_notice_in_doubt_is_sent_once_more_and_then_given_up_without_an_alarm(
    service: Service,
) -> None:
    receipt = registered(service)
    CORRECT(service, receipt)
    service.mailer.errors += [MailInDoubt("ReadTimeoutError")] * 2
    calls = service.mailer.calls
    service.tick_for(60, LATER)
    assert service.mailer.calls == calls + 2
    assert service.alarms() == []


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.PAUSED])
def test_a_notice_waits_until_ses_accepts_it(service: Service, fault: Fault) -> None:
    receipt = registered(service)
    CORRECT(service, receipt)
    service.mailer.errors += [MailNotAccepted(fault)] * 2
    service.tick_for(10, LATER)
    assert [to for to, letter in service.mailer.letters if "ändrad" in letter.subject] == [ADDRESS]


def test_a_day_of_refused_attempts_leaves_the_link_of_the_receipt(service: Service) -> None:
    receipt = service.register(email=ADDRESS)
    service.run_due_steps(NOW)
    (received,) = service.letters(ADDRESS)
    CORRECT(service, receipt)
    service.mailer.errors += [MailNotAccepted(Fault.PAUSED)] * 60
    service.tick_for(26 * 60, LATER)
    assert len(service.mailer.errors) < 60 - LINKS_AT_MOST
    assert service.find(token_in(received.text), LATER) == stored(service, receipt)
    service.mailer.errors.clear()
    service.tick_for(61, LATER + 27 * HOUR)
    mailed = token_in(service.letters(ADDRESS)[-1].text)
    assert hash_token(mailed) != hash_token(token_in(received.text))
    assert service.find(mailed, LATER) == stored(service, receipt)
    assert len(stored(service, receipt).links) == len(service.table.database.keys("LINK#")) == 2


def test_a_notice_is_sent_when_the_days_receipts_are_used_up_but_its_bounce_counts(
    service: Service,
) -> None:
    receipt, day = registered(service), f"{LATER:%Y-%m-%d}"
    CORRECT(service, receipt)
    assert told(service) == [(ADDRESS, "corrected")]
    assert read_counts(service.table.beside(ALL_EVENTS), day, LATER).sent == 1, "only the receipt"
    (tags,) = [tags for tags in service.mailer.tags if tags["kind"] == MailKind.CORRECTED]
    bounce = MailEvent(tags["mail"], MailKind.CORRECTED, MailEventType.BOUNCE, LATER, ADDRESS)
    bounce = replace(bounce, fault=Fault.BOUNCED, day=day)
    for _ in range(3):
        assert not ses_events.record_mail_event(service.at(LATER), bounce)
    counts = read_counts(service.table.beside(ALL_EVENTS), day, LATER)
    assert (counts.harmed, counts.settled) == (1, 0)
    for _ in range(HARMED_A_DAY):
        count_harm(service.table.beside(ALL_EVENTS), day)
    correct(service, receipt, diet="kosher")
    assert told(service) == [(ADDRESS, "corrected")]


def test_every_mail_is_in_the_records_of_its_registration_without_the_address(
    service: Service,
) -> None:
    receipt = registered(service)
    CORRECT(service, receipt)
    service.run_due_steps(LATER)
    MOVE(service, receipt)
    service.run_due_steps(LATER + timedelta(seconds=1))
    records = mail_records.about(service.table, key_of(receipt))
    assert {record.kind for record in records} == {"receipt", "corrected", "readdressed"}
    assert len(records) == 4
    assert {record.recipient for record in records} == {""}
