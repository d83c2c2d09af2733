"""The contact persons' desk: what lets one in, its log, and who is overtaken at work."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.closing.moving_deadline import DeadlineMoved
from chalicelib.desk import login
from chalicelib.desk.bulk_removal import BulkRemoval, remove_many
from chalicelib.desk.sessions import LINK_WAITS, TokenKind, login_link, session_token
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.dynamo.table import Table
from chalicelib.event.context import Context
from chalicelib.event.event import Contact, Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.timing import QUIET
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailNotTaken
from chalicelib.registration import registering
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import Registration, StaleRevision
from chalicelib.registration.tokens import hash_token, plate_code, token_for
from chalicelib.texts.language import SWEDISH
from chalicelib.texts.rendering import environment
from tests.driving import (
    LINK_TARGET,
    MINUTE,
    SECOND,
    keys_in,
    minutes_from,
    new_token,
    register,
    tick_at,
)
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import RecordingMailer, TableInMemory
from tests.wire import refusing

TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
HALAL = replace(VEGAN_WITHOUT_NUTS, diet="halal", email="")
BO = replace(VEGAN_WITHOUT_NUTS, name="Bo Ek", email="")


def ask(address: str, event: Event, table: Table) -> None:
    login.ask_for_link(
        Context(NOW, event, table), address, base_url=LINK_TARGET.base_url, new_token=new_token
    )


def audit_actions(table: Table) -> list[AuditAction]:
    return [line.action for line in reversed(audit_log.latest(table, "", 1000))]


@pytest.fixture
def contact(event: Event) -> Contact:
    return event.contacts[0]


# Passes and the log


@pytest.mark.parametrize(
    ("given", "lasts", "kind", "other"),
    [
        (login_link("a@b.example", NOW), 30 * MINUTE, TokenKind.LINK, TokenKind.SESSION),
        (session_token("a@b.example", NOW), 8 * HOUR, TokenKind.SESSION, TokenKind.LINK),
    ],
)
def test_a_pass_admits_as_what_it_is_until_the_instant_it_expires(
    given: Any, lasts: timedelta, kind: TokenKind, other: TokenKind
) -> None:
    assert given.admits(kind, NOW)
    assert given.admits(kind, NOW + lasts - TICK)
    assert not given.admits(kind, NOW + lasts)
    assert not given.admits(other, NOW)


def test_lines_of_the_log_sort_as_they_were_written_in_any_zone(event: Event) -> None:
    moments = [NOW + n * timedelta(microseconds=10**n) for n in range(12)]
    lines = [
        AuditEntry(at.astimezone(event.timezone), "a@b.example", AuditAction.LOGGED_OUT, "", "id")
        for at in moments
    ]
    assert sorted(line.key for line in lines) == [line.key for line in lines]


def test_what_happens_at_the_same_instant_makes_lines_of_their_own() -> None:
    first, second = (
        AuditEntry(NOW, "a@b.example", AuditAction.LOGGED_OUT, "", one) for one in "ab"
    )
    assert first.key != second.key


def test_everything_that_can_be_done_has_words() -> None:
    say = environment(SWEDISH).filters["audit_action"]
    assert len({say(action) for action in AuditAction}) == len(AuditAction)


def test_who_leaves_in_two_tabs_at_once_leaves_once(event: Event, table: Table) -> None:
    login.log_out(Context(NOW, event, table), "ended-by-the-other-tab", new_token)
    assert audit_actions(table) == []


# Links that wait


@pytest.mark.parametrize("is_too_late", [False, True])
def test_a_link_is_dropped_at_the_very_hour(
    event: Event, table: Table, contact: Contact, *, is_too_late: bool
) -> None:
    for address in (contact.email, event.contacts[1].email):
        ask(address, event, table)
    mailer = RecordingMailer(*[MailNotTaken(Fault.THROTTLED)] * (not is_too_late))
    tick_at([NOW + LINK_WAITS - TICK * (not is_too_late)], event, table, mailer)
    assert len(mailer.letters) == (not is_too_late)
    tick_at([NOW + LINK_WAITS + MINUTE], event, table, mailer)
    assert len(mailer.letters) == (not is_too_late)
    assert outbox.due(table, NOW + timedelta(days=1)) == []


def test_a_link_that_waits_for_somebody_who_left_the_event_file_is_dropped(
    event: Event, table: TableInMemory, mailer: RecordingMailer, contact: Contact
) -> None:
    ask(contact.email, event, table)
    (step,) = tick_at([NOW], replace(event, contacts=event.contacts[1:]), table, mailer)
    assert "dropped" in step
    assert mailer.letters == []
    assert table.database.keys("DESK#") == []


def test_the_mail_of_a_link_that_is_lost_raises_no_word_of_whom_it_was_for(
    event: Event, table: Table, contact: Contact
) -> None:
    ask(contact.email, event, table)
    mailer = RecordingMailer(MailNotTaken(Fault.BAD_REQUEST))
    tick_at(minutes_from(NOW, 2), event, table, mailer)
    alarms = [letter for to, letter in mailer.letters if to == event.operator]
    assert alarms
    assert not any(contact.email in letter.text + letter.subject for letter in alarms)


# At work


@dataclass
class AtWork:
    """A contact person at the desk, and the store she works on."""

    event: Event
    table: Table

    def __call__(self, now: datetime = NOW, number: int = 0) -> DeskWork:
        contact = self.event.contacts[number]
        return DeskWork(now, self.event, self.table, contact, LINK_TARGET, new_token)


@pytest.fixture
def officer(event: Event, table: Table) -> AtWork:
    return AtWork(event, table)


@pytest.fixture
def summarised(event: Event, table: Table, mailer: RecordingMailer) -> datetime:
    """When two registrations had been summed up and told."""
    for name in ("Åsa", "Al"):
        register(event, table, name=name)
    tick_at(minutes_from(event.closes_at, 5), event, table, mailer)
    mailer.letters.clear()
    return event.closes_at + 5 * MINUTE


def remove_all(officer: DeskWork, keys: list[str]) -> BulkRemoval:
    def as_shown(_: str, stored: Registration) -> bool:
        return stored.revision == 1

    return remove_many(officer, keys, as_shown, "skräp", block=False, has_time=lambda: True)


Work = Callable[[DeskWork, str, str], object]
WORKS: dict[str, tuple[Work, AuditAction]] = {
    "add": (lambda officer, *_: officer.add(BO, "a-nonce"), AuditAction.ADDED),
    "correct": (lambda officer, key, _: officer.correct(key, HALAL, 1), AuditAction.CORRECTED),
    "remove": (lambda officer, key, _: officer.remove(key, 1, ""), AuditAction.REMOVED),
    "remove a duplicate": (
        lambda officer, key, other: officer.remove_duplicate(key, 1, other, 1),
        AuditAction.REMOVED,
    ),
    "remove many": (lambda officer, key, _: remove_all(officer, [key]), AuditAction.REMOVED),
}


@pytest.mark.parametrize("name", WORKS)
def test_what_is_done_after_the_summary_leads_to_a_change_notice_to_everybody(
    event: Event,
    table: Table,
    mailer: RecordingMailer,
    officer: AtWork,
    summarised: datetime,
    name: str,
) -> None:
    work, action = WORKS[name]
    one, other = keys_in(table)
    work(officer(summarised), one, other)
    assert event_state.read(table).changed_at == summarised
    tick_at(minutes_from(summarised, 10), event, table, mailer)
    assert mailer.letters == []
    tick_at(minutes_from(summarised + QUIET, 60), event, table, mailer)
    assert [to for to, _ in mailer.letters] == [one.email for one in event.contacts]
    assert all(letter.subject.startswith("Ändrad specialkost") for _, letter in mailer.letters)
    assert audit_actions(table) == [action]


def test_the_log_tells_the_code_that_was_free(officer: AtWork, table: Table) -> None:
    token = token_for(BO, "nonce")
    registrations.add(table, "somebody", registered(VEGAN_WITHOUT_NUTS, plate_code(token, 0)))
    _, stored = officer().add(BO, "nonce")
    assert stored.plate_code == plate_code(token, 1)
    assert [line.about for line in audit_log.latest(table, "", 9)] == [stored.plate_code]


def test_who_is_added_with_an_address_or_gets_another_one_gets_the_usual_receipt(
    officer: AtWork, event: Event, table: Table, mailer: RecordingMailer
) -> None:
    officer().add(replace(BO, name="Al", email="al@elsewhere.example"), "nonce")
    key, _ = officer().add(BO, "nonce")
    new = replace(BO, email="bo@elsewhere.example")
    officer(NOW + SECOND).correct(key, new, 1)
    officer(NOW + SECOND).correct(key, replace(new, diet="halal"), 2)
    tick_at([NOW + MINUTE], event, table, mailer)
    addresses = [to for to, _ in mailer.letters]
    assert addresses == ["al@elsewhere.example", "bo@elsewhere.example"]


@pytest.mark.parametrize("act", ["correct", "remove"])
def test_who_is_overtaken_at_the_last_moment_is_shown_what_is_stored(
    officer: AtWork, table: TableInMemory, act: str
) -> None:
    key, stored = officer().add(BO, "nonce")
    others = replace(stored, answers=replace(BO, diet="kosher"), revision=2)
    table.database.on(
        "TransactWriteItems", f"REG#{key}", lambda: registrations.change(table, key, others)
    )
    with pytest.raises(StaleRevision) as stale:
        WORKS[act][0](officer(), key, "")
    assert stale.value.stored == others == registrations.find(table, key)
    assert sorted(audit_actions(table)) == [AuditAction.ADDED, AuditAction.SAW_ONE]


def two_alike(officer: AtWork) -> tuple[str, str]:
    one, two = (officer().add(BO, nonce)[0] for nonce in ("one", "two"))
    return one, two


def test_of_two_who_keep_one_each_at_the_same_moment_one_loses(
    officer: AtWork, table: TableInMemory
) -> None:
    one, two = two_alike(officer)
    table.database.on(
        "TransactWriteItems",
        f"REG#{one}",
        lambda: officer(NOW + SECOND, 1).remove_duplicate(two, 1, one, 1),
    )
    assert not officer(NOW + SECOND).remove_duplicate(one, 1, two, 1)
    assert keys_in(table) == [one]
    assert [line.contact for line in audit_log.latest(table, "", 1)] == [
        officer.event.contacts[1].email
    ]


@pytest.mark.parametrize("which", ["removed", "kept"])
def test_of_duplicates_that_change_at_the_last_moment_none_is_removed(
    officer: AtWork, table: TableInMemory, which: str
) -> None:
    one, two = two_alike(officer)
    changes = two if which == "kept" else one
    table.database.on(
        "TransactWriteItems",
        f"REG#{one}",
        lambda: officer(NOW + SECOND, 1).correct(changes, replace(BO, diet="halal"), 1),
    )
    with pytest.raises(StaleRevision) as stale:
        officer().remove_duplicate(one, 1, two, 1)
    assert stale.value.stored == registrations.find(table, changes)
    assert sorted(keys_in(table)) == sorted([one, two])
    assert audit_actions(table) == [AuditAction.ADDED, AuditAction.ADDED, AuditAction.CORRECTED]


@pytest.mark.parametrize("how", ["linked", "changed", "cancelled"])
def test_each_of_many_is_looked_at_again_at_the_last_moment(
    event: Event, officer: AtWork, table: TableInMemory, how: str
) -> None:
    keys = [hash_token(register(event, table, name=f"Junk {n}").token) for n in range(3)]
    held = registrations.find(table, keys[1])
    assert held

    def overtake() -> None:
        if how == "linked":
            registrations.link(table, "late link", keys[1], held)
        elif how == "changed":
            registrations.change(table, keys[1], replace(held, revision=2))
        else:
            registrations.remove(table, keys[1], held)

    table.database.on("TransactWriteItems", f"REG#{keys[1]}", overtake)
    cleared = remove_all(officer(), keys)
    assert (cleared.removed, cleared.left) == ({"linked": 3}.get(how, 2), [])
    assert list(cleared.changed) == keys_in(table) == keys[1:2] * (how == "changed")
    assert registrations.linked(table, "late link") is None


def test_a_fault_on_the_way_hides_nothing_of_what_was_done(
    event: Event, officer: AtWork, table: TableInMemory
) -> None:
    keys = [hash_token(register(event, table, name=f"Junk {n}").token) for n in range(3)]
    fault = refusing("ThrottlingException")
    table.database.on("TransactWriteItems", f"REG#{keys[2]}", fault, times=2)
    assert remove_all(officer(), keys) == BulkRemoval(2, {}, keys[2:])
    with pytest.raises(StoreUnavailable):
        remove_all(officer(), keys[2:])
    assert audit_actions(table) == [AuditAction.REMOVED] * 2


def test_a_contact_persons_own_mails_are_never_blocked(
    event: Event, officer: AtWork, table: Table, mailer: RecordingMailer, contact: Contact
) -> None:
    key = hash_token(register(event, table, email=contact.email).token)
    officer().remove(key, 1, "", block=True)
    assert audit_actions(table) == [AuditAction.REMOVED_AND_BLOCKED]
    tick_at(minutes_from(event.closes_at, 5), event, table, mailer)
    assert contact.email in [to for to, _ in mailer.letters]


# What moves the whole


def test_what_goes_again_is_the_version_that_was_told_last_whole(
    event: Event, table: Table, mailer: RecordingMailer, officer: AtWork, summarised: datetime
) -> None:
    officer(summarised).add(BO, "nonce")
    tick_at(minutes_from(summarised + QUIET, 2), event, table, mailer)
    (_, notice), again = mailer.letters[0], RecordingMailer()
    later = summarised + HOUR
    officer(later).add(replace(BO, name="Not told yet"), "nonce")
    assert officer(later).send_again(event.contacts[:1], "again") == 2
    tick_at([later], event, table, again)
    ((_, letter),) = again.letters
    assert letter.subject.startswith("Kopia: Specialkost 31 maj: 3 portioner till lunch")
    assert "öppen igen" not in letter.text + letter.html, "it never was"
    checked = re.compile("kontrolltal [0-9a-f]{8}")
    assert checked.findall(letter.text) == checked.findall(notice.text) != []


Moving = Callable[[DeskWork], object]


@pytest.fixture
def movings(event: Event) -> dict[str, Moving]:
    """What a contact person can do to the deadline when she has seen the announced one."""
    shown = event.closes_at
    return {
        "close": lambda officer: officer.close(shown),
        "reopen": lambda officer: officer.reopen(shown + HOUR, shown),
    }


@pytest.mark.parametrize("name", ["close", "reopen"])
@pytest.mark.parametrize("colleagues", ["close", "reopen"])
def test_a_deadline_that_moves_at_the_last_moment_is_neither_closed_nor_moved_again(
    officer: AtWork,
    table: TableInMemory,
    movings: dict[str, Moving],
    name: str,
    colleagues: str,
) -> None:
    table.database.on("TransactWriteItems", "CONTROL", lambda: movings[colleagues](officer(NOW, 1)))
    with pytest.raises(DeadlineMoved):
        movings[name](officer())
    assert event_state.read(table).revision == 1
    assert [line.contact for line in audit_log.latest(table, "", 9)] == [
        officer.event.contacts[1].email
    ]


@pytest.mark.parametrize("name", ["close", "reopen"])
def test_a_tick_between_reading_and_writing_is_no_hindrance(
    officer: AtWork, table: TableInMemory, event: Event, movings: dict[str, Moving], name: str
) -> None:
    def tick() -> None:
        event_state.save(table, replace(event_state.read(table), followed_up_at=NOW))

    table.database.on("TransactWriteItems", "CONTROL", tick)
    movings[name](officer())
    assert event_state.read(table).followed_up_at == NOW
    closes_at = {"close": NOW, "reopen": event.closes_at + HOUR}[name]
    assert registering.closing_time(officer()) == closes_at
    assert len(audit_actions(table)) == 1
