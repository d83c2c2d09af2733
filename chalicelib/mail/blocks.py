"""Mailboxes that are to get no more mail: of each the table holds a hash only."""

from collections.abc import Sequence

from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import THERE, Write, delete, put

_BLOCK = "BLOCK#"


def blocked(mailbox_hash: str) -> Write:
    """The write that blocks a mailbox."""
    return put(f"{_BLOCK}{mailbox_hash}", {})


def is_blocked(table: Table, mailbox_hash: str) -> bool:
    """Whether this mailbox is to get no more mail."""
    return table.get(f"{_BLOCK}{mailbox_hash}") is not None


def count(table: Table) -> int:
    """How many mailboxes are to get no more mail."""
    return sum(1 for _ in table.query(_BLOCK, f"{_BLOCK}~", "sk"))


def lift(table: Table, mailbox_hash: str, also: Sequence[Write] = ()) -> bool:
    """Lets a mailbox get mail again; False, and nothing is written, if it did."""
    return not any(table.write(delete(f"{_BLOCK}{mailbox_hash}", THERE), *also))
