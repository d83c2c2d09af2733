"""Blocked mailboxes, which get no more mails to attendees. The table stores hashes only."""

from collections.abc import Sequence

from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import EXISTS, Write, delete, put

_BLOCK = "BLOCK#"


def key_of(mailbox_hash: str) -> str:
    """The sort key of the block of this mailbox."""
    return f"{_BLOCK}{mailbox_hash}"


def block_write(mailbox_hash: str) -> Write:
    """The write that blocks the mailbox with this hash."""
    return put(key_of(mailbox_hash), {})


def is_blocked(table: Table, mailbox_hash: str) -> bool:
    """Whether the mailbox with this hash is blocked."""
    return table.get(key_of(mailbox_hash)) is not None


def count(table: Table) -> int:
    """The number of blocked mailboxes."""
    return sum(1 for _ in table.query(_BLOCK, f"{_BLOCK}~", "sk"))


def unblock(table: Table, mailbox_hash: str, also: Sequence[Write] = ()) -> bool:
    """Unblock a mailbox and write `also`. If none is blocked, write nothing and return False."""
    return not any(table.write(delete(key_of(mailbox_hash), EXISTS), *also))
