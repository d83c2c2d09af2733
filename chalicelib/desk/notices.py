"""The mails that tell people what contact persons did with their registrations."""

from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.writes import Write
from chalicelib.event.mail_address import is_same_address
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.outbox import MailKind
from chalicelib.registration.receipt import mail_about, mailing
from chalicelib.registration.registration import Registration
from chalicelib.registration.store import Keyed


def of_correction(
    work: DeskWork, key: str, before: Registration, after: Registration
) -> list[Write]:
    """The mails about a correction: to a new address the receipt, and word to the old one."""
    old, new = before.answers.email, after.answers.email
    if old == new:
        return _queued(work, MailKind.CORRECTED, key, after)
    receipt = mailing(work, key, after, language_of(work, key)).writes if new else []
    if is_same_address(old, new):
        return receipt
    return receipt + _queued(work, MailKind.READDRESSED, key, before)


def of_ended_links(work: DeskWork, key: str, ended: Registration) -> list[Write]:
    """The mail with a new link, in place of those that were ended."""
    return _queued(work, MailKind.RELINKED, key, ended)


def of_removal(work: DeskWork, key: str, removed: Registration) -> list[Write]:
    """The mail about a removal."""
    return _queued(work, MailKind.REMOVED, key, removed)


def of_merge(
    work: DeskWork, before: Registration, after: Keyed, gone: Keyed, *, linking: bool
) -> list[Write]:
    """The mails about a merge: `before` was kept and is now `after`, `gone` was removed.

    `linking`: links of `gone` open `after`, which its address is told in any case.
    """
    if is_same_address(after[1].answers.email, gone[1].answers.email):
        return _queued(work, MailKind.MERGED, *after)
    kind = MailKind.MERGED if linking else MailKind.CORRECTED
    to_kept = _queued(work, kind, *after) if linking or after[1] != before else []
    return to_kept + _queued(work, MailKind.MERGED, *gone, kept=after[0])


def _queued(
    work: DeskWork, kind: MailKind, key: str, about: Registration, kept: str = ""
) -> list[Write]:
    """The mail, if its mailbox is not blocked, in the language of the latest one about the
    registration, otherwise in the event's first.
    """
    if not work.is_mailed(about):
        return []
    return outbox.queue_writes(
        [mail_about(kind, key, about, work.now, language_of(work, key), since=kept)]
    )


def language_of(work: DeskWork, key: str) -> str:
    """The language of the latest mail about the registration, otherwise the event's first."""
    mails = mail_records.about(work.table, key)
    latest = max(mails, key=lambda mail: mail.left_at, default=None)
    return latest.language if latest else work.event.language
