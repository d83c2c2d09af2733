"""The contact persons' work on registrations and the summary, also after the deadline."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.closing.moving_deadline import check_deadline, close_now, reopen
from chalicelib.deletion.store import read_totals
from chalicelib.deletion.totals import Totals
from chalicelib.desk import notices
from chalicelib.desk.limits import AUDIT_ENTRIES_ON_A_PAGE
from chalicelib.desk.login import NewToken, audit_entry
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context, LinkTarget
from chalicelib.event.event import Contact
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import EventState, Phase
from chalicelib.mail import blocks, caps
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import MailKind, mails_to_contacts
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.registering import new_receipt, store_new
from chalicelib.registration.registration import Registration, StaleRevision
from chalicelib.registration.tokens import hash_token, token_for
from chalicelib.texts.dates import format_deadline
from chalicelib.texts.language import SWEDISH


class NothingToSend(Exception):
    """There is no summary: registration is open, or closed but not counted yet."""


@dataclass(frozen=True)
class DeskWork(Context):
    """One contact person's work in one request; actions write audit entries."""

    contact: Contact
    link_target: LinkTarget
    new_token: NewToken

    def audit(self, action: AuditAction, about: str = "") -> None:
        """Write an audit entry; call this before anything is shown."""
        self.table.apply(self._audit_entry(action, about))

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

    def blocked_mailboxes(self) -> int:
        """The number of blocked mailboxes."""
        return blocks.count(self.table)

    def add(self, answers: Answers, nonce: str) -> tuple[str, Registration]:
        """Add a registration, once per nonce and answers; return its key and the stored one.

        Raises RegistrationRemoved if it was added and then removed.
        """
        token = token_for(answers, nonce)
        state = event_state.read(self.table)
        audit_entry = partial(self._audit_entry, AuditAction.ADDED)
        key = hash_token(token)
        mails = new_receipt(self, answers, key, self.link_target).writes
        return key, store_new(self, answers, token, state, mails, audit_entry)

    def correct(self, key: str, answers: Answers, revision: int) -> Registration | None:
        """Replace the answers of this revision; return the registration, or None if there is none.

        Raises StaleRevision with the stored registration if its revision is another.
        """

        def attempt() -> Registration | None:
            stored = registrations.find(self.table, key)
            if stored is None or stored.answers == answers:
                return stored
            if stored.revision != revision:
                raise self._stale(stored)
            changed = stored.changed(answers, self.now)
            mails = notices.of_correction(self, key, stored, changed)
            entry = self._audit_entry(AuditAction.CORRECTED, stored.plate_code)
            registrations.change(self.table, key, changed, [*mails, *self.state_writes(), entry])
            return changed

        return retry_on_conflict(attempt)

    def remove(
        self, key: str, revision: int, reason: str, *, block: bool = False
    ) -> Registration | None:
        """Remove this revision and return the registration; None if there is none.

        With `block`, the mail address is blocked; otherwise the person is told by mail. Raises
        StaleRevision with the stored registration if its revision is another.
        """

        def attempt() -> Registration | None:
            stored = registrations.find(self.table, key)
            if stored is None:
                return None
            if stored.revision != revision:
                raise self._stale(stored)
            mails = [] if block else notices.of_removal(self, key, stored)
            self.remove_as_read(key, stored, [*mails, *self.state_writes()], reason, block=block)
            return stored

        return retry_on_conflict(attempt)

    def remove_as_read(
        self,
        key: str,
        stored: Registration,
        also: Sequence[Write],
        reason: str,
        *,
        block: bool = False,
    ) -> None:
        """Remove `stored`, with its audit entry and the writes in `also`, in one transaction.

        Raises Conflict if the registration has changed, or if a write in `also` is refused.
        """
        address = stored.answers.email
        about = f"{stored.plate_code}: {reason}" if reason else stored.plate_code
        blocked = [blocks.block_write(mailbox_hash(address))] if block and address else []
        entry = self._audit_entry(
            AuditAction.REMOVED_AND_BLOCKED if blocked else AuditAction.REMOVED, about
        )
        registrations.remove(self.table, key, stored, [*also, *blocked, entry])

    def pass_on(self, shown: Mapping[str, str], told: Collection[str]) -> int:
        """Record which of the `shown` notes the kitchen was told: those with their key in `told`.

        `shown` has the hash of each note by its registration's key. A note that has changed since
        is left as it is; returns how many of those are in `told`.
        """

        def attempt() -> int:
            stored = registrations.find_all(self.table, list(shown))
            same = {key: one for key, one in stored.items() if one.note_hash == shown[key]}
            writes = []
            for action, keys, told_now in (
                (AuditAction.PASSED_ON, [key for key in same if key in told], True),
                (AuditAction.NOT_PASSED_ON, [key for key in same if key not in told], False),
            ):
                changed = [key for key in keys if same[key].is_passed_on is not told_now]
                writes += [
                    registrations.passed_on_write(key, same[key], shown[key] * told_now)
                    for key in changed
                ]
                if changed:
                    codes = ", ".join(same[key].plate_code for key in changed)
                    writes.append(self._audit_entry(action, codes))
            if writes:
                self.table.write_all(*writes)
            return sum(key in told for key in stored.keys() - same.keys())

        return retry_on_conflict(attempt)

    def unblock(self, address: str) -> bool:
        """Allow mail to an address again; False if the address wasn't blocked."""
        return blocks.unblock(
            self.table, mailbox_hash(address), [self._audit_entry(AuditAction.UNBLOCKED)]
        )

    def is_blocked(self, registration: Registration) -> bool:
        """Whether the registration's mail address is blocked."""
        address = registration.answers.email
        return bool(address) and blocks.is_blocked(self.table, mailbox_hash(address))

    def send_again(self, recipients: Sequence[Contact], nonce: str) -> int:
        """Queue the last mailed numbers again, marked as a copy; return their version.

        Queues once per nonce and `recipients`. Raises NothingToSend.
        """
        state = event_state.read(self.table)
        if state.phase is not Phase.SUMMARISED:
            raise NothingToSend
        tally_key, version, addresses = (
            state.mailed_tally,
            state.version,
            [contact.email for contact in recipients],
        )
        stamp = hash_token(" ".join([nonce, str(version), *addresses]))[:12]
        name = f"summary-{version}-again-{stamp}"
        mails = mails_to_contacts(self, MailKind.SUMMARY, name, tally_key, tally_key, version)
        copies = [mail for mail in mails if mail.recipient in addresses]
        entry = self._audit_entry(AuditAction.SENT_AGAIN, str(version))
        self.table.write(caps.once(f"again#{stamp}", self.now), *outbox.queue_writes(copies), entry)
        return version

    def close(self, shown: datetime) -> datetime:
        """Close registration now; raises DeadlineMoved if the deadline is not `shown`."""
        return close_now(self, shown=shown, also=[self._audit_entry(AuditAction.CLOSED)])

    def reopen(self, until: datetime, shown: datetime) -> None:
        """Open registration until `until`; raises DeadlineRefused or DeadlineMoved."""
        check_deadline(self, until)  # first, since an extreme date can't be formatted
        about = format_deadline(until, self.event.timezone, SWEDISH)
        reopen(self, until, shown=shown, also=[self._audit_entry(AuditAction.REOPENED, about)])

    def _stale(self, stored: Registration) -> StaleRevision:
        """The error with the stored registration, which is then shown: writes an audit entry."""
        self.audit(AuditAction.SAW_ONE, stored.plate_code)
        return StaleRevision(stored)

    def state_writes(self) -> list[Write]:
        """The writes to the event state that every change of a registration must include."""
        return event_state.change_writes(event_state.read(self.table), self.now)

    def _audit_entry(self, action: AuditAction, about: str = "") -> Write:
        return audit_entry(self.contact, action, self.now, self.new_token, about)
