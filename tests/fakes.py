"""A store and a mailer in memory, which keep the same promises as the real ones."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from chalicelib.control import Control
from chalicelib.outbox import RECEIPTS_A_DAY, RECEIPTS_PER_ADDRESS_A_DAY, Letter, OutboxMail
from chalicelib.registration import Link, Registration
from chalicelib.store import Conflict, PlateCodeTaken
from chalicelib.summary import Tally


class InMemoryStore:
    def __init__(self) -> None:
        self._control = Control()
        self._registrations: dict[str, Registration] = {}
        self._codes: set[str] = set()
        self._tallies: dict[int, Tally] = {}
        self._outbox: dict[str, OutboxMail] = {}
        self._links: dict[str, Link] = {}
        self._counted: Counter[str] = Counter()
        self.sent: dict[str, str] = {}
        self.failed: dict[str, str] = {}

    def control(self) -> Control:
        return self._control

    def save_control(self, control: Control) -> None:
        if control.revision != self._control.revision:
            raise Conflict
        self._control = replace(control, revision=control.revision + 1)

    def add(
        self, token_hash: str, registration: Registration, mails: Sequence[OutboxMail] = ()
    ) -> Registration:
        if token_hash in self._registrations:
            return self._registrations[token_hash]
        if registration.plate_code in self._codes:
            raise PlateCodeTaken
        self._codes.add(registration.plate_code)
        self._registrations[token_hash] = registration
        self._outbox.update({mail.id: mail for mail in mails})
        return registration

    def change(
        self, token_hash: str, registration: Registration, mails: Sequence[OutboxMail] = ()
    ) -> None:
        stored = self._registrations.get(token_hash)
        if stored is None or stored.revision != registration.revision - 1:
            raise Conflict
        self._registrations[token_hash] = registration
        self._outbox.update({mail.id: mail for mail in mails})

    def remove(self, token_hash: str, registration: Registration) -> None:
        stored = self._registrations.get(token_hash)
        if stored is None or stored.revision != registration.revision:
            raise Conflict
        del self._registrations[token_hash]
        self._codes.discard(registration.plate_code)

    def link(self, link_hash: str, link: Link) -> None:
        self._links[link_hash] = link

    def linked(self, link_hash: str) -> Link | None:
        return self._links.get(link_hash)

    def count_receipt(self, address_hash: str, day: date) -> bool:
        for key, most in (
            (f"{day}#{address_hash}", RECEIPTS_PER_ADDRESS_A_DAY),
            (f"{day}", RECEIPTS_A_DAY),
        ):
            if self._counted[key] >= most:
                return False
            self._counted[key] += 1
        return True

    def registration(self, token_hash: str) -> Registration | None:
        return self._registrations.get(token_hash)

    def encoded_orders(self) -> Iterator[str]:
        for key in sorted(self._registrations):
            yield self._registrations[key].order.encode()

    def issue_summary(self, control: Control, tally: Tally, mails: list[OutboxMail]) -> None:
        self.save_control(control)
        self._tallies[control.version] = tally
        self._outbox.update({mail.id: mail for mail in mails})

    def tally(self, version: int) -> Tally:
        return self._tallies[version]

    def due_mails(self, now: datetime) -> list[OutboxMail]:
        due = [mail for mail in self._outbox.values() if mail.due <= now]
        return sorted(due, key=lambda mail: (mail.due, mail.id))

    def lease(self, mail: OutboxMail) -> None:
        held = self._outbox.get(mail.id)
        if held is None or held.attempt != mail.attempt - 1:
            raise Conflict
        self._outbox[mail.id] = mail

    def record_sent(self, mail: OutboxMail, message_id: str, now: datetime) -> None:  # noqa: ARG002
        self._outbox.pop(mail.id, None)
        self.sent[mail.id] = message_id

    def record_failed(self, mail: OutboxMail, reason: str, now: datetime) -> None:  # noqa: ARG002
        self._outbox.pop(mail.id, None)
        self.failed[mail.id] = reason

    def postpone(self, leased: OutboxMail, postponed: OutboxMail) -> None:
        self._outbox[leased.id] = postponed


class RecordingMailer:
    """Takes every letter, after raising the errors it was given, one for each call."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.letters: list[tuple[str, Letter]] = []
        self.calls = 0

    def send(self, recipient: str, letter: Letter) -> str:
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)
        self.letters.append((recipient, letter))
        return f"message-{len(self.letters)}"
