"""The contact persons' work on registrations and the summary, also after the deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.closing.moving_deadline import check_deadline, close_now, reopen
from chalicelib.deletion.store import read_totals
from chalicelib.deletion.totals import Totals
from chalicelib.desk import search_store
from chalicelib.desk.limits import AUDIT_ENTRIES_ON_A_PAGE
from chalicelib.desk.login import NewToken, audit_entry
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context
from chalicelib.event.event import Contact, Receiver
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import EventState, Phase
from chalicelib.mail import blocks, caps
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import MailKind, mails_to_contacts, mails_to_receivers
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import Registration
from chalicelib.registration.tokens import hash_token
from chalicelib.texts.dates import format_deadline
from chalicelib.texts.language import translated


class NothingToSend(Exception):
    """There is no summary: registration is open, or closed but not counted yet."""


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

    def save_search(self, text: str) -> str:
        """Store what is searched for; return the key that stands for it in addresses."""
        key = hash_token(self.new_token())[:12]
        self.table.apply(search_store.save_write(key, text, self.now))
        return key

    def search(self, key: str) -> str | None:
        """What the search with this key looks for, or None."""
        return search_store.find(self.table, key, self.now)

    def state(self) -> EventState:
        """The current event state."""
        return event_state.read(self.table)

    def totals(self) -> Totals | None:
        """The anonymous totals; None before the deletion has begun."""
        return read_totals(self.table)

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

    def state_writes(self) -> list[Write]:
        """The writes to the event state that every change of a registration must include."""
        return event_state.change_writes(event_state.read(self.table), self.now)

    def audit_entry(self, action: AuditAction, about: str = "") -> Write:
        """The write of an audit entry, for the transaction of the action that it records."""
        return audit_entry(self.contact, action, self.now, self.new_token, about)
