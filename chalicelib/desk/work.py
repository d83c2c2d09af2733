"""The contact persons' work on registrations and the summary, also after the deadline."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry, concerning
from chalicelib.closing.moving_deadline import check_deadline, close_now, reopen
from chalicelib.deletion.store import read_totals
from chalicelib.deletion.totals import Totals
from chalicelib.desk import notices
from chalicelib.desk.limits import AUDIT_ENTRIES_ON_A_PAGE
from chalicelib.desk.login import NewToken, audit_entry
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context
from chalicelib.event.event import Contact, Receiver
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import EventState, Phase
from chalicelib.mail import blocks, caps
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.blocks import BlockGroup
from chalicelib.mail.outbox import MailKind, mails_to_contacts, mails_to_receivers
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.registering import new_receipt, store_new
from chalicelib.registration.registration import Registration, StaleRevision
from chalicelib.registration.store import Keyed
from chalicelib.registration.tokens import hash_token, token_for
from chalicelib.texts.dates import format_day_and_time, format_deadline
from chalicelib.texts.language import translated

# Makes the write that blocks a mailbox, from its hash, the time and the contact person's address.
BlockWrite = Callable[[str, datetime, str], Write]


class NothingToSend(Exception):
    """There is no summary: registration is open, or closed but not counted yet."""


class Tick(NamedTuple):
    """The hash of a note, and whether it was ticked as told to the kitchen: as shown, and now."""

    note_hash: str
    shown: bool
    now: bool


@dataclass(frozen=True)
class DeskWork(Context):
    """One contact person's work in one request; actions write audit entries."""

    contact: Contact
    new_token: NewToken

    def say(self, text: str, **values: object) -> str:
        """The catalogue's text in the desk's language."""
        return translated(text, self.event.language, **values)

    def audit(self, action: AuditAction, about: str = "") -> None:
        """Write an audit entry; call this before anything is shown."""
        self.table.apply(self.audit_entry(action, about))

    def gets_mail(self, key: str) -> bool | None:
        """Whether mails about this registration reach somebody; None if it does not exist.

        No audit entry, as nothing is shown.
        """
        stored = registrations.find(self.table, key)
        return self.is_mailed(stored) if stored else None

    def is_mailed(self, registration: Registration) -> bool:
        """Whether the registration has a mail address that is not blocked."""
        return bool(registration.answers.email) and not self.is_blocked(registration)

    def audit_log(self, before: str) -> list[AuditEntry]:
        """The newest entries of the audit log, at most AUDIT_ENTRIES_ON_A_PAGE.

        If `before` is not empty, only entries older than the one with that key.
        """
        return audit_log.latest(self.table, before, AUDIT_ENTRIES_ON_A_PAGE)

    def state(self) -> EventState:
        """The current event state."""
        return event_state.read(self.table)

    def totals(self) -> Totals | None:
        """The anonymous totals; None before the deletion has begun."""
        return read_totals(self.table)

    def blocks(self) -> list[BlockGroup]:
        """All blocks of mailboxes, in groups by maker and time, the newest group first."""
        return blocks.groups(self.table)

    def add(self, answers: Answers, nonce: str) -> tuple[str, Registration]:
        """Add a registration, once per nonce and answers; return its key and the stored one.

        Raises RegistrationRemoved if it was added and then removed.
        """
        token = token_for(answers, nonce)
        state = event_state.read(self.table)
        audit_entry = partial(self.audit_entry, AuditAction.ADDED)
        key = hash_token(token)
        mails = new_receipt(self, answers, key, self.event.language).writes
        return key, store_new(self, answers, token, state, mails, audit_entry)

    def correct(self, key: str, answers: Answers, revision: int) -> Registration | None:
        """Replace the answers of this revision; return the registration, or None if there is none.

        Raises StaleRevision with the stored registration if its revision is another.
        """

        def attempt() -> Registration | None:
            stored = registrations.find(self.table, key)
            if stored is None or stored.answers == answers:
                return stored
            self._check_revision(stored, revision)
            changed = stored.changed(answers, self.now, by_contact=True)
            actions = []
            if answers.email != stored.answers.email:
                changed = replace(changed, readdressed_at=self.now)
                actions.append(AuditAction.READDRESSED)
            if replace(answers, email=stored.answers.email) != stored.answers:
                actions.append(AuditAction.CORRECTED)
            entries = [self.audit_entry(action, stored.plate_code) for action in actions]
            mails = notices.of_correction(self, key, stored, changed)
            registrations.change(self.table, key, changed, [*mails, *self.state_writes(), *entries])
            return changed

        return retry_on_conflict(attempt)

    def end_links(self, key: str, revision: int) -> Registration | None:
        """End all links to this revision; its mail address, if any, gets a new one by mail.

        Idempotent. Returns the registration, or None if there is none. Raises StaleRevision with
        the stored registration if its revision is another.
        """

        def attempt() -> Registration | None:
            stored = registrations.find(self.table, key)
            if stored is None or (
                stored.revision == revision + 1 and stored.links_ended_at == stored.changed_at
            ):
                return stored
            self._check_revision(stored, revision)
            ended = replace(
                stored,
                links=(),
                links_ended_at=self.now,
                revision=revision + 1,  # the id of the mail with the new link
                corrected=revision + 1,
                changed_at=self.now,
            )
            mails = notices.of_ended_links(self, key, ended)
            entry = self.audit_entry(AuditAction.ENDED_LINKS, stored.plate_code)
            registrations.end_links(self.table, key, stored, ended, [*mails, entry])
            return ended

        return retry_on_conflict(attempt)

    def remove(
        self, key: str, revision: int, reason: str, *, block: bool = False
    ) -> Registration | None:
        """Remove this revision and return the registration; None if there is none.

        With `block`, the mail address is blocked; otherwise the person is told by mail. Raises
        StaleRevision with the stored registration if its revision is another.
        """

        def attempt() -> Registration | None:
            stored = self._at_revision(key, revision)
            if stored is None:
                return None
            mails = [] if block else notices.of_removal(self, key, stored)
            also = [*mails, *self.state_writes()]
            block_write = blocks.block_write if block else None
            self.remove_as_read([(key, stored)], also, reason, block_write)
            return stored

        return retry_on_conflict(attempt)

    def remove_as_read(
        self,
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
                action, mailbox = (
                    AuditAction.REMOVED_AND_BLOCKED,
                    mailbox_hash(stored.answers.email),
                )
                mailboxes[mailbox] = block_write(mailbox, self.now, self.contact.email)
            codes.setdefault(action, []).append(stored.plate_code)
        entries = [self.audit_entry(one, concerning(codes[one], reason)) for one in codes]
        registrations.remove_all(self.table, removed, [*also, *mailboxes.values(), *entries])

    def pass_on(self, ticks: Mapping[str, Tick]) -> int:
        """Record which notes the kitchen was told, by their registrations' keys.

        A tick that is as it was shown changes nothing, since a colleague may have changed it. A
        note that has changed since is left as it is; returns how many of those are ticked.
        """

        def attempt() -> int:
            stored = registrations.find_all(self.table, list(ticks))
            same = {
                key: one for key, one in stored.items() if one.note_hash == ticks[key].note_hash
            }
            writes = []
            for action, told in ((AuditAction.PASSED_ON, True), (AuditAction.NOT_PASSED_ON, False)):
                changed = [
                    key
                    for key, one in same.items()
                    if (ticks[key].shown, ticks[key].now, one.is_passed_on)
                    == (not told, told, not told)
                ]
                writes += [
                    registrations.passed_on_write(key, same[key], ticks[key].note_hash * told)
                    for key in changed
                ]
                if changed:
                    codes = concerning(same[key].plate_code for key in changed)
                    writes.append(self.audit_entry(action, codes))
            if writes:
                self.table.write_all(*writes)
            return sum(ticks[key].now for key in stored.keys() - same.keys())

        return retry_on_conflict(attempt)

    def unblock(self, address: str) -> bool:
        """Allow mail to an address again; False if the address wasn't blocked."""
        return blocks.unblock(
            self.table, mailbox_hash(address), [self.audit_entry(AuditAction.UNBLOCKED)]
        )

    def unblock_group(
        self,
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
        zone, language = self.event.timezone, self.event.language
        about = format_day_and_time(first, zone, language) if group.has_time else ""
        entry = self.audit_entry(AuditAction.UNBLOCKED_GROUP, about)
        return blocks.unblock_group(self.table, group, entry, has_time)

    def is_blocked(self, registration: Registration) -> bool:
        """Whether mails about the registration are blocked at its mail address."""
        address, at = registration.answers.email, registration.registered_at
        return bool(address) and blocks.is_blocked(self.table, mailbox_hash(address), at)

    def send_again(self, recipients: Sequence[Contact | Receiver], nonce: str) -> int:
        """Queue the last mailed numbers again, marked as a copy; return their version.

        Queues once per nonce and `recipients`. Raises NothingToSend.
        """
        state = event_state.read(self.table)
        if state.phase is not Phase.SUMMARISED:
            raise NothingToSend
        tally_key, version, addresses = (
            state.mailed_tally,
            state.version,
            [one.email for one in recipients],
        )
        stamp = hash_token(" ".join([nonce, str(version), *addresses]))[:12]
        name = f"summary-{version}-again-{stamp}"
        mails = mails_to_contacts(self, MailKind.SUMMARY, name, tally_key, tally_key, version)
        mails += mails_to_receivers(
            self, MailKind.SUMMARY, name, tally_key, tally_key, version, self.event.receivers
        )
        copies = [mail for mail in mails if mail.recipient in addresses]
        entry = self.audit_entry(AuditAction.SENT_AGAIN, str(version))
        self.table.write(caps.once(f"again#{stamp}", self.now), *outbox.queue_writes(copies), entry)
        return version

    def close(self, shown: datetime) -> datetime:
        """Close registration now; raises DeadlineMoved if the deadline is not `shown`."""
        return close_now(self, shown=shown, also=[self.audit_entry(AuditAction.CLOSED)])

    def reopen(self, until: datetime, shown: datetime) -> None:
        """Open registration until `until`; raises DeadlineRefused or DeadlineMoved."""
        check_deadline(self, until)  # first, since an extreme date can't be formatted
        about = format_deadline(until, self.event.timezone, self.event.language)
        reopen(self, until, shown=shown, also=[self.audit_entry(AuditAction.REOPENED, about)])

    def _at_revision(self, key: str, revision: int) -> Registration | None:
        """The registration with this key, or None; raises StaleRevision if it has another one."""
        stored = registrations.find(self.table, key)
        if stored:
            self._check_revision(stored, revision)
        return stored

    def _check_revision(self, stored: Registration, revision: int) -> None:
        """Raise StaleRevision with the registration, which is then shown: writes an audit entry."""
        if stored.revision != revision:
            self.audit(AuditAction.SAW_ONE, stored.plate_code)
            raise StaleRevision(stored)

    def state_writes(self) -> list[Write]:
        """The writes to the event state that every change of a registration must include."""
        return event_state.change_writes(event_state.read(self.table), self.now)

    def audit_entry(self, action: AuditAction, about: str = "") -> Write:
        """The write of an audit entry, for the transaction of the action that it records."""
        return audit_entry(self.contact, action, self.now, self.new_token, about)
