"""Blocked mailboxes, which get no more mails to attendees. The table stores hashes only."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chalicelib.dynamo.attributes import format_instant, parse_instant, unmarshal
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import EXISTS, Write, delete, put, update

_BLOCK = "BLOCK#"
# A contact person's blocks with shorter pauses between them are one group.
_PAUSE = timedelta(minutes=10)
# The time of the blocks that were stored without one, which are the oldest.
_UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_DELETED_AT_ONCE = 99  # with an audit entry, as many writes as a transaction may have


class _Block(NamedTuple):
    made_by: str
    of_junk: bool
    made_at: datetime
    mailbox_hash: str


@dataclass
class BlockGroup:
    """`count` blocks that a contact person made in a row, from `first` to `last`.

    `of_junk`: they hold only against registrations made before.
    """

    made_by: str
    of_junk: bool
    first: datetime
    last: datetime
    count: int = 1

    @property
    def has_time(self) -> bool:
        """Whether the time of making is known."""
        return self.first > _UNKNOWN_TIME


def key_of(mailbox_hash: str) -> str:
    """The sort key of the block of this mailbox."""
    return f"{_BLOCK}{mailbox_hash}"


def block_write(mailbox_hash: str, made_at: datetime = _UNKNOWN_TIME, made_by: str = "") -> Write:
    """The write that blocks a mailbox, as its owner wishes, until the block is lifted."""
    made = {"made_at": format_instant(made_at), "made_by": made_by}
    return put(key_of(mailbox_hash), {**made, "always": True})


def junk_block_write(
    mailbox_hash: str, made_at: datetime, made_by: str, holds_until: datetime
) -> Write:
    """The write that blocks mails to a mailbox about registrations made up to `holds_until`.

    An existing block stays as it is, except that it then holds against these too.
    """
    made = {"made_at": format_instant(made_at), "made_by": made_by}
    until = {"holds_until": format_instant(holds_until)}
    return update(key_of(mailbox_hash), until, first=made)


def is_blocked(table: Table, mailbox_hash: str, registered_at: datetime | None = None) -> bool:
    """Whether the mailbox gets no mail about a registration made at `registered_at`.

    None is for a registration that no longer exists: blocks of junk do not hold against it.
    """
    block = table.get(key_of(mailbox_hash))
    return block is not None and holds(block, registered_at)


def holds(block: Item, registered_at: datetime | None) -> bool:
    """Whether the block in this item holds against mails about a registration of that time."""
    if "always" in block or "holds_until" not in block:
        return True
    return registered_at is not None and registered_at <= parse_instant(block["holds_until"])


def groups(table: Table) -> list[BlockGroup]:
    """All blocks, grouped by maker and time, the newest group first."""
    found: list[BlockGroup] = []
    for made_by, of_junk, made_at, _ in sorted(_blocks(table)):
        group = found[-1] if found else None
        if (
            group is None
            or (group.made_by, group.of_junk) != (made_by, of_junk)
            or made_at > group.last + _PAUSE
        ):
            found.append(BlockGroup(made_by, of_junk, made_at, made_at))
        else:
            group.last, group.count = made_at, group.count + 1
    return sorted(found, key=lambda group: group.last, reverse=True)


def unblock(table: Table, mailbox_hash: str, also: Sequence[Write] = ()) -> bool:
    """Unblock a mailbox and write `also`. If none is blocked, write nothing and return False."""
    return not any(table.write(delete(key_of(mailbox_hash), EXISTS), *also))


def unblock_group(
    table: Table, group: BlockGroup, also: Write, has_time: Callable[[], bool]
) -> int:
    """Unblock the mailboxes of the group while `has_time`, and write `also` once, if there are any.

    Returns how many were unblocked; those blocked after the group was read are not.
    """
    hashes = [
        block.mailbox_hash
        for block in sorted(_blocks(table))
        if block[:2] == (group.made_by, group.of_junk)
        and group.first <= block.made_at <= group.last
    ]
    done = 0
    while done < len(hashes) and (not done or has_time()):
        batch = hashes[done : done + _DELETED_AT_ONCE]
        deleted = [delete(key_of(one)) for one in batch]
        table.write_all(*deleted, *([] if done else [also]))
        done += len(batch)
    return done


def _blocks(table: Table) -> Iterator[_Block]:
    attributes = ("sk", "made_at", "made_by", "always", "holds_until")
    for item in map(unmarshal, table.query(_BLOCK, f"{_BLOCK}~", *attributes)):
        yield _Block(
            made_by=item.get("made_by", ""),
            of_junk="holds_until" in item and "always" not in item,
            made_at=parse_instant(item["made_at"]) if "made_at" in item else _UNKNOWN_TIME,
            mailbox_hash=item["sk"].removeprefix(_BLOCK),
        )
