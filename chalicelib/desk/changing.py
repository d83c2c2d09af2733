"""Adding, correcting and removing registrations at the desk, also after the deadline."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.audit.log import AuditAction, concerning
from chalicelib.desk import notices
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.dynamo.writes import Write
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.mail import blocks
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.receipt import Again, mail_again
from chalicelib.registration.registering import new_receipt, read_before, store_new
from chalicelib.registration.registration import RegisteredBefore, Registration, StaleRevision
from chalicelib.registration.store import Keyed
from chalicelib.registration.tokens import hash_token, token_of_form

# Makes the write that blocks a mailbox, from its hash, the time and the contact person's address.
BlockWrite = Callable[[str, datetime, str], Write]


def add(work: DeskWork, answers: Answers, nonce: str) -> tuple[str, Registration]:
    """Add a registration, once per nonce and name; return its key and the stored one.

    Raises RegisteredBefore, of which an audit entry tells, if it has other answers;
    RegistrationRemoved if it was added and then removed.
    """
    token = token_of_form(answers.name, nonce)
    audit_entry = partial(work.audit_entry, AuditAction.ADDED)
    key, language = hash_token(token), work.event.language
    state, stored, is_blocked, _ = read_before(work, answers.email, key)
    if stored is None:  # only then is a receipt counted for its mailbox
        mails = new_receipt(work, answers, key, language, is_blocked=is_blocked).writes
        stored = store_new(work, answers, token, state, mails, audit_entry)
    if stored.answers != answers:
        work.audit(AuditAction.SAW_ONE, stored.plate_code)
        raise RegisteredBefore(token, stored)
    return key, stored


def correct(work: DeskWork, key: str, answers: Answers, revision: int) -> Registration | None:
    """Replace the answers of this revision; return the registration, or None if there is none.

    Raises StaleRevision with the stored registration if its revision is another.
    """

    def attempt() -> Registration | None:
        stored = registrations.find(work.table, key)
        if stored is None or stored.answers == answers:
            return stored
        _check_revision(work, stored, revision)
        changed = stored.changed(answers, work.now, by_contact=True)
        actions = []
        if answers.email != stored.answers.email:
            changed = replace(changed, readdressed_at=work.now)
            actions.append(AuditAction.READDRESSED)
        if replace(answers, email=stored.answers.email) != stored.answers:
            actions.append(AuditAction.CORRECTED)
        entries = [work.audit_entry(action, stored.plate_code) for action in actions]
        mails = notices.of_correction(work, key, stored, changed)
        registrations.change(work.table, key, changed, [*mails, *work.state_writes(), *entries])
        return changed

    return retry_on_conflict(attempt)


def end_links(work: DeskWork, key: str, revision: int) -> Registration | None:
    """End all links to this revision; its mail address, if any, gets a new one by mail.

    Idempotent. Returns the registration, or None if there is none. Raises StaleRevision with
    the stored registration if its revision is another.
    """

    def attempt() -> Registration | None:
        stored = registrations.find(work.table, key)
        if stored is None or (
            stored.revision == revision + 1 and stored.links_ended_at == stored.changed_at
        ):
            return stored
        _check_revision(work, stored, revision)
        ended = replace(
            stored,
            links=(),
            links_ended_at=work.now,
            revision=revision + 1,  # the id of the mail with the new link
            corrected=revision + 1,
            changed_at=work.now,
        )
        mails = notices.of_ended_links(work, key, ended)
        entry = work.audit_entry(AuditAction.ENDED_LINKS, stored.plate_code)
        registrations.end_links(work.table, key, stored, ended, [*mails, entry])
        return ended

    return retry_on_conflict(attempt)


def send_receipt(work: DeskWork, key: str) -> Again | None:
    """Mail the receipt again, with a new link beside the earlier ones; None if there is nobody.

    Idempotent while the mail waits. Tells what comes of it.
    """

    def attempt() -> Again | None:
        stored = registrations.find(work.table, key)
        if stored is None:
            return None
        mails, outcome = mail_again(work, key, stored, notices.language_of(work, key))
        if mails:
            entry = work.audit_entry(AuditAction.SENT_RECEIPT, stored.plate_code)
            work.table.write_all(*mails, entry)
        return outcome

    return retry_on_conflict(attempt)


def remove(
    work: DeskWork, key: str, revision: int, reason: str, *, block: bool = False
) -> Registration | None:
    """Remove this revision and return the registration; None if there is none.

    With `block`, the mail address is blocked; otherwise the person is told by mail. Raises
    StaleRevision with the stored registration if its revision is another.
    """

    def attempt() -> Registration | None:
        stored = registrations.find(work.table, key)
        if stored is None:
            return None
        _check_revision(work, stored, revision)
        mails = [] if block else notices.of_removal(work, key, stored)
        also = [*mails, *work.state_writes()]
        block_write = blocks.block_write if block else None
        remove_as_read(work, [(key, stored)], also, reason, block_write)
        return stored

    return retry_on_conflict(attempt)


def remove_as_read(
    work: DeskWork,
    removed: Sequence[Keyed],
    also: Sequence[Write],
    reason: str,
    block_write: BlockWrite | None,
) -> None:
    """Remove registrations, with audit entries and the writes in `also`, in one transaction.

    `block_write` makes the write that blocks a mailbox, if they are to be blocked. Raises
    Conflict if a registration has changed, or if a write in `also` is refused.
    """
    mailboxes, codes = dict[str, Write](), dict[AuditAction, list[str]]()
    for _, stored in removed:
        action = AuditAction.REMOVED
        if block_write and stored.answers.email:
            action = AuditAction.REMOVED_AND_BLOCKED
            mailbox = mailbox_hash(stored.answers.email)
            mailboxes[mailbox] = block_write(mailbox, work.now, work.contact.email)
        codes.setdefault(action, []).append(stored.plate_code)
    entries = [work.audit_entry(one, concerning(codes[one], reason)) for one in codes]
    registrations.remove_all(work.table, removed, [*also, *mailboxes.values(), *entries])


def _check_revision(work: DeskWork, stored: Registration, revision: int) -> None:
    """Raise StaleRevision with the registration, which is then shown: writes an audit entry."""
    if stored.revision != revision:
        work.audit(AuditAction.SAW_ONE, stored.plate_code)
        raise StaleRevision(stored)
