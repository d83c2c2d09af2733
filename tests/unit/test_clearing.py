"""Removing many at once at the desk, and keeping further mail from their addresses."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.control import QUIET, State
from chalicelib.desk import Access, Deed
from chalicelib.event import Event
from chalicelib.registration import Registration, StaleRevision, hashed
from chalicelib.services.clearing import Cleared, clear
from chalicelib.services.officers import Officer
from chalicelib.stores import audit_log, blocks, controls, mail_records, registrations
from chalicelib.table import StoreUnavailable, Table
from tests.driving import MINUTE, VISITOR, keys_in, minutes_from, new_token, register, tend_at
from tests.examples import NOW, VEGAN_WITHOUT_NUTS
from tests.fakes import RecordingMailer, TableInMemory
from tests.wire import refusing

LATER = NOW + timedelta(hours=1)
ADDRESS = "asa@elsewhere.example"
BO = replace(VEGAN_WITHOUT_NUTS, name="Bo Ek", email="")


def officer_on(table: Table, event: Event, now: datetime = LATER) -> Officer:
    return Officer(now, event, table, event.contacts[0], VISITOR, new_token)


def fill(table: Table, event: Event, how_many: int) -> list[str]:
    """The keys of so many who registered."""
    receipts = [register(event, table, name=f"Junk {n}", email="") for n in range(how_many)]
    return [hashed(receipt.token) for receipt in receipts]


def as_shown(_: str, stored: Registration) -> bool:
    return stored.revision == 1


def remove_all(officer: Officer, keys: Sequence[str], *, block: bool = False) -> Cleared:
    return clear(officer, keys, as_shown, "skräp", block=block, has_time=lambda: True)


def removals(table: Table) -> list[Access]:
    lines = reversed(audit_log.latest(table, "", 1000))
    return [line for line in lines if line.deed in {Deed.REMOVED, Deed.REMOVED_AND_BLOCKED}]


@pytest.mark.parametrize("how_many", [0, 1, 50, 120])
def test_all_of_them_go_each_with_a_line_of_its_own(
    event: Event, table: Table, how_many: int
) -> None:
    kept = fill(table, event, how_many + 1)[-1]
    keys = [key for key in keys_in(table) if key != kept]
    codes = [held.plate_code for held in registrations.find_all(table, keys).values()]
    assert remove_all(officer_on(table, event), keys) == Cleared(how_many, {}, [])
    assert keys_in(table) == [kept]
    lines = removals(table)
    assert sorted(line.about for line in lines) == sorted(f"{code}: skräp" for code in codes)
    assert {(line.contact, line.at) for line in lines} <= {(event.contacts[0].email, LATER)}


@pytest.mark.parametrize("how", ["linked", "changed", "cancelled"])
def test_at_the_last_moment_it_is_looked_at_again(
    event: Event, table: TableInMemory, how: str
) -> None:
    keys = fill(table, event, 3)
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
    cleared = remove_all(officer_on(table, event), keys)
    assert (cleared.removed, cleared.left) == ({"linked": 3}.get(how, 2), [])
    assert list(cleared.changed) == keys_in(table) == keys[1:2] * (how == "changed")
    assert registrations.linked(table, "late link") is None


def test_a_fault_on_the_way_hides_nothing_of_what_was_done(
    event: Event, table: TableInMemory
) -> None:
    keys = fill(table, event, 3)
    table.database.on(
        "TransactWriteItems", f"REG#{keys[2]}", refusing("ThrottlingException"), times=2
    )
    assert remove_all(officer_on(table, event), keys) == Cleared(2, {}, keys[2:])
    with pytest.raises(StoreUnavailable):
        remove_all(officer_on(table, event), keys[2:])
    assert len(removals(table)) == 2


def test_after_the_summary_it_leads_to_one_change_notice_to_everybody(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    keys = fill(table, event, 3)
    tend_at(minutes_from(event.closes_at, 5), event, table, mailer)
    mailer.letters.clear()
    done = event.closes_at + 5 * MINUTE
    assert controls.read(table).state is State.SUMMARISED
    assert remove_all(officer_on(table, event, done), keys[:2]).removed == 2
    assert controls.read(table).changed_at == done
    tend_at(minutes_from(done + QUIET, 5), event, table, mailer)
    assert [to for to, _ in mailer.letters] == [one.email for one in event.contacts]
    assert all("−2 ALLVARLIG ALLERGI, vegansk" in letter.text for _, letter in mailer.letters)


# Further mail


@pytest.mark.parametrize("many", [True, False])
def test_an_address_that_wants_no_more_mail_gets_none_until_the_block_is_lifted(
    event: Event, table: Table, mailer: RecordingMailer, *, many: bool
) -> None:
    key = hashed(register(event, table, email=ADDRESS).token)
    officer = officer_on(table, event)
    if many:
        assert remove_all(officer, [key], block=True).removed == 1
    else:
        assert officer.remove(key, 1, "skräp", block=True)
    (line,) = removals(table)
    assert line.deed is Deed.REMOVED_AND_BLOCKED
    assert ADDRESS not in str(line)
    assert blocks.count(table) == 1
    again = register(event, table, LATER, name="Bo", nonce="m", email="A.SA+x@elsewhere.example")
    assert officer.is_blocked(again.registration)
    others = register(event, table, LATER, name="Al", nonce="o", email="al@elsewhere.example")
    assert not officer.is_blocked(others.registration)
    steps = tend_at([LATER], event, table, mailer)
    assert [to for to, _ in mailer.letters] == ["al@elsewhere.example"]
    assert sum("dropped: the address wants no mail" in step for step in steps) == 1
    (record,) = mail_records.of_receipts(table, hashed(again.token))
    assert record.state == "dropped"
    assert officer.unblock(ADDRESS)
    assert not officer.unblock(ADDRESS)
    register(event, table, LATER, name="Cy", nonce="p", email=ADDRESS)
    tend_at([LATER + MINUTE], event, table, mailer)
    assert mailer.letters[-1][0] == ADDRESS
    assert [one.deed for one in audit_log.latest(table, "", 9)].count(Deed.UNBLOCKED) == 1


def test_without_an_address_there_is_nothing_to_block(event: Event, table: Table) -> None:
    (key,) = fill(table, event, 1)
    assert officer_on(table, event).remove(key, 1, "", block=True)
    assert blocks.count(table) == 0
    assert [line.deed for line in removals(table)] == [Deed.REMOVED]


def test_what_is_not_removed_blocks_nothing(event: Event, table: Table) -> None:
    key = hashed(register(event, table, email=ADDRESS).token)
    officer = officer_on(table, event)
    officer.correct(key, replace(BO, email=ADDRESS), 1)
    with pytest.raises(StaleRevision):
        officer.remove(key, 1, "", block=True)
    assert remove_all(officer, [key], block=True).removed == 0
    assert blocks.count(table) == 0


def test_a_contact_persons_own_mails_are_never_blocked(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    contact = event.contacts[0].email
    key = hashed(register(event, table, email=contact).token)
    officer_on(table, event).remove(key, 1, "", block=True)
    tend_at(minutes_from(event.closes_at, 5), event, table, mailer)
    assert contact in [to for to, _ in mailer.letters]
