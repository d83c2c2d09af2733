"""What contact persons do with registrations and the summary, whatever the deadline says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.control import State
from chalicelib.desk import Access, Deed
from chalicelib.event import Contact, Event
from chalicelib.mail_address import mailbox
from chalicelib.outbox import Kind, OutboxMail
from chalicelib.registration import (
    Answers,
    Registration,
    StaleRevision,
    hashed,
    token_for,
)
from chalicelib.services.conflicts import again_on_conflict
from chalicelib.services.entering import NewToken, access
from chalicelib.services.registering import Visitor, late_at, receipt_mails, store_new
from chalicelib.store import Store


class NothingToSend(Exception):
    """No summary has been made yet."""


@dataclass(frozen=True)
class Officer:
    """A contact person at the desk, and what is needed to work for one."""

    contact: Contact
    now: datetime
    event: Event
    store: Store
    visitor: Visitor
    new_token: NewToken

    def saw(self, deed: Deed, about: str = "") -> None:
        """Writes into the access log, before anything is shown."""
        self.store.record_access(self._access(deed, about))

    def look_at(self, key: str) -> Registration | None:
        """One registration, once the access log says that it was seen; None if it is gone."""
        found = self.store.registration(key)
        if found:
            self.saw(Deed.SAW_ONE, found.plate_code)
        return found

    def add(self, answers: Answers, nonce: str) -> tuple[str, Registration]:
        """Registers somebody, also after the deadline, once per nonce; its key and what it is."""
        token = token_for(answers, nonce)
        control = self.store.control()
        stored = store_new(
            answers,
            token,
            control,
            now=self.now,
            store=self.store,
            visitor=self.visitor,
            access=lambda code: self._access(Deed.ADDED, code),
        )
        return hashed(token), stored

    def correct(self, key: str, answers: Answers, revision: int) -> Registration | None:
        """Writes new answers over this revision; None if it is gone.

        Raises StaleRevision with what is stored if somebody else was first.
        """

        def attempt() -> Registration | None:
            stored = self.store.registration(key)
            if stored is None or stored.answers == answers:
                return stored
            if stored.revision != revision:
                raise StaleRevision(stored)
            changed = replace(stored, answers=answers, revision=revision + 1, changed_at=self.now)
            moved = answers.email != stored.answers.email
            mails = receipt_mails(key, changed, self.now, self.visitor) if moved else []
            late, done = self.late(), self._access(Deed.CORRECTED, stored.plate_code)
            self.store.change(key, changed, mails, late, done)
            return changed

        return again_on_conflict(attempt)

    def remove(
        self, key: str, revision: int, reason: str, *, double_of: str = "", block: bool = False
    ) -> Registration | None:
        """Removes this revision, and returns what it was; None if it is gone already.

        With `block` its address gets no more mail. The double of another is not removed either
        when that one is gone: None. Raises StaleRevision with what is stored if somebody else was
        first.
        """

        def attempt() -> Registration | None:
            stored = self.store.registration(key)
            kept = not double_of or self.store.registration(double_of)
            if stored is None or not kept:
                return None
            if stored.revision != revision:
                raise StaleRevision(stored)
            self.strike(key, stored, self.late(), reason, double_of=double_of, block=block)
            return stored

        return again_on_conflict(attempt)

    def strike(
        self,
        key: str,
        stored: Registration,
        late: datetime | None,
        reason: str,
        *,
        double_of: str = "",
        block: bool = False,
    ) -> None:
        """Removes what was read, its line of the access log in the same write.

        Raises Conflict if it isn't what is stored.
        """
        address = stored.answers.email
        blocked = hashed(mailbox(address)) if block and address else ""
        about = f"{stored.plate_code}: {reason}" if reason else stored.plate_code
        done = self._access(Deed.REMOVED_AND_BLOCKED if blocked else Deed.REMOVED, about)
        self.store.remove(key, stored, late, done, double_of, blocked)

    def unblock(self, address: str) -> bool:
        """Lets an address get mail again; False if it wasn't blocked."""
        return self.store.unblock(hashed(mailbox(address)), self._access(Deed.UNBLOCKED))

    def is_blocked(self, registration: Registration) -> bool:
        """Whether no mail goes to the registration's address."""
        address = registration.answers.email
        return bool(address) and self.store.is_blocked(hashed(mailbox(address)))

    def send_again(self, recipients: Sequence[Contact], nonce: str) -> int:
        """Queues the last summary once more for these, once per nonce, and returns its version.

        It comes marked as a copy. Raises NothingToSend.
        """
        control = self.store.control()
        if control.state is not State.SUMMARISED:
            raise NothingToSend
        addresses = [contact.email for contact in self.event.contacts]
        self.saw(Deed.SENT_AGAIN, str(control.version))
        stamp = hashed(nonce)[:12]
        self.store.queue(
            [
                OutboxMail(
                    f"summary-{control.version}-again-{stamp}-{addresses.index(one.email) + 1}",
                    Kind.SUMMARY,
                    one.email,
                    self.now,
                    about=control.told,
                    since=control.told,
                    version=control.version,
                )
                for one in recipients
            ]
        )
        return control.version

    def late(self) -> datetime | None:
        """What a write must tell the control, as it stands at this moment."""
        return late_at(self.store.control(), self.now)

    def _access(self, deed: Deed, about: str = "") -> Access:
        return access(self.contact, deed, self.now, self.new_token, about)
