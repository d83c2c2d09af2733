"""The desk: access tokens, the audit log, and concurrent changes by contact persons."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.closing.moving_deadline import DeadlineMoved
from chalicelib.desk import changing, login
from chalicelib.desk.bulk_removal import BulkRemoval, marked, remove_many
from chalicelib.desk.limits import LINK_SENT_WITHIN
from chalicelib.desk.login import Door
from chalicelib.desk.merging import merge
from chalicelib.desk.sessions import TokenKind, login_link, session_token
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.dynamo.table import Table
from chalicelib.event.context import Context
from chalicelib.event.event import Contact, Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import EventState, Phase, Snapshot
from chalicelib.lifecycle.timing import QUIET
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailNotAccepted
from chalicelib.registration import link_store, registering
from chalicelib.registration import store as registrations
from chalicelib.registration.limits import LINKS_AT_MOST
from chalicelib.registration.registration import RegisteredBefore, Registration, StaleRevision
from chalicelib.registration.tokens import hash_token, plate_code, token_of_form
from chalicelib.texts.language import SWEDISH
from chalicelib.texts.rendering import environment
from management.local.gateway import Gateway
from tests.driving import (
    MINUTE,
    SECOND,
    keys_in,
    minutes_from,
    new_token,
    register,
    tick_at,
)
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import RecordingMailer, TableInMemory, installed_composition
from tests.whole.contact_person import ContactPerson
from tests.wire import refusing

TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
HALAL = replace(VEGAN_WITHOUT_NUTS, diet="halal", email="")
BO = replace(VEGAN_WITHOUT_NUTS, name="Bo Ek", email="")


def ask(address: str, event: Event, table: Table) -> None:
    login.ask_for_link(Door(NOW, [Context(NOW, event, table)]), address)


def audit_actions(table: Table) -> list[AuditAction]:
    return [entry.action for entry in reversed(audit_log.latest(table, "", 1000))]


@pytest.fixture
def contact(event: Event) -> Contact:
    return event.contacts[0]


# Access tokens and the audit log


@pytest.mark.parametrize(
    ("given", "lasts", "kind", "other"),
    [
        (login_link("a@b.example", NOW), 30 * MINUTE, TokenKind.LINK, TokenKind.SESSION),
        (session_token("a@b.example", NOW), 8 * HOUR, TokenKind.SESSION, TokenKind.LINK),
    ],
)
def test_an_access_token_is_valid_only_for_its_kind_and_until_it_expires(
    given: Any, lasts: timedelta, kind: TokenKind, other: TokenKind
) -> None:
    assert given.admits(kind, NOW)
    assert given.admits(kind, NOW + lasts - TICK)
    assert not given.admits(kind, NOW + lasts)
    assert not given.admits(other, NOW)


def test_audit_entries_sort_by_time_in_any_time_zone(event: Event) -> None:
    moments = [NOW + n * timedelta(microseconds=10**n) for n in range(12)]
    entries = [
        AuditEntry(at.astimezone(event.timezone), "a@b.example", AuditAction.LOGGED_OUT, "", "id")
        for at in moments
    ]
    assert sorted(entry.key for entry in entries) == [entry.key for entry in entries]


def test_audit_entries_of_the_same_instant_have_different_keys() -> None:
    first, second = (
        AuditEntry(NOW, "a@b.example", AuditAction.LOGGED_OUT, "", one) for one in "ab"
    )
    assert first.key != second.key


def test_every_audit_action_has_its_own_words() -> None:
    say = environment(SWEDISH).filters["audit_action"]
    assert len({say(action) for action in AuditAction}) == len(AuditAction)


def test_logging_out_of_an_ended_session_writes_nothing(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    other_tab = replace(contact_person)
    contact_person.post("/desk/leave")
    before = installed_composition().database.all_items()
    assert other_tab.post("/desk/leave").headers["location"] == "/desk"
    assert installed_composition().database.all_items() == before


# Login mails that wait


@pytest.mark.parametrize("is_too_late", [False, True])
def test_a_login_mail_that_cannot_be_sent_within_an_hour_is_dropped(
    event: Event, table: Table, contact: Contact, *, is_too_late: bool
) -> None:
    for address in (contact.email, event.contacts[1].email):
        ask(address, event, table)
    mailer = RecordingMailer(*[MailNotAccepted(Fault.THROTTLED)] * (not is_too_late))
    tick_at([NOW + LINK_SENT_WITHIN - TICK * (not is_too_late)], event, table, mailer)
    assert len(mailer.letters) == (not is_too_late)
    tick_at([NOW + LINK_SENT_WITHIN + MINUTE], event, table, mailer)
    assert len(mailer.letters) == (not is_too_late)
    assert outbox.due(table, NOW + timedelta(days=1)) == []


def test_a_waiting_login_mail_to_a_removed_contact_person_is_dropped(
    event: Event, table: TableInMemory, mailer: RecordingMailer, contact: Contact
) -> None:
    ask(contact.email, event, table)
    (step,) = tick_at([NOW], replace(event, contacts=event.contacts[1:]), table, mailer)
    assert "dropped" in step
    assert mailer.letters == []
    assert table.database.keys("DESK#") == []


def test_the_alarm_about_a_lost_login_mail_does_not_name_the_recipient(
    event: Event, table: Table, contact: Contact
) -> None:
    ask(contact.email, event, table)
    mailer = RecordingMailer(MailNotAccepted(Fault.BAD_REQUEST))
    tick_at(minutes_from(NOW, 2), event, table, mailer)
    alarms = [letter for to, letter in mailer.letters if to == event.operator]
    assert alarms
    assert not any(contact.email in letter.text + letter.subject for letter in alarms)


# Work on registrations


@dataclass
class Desk:
    """Returns the DeskWork of contact person `number` (from 0) at the instant `now`."""

    event: Event
    table: Table

    def __call__(self, now: datetime = NOW, number: int = 0) -> DeskWork:
        contact = self.event.contacts[number]
        return DeskWork(now, self.event, self.table, contact, new_token)


@pytest.fixture
def desk(event: Event, table: Table) -> Desk:
    return Desk(event, table)


@pytest.fixture
def summarised(event: Event, table: Table, mailer: RecordingMailer) -> datetime:
    """When the summary of two registrations has been mailed."""
    for name in ("Åsa", "Al"):
        register(event, table, name=name)
    tick_at(minutes_from(event.closes_at, 5), event, table, mailer)
    mailer.letters.clear()
    return event.closes_at + 5 * MINUTE


def remove_all(work: DeskWork, keys: list[str]) -> BulkRemoval:
    def as_shown(_: str, stored: Registration) -> bool:
        return stored.revision == 1

    found = marked(work, keys)
    return remove_many(work, found, as_shown, "skräp", block_until=None, has_time=lambda: True)


def merged(work: DeskWork, gone: str, kept: str) -> bool:
    return merge(work, (kept, 1), (gone, 1), adding=False, linking=False)


Change = Callable[[DeskWork, str, str], object]
CHANGES: dict[str, tuple[Change, AuditAction]] = {
    "add": (lambda work, *_: changing.add(work, BO, "a-nonce"), AuditAction.ADDED),
    "correct": (lambda work, key, _: changing.correct(work, key, HALAL, 1), AuditAction.CORRECTED),
    "remove": (lambda work, key, _: changing.remove(work, key, 1, ""), AuditAction.REMOVED),
    "remove a duplicate": (
        merged,
        AuditAction.REMOVED,
    ),
    "remove many": (lambda work, key, _: remove_all(work, [key]), AuditAction.REMOVED),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_at_the_desk_after_the_summary_leads_to_a_change_notice(
    event: Event,
    table: Table,
    mailer: RecordingMailer,
    desk: Desk,
    summarised: datetime,
    name: str,
) -> None:
    change, action = CHANGES[name]
    one, other = keys_in(table)
    change(desk(summarised), one, other)
    assert event_state.read(table).changed_at == summarised
    tick_at(minutes_from(summarised, 10), event, table, mailer)
    assert mailer.letters == []
    tick_at(minutes_from(summarised + QUIET, 30), event, table, mailer)
    assert [to for to, _ in mailer.letters] == [one.email for one in event.contacts]
    assert all(letter.subject.startswith("Ändrad specialkost") for _, letter in mailer.letters)
    assert audit_actions(table) == [action]


def test_the_audit_entry_has_the_plate_code_that_was_assigned(desk: Desk, table: Table) -> None:
    token = token_of_form(BO.name, "nonce")
    registrations.add(table, "somebody", registered(VEGAN_WITHOUT_NUTS, plate_code(token, 0)))
    _, stored = changing.add(desk(), BO, "nonce")
    assert stored.plate_code == plate_code(token, 1)
    assert [entry.about for entry in audit_log.latest(table, "", 9)] == [stored.plate_code]


def test_a_receipt_is_sent_when_the_desk_adds_or_changes_a_mail_address(
    desk: Desk, event: Event, table: Table, mailer: RecordingMailer
) -> None:
    changing.add(desk(), replace(BO, name="Al", email="al@elsewhere.example"), "nonce")
    key, _ = changing.add(desk(), BO, "nonce")
    new = replace(BO, email="bo@elsewhere.example")
    changing.correct(desk(NOW + SECOND), key, new, 1)
    changing.correct(desk(NOW + SECOND), key, replace(new, diet="halal"), 2)
    tick_at([NOW + MINUTE], event, table, mailer)
    receipts = [to for to, letter in mailer.letters if "mottagen" in letter.subject]
    assert receipts == ["al@elsewhere.example", "bo@elsewhere.example"]


def test_a_registration_that_the_desk_is_only_asked_about_uses_up_no_receipt_of_the_mailbox(
    desk: Desk, table: TableInMemory
) -> None:
    first = replace(BO, email="bo@elsewhere.example")
    changing.add(desk(), first, "nonce")
    counted = _counted(table)
    assert counted
    with pytest.raises(RegisteredBefore):
        changing.add(desk(), replace(first, email="other@elsewhere.example"), "nonce")
    assert _counted(table) == counted


def _counted(table: TableInMemory) -> list[Any]:
    return [item for item in table.database.all_items() if "CAP#" in str(item)]


@pytest.mark.parametrize("act", ["correct", "remove"])
def test_a_change_that_conflicts_with_a_concurrent_one_shows_the_stored_registration(
    desk: Desk, table: TableInMemory, act: str
) -> None:
    key, stored = changing.add(desk(), BO, "nonce")
    others = replace(stored, answers=replace(BO, diet="kosher"), revision=2)
    table.database.on(
        "TransactWriteItems", f"REG#{key}", lambda: registrations.change(table, key, others)
    )
    with pytest.raises(StaleRevision) as stale:
        CHANGES[act][0](desk(), key, "")
    assert stale.value.stored == others == registrations.find(table, key)
    assert sorted(audit_actions(table)) == [AuditAction.ADDED, AuditAction.SAW_ONE]


def add_duplicates(desk: Desk) -> tuple[str, str]:
    one, two = (changing.add(desk(), BO, nonce)[0] for nonce in ("one", "two"))
    return one, two


def test_of_two_concurrent_removals_of_each_others_duplicate_only_one_succeeds(
    desk: Desk, table: TableInMemory
) -> None:
    one, two = add_duplicates(desk)
    table.database.on(
        "TransactWriteItems",
        f"REG#{one}",
        lambda: merged(desk(NOW + SECOND, 1), two, one),
    )
    assert not merged(desk(NOW + SECOND), one, two)
    assert keys_in(table) == [one]
    assert [entry.contact for entry in audit_log.latest(table, "", 1)] == [
        desk.event.contacts[1].email
    ]


@pytest.mark.parametrize("which", ["removed", "kept"])
def test_a_concurrent_change_of_either_duplicate_prevents_the_removal(
    desk: Desk, table: TableInMemory, which: str
) -> None:
    one, two = add_duplicates(desk)
    changes = two if which == "kept" else one
    table.database.on(
        "TransactWriteItems",
        f"REG#{one}",
        lambda: changing.correct(desk(NOW + SECOND, 1), changes, replace(BO, diet="halal"), 1),
    )
    with pytest.raises(StaleRevision) as stale:
        merged(desk(), one, two)
    assert stale.value.stored == registrations.find(table, changes)
    assert sorted(keys_in(table)) == sorted([one, two])
    assert audit_actions(table) == [AuditAction.ADDED, AuditAction.ADDED, AuditAction.CORRECTED]


@pytest.mark.parametrize("how", ["linked", "changed", "cancelled"])
def test_a_bulk_removal_reads_a_registration_again_after_a_conflict(
    event: Event, desk: Desk, table: TableInMemory, how: str
) -> None:
    keys = [hash_token(register(event, table, name=f"Junk {n}").token) for n in range(3)]
    stored = registrations.find(table, keys[1])
    assert stored

    def change_concurrently() -> None:
        if how == "linked":
            link_store.link(table, "late link", keys[1], stored)
        elif how == "changed":
            registrations.change(table, keys[1], replace(stored, revision=2))
        else:
            registrations.remove(table, keys[1], stored)

    table.database.on("TransactWriteItems", f"REG#{keys[1]}", change_concurrently)
    result = remove_all(desk(), keys)
    assert (result.removed, result.is_done) == ({"linked": 3}.get(how, 2), True)
    assert list(result.changed) == keys_in(table) == keys[1:2] * (how == "changed")
    assert link_store.linked(table, "late link") is None


def test_a_bulk_removal_that_fails_halfway_reports_what_was_removed(
    event: Event, desk: Desk, table: TableInMemory
) -> None:
    keys = [hash_token(register(event, table, name=f"Junk {n}").token) for n in range(198)]
    fault = refusing("ThrottlingException")
    table.database.on("TransactWriteItems", f"REG#{keys[197]}", fault, times=2)
    assert remove_all(desk(), keys) == BulkRemoval(194, {}, is_done=False, last=keys[193])
    with pytest.raises(StoreUnavailable):
        remove_all(desk(), keys[194:])
    assert audit_actions(table) == [AuditAction.REMOVED] * 2


def test_a_bulk_removal_fits_links_blocks_and_entries_into_its_transactions(
    event: Event, desk: Desk, table: TableInMemory
) -> None:
    event_state.save(table, EventState(Phase.SUMMARISED, snapshot=Snapshot("f00d", 0, NOW)))
    keys = []
    for n in range(30):
        email = f"p{n}@d.example" if n % 2 else ""
        answers = replace(VEGAN_WITHOUT_NUTS, name=f"Junk {n}", email=email)
        keys.append(f"{n:064x}")
        registrations.add(table, keys[n], registered(answers, f"C{n:03}"))
        for link in range(n % LINKS_AT_MOST):
            stored = registrations.find(table, keys[n])
            assert stored
            link_store.link(table, f"link {n} {link}", keys[n], stored)
    table.database.calls.clear()
    found = marked(desk(), keys)
    result = remove_many(
        desk(), found, lambda *_: True, "skräp", block_until=NOW, has_time=lambda: True
    )
    assert (result.removed, keys_in(table), table.database.keys("LINK#")) == (30, [], [])
    assert len(table.database.keys("BLOCK#")) == 15
    sizes = [
        len(one["TransactItems"]) for one in table.database.requests if "TransactItems" in one
    ][-table.database.calls.count("TransactWriteItems") :]
    assert len(sizes) < 6
    codes = [code for entry in audit_log.latest(table, "", 99) for code in entry.codes]
    assert sorted(codes) == [f"C{n:03}" for n in range(30)]


def test_a_contact_persons_own_mails_are_never_blocked(
    event: Event, desk: Desk, table: Table, mailer: RecordingMailer, contact: Contact
) -> None:
    key = hash_token(register(event, table, email=contact.email).token)
    changing.remove(desk(), key, 1, "", block=True)
    assert audit_actions(table) == [AuditAction.REMOVED_AND_BLOCKED]
    tick_at(minutes_from(event.closes_at, 5), event, table, mailer)
    assert contact.email in [to for to, _ in mailer.letters]


# Sending again, and the deadline


def test_sending_again_sends_the_last_mailed_version_in_full(
    event: Event, table: Table, mailer: RecordingMailer, desk: Desk, summarised: datetime
) -> None:
    changing.add(desk(summarised), BO, "nonce")
    tick_at(minutes_from(summarised + QUIET, 2), event, table, mailer)
    (_, notice), again = mailer.letters[0], RecordingMailer()
    later = summarised + 2 * QUIET
    changing.add(desk(later), replace(BO, name="Not mailed yet"), "nonce")
    assert desk(later).send_again(event.contacts[:1], "again") == 2
    tick_at([later], event, table, again)
    ((_, letter),) = again.letters
    assert letter.subject.startswith("Kopia: Specialkost 31 maj, Säker och trygg kommun: 3 med")
    assert "öppen igen" not in letter.text + letter.html, "registration was not reopened"
    checked = re.compile("kontrollnummer [0-9a-f]{8}")
    assert checked.findall(letter.text) == checked.findall(notice.text) != []


DeadlineChange = Callable[[DeskWork], object]


@pytest.fixture
def changes(event: Event) -> dict[str, DeadlineChange]:
    """The deadline changes by a contact person who was shown the announced deadline."""
    shown = event.closes_at
    return {
        "close": lambda work: work.close(shown),
        "reopen": lambda work: work.reopen(shown + HOUR, shown),
    }


@pytest.mark.parametrize("name", ["close", "reopen"])
@pytest.mark.parametrize("colleagues", ["close", "reopen"])
def test_a_deadline_that_moves_concurrently_is_neither_closed_nor_moved_again(
    desk: Desk,
    table: TableInMemory,
    changes: dict[str, DeadlineChange],
    name: str,
    colleagues: str,
) -> None:
    table.database.on("TransactWriteItems", "CONTROL", lambda: changes[colleagues](desk(NOW, 1)))
    with pytest.raises(DeadlineMoved):
        changes[name](desk())
    assert event_state.read(table).revision == 1
    assert [entry.contact for entry in audit_log.latest(table, "", 9)] == [
        desk.event.contacts[1].email
    ]


@pytest.mark.parametrize("name", ["close", "reopen"])
def test_a_tick_between_reading_and_writing_does_not_prevent_a_deadline_change(
    desk: Desk, table: TableInMemory, event: Event, changes: dict[str, DeadlineChange], name: str
) -> None:
    def tick() -> None:
        event_state.save(table, replace(event_state.read(table), followed_up_at=NOW))

    table.database.on("TransactWriteItems", "CONTROL", tick)
    changes[name](desk())
    assert event_state.read(table).followed_up_at == NOW
    closes_at = {"close": NOW, "reopen": event.closes_at + HOUR}[name]
    assert registering.closing_time(desk()) == closes_at
    assert len(audit_actions(table)) == 1
