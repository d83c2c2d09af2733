"""The blocked mailboxes, and allowing mail to them again."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.audit.log import AuditAction
from chalicelib.desk.work import DeskWork
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.mail import blocks
from chalicelib.mail.blocks import BlockGroup
from chalicelib.texts.dates import format_day_and_time


def blocked(work: DeskWork) -> list[BlockGroup]:
    """All blocks of mailboxes, in groups by maker and time, the newest group first."""
    return blocks.groups(work.table)


def unblock(work: DeskWork, address: str) -> bool:
    """Allow mail to an address again; False if the address wasn't blocked."""
    return blocks.unblock(
        work.table, mailbox_hash(address), [work.audit_entry(AuditAction.UNBLOCKED)]
    )


def unblock_group(
    work: DeskWork,
    made_by: str,
    first: datetime,
    last: datetime,
    *,
    of_junk: bool,
    has_time: Callable[[], bool],
) -> int:
    """Lift, while `has_time`, the blocks that somebody made between two times; return how many.

    `of_junk`: those that hold only against earlier registrations, otherwise the others.
    """
    group = BlockGroup(made_by, of_junk, first, last)
    zone, language = work.event.timezone, work.event.language
    about = format_day_and_time(first, zone, language) if group.has_time else ""
    entry = work.audit_entry(AuditAction.UNBLOCKED_GROUP, about)
    return blocks.unblock_group(work.table, group, entry, has_time)
