"""Blocked mailboxes in the table: against whom a block holds, and groups of blocks."""

from datetime import datetime, timedelta

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import put
from chalicelib.mail import blocks
from tests.driving import DAY, MINUTE, SECOND
from tests.examples import NOW
from tests.fakes import TableOnWire


def block_groups(table: Table) -> list[tuple[str, bool, datetime, datetime, int]]:
    return [
        (group.made_by, group.of_junk, group.first, group.last, group.count)
        for group in blocks.groups(table)
    ]


def test_a_block_of_junk_holds_against_registrations_made_until_then(table: TableOnWire) -> None:
    assert not blocks.is_blocked(table, "mailbox", NOW)
    table.apply(blocks.junk_block_write("mailbox", NOW, "a@d.example", NOW))
    assert blocks.is_blocked(table, "mailbox", NOW - MINUTE)
    assert blocks.is_blocked(table, "mailbox", NOW)
    assert not blocks.is_blocked(table, "mailbox", NOW + timedelta(microseconds=1))
    assert not blocks.is_blocked(table, "mailbox"), "the registration is gone"
    table.apply(blocks.junk_block_write("mailbox", NOW + MINUTE, "b@d.example", NOW + MINUTE))
    assert blocks.is_blocked(table, "mailbox", NOW + MINUTE)
    assert block_groups(table) == [("a@d.example", True, NOW, NOW, 1)]


def test_a_block_of_junk_changes_neither_the_time_nor_the_reach_of_one_that_was_asked_for(
    table: TableOnWire,
) -> None:
    table.apply(blocks.block_write("mailbox", NOW, "a@d.example"))
    table.apply(blocks.junk_block_write("mailbox", NOW + MINUTE, "b@d.example", NOW + MINUTE))
    assert blocks.is_blocked(table, "mailbox", NOW + DAY)
    assert blocks.is_blocked(table, "mailbox")
    assert block_groups(table) == [("a@d.example", False, NOW, NOW, 1)]
    table.apply(blocks.junk_block_write("other", NOW, "a@d.example", NOW))
    table.apply(blocks.block_write("other", NOW + DAY, "b@d.example"))
    assert blocks.is_blocked(table, "other", NOW + 2 * DAY)


def test_blocks_are_grouped_by_maker_and_reach_and_those_without_a_time_are_the_oldest(
    table: TableOnWire,
) -> None:
    table.apply(put("BLOCK#old", {}))
    for n, minutes in enumerate((0, 9, 19, 30)):
        at = NOW + minutes * MINUTE
        table.apply(blocks.junk_block_write(f"junk {n}", at, "a@d.example", at))
        table.apply(blocks.junk_block_write(f"other {n}", NOW, "b@d.example", NOW))
    table.apply(blocks.block_write("asked for", NOW, "a@d.example"))
    late, early = NOW + 30 * MINUTE, NOW + 19 * MINUTE
    groups = block_groups(table)
    assert groups[:2] == [
        ("a@d.example", True, late, late, 1),
        ("a@d.example", True, NOW, early, 3),
    ]
    assert sorted(groups[2:4]) == [
        ("a@d.example", False, NOW, NOW, 1),
        ("b@d.example", True, NOW, NOW, 4),
    ]
    assert not blocks.groups(table)[-1].has_time
    assert blocks.is_blocked(table, "old", NOW)


def test_a_group_is_unblocked_in_transactions_with_one_entry_while_there_is_time(
    table: TableOnWire,
) -> None:
    for n in range(150):
        table.apply(
            blocks.junk_block_write(f"{n:03}", NOW + n * SECOND, "a@d.example", NOW + n * SECOND)
        )
    for mailbox, made_by in (("asked for", "a@d.example"), ("other", "b@d.example")):
        table.apply(blocks.block_write(mailbox, NOW, made_by))
    (group,) = [group for group in blocks.groups(table) if group.of_junk]
    table.apply(
        blocks.junk_block_write("later", group.last + SECOND, "a@d.example", group.last + SECOND)
    )
    entry = audit_log.add_write(
        AuditEntry(NOW, "a@d.example", AuditAction.UNBLOCKED_GROUP, "", "id")
    )
    assert blocks.unblock_group(table, group, entry, lambda: False) == 99
    assert len(audit_log.latest(table, "", 9)) == 1
    assert blocks.unblock_group(table, group, entry, lambda: True) == 51
    assert blocks.unblock_group(table, group, entry, lambda: True) == 0
    assert table.database.keys("BLOCK#") == ["BLOCK#asked for", "BLOCK#later", "BLOCK#other"]
