"""What contact persons do with registrations and the summary, whatever the deadline says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.closing.moving_deadline import check_deadline, close_now, reopen
from chalicelib.deletion.store import read_totals
from chalicelib.deletion.totals import Totals
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
from chalicelib.registration.registering import receipt_queued, store_new
from chalicelib.registration.registration import Registration, StaleRevision
from chalicelib.registration.tokens import hash_token, token_for
from chalicelib.texts.dates import format_deadline
from chalicelib.texts.language import SWEDISH


class NothingToSend(Exception):
    """No summary has been made yet."""


@dataclass(frozen=True)
class DeskWork(Context):
    """A contact person at the desk, and what is needed to work for one."""

    contact: Contact
    link_target: LinkTarget
    new_token: NewToken

    def audit(self, action: AuditAction, about: str = "") -> None:
        """Writes into the access log, before anything is shown."""
        self.table.apply(self._audit_entry(action, about))

    def is_there(self, key: str) -> bool:
        """Whether a registration with this key is stored; nothing of it is shown."""
        return registrations.find(self.table, key) is not None

    def audit_log(self, before: str) -> list[AuditEntry]:
        """The newest entries of the audit log, from before the one with this key if one is given.

        At most AUDIT_ENTRIES_ON_A_PAGE.
        """
        return audit_log.latest(self.table, before, AUDIT_ENTRIES_ON_A_PAGE)

    def state(self) -> EventState:
        """How far the event has come."""
        return event_state.read(self.table)

    def totals(self) -> Totals | None:
        """The counts that stay after the deletion, once it has begun."""
        return read_totals(self.table)

    def blocked_mailboxes(self) -> int:
        """How many mailboxes get no more mail."""
        return blocks.count(self.table)

    def add(self, answers: Answers, nonce: str) -> tuple[str, Registration]:
        """Registers somebody, also after the deadline, once per nonce; its key and what it is."""
        token = token_for(answers, nonce)
        state = event_state.read(self.table)
        audit_entry = partial(self._audit_entry, AuditAction.ADDED)
        stored = store_new(self, answers, token, state, self.link_target, audit_entry)
        return hash_token(token), stored

    def correct(self, key: str, answers: Answers, revision: int) -> Registration | None:
        """Writes new answers over this revision; None if it is gone.

        Raises StaleRevision with what is stored if somebody else was first.
        """

        def attempt() -> Registration | None:
            stored = registrations.find(self.table, key)
            if stored is None or stored.answers == answers:
                return stored
            if stored.revision != revision:
                raise self._stale(stored)
            changed = replace(stored, answers=answers, revision=revision + 1, changed_at=self.now)
            moved = answers.email != stored.answers.email
            receipt = receipt_queued(key, changed, self.now, self.link_target) if moved else []
            done = self._audit_entry(AuditAction.CORRECTED, stored.plate_code)
            registrations.change(self.table, key, changed, [*receipt, *self.changed(), done])
            return changed

        return retry_on_conflict(attempt)

    def remove(
        self, key: str, revision: int, reason: str, *, block: bool = False
    ) -> Registration | None:
        """Removes this revision, and returns what it was; None if it is gone already.

        With `block` its address gets no more mail. Raises StaleRevision with what is stored if
        somebody else was first.
        """

        def attempt() -> Registration | None:
            stored = registrations.find(self.table, key)
            if stored is None:
                return None
            if stored.revision != revision:
                raise self._stale(stored)
            self.remove_as_read(key, stored, self.changed(), reason, block=block)
            return stored

        return retry_on_conflict(attempt)

    def remove_duplicate(self, key: str, revision: int, kept_key: str, kept_revision: int) -> bool:
        """Removes this revision as a duplicate of that revision of another; False if one is gone.

        Raises StaleRevision if one of them is another revision by then.
        """

        def attempt() -> bool:
            held = registrations.find_all(self.table, [key, kept_key])
            if len(held) < 2:
                return False
            gone, kept = held[key], held[kept_key]
            for one, shown in ((gone, revision), (kept, kept_revision)):
                if one.revision != shown:
                    raise StaleRevision(one)
            also = [registrations.while_unchanged(kept_key, kept), *self.changed()]
            self.remove_as_read(key, gone, also, f"dubblett av {kept.plate_code}")
            return True

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
        """Removes what was read, its line of the access log in the same write.

        Raises Conflict if it isn't what is stored, or if what is `also` to be written is refused.
        """
        address = stored.answers.email
        about = f"{stored.plate_code}: {reason}" if reason else stored.plate_code
        blocked = [blocks.blocked(mailbox_hash(address))] if block and address else []
        done = self._audit_entry(
            AuditAction.REMOVED_AND_BLOCKED if blocked else AuditAction.REMOVED, about
        )
        registrations.remove(self.table, key, stored, [*also, *blocked, done])

    def unblock(self, address: str) -> bool:
        """Lets an address get mail again; False if it wasn't blocked."""
        return blocks.lift(
            self.table, mailbox_hash(address), [self._audit_entry(AuditAction.UNBLOCKED)]
        )

    def is_blocked(self, registration: Registration) -> bool:
        """Whether no mail goes to the registration's address."""
        address = registration.answers.email
        return bool(address) and blocks.is_blocked(self.table, mailbox_hash(address))

    def send_again(self, recipients: Sequence[Contact], nonce: str) -> int:
        """Queues the last summary once more for these, once for each nonce and choice of whom, and
        returns its version.

        It comes marked as a copy. Raises NothingToSend.
        """
        state = event_state.read(self.table)
        if state.phase is not Phase.SUMMARISED:
            raise NothingToSend
        told, version, addresses = (
            state.mailed_tally,
            state.version,
            [one.email for one in recipients],
        )
        stamp = hash_token(" ".join([nonce, str(version), *addresses]))[:12]
        name = f"summary-{version}-again-{stamp}"
        mails = mails_to_contacts(self, MailKind.SUMMARY, name, told, told, version)
        copies = [mail for mail in mails if mail.recipient in addresses]
        done = self._audit_entry(AuditAction.SENT_AGAIN, str(version))
        self.table.write(caps.once(f"again#{stamp}", self.now), *outbox.queued(copies), done)
        return version

    def close(self, shown: datetime) -> datetime:
        """Closes registration now, unless the deadline has moved since it was shown."""
        return close_now(self, shown=shown, also=[self._audit_entry(AuditAction.CLOSED)])

    def reopen(self, until: datetime, shown: datetime) -> None:
        """Opens until a new deadline, unless the deadline has moved since it was shown."""
        check_deadline(self, until)  # or it may not even be said
        about = format_deadline(until, self.event.timezone, SWEDISH)
        reopen(self, until, shown=shown, also=[self._audit_entry(AuditAction.REOPENED, about)])

    def _stale(self, stored: Registration) -> StaleRevision:
        """The error that shows what is stored, once the audit log says so."""
        self.audit(AuditAction.SAW_ONE, stored.plate_code)
        return StaleRevision(stored)

    def changed(self) -> list[Write]:
        """What a change must write into the control, as it stands at this moment."""
        return event_state.changed(event_state.read(self.table), self.now)

    def _audit_entry(self, action: AuditAction, about: str = "") -> Write:
        return audit_entry(self.contact, action, self.now, self.new_token, about)
