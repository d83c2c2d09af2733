"""A store, a mailer and a composition in memory, which keep the promises of the real ones."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.store import Conflict, PlateCodeTaken, Standing, StoreUnavailable

from chalicelib import bootstrap
from chalicelib.alarm import Alarm
from chalicelib.bootstrap import Clock, Composition
from chalicelib.config import Settings
from chalicelib.control import Control
from chalicelib.count import Count
from chalicelib.deletion import Datum, Stored
from chalicelib.desk import LINKS_AN_HOUR, Access, Deed, Pass
from chalicelib.event import Event
from chalicelib.instants import instant
from chalicelib.mail_record import MailEvent, MailRecord
from chalicelib.outbox import (
    COUNTED_FOR_A_BOUNCE,
    RECEIPTS_A_DAY,
    RECEIPTS_AT_A_TIME,
    RECEIPTS_PER_ADDRESS_A_DAY,
    Cap,
    Kind,
    Letter,
    OutboxMail,
    receipt_id,
)
from chalicelib.registration import Link, Registration, link_to
from chalicelib.roll import NEWEST, Entry, in_order
from chalicelib.summary import Tally
from chalicelib.totals import Totals

# DynamoDB refuses to compare with a longer sort key.
KEY_AT_MOST = 1024


class InMemoryStore:
    def __init__(self) -> None:
        self._control = Control()
        self._registrations: dict[str, Registration] = {}
        self._codes: dict[str, str] = {}
        self._tallies: dict[str, Tally] = {}
        self._count: Count | None = None
        self._count_wanted_at: datetime | None = None
        self._records: dict[str, MailRecord] = {}
        self._totals: Totals | None = None
        self.expiring_on_another_day = 0
        self._alarms: dict[str, Alarm] = {}
        self._outbox: dict[str, OutboxMail] = {}
        self._links: dict[str, Link] = {}
        self._counted: Counter[str] = Counter()
        self._site = ""
        self._passes: dict[str, Pass] = {}
        self._accesses: dict[str, Access] = {}
        self._blocks: dict[str, str] = {}

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
        self._codes[registration.plate_code] = token_hash
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
        link: str = "",
    ) -> None:
        self._check_as_read(token_hash, registration.revision - 1, registration.links)
        self._tell_control(late_at)
        self._registrations[token_hash] = registration
        if link:
            self._bind(link, token_hash, registration)
        self._outbox.update({mail.id: mail for mail in mails})
        self._log(access)

    def remove(
        self,
        token_hash: str,
        registration: Registration,
        late_at: datetime | None = None,
        access: Access | None = None,
        beside: str = "",
        blocked: str = "",
    ) -> None:
        self._check_as_read(token_hash, registration.revision, registration.links)
        if beside and beside not in self._registrations:
            raise Conflict
        self._tell_control(late_at)
        del self._registrations[token_hash]
        self._codes.pop(registration.plate_code, None)
        for link_hash in registration.links:
            del self._links[link_hash]
        if blocked:
            self._blocks[blocked] = blocked
        self._log(access)

    def link(self, link_hash: str, token_hash: str, registration: Registration) -> None:
        self._check_as_read(token_hash, registration.revision, registration.links)
        self._bind(link_hash, token_hash, registration)

    def linked(self, link_hash: str) -> Link | None:
        return self._links.get(link_hash)

    def standing(self, now: datetime) -> Standing:
        counted_at = self._count.tally.taken_at if self._count else None
        wanted_at = self._count_wanted_at
        is_wanted = bool(wanted_at and (not counted_at or counted_at < wanted_at))
        return Standing(self.control(), self.due_mails(now), is_wanted)

    def count_receipt(self, address_hash: str, day: date) -> Cap | None:
        for key, most, cap in (
            (f"{day}#{address_hash}", RECEIPTS_PER_ADDRESS_A_DAY, Cap.MAILBOX),
            (f"{day}", RECEIPTS_A_DAY, Cap.ALL),
        ):
            if self._counted[key] >= most:
                return cap
            self._counted[key] += 1
        return None

    def count_bounce(self, day: date) -> None:
        if self._counted[f"{day}"] < RECEIPTS_A_DAY:
            self._counted[f"{day}"] += COUNTED_FOR_A_BOUNCE

    def registration(self, token_hash: str) -> Registration | None:
        return self._registrations.get(token_hash)

    def registrations(self, keys: Sequence[str]) -> dict[str, Registration]:
        return {key: self._registrations[key] for key in keys if key in self._registrations}

    def entries(
        self, sort: str = "name", after: str = "", at_most: int | None = None
    ) -> Iterator[Entry]:
        return self._after(in_order(self._entries(), sort), after, at_most)

    def newest(
        self,
        since: datetime | None,
        until: datetime | None,
        after: str = "",
        at_most: int | None = None,
    ) -> Iterator[Entry]:
        if since and until and since > until:
            return iter(())
        came = [
            entry
            for entry in in_order(self._entries(), NEWEST)
            if (not since or entry.registered_at >= since)
            and (not until or entry.registered_at - timedelta(minutes=1) < until)
        ]
        return self._after(came, after, at_most)

    def _after(self, entries: list[Entry], after: str, at_most: int | None) -> Iterator[Entry]:
        places = [entry.place for entry in entries]
        if after and after not in places:
            raise LookupError
        return iter(entries[places.index(after) + 1 if after else 0 :][:at_most])

    def _entries(self) -> Iterator[Entry]:
        for key, held in self._registrations.items():
            answers, order = held.answers, held.order.encode()
            yield Entry(
                key,
                answers.name,
                answers.organisation,
                answers.email,
                order,
                held.registered_at,
                held.revision,
            )

    def encoded_orders(self) -> Iterator[str]:
        for key in sorted(self._registrations):
            yield self._registrations[key].order.encode()

    def arrivals(self, at_most: int | None = None) -> Iterator[tuple[str, str]]:
        for key in sorted(self._registrations)[:at_most]:
            held = self._registrations[key]
            yield held.order.encode(), instant(held.registered_at)

    def want_count(self, now: datetime) -> None:
        self._count_wanted_at = now

    def keep_count(self, count: Count) -> None:
        if self._count is None or self._count.tally.taken_at <= count.tally.taken_at:
            self._count = Count.from_json(count.to_json())

    def kept_count(self) -> Count | None:
        return self._count

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
        due.sort(key=lambda mail: (mail.due, mail.id))
        receipts = [mail for mail in due if mail.kind is Kind.RECEIPT]
        others = [mail for mail in due if mail.kind is not Kind.RECEIPT]
        return others + receipts[:RECEIPTS_AT_A_TIME]

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
        key = _record_key(event.kind, event.mail_id)
        self._records[key] = replace(
            known,
            events=events,
            message_id=known.message_id or event.message_id,
            fault=known.fault or event.fault,
        )
        return self._records[key]

    def mail_record(self, kind: Kind, mail_id: str) -> MailRecord | None:
        return self._records.get(_record_key(kind, mail_id))

    def contact_mails(self) -> list[MailRecord]:
        records = sorted(self._records.items())
        return [record for key, record in records if key.startswith("contact#")]

    def raise_alarm(self, alarm: Alarm, mails: Sequence[OutboxMail]) -> None:
        if alarm.id not in self._alarms:
            self._alarms[alarm.id] = alarm
            self._outbox.update({mail.id: mail for mail in mails})

    def alarm(self, alarm_id: str) -> Alarm:
        return self._alarms[alarm_id]

    def _check_as_read(self, token_hash: str, revision: int, links: tuple[str, ...]) -> None:
        stored = self._registrations.get(token_hash)
        if stored is None or (stored.revision, stored.links) != (revision, links):
            raise Conflict

    def _bind(self, link_hash: str, token_hash: str, registration: Registration) -> None:
        linked = registration.with_link(link_hash)
        self._registrations[token_hash] = linked
        self._links[link_hash] = link_to(token_hash, linked)
        for forgotten in set(registration.links) - set(linked.links):
            del self._links[forgotten]

    def _tell_control(self, late_at: datetime | None) -> None:
        if late_at is None:
            return
        if self._control.revision == 0:
            raise Conflict
        revision = self._control.revision + 1
        self._control = replace(self._control, changed_at=late_at, revision=revision)

    def _record(self, kind: Kind, mail_id: str) -> MailRecord:
        return self._records.get(_record_key(kind, mail_id), MailRecord(mail_id, kind))

    def _leave_outbox(self, mail: OutboxMail, **result: Any) -> None:
        self._outbox.pop(mail.id, None)
        recipient = "" if mail.kind is Kind.RECEIPT else mail.recipient
        self._records[_record_key(mail.kind, mail.id)] = replace(
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

    def is_blocked(self, mailbox_hash: str) -> bool:
        return mailbox_hash in self._blocks

    def blocks(self) -> int:
        return len(self._blocks)

    def unblock(self, mailbox_hash: str, access: Access) -> bool:
        if mailbox_hash not in self._blocks:
            return False
        self._blocks.pop(mailbox_hash)
        self._log(access)
        return True

    def receipts(self, token_hash: str) -> list[MailRecord]:
        prefix = _record_key(Kind.RECEIPT, receipt_id(token_hash))
        return [record for key, record in sorted(self._records.items()) if key.startswith(prefix)]

    def waiting_receipts(self, token_hash: str) -> list[OutboxMail]:
        waiting = [mail for mail in self._outbox.values() if mail.about == token_hash]
        return sorted(waiting, key=lambda mail: (mail.due, mail.id))

    def record_access(self, access: Access) -> None:
        self._accesses[access.key] = access

    def accesses(self, before: str, at_most: int) -> list[Access]:
        if len(f"ACCESS#{before}".encode()) > KEY_AT_MOST:
            raise StoreUnavailable("ValidationException")
        keys = sorted(self._accesses, reverse=True)
        return [self._accesses[key] for key in keys if not before or key < before][:at_most]

    def accesses_about(self, code: str, since: datetime) -> list[Access]:
        lines = [self._accesses[key] for key in sorted(self._accesses)]
        return [line for line in lines if line.at >= since and line.concerns(code)]

    def _log(self, access: Access | None) -> None:
        if access:
            self.record_access(access)

    def begin_deletion(self, control: Control, staying: Totals) -> None:
        self.save_control(control)
        self._totals = staying

    def totals(self) -> Totals | None:
        return self._totals

    def stored(self) -> Iterator[Stored]:
        for _, key, data in self._everything():
            yield Stored(key, data)

    def delete(self, control: Control, keys: Sequence[str]) -> None:
        self.save_control(control)
        for items, key, _ in list(self._everything()):
            if key in keys:
                items.pop(key.partition("#")[2])

    def renew(self, at_most: int) -> int:
        renewed = min(at_most, self.expiring_on_another_day)
        self.expiring_on_another_day -= renewed
        return renewed

    def _everything(self) -> Iterator[tuple[dict[Any, Any], str, tuple[Datum, ...]]]:
        """Each item with the drawer that it is in, and under the key that the table has for it."""
        for key, access in list(self._accesses.items()):
            took = {Deed.TOOK_EXTRACT: (Datum.EXTRACT,)}
            took |= dict.fromkeys((Deed.TOOK_XLSX, Deed.TOOK_CSV), (Datum.DOWNLOAD,))
            data = (Datum.ACCESS, *took.get(access.deed, ()))
            yield self._accesses, f"ACCESS#{key}", data
        for key, held in list(self._registrations.items()):
            has = {Datum.ADDRESS: held.answers.email, Datum.NOTE: held.answers.note}
            more = tuple(datum for datum, value in has.items() if value)
            yield self._registrations, f"REG#{key}", (Datum.REGISTRATION, *more)
        for items, prefix, datum in (
            (self._codes, "CODE", Datum.CODE),
            (self._blocks, "BLOCK", Datum.COUNT),
            (self._links, "LINK", Datum.LINK),
            (self._outbox, "DELIVERY", Datum.MAIL),
            (self._records, "MAIL", Datum.MAIL),
            (self._passes, "DESK", Datum.PASS),
            (self._tallies, "TALLY", Datum.COUNT),
            (self._alarms, "ALARM", Datum.COUNT),
            (self._counted, "CAP", Datum.COUNT),
        ):
            for key in list(items):
                yield items, f"{prefix}#{key}", (datum,)

    def postpone(self, leased: OutboxMail, postponed: OutboxMail) -> None:
        self._outbox[leased.id] = postponed


def _record_key(kind: Kind, mail_id: str) -> str:
    return f"{kind.audience}#{mail_id}"


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

    @property
    def store(self) -> Any:
        return self.patient_store

    @property
    def desk_store(self) -> Any:
        return self.patient_store

    def effective_deadline(self, last_known: datetime) -> datetime:
        try:
            control: Control = self.store.control()
        except StoreUnavailable:
            return last_known
        return self.event.deadline(control.closes_at)

    def use(self, **parts: Any) -> None:
        """Puts fakes where the adapters are."""
        self.__dict__.update(parts)

    @contextmanager
    def installed(self) -> Iterator["InMemoryComposition"]:
        """The process's composition for a while."""
        before = bootstrap.composition()
        bootstrap.install(self)
        yield self
        bootstrap.install(before)
