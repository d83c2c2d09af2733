"""The mails that tell people what contact persons did with their registrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.dynamo.writes import Write
from chalicelib.event.context import LinkTarget
from chalicelib.event.mail_address import is_same_address
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.outbox import MailKind
from chalicelib.registration.receipt import mail_about, mailing
from chalicelib.registration.registration import Registration
from chalicelib.registration.store import Keyed

if TYPE_CHECKING:  # work.py imports this module
    from chalicelib.desk.work import DeskWork


def of_correction(
    work: DeskWork, key: str, before: Registration, after: Registration
) -> list[Write]:
    """The mails about a correction: to a new address the receipt, and word to the old one."""
    old, new = before.answers.email, after.answers.email
    if old == new:
        return _queued(work, MailKind.CORRECTED, key, after)
    receipt = mailing(work, key, after, _target(work, key)).writes if new else []
    if is_same_address(old, new):
        return receipt
    return receipt + _queued(work, MailKind.READDRESSED, key, before)


def of_removal(work: DeskWork, key: str, removed: Registration) -> list[Write]:
    """The mail about a removal."""
    return _queued(work, MailKind.REMOVED, key, removed)


def of_merge(work: DeskWork, before: Registration, after: Keyed, gone: Keyed) -> list[Write]:
    """The mails about a merge: `before` was kept and is now `after`, `gone` was removed."""
    if is_same_address(after[1].answers.email, gone[1].answers.email):
        return _queued(work, MailKind.MERGED, *after)
    changed = _queued(work, MailKind.CORRECTED, *after) if after[1] != before else []
    return changed + _queued(work, MailKind.MERGED, *gone, kept=after[0])


def _queued(
    work: DeskWork, kind: MailKind, key: str, about: Registration, kept: str = ""
) -> list[Write]:
    """The mail about what was done; none without an address."""
    if not about.answers.email:
        return []
    return outbox.queue_writes(
        [mail_about(kind, key, about, work.now, _target(work, key), since=kept)]
    )


def _target(work: DeskWork, key: str) -> LinkTarget:
    """The target of links in the language of the latest mail about the registration."""
    mails = mail_records.about(work.table, key)
    latest = max(mails, key=lambda mail: mail.left_at, default=None)
    return work.link_target._replace(language=latest.language) if latest else work.link_target
