"""A store, a mailer and a composition in memory, which keep the promises of the real ones."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.alarm import Alarm
from chalicelib.bootstrap import Clock, Composition
from chalicelib.config import Settings
from chalicelib.control import Control
from chalicelib.desk import LINKS_AN_HOUR, Access, Pass
from chalicelib.event import Event
from chalicelib.mail_record import MailEvent, MailRecord
from chalicelib.outbox import (
    RECEIPTS_A_DAY,
    RECEIPTS_PER_ADDRESS_A_DAY,
    Kind,
    Letter,
    OutboxMail,
)
from chalicelib.registration import Link, Registration
from chalicelib.roll import Entry
from chalicelib.store import Conflict, PlateCodeTaken
from chalicelib.summary import Tally


class InMemoryStore:
    def __init__(self) -> None:
        self._control = Control()
        self._registrations: dict[str, Registration] = {}
        self._codes: set[str] = set()
        self._tallies: dict[str, Tally] = {}
        self._records: dict[tuple[str, str], MailRecord] = {}
        self._alarms: dict[str, Alarm] = {}
        self._outbox: dict[str, OutboxMail] = {}
        self._links: dict[str, Link] = {}
        self._counted: Counter[str] = Counter()
        self._site = ""
        self._passes: dict[str, Pass] = {}
        self._accesses: dict[str, Access] = {}

    def control(self) -> Control:
        return self._control

    def save_control(self, control: Control) -> None:
        if control.revision != self._control.revision:
            raise Conflict
        self._control = replace(control, revision=control.revision + 1)

    def add(
        self,
        token_hash: str,
        registration: Registration,
        mails: Sequence[OutboxMail] = (),
        late_at: datetime | None = None,
        access: Access | None = None,
    ) -> Registration:
        if token_hash in self._registrations:
            return self._registrations[token_hash]
        if registration.plate_code in self._codes:
            raise PlateCodeTaken
        self._tell_control(late_at)
        self._codes.add(registration.plate_code)
        self._registrations[token_hash] = registration
        self._outbox.update({mail.id: mail for mail in mails})
        self._log(access)
        return registration

    def change(
        self,
        token_hash: str,
        registration: Registration,
        mails: Sequence[OutboxMail] = (),
        late_at: datetime | None = None,
        access: Access | None = None,
    ) -> None:
        stored = self._registrations.get(token_hash)
        if stored is None or stored.revision != registration.revision - 1:
            raise Conflict
        self._tell_control(late_at)
        self._registrations[token_hash] = registration
        self._outbox.update({mail.id: mail for mail in mails})
        self._log(access)

    def remove(
        self,
        token_hash: str,
        registration: Registration,
        late_at: datetime | None = None,
        access: Access | None = None,
        beside: str = "",
    ) -> None:
        stored = self._registrations.get(token_hash)
        if stored is None or stored.revision != registration.revision:
            raise Conflict
        if beside and beside not in self._registrations:
            raise Conflict
        self._tell_control(late_at)
        del self._registrations[token_hash]
        self._codes.discard(registration.plate_code)
        self._log(access)

    def link(self, link_hash: str, link: Link) -> None:
        self._links[link_hash] = link

    def linked(self, link_hash: str) -> Link | None:
        return self._links.get(link_hash)

    def standing(self, now: datetime) -> tuple[Control, list[OutboxMail]]:
        return self.control(), self.due_mails(now)

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

    def registrations(self, keys: Sequence[str]) -> dict[str, Registration]:
        return {key: self._registrations[key] for key in keys if key in self._registrations}

    def entries(self) -> Iterator[Entry]:
        for key, held in sorted(self._registrations.items()):
            answers, order = held.answers, held.order.encode()
            yield Entry(
                key, answers.name, answers.organisation, answers.email, order, held.registered_at
            )

    def encoded_orders(self) -> Iterator[str]:
        for key in sorted(self._registrations):
            yield self._registrations[key].order.encode()

    def save_tally(self, tally: Tally) -> None:
        self._tallies[tally.key] = tally

    def tally(self, key: str) -> Tally:
        return self._tallies[key]

    def issue(self, control: Control, mails: list[OutboxMail]) -> None:
        self.save_control(control)
        self._outbox.update({mail.id: mail for mail in mails})

    def queue(self, mails: Sequence[OutboxMail]) -> None:
        self._outbox.update({mail.id: mail for mail in mails})

    def due_mails(self, now: datetime) -> list[OutboxMail]:
        due = [mail for mail in self._outbox.values() if mail.due <= now]
        return sorted(due, key=lambda mail: (mail.due, mail.id))

    def lease(self, mail: OutboxMail) -> None:
        held = self._outbox.get(mail.id)
        if held is None or held.attempt != mail.attempt - 1:
            raise Conflict
        self._outbox[mail.id] = mail

    def record_sent(self, mail: OutboxMail, message_id: str, now: datetime) -> None:
        self._leave_outbox(mail, message_id=message_id, sent_at=now)

    def record_failed(self, mail: OutboxMail, reason: str, now: datetime) -> None:
        self._leave_outbox(mail, reason=reason, failed_at=now)

    def record_dropped(self, mail: OutboxMail, reason: str, now: datetime) -> None:
        self._leave_outbox(mail, reason=reason, dropped_at=now)

    def record_event(self, event: MailEvent) -> MailRecord:
        known = self._record(event.kind, event.mail_id)
        if event.kind is not Kind.RECEIPT:
            known = replace(known, recipient=event.recipient)
        events = {event.happening: event.at, **known.events}
        self._records[event.kind.audience, event.mail_id] = replace(
            known,
            events=events,
            message_id=known.message_id or event.message_id,
            fault=known.fault or event.fault,
        )
        return self._records[event.kind.audience, event.mail_id]

    def mail_record(self, kind: Kind, mail_id: str) -> MailRecord | None:
        return self._records.get((kind.audience, mail_id))

    def contact_mails(self) -> list[MailRecord]:
        return [
            record for (audience, _), record in sorted(self._records.items())
            if audience == "contact"
        ]  # fmt: skip

    def raise_alarm(self, alarm: Alarm, mails: Sequence[OutboxMail]) -> None:
        if alarm.id not in self._alarms:
            self._alarms[alarm.id] = alarm
            self._outbox.update({mail.id: mail for mail in mails})

    def alarm(self, alarm_id: str) -> Alarm:
        return self._alarms[alarm_id]

    def _tell_control(self, late_at: datetime | None) -> None:
        if late_at is None:
            return
        if self._control.revision == 0:
            raise Conflict
        revision = self._control.revision + 1
        self._control = replace(self._control, changed_at=late_at, revision=revision)

    def _record(self, kind: Kind, mail_id: str) -> MailRecord:
        return self._records.get((kind.audience, mail_id), MailRecord(mail_id, kind))

    def _leave_outbox(self, mail: OutboxMail, **result: Any) -> None:
        self._outbox.pop(mail.id, None)
        recipient = "" if mail.kind is Kind.RECEIPT else mail.recipient
        self._records[mail.kind.audience, mail.id] = replace(
            self._record(mail.kind, mail.id), version=mail.version, recipient=recipient, **result
        )

    def site(self) -> str:
        return self._site

    def save_site(self, address: str) -> None:
        self._site = address

    def ask_for_link(self, mail: OutboxMail, *, wanted: bool) -> None:
        if wanted:
            self._outbox[mail.id] = mail

    def count_link(self, address_hash: str, now: datetime) -> bool:
        key = f"desk#{now.astimezone(UTC):%Y-%m-%dT%H}#{address_hash}"
        if self._counted[key] >= LINKS_AN_HOUR:
            return False
        self._counted[key] += 1
        return True

    def save_pass(self, token_hash: str, admitted: Pass) -> None:
        self._passes[token_hash] = admitted

    def find_pass(self, token_hash: str) -> Pass | None:
        return self._passes.get(token_hash)

    def remove_pass(self, token_hash: str) -> None:
        self._passes.pop(token_hash, None)

    def record_access(self, access: Access) -> None:
        self._accesses[access.key] = access

    def accesses(self, before: str, at_most: int) -> list[Access]:
        keys = sorted(self._accesses, reverse=True)
        return [self._accesses[key] for key in keys if not before or key < before][:at_most]

    def _log(self, access: Access | None) -> None:
        if access:
            self.record_access(access)

    def postpone(self, leased: OutboxMail, postponed: OutboxMail) -> None:
        self._outbox[leased.id] = postponed


class RecordingMailer:
    """Takes every letter, after raising the errors it was given, one for each call."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.letters: list[tuple[str, Letter]] = []
        self.tags: list[dict[str, str]] = []
        self.calls = 0

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        self.calls += 1
        self.tags.append(dict(tags))
        if self._errors:
            raise self._errors.pop(0)
        self.letters.append((recipient, letter))
        return f"message-{len(self.letters)}"


class PickyMailer(RecordingMailer):
    """Refuses some recipients."""

    def __init__(self, refused: dict[str, Exception]) -> None:
        super().__init__()
        self.refused = refused

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        if recipient in self.refused:
            self.calls += 1
            raise self.refused[recipient]
        return super().send(recipient, letter, tags)


class InMemoryComposition(Composition):
    """A stage without AWS; what it tells CloudWatch is kept."""

    def __init__(
        self, event: Event, clock: Clock, store: InMemoryStore, mailer: RecordingMailer
    ) -> None:
        super().__init__(event=event, clock=clock)
        self.settings = Settings("dukat-dev", "Dukat <dukat@boras.example>", "dukat-dev")
        self.told: list[str] = []
        self.use(patient_store=store, mailer=mailer, tell=self.told.append)

    def use(self, **parts: Any) -> None:
        """Puts fakes where the adapters are."""
        self.__dict__.update(parts)
