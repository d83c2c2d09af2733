"""Everything about the DynamoDB table, and nothing else.

One table; partition key `pk` is the event's id, sort key `sk` says what the item is.
"""

from __future__ import annotations

import random
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, islice
from time import sleep
from typing import TYPE_CHECKING, Any

from chalicelib.alarm import Alarm
from chalicelib.control import Control
from chalicelib.deletion import Stored
from chalicelib.desk import LINKS_AN_HOUR, Access, Pass
from chalicelib.dynamodb import aws_faults, kind_of
from chalicelib.event import Event
from chalicelib.instants import instant
from chalicelib.items import (
    ENTRY,
    INDEXES,
    OUTBOX,
    RECEIPTS,
    Item,
    access_item,
    access_of,
    alarm_item,
    alarm_of,
    control_item,
    control_of,
    entry_of,
    event_attribute,
    link_item,
    link_of,
    mail_item,
    mail_of,
    marshal,
    outbox_key,
    pass_item,
    pass_of,
    record_key,
    record_of,
    registration_item,
    registration_of,
    stored_of,
    unmarshal,
)
from chalicelib.mail_record import MailEvent, MailRecord
from chalicelib.outbox import (
    COUNTED_FOR_A_BOUNCE,
    RECEIPTS_A_DAY,
    RECEIPTS_AT_A_TIME,
    RECEIPTS_PER_ADDRESS_A_DAY,
    Cap,
    Kind,
    OutboxMail,
    receipt_id,
)
from chalicelib.own_deadline import CONTROL
from chalicelib.registration import Link, Registration, link_to
from chalicelib.roll import NEWEST, Entry
from chalicelib.store import Conflict, PlateCodeTaken, Standing, StoreUnavailable
from chalicelib.summary import Tally
from chalicelib.totals import Totals

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError
    from mypy_boto3_dynamodb import DynamoDBClient

    from chalicelib.count import Count

# Between the control and what is due: a tick reads it with them.
_COUNT = "COUNT"
_SITE = "SITE"
_TOTALS = "TOTALS"
# What is nobody's, and stays after the deletion.
_KEPT = frozenset({CONTROL, _SITE, _TOTALS})
_NEW = "attribute_not_exists(sk)"
_CONFLICTS_AT_MOST = 4
# DynamoDB takes items of at most 400 KB.
_TALLY_PIECE = 300_000
# The first and last that a key can be.
_EVERYTHING = ("A", "~")
# The first and last that an index can sort by.
_FIRST_TEXT, _LAST_TEXT = "\x01", "\U0010ffff"
# What is farther away can't be written so that it sorts as a text.
_BEFORE_ALL, _AFTER_ALL = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
# How long after the day of deletion the table forgets by itself what is still there.
_BACKSTOP = timedelta(days=30)
# Passes and counters, which expire sooner.
_BRIEF = ("DESK#", "CAP#")
# What BatchGetItem takes at once.
_BATCH = 100


def short_random_pause(attempt: int) -> None:
    """Waits at most 0.1 s, then 0.2 s, 0.4 s: what met once should not meet again."""
    sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - nothing secret


class Repository:
    """The items of one event. A transaction that conflicts is tried again after a `pause`.

    Once it is `out_of_time`, no further call is made: StoreUnavailable. What is to be deleted
    expires some time after that, should nobody delete it.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        event: Event,
        pause: Callable[[int], None] = short_random_pause,
        out_of_time: Callable[[], bool] = lambda: False,
    ) -> None:
        self._client = client
        self._table = table
        self._event_id = event.id
        self._expires_at = int((event.deletes_at + _BACKSTOP).timestamp())
        self._pause = pause
        self._out_of_time = out_of_time

    def control(self) -> Control:
        """Where the event stands, strongly consistent; a fresh Control before the first write."""
        item = self._get(CONTROL)
        return control_of(item) if item else Control()

    def save_control(self, control: Control) -> None:
        """Writes a control that was read before; raises Conflict if it has changed since."""
        self._put_if_unchanged(**self._control_write(control))

    def add(
        self,
        token_hash: str,
        registration: Registration,
        mails: Sequence[OutboxMail] = (),
        late_at: datetime | None = None,
        access: Access | None = None,
    ) -> Registration:
        """Stores a registration once, with its mails, and returns the stored one.

        If it was there before, that one is returned and nothing else is written. Raises
        PlateCodeTaken if another registration has its plate code, Conflict if it comes and goes
        meanwhile.
        """
        key = f"REG#{token_hash}"
        writes = [
            self._put(key, registration_item(registration)),
            self._put(f"CODE#{registration.plate_code}", {"registration": token_hash}),
            *map(self._put_mail, mails),
            *self._tell_control(late_at),
            *self._log(access),
        ]
        taken = self._write(writes)
        if not any(taken):
            return registration
        if not taken[0]:
            raise PlateCodeTaken if taken[1] else Conflict
        stored = self.registration(token_hash)
        if stored is None:
            raise Conflict
        return stored

    def change(
        self,
        token_hash: str,
        registration: Registration,
        mails: Sequence[OutboxMail] = (),
        late_at: datetime | None = None,
        access: Access | None = None,
        link: str = "",
    ) -> None:
        """Writes the next revision; raises Conflict unless the one before it is stored as read.

        With `link`, the token with that hash opens the registration in the same write.
        """
        linked = registration.with_link(link) if link else registration
        put = self._putting(f"REG#{token_hash}", registration_item(linked))
        put.update(_as_read(registration.revision - 1, registration.links))
        links = self._bind(link, token_hash, linked, registration) if link else []
        more = [*map(self._put_mail, mails), *self._tell_control(late_at), *self._log(access)]
        if any(self._write([{"Put": put}, *links, *more])):
            raise Conflict

    def remove(
        self,
        token_hash: str,
        registration: Registration,
        late_at: datetime | None = None,
        access: Access | None = None,
        beside: str = "",
        blocked: str = "",
    ) -> None:
        """Removes a registration with its code and its links, if it is stored as it was read.

        Raises Conflict if it isn't. With `beside`, only while the registration with that hash is
        there; with `blocked`, the mailbox with that hash gets no more mail.
        """
        delete = self._delete(f"REG#{token_hash}")
        delete["Delete"].update(_as_read(registration.revision, registration.links))
        keys = [f"CODE#{registration.plate_code}", *(f"LINK#{one}" for one in registration.links)]
        block = [{"Put": self._putting(f"BLOCK#{blocked}", {})}] if blocked else []
        more = [*self._while_there(beside), *self._tell_control(late_at), *self._log(access)]
        if any(self._write([delete, *map(self._delete, keys), *block, *more])):
            raise Conflict

    def link(self, link_hash: str, token_hash: str, registration: Registration) -> None:
        """Makes another token open a registration, or binds that token anew.

        Raises Conflict unless the registration is stored as it was read.
        """
        linked = registration.with_link(link_hash)
        update = _as_read(registration.revision, registration.links)
        update["ExpressionAttributeValues"] |= marshal({":linked": list(linked.links)})
        update |= {"TableName": self._table, "Key": self._key(f"REG#{token_hash}")}
        update["UpdateExpression"] = "SET links = :linked"
        binding = self._bind(link_hash, token_hash, linked, registration)
        if any(self._write([{"Update": update}, *binding])):
            raise Conflict

    def linked(self, link_hash: str) -> Link | None:
        """What a mailed token opens, if it is known."""
        item = self._get(f"LINK#{link_hash}")
        return link_of(item) if item else None

    def registration(self, token_hash: str) -> Registration | None:
        """The registration with this hash of its token, strongly consistent."""
        item = self._get(f"REG#{token_hash}")
        return registration_of(item) if item else None

    def registrations(self, keys: Sequence[str]) -> Mapping[str, Registration]:
        """Those of the registrations that are there, by the hash of their token, consistent."""
        found: dict[str, Registration] = {}
        different = list(dict.fromkeys(keys))  # the same key twice is refused
        for start in range(0, len(different), _BATCH):
            wanted = [self._key(f"REG#{key}") for key in different[start : start + _BATCH]]
            while wanted:
                request = {self._table: {"Keys": wanted, "ConsistentRead": True}}
                with self._calling():
                    answer: Any = self._client.batch_get_item(RequestItems=request)  # type: ignore[arg-type]
                for item in map(unmarshal, answer["Responses"].get(self._table, ())):
                    found[item["sk"].removeprefix("REG#")] = registration_of(item)
                wanted = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
        return found

    def entries(
        self, sort: str = "name", after: str = "", at_most: int | None = None
    ) -> Iterator[Entry]:
        """The registrations as the list needs them, in this order, strongly consistent.

        They are read as they are asked for. With `after`, those that come after the one at that
        place; raises LookupError if it isn't there any more.
        """
        return self._entries(sort, (_FIRST_TEXT, _LAST_TEXT), after, at_most)

    def newest(
        self,
        since: datetime | None,
        until: datetime | None,
        after: str = "",
        at_most: int | None = None,
    ) -> Iterator[Entry]:
        """The entries that came from one minute to the other, the newest first."""
        first = _near(since) if since else _FIRST_TEXT
        last = f"{_near(until):.16}~" if until else _LAST_TEXT
        return self._entries(NEWEST, (first, last), after, at_most) if first <= last else iter(())

    def _entries(
        self, sort: str, between: tuple[str, str], after: str, at_most: int | None
    ) -> Iterator[Entry]:
        index = INDEXES[sort]
        request = self._between(*between, *ENTRY, by=index)
        request |= {"IndexName": index, "ScanIndexForward": sort != NEWEST}
        if after:
            request["ExclusiveStartKey"] = self._place(after, index, between)
        return map(entry_of, self._first_of(request, at_most))

    def _place(self, place: str, index: str, between: tuple[str, str]) -> dict[str, Any]:
        key, _, revision = place.partition(".")
        item = self._get(f"REG#{key}")
        if item is None or str(item["revision"]) != revision:
            raise LookupError("nobody is at this place")
        if not between[0] <= item[index] <= between[1]:
            raise LookupError("the place is not between these times")
        return {**self._key(f"REG#{key}"), **marshal({index: item[index]})}

    def encoded_orders(self) -> Iterator[str]:
        """Every registration's encoded order, strongly consistent, page by page."""
        pages = self._pages("REG#", "REG#~", "plate")
        yield from (item.get("plate", {}).get("S", "") for item in pages)

    def arrivals(self, at_most: int | None = None) -> Iterator[tuple[str, str]]:
        """Every registration's encoded order, and the instant it came at; or so many of them.

        Of an index, which is smaller than the table.
        """
        by_time = INDEXES[NEWEST]
        wanted = ("plate", "registered_at")
        request = self._between(_FIRST_TEXT, _LAST_TEXT, *wanted, by=by_time)
        for item in self._first_of(request | {"IndexName": by_time}, at_most):
            yield item["plate"]["S"], item["registered_at"]["S"]

    def want_count(self, now: datetime) -> None:
        """Says that the desk waits for a count of now."""
        with self._calling():
            self._client.update_item(**self._updating(_COUNT, {"wanted_at": instant(now)}, {}))

    def keep_count(self, count: Count) -> None:
        """Keeps a count unless there is one of later; those of before go."""
        kept, at = f"desk#{count.tally.key}", instant(count.tally.taken_at)
        pieces = self._save_in_pieces(kept, count.to_json())
        known = {"counted_at": at, "kept": kept, "pieces": pieces}
        update = self._updating(_COUNT, known, {})
        update["ConditionExpression"] = "attribute_not_exists(counted_at) OR counted_at <= :at"
        update["ExpressionAttributeValues"] |= marshal({":at": at})
        if self._update_unless_refused(**update):
            for piece in list(self._query("TALLY#desk#", f"TALLY#{kept}", "sk")):
                with self._calling():
                    self._client.delete_item(**self._delete(piece["sk"])["Delete"])

    def kept_count(self) -> Count | None:
        """The count that is kept; None also in the moment in which another takes its place."""
        from chalicelib.count import Count

        item = self._get(_COUNT) or {}
        pieces = list(self._pieces(item["kept"])) if "kept" in item else []
        if not pieces or len(pieces) != item["pieces"]:
            return None
        return Count.from_json(_unpacked("".join(pieces)))

    def save_tally(self, tally: Tally) -> None:
        """Keeps a tally under its key, compressed, in as many items as it needs."""
        self._save_in_pieces(tally.key, tally.to_json())

    def tally(self, key: str) -> Tally:
        """The tally with this key; raises LookupError if there is none."""
        packed = "".join(self._pieces(key))
        if not packed:
            raise LookupError("there is no tally with this key")
        return Tally.from_json(_unpacked(packed))

    def _save_in_pieces(self, key: str, text: str) -> int:
        packed = _packed(text)
        starts = range(0, len(packed), _TALLY_PIECE)
        for number, start in enumerate(starts):
            piece = {"tally": packed[start : start + _TALLY_PIECE]}
            with self._calling():
                self._client.put_item(**self._putting(f"TALLY#{key}#{number:04}", piece))
        return len(starts)

    def _pieces(self, key: str) -> Iterator[str]:
        pieces = self._query(f"TALLY#{key}#", f"TALLY#{key}#~", "tally")
        return (piece["tally"] for piece in pieces)

    def issue(self, control: Control, mails: list[OutboxMail]) -> None:
        """Writes the control and queues the mails, all or nothing.

        Raises Conflict if the control has changed since it was read.
        """
        if any(self._write([{"Put": self._control_write(control)}, *map(self._put_mail, mails)])):
            raise Conflict

    def queue(self, mails: Sequence[OutboxMail]) -> None:
        """Puts mails into the outbox, all or none."""
        self._write([*map(self._put_mail, mails)])

    def due_mails(self, now: datetime) -> list[OutboxMail]:
        """The mails in the outbox that are due, receipts last, the longest waiting first.

        Of receipts it reads RECEIPTS_AT_A_TIME, however many there are.
        """
        return _due(self._query(OUTBOX, _receipts_until(now)), now)

    def standing(self, now: datetime) -> Standing:
        """What a tick must know of this moment, in one request unless the mails are many.

        Without the mails if one of them can't be read: the event must go on nevertheless.
        """
        items = self._pages(CONTROL, _receipts_until(now))
        known: dict[str, Item] = {}
        for item in items:
            key = item["sk"]["S"]
            if key not in {CONTROL, _COUNT}:
                items = chain([item], items)
                break
            known[key] = unmarshal(item)
        control = control_of(known[CONTROL]) if CONTROL in known else Control()
        counted = known.get(_COUNT, {})
        is_count_wanted = counted.get("wanted_at", "") > counted.get("counted_at", "")
        try:
            return Standing(control, _due(map(unmarshal, items), now), is_count_wanted)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - whoever sends them meets it again, and tells it
            return Standing(control, None, is_count_wanted)

    def count_receipt(self, address_hash: str, day: date) -> Cap | None:
        """Counts a receipt mail of the day, unless the address or all had as many as may be."""
        expires = _expiry(day)
        if not self._count(f"CAP#{day}#{address_hash}", RECEIPTS_PER_ADDRESS_A_DAY, expires):
            return Cap.MAILBOX
        return None if self._count(f"CAP#{day}", RECEIPTS_A_DAY, expires) else Cap.ALL

    def count_bounce(self, day: date) -> None:
        """Counts a receipt that came back for COUNTED_FOR_A_BOUNCE of the day's receipts."""
        self._count(f"CAP#{day}", RECEIPTS_A_DAY, _expiry(day), COUNTED_FOR_A_BOUNCE)

    def lease(self, mail: OutboxMail) -> None:
        """Writes the next attempt at a mail; raises Conflict if somebody else made it."""
        try:
            self._put_if_unchanged(
                **self._putting(outbox_key(mail), mail_item(mail)),
                ConditionExpression="attempt = :before",
                ExpressionAttributeValues=marshal({":before": mail.attempt - 1}),
            )
        except Conflict:
            held = self._get(outbox_key(mail))
            if not held or held["owner"] != mail.owner:
                raise
            # Our own write landed, its answer was lost, and the client's second try met it.

    def record_sent(self, mail: OutboxMail, message_id: str, now: datetime) -> None:
        """Moves a mail out of the outbox; SES has taken it under this message id."""
        self._leave_outbox(mail, {"message_id": message_id, "sent_at": instant(now)})

    def record_failed(self, mail: OutboxMail, reason: str, now: datetime) -> None:
        """Moves a mail out of the outbox; it will not be taken as it is."""
        self._leave_outbox(mail, {"reason": reason, "failed_at": instant(now)})

    def record_dropped(self, mail: OutboxMail, reason: str, now: datetime) -> None:
        """Moves a mail out of the outbox; it is no longer wanted."""
        self._leave_outbox(mail, {"reason": reason, "dropped_at": instant(now)})

    def record_event(self, event: MailEvent) -> MailRecord:
        """Keeps what SES told of a mail; of the same told twice, the first."""
        happened = {
            event_attribute(event.happening): instant(event.at),
            "message_id": event.message_id,
        }
        if event.fault:
            happened["fault"] = event.fault.value
        known = {"id": event.mail_id, "kind": event.kind.value}
        if event.kind is not Kind.RECEIPT:
            known["recipient"] = event.recipient
        key = record_key(event.kind, event.mail_id)
        with self._calling():
            updated = self._client.update_item(
                **self._updating(key, known, happened), ReturnValues="ALL_NEW"
            )
        return record_of(unmarshal(updated["Attributes"]))

    def mail_record(self, kind: Kind, mail_id: str) -> MailRecord | None:
        """What is known of a mail, if anything is."""
        item = self._get(record_key(kind, mail_id))
        return record_of(item) if item else None

    def contact_mails(self) -> list[MailRecord]:
        """What is known of each mail to a contact person that was taken or failed."""
        prefix = record_key(Kind.SUMMARY, "")
        return list(map(record_of, self._query(prefix, f"{prefix}~")))

    def raise_alarm(self, alarm: Alarm, mails: Sequence[OutboxMail]) -> None:
        """Keeps an alarm and queues its mails, unless it was raised before."""
        alarm_put = self._put(f"ALARM#{alarm.id}", alarm_item(alarm))
        self._write([alarm_put, *map(self._put_mail, mails)])

    def alarm(self, alarm_id: str) -> Alarm:
        """The alarm with this id; raises LookupError if there is none."""
        item = self._get(f"ALARM#{alarm_id}")
        if item is None:
            raise LookupError("there is no alarm with this id")
        return alarm_of(item)

    def site(self) -> str:
        """Where the event's pages are; empty before anybody has said so."""
        item = self._get(_SITE)
        return str(item["address"]) if item else ""

    def save_site(self, address: str) -> None:
        """Says where the event's pages are, for mails that nobody's visit leads to."""
        with self._calling():
            self._client.put_item(**self._putting(_SITE, {"address": address}))

    def ask_for_link(self, mail: OutboxMail, *, wanted: bool) -> None:
        """Queues the mail, or makes a write of the same kind and size that nobody reads."""
        key = outbox_key(mail) if wanted else "NOBODY"
        kept = mail if wanted else replace(mail, recipient="-" * len(mail.recipient))
        with self._calling():
            self._client.put_item(**self._putting(key, mail_item(kept)))

    def count_link(self, address_hash: str, now: datetime) -> bool:
        """Counts a link of the hour, unless the address has had as many as may be."""
        hour = f"{now.astimezone(UTC):%Y-%m-%dT%H}"
        expires = now + timedelta(days=2)
        return self._count(f"CAP#desk#{hour}#{address_hash}", LINKS_AN_HOUR, expires)

    def save_pass(self, token_hash: str, admitted: Pass) -> None:
        """Lets a token in."""
        with self._calling():
            self._client.put_item(**self._putting(f"DESK#{token_hash}", pass_item(admitted)))

    def find_pass(self, token_hash: str) -> Pass | None:
        """What a token opens at the desk, if anything; strongly consistent."""
        item = self._get(f"DESK#{token_hash}")
        return pass_of(item) if item else None

    def remove_pass(self, token_hash: str) -> None:
        """Lets a token in no more."""
        with self._calling():
            self._client.delete_item(**self._delete(f"DESK#{token_hash}")["Delete"])

    def is_blocked(self, mailbox_hash: str) -> bool:
        """Whether this mailbox is to get no more mail."""
        return self._get(f"BLOCK#{mailbox_hash}") is not None

    def blocks(self) -> int:
        """How many mailboxes are to get no more mail."""
        return sum(1 for _ in self._pages("BLOCK#", "BLOCK#~", "sk"))

    def unblock(self, mailbox_hash: str, access: Access) -> bool:
        """Lets a mailbox get mail again, with its line of the access log; False if it did."""
        delete = self._delete(f"BLOCK#{mailbox_hash}")
        delete["Delete"]["ConditionExpression"] = "attribute_exists(sk)"
        return not any(self._write([delete, *self._log(access)]))

    def receipts(self, token_hash: str) -> list[MailRecord]:
        """What is known of each receipt of a registration that has left the outbox."""
        prefix = record_key(Kind.RECEIPT, receipt_id(token_hash))
        return list(map(record_of, self._query(prefix, f"{prefix}~")))

    def waiting_receipts(self, token_hash: str) -> list[OutboxMail]:
        """The receipts of a registration that are still in the outbox."""
        items = self._pages(RECEIPTS, f"{RECEIPTS}~")
        return [mail_of(unmarshal(one)) for one in items if one["about"]["S"] == token_hash]

    def record_access(self, access: Access) -> None:
        """Adds to the access log."""
        with self._calling():
            self._client.put_item(**self._putting(f"ACCESS#{access.key}", access_item(access)))

    def accesses(self, before: str, at_most: int) -> Sequence[Access]:
        """The access log, newest first, from before a line's key if one is given."""
        last = f"ACCESS#{before}" if before else "ACCESS#~"
        request = self._between("ACCESS#", last) | {"ScanIndexForward": False}
        found = map(unmarshal, self._first_of(request, at_most + 1))
        return [access_of(item) for item in found if item["sk"] != last][:at_most]

    def begin_deletion(self, control: Control, staying: Totals) -> None:
        """Keeps the counts that stay, and writes the control, both or none.

        Raises Conflict if the control has changed since it was read.
        """
        put = {"Put": self._putting(_TOTALS, {"totals": _packed(staying.to_json())})}
        if any(self._write([{"Put": self._control_write(control)}, put])):
            raise Conflict

    def totals(self) -> Totals | None:
        """The counts that stay, once the deletion has begun."""
        item = self._get(_TOTALS)
        return Totals.from_json(_unpacked(item["totals"])) if item else None

    def stored(self) -> Iterator[Stored]:
        """Every item but those that stay, strongly consistent, page by page."""
        for item in self._query(*_EVERYTHING, "sk", "email", "note", "deed"):
            if item["sk"] not in _KEPT:
                yield stored_of(item)

    def delete(self, control: Control, keys: Sequence[str]) -> None:
        """Deletes these items, at most DELETED_AT_ONCE, and writes the control, all or nothing.

        Raises Conflict if the control has changed since it was read.
        """
        deletes = map(self._delete, keys)
        if any(self._write([{"Put": self._control_write(control)}, *deletes])):
            raise Conflict

    def renew(self, at_most: int) -> int:
        """Makes items expire that long after the day of deletion that holds now, if they don't.

        Returns how many did not: at most so many. What expires before, on its own, is left alone.
        """
        renewed = 0
        for item in self._query(*_EVERYTHING, "sk", "expires_at"):
            key = item["sk"]
            if key in _KEPT or key.startswith(_BRIEF) or item.get("expires_at") == self._expires_at:
                continue
            self._renew(key)
            renewed += 1
            if renewed == at_most:
                break
        return renewed

    def _renew(self, key: str) -> None:
        self._update_unless_refused(  # it may be gone since
            TableName=self._table,
            Key=self._key(key),
            UpdateExpression="SET expires_at = :at",
            ConditionExpression="attribute_exists(sk)",
            ExpressionAttributeValues=marshal({":at": self._expires_at}),
        )

    def accesses_about(self, code: str, since: datetime) -> list[Access]:
        """The lines of the access log about this plate code, the oldest first."""
        items = self._pages(f"ACCESS#{instant(since)}", "ACCESS#~")
        lines = (access_of(unmarshal(one)) for one in items if code in one["about"]["S"])
        return [line for line in lines if line.concerns(code)]

    def postpone(self, leased: OutboxMail, postponed: OutboxMail) -> None:
        """Moves a leased mail to its new due time."""
        self._write([self._delete(outbox_key(leased)), self._put_mail(postponed)])

    def _leave_outbox(self, mail: OutboxMail, result: Item) -> None:
        known: Item = {"id": mail.id, "kind": mail.kind.value, "version": mail.version, **result}
        if mail.kind is not Kind.RECEIPT:  # an attendee's address goes with the mail
            known["recipient"] = mail.recipient
        record = self._updating(record_key(mail.kind, mail.id), known, {})
        self._write([{"Update": record}, self._delete(outbox_key(mail))])

    def _log(self, access: Access | None) -> list[Item]:
        if access is None:
            return []
        return [{"Put": self._putting(f"ACCESS#{access.key}", access_item(access))}]

    def _bind(
        self, link_hash: str, token_hash: str, linked: Registration, before: Registration
    ) -> list[Item]:
        """The link's own item; what the registration no longer knows of goes."""
        put = self._putting(f"LINK#{link_hash}", link_item(link_to(token_hash, linked)))
        forgotten = [one for one in before.links if one not in linked.links]
        return [{"Put": put}, *(self._delete(f"LINK#{one}") for one in forgotten)]

    def _while_there(self, token_hash: str) -> list[Item]:
        if not token_hash:
            return []
        check = {"TableName": self._table, "Key": self._key(f"REG#{token_hash}")}
        return [{"ConditionCheck": {**check, "ConditionExpression": "attribute_exists(sk)"}}]

    def _tell_control(self, late_at: datetime | None) -> list[Item]:
        """Whoever counts now will find that the control has changed, and count again."""
        if late_at is None:
            return []
        update = {
            "TableName": self._table,
            "Key": self._key(CONTROL),
            "UpdateExpression": "SET changed_at = :at ADD revision :one",
            "ConditionExpression": "attribute_exists(sk)",
            "ExpressionAttributeValues": marshal({":at": instant(late_at), ":one": 1}),
        }
        return [{"Update": update}]

    def _updating(self, key: str, known: Item, first: Item) -> dict[str, Any]:
        """An update that sets what is known, and of `first` only what wasn't there."""
        names, values, parts = {}, {}, []
        known = {"expires_at": self._expires_at, **known}
        for number, (name, value) in enumerate([*known.items(), *first.items()]):
            names[f"#{number}"], values[f":{number}"] = name, value
            new = f":{number}"
            parts.append(
                f"#{number} = {new if name in known else f'if_not_exists(#{number}, {new})'}"
            )
        return {
            "TableName": self._table,
            "Key": self._key(key),
            "UpdateExpression": f"SET {', '.join(parts)}",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": marshal(values),
        }

    def _get(self, key: str) -> Item | None:
        with self._calling():
            found = self._client.get_item(
                TableName=self._table, Key=self._key(key), ConsistentRead=True
            )
        return unmarshal(found["Item"]) if "Item" in found else None

    def _query(self, first: str, last: str, *attributes: str) -> Iterator[Item]:
        yield from map(unmarshal, self._pages(first, last, *attributes))

    def _pages(self, first: str, last: str, *attributes: str) -> Iterator[Mapping[str, Any]]:
        """The items between two keys as DynamoDB writes them, page by page."""
        return self._pages_of(self._between(first, last, *attributes))

    def _between(self, first: str, last: str, *attributes: str, by: str = "sk") -> dict[str, Any]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": f"pk = :pk AND {by} BETWEEN :first AND :last",
            "ExpressionAttributeValues": marshal(
                {":pk": self._event_id, ":first": first, ":last": last}
            ),
            "ConsistentRead": True,
        }
        if attributes:  # by number, since some of the names are reserved
            names = {f"#{number}": name for number, name in enumerate(attributes)}
            request["ProjectionExpression"] = ", ".join(names)
            request["ExpressionAttributeNames"] = names
        return request

    def _first_of(
        self, request: dict[str, Any], at_most: int | None
    ) -> Iterator[Mapping[str, Any]]:
        limit = {"Limit": at_most} if at_most else {}
        return islice(self._pages_of(request | limit), at_most)

    def _pages_of(self, request: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        while True:
            with self._calling():
                page = self._client.query(**request)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _write(self, writes: list[Any]) -> list[bool]:
        """Writes all or nothing; for each write, whether its condition refused it."""
        for attempt in range(1, _CONFLICTS_AT_MOST + 1):
            try:
                with self._calling():
                    self._client.transact_write_items(TransactItems=writes)
            except aws_faults() as cancelled:
                codes = _cancellation_codes(cancelled)
                if "TransactionConflict" not in codes:
                    return [code == "ConditionalCheckFailed" for code in codes]
                self._pause(attempt)
            else:
                return [False] * len(writes)
        raise StoreUnavailable("TransactionConflict")

    def _put_if_unchanged(self, **request: Any) -> None:
        try:
            with self._calling():
                self._client.put_item(**request)
        except aws_faults() as refused:
            raise Conflict from refused

    def _count(self, key: str, at_most: int, expires: datetime, more: int = 1) -> bool:
        """Adds one, or more, unless there are as many already."""
        return self._update_unless_refused(
            TableName=self._table,
            Key=self._key(key),
            UpdateExpression="SET expires_at = :expires ADD mails :more",
            ConditionExpression="attribute_not_exists(mails) OR mails < :most",
            ExpressionAttributeValues=marshal(
                {":more": more, ":most": at_most, ":expires": int(expires.timestamp())}
            ),
        )

    def _update_unless_refused(self, **request: Any) -> bool:
        try:
            with self._calling():
                self._client.update_item(**request)
        except aws_faults():
            return False
        return True

    @contextmanager
    def _calling(self) -> Iterator[None]:
        """Lets a refused write through as ClientError; anything else becomes StoreUnavailable."""
        if self._out_of_time():
            raise StoreUnavailable("OutOfTime")
        try:
            yield
        except aws_faults() as fault:
            if not _is_refused(fault):
                raise StoreUnavailable(kind_of(fault)) from None
            raise

    def _put_mail(self, mail: OutboxMail) -> Item:
        # Without a condition: the same mail queued again is the same mail.
        return {"Put": self._putting(outbox_key(mail), mail_item(mail))}

    def _control_write(self, control: Control) -> dict[str, Any]:
        written = replace(control, revision=control.revision + 1)
        request = self._putting(CONTROL, control_item(written))
        if control.revision == 0:
            return {**request, "ConditionExpression": _NEW}
        return {**request, **_revision(control.revision)}

    def _put(self, key: str, item: Item) -> Item:
        return {"Put": {**self._putting(key, item), "ConditionExpression": _NEW}}

    def _delete(self, key: str) -> Item:
        return {"Delete": {"TableName": self._table, "Key": self._key(key)}}

    def _putting(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        expires = {} if key in _KEPT else {"expires_at": self._expires_at}
        return {
            "TableName": self._table,
            "Item": {**marshal({**expires, **item}), **self._key(key)},
        }

    def _key(self, key: str) -> dict[str, Any]:
        return {"pk": {"S": self._event_id}, "sk": {"S": key}}


def _near(at: datetime) -> str:
    """A time that somebody typed, or one that is as much before or after all others."""
    return instant(min(max(at, _BEFORE_ALL), _AFTER_ALL))


def _receipts_until(now: datetime) -> str:
    return f"{RECEIPTS}{instant(now)}#~"


def _due(items: Iterator[Item], now: datetime) -> list[OutboxMail]:
    """The mails that are due, of items in the outbox's sequence: receipts last, and not all."""
    others: list[OutboxMail] = []
    for mail in map(mail_of, items):
        if mail.kind is Kind.RECEIPT:
            return [*others, mail, *map(mail_of, islice(items, RECEIPTS_AT_A_TIME - 1))]
        if mail.due <= now:
            others.append(mail)
    return others


def _expiry(day: date) -> datetime:
    """When the table may forget what was counted on a day."""
    return datetime.combine(day + timedelta(days=2), time.min, UTC)


def _packed(text: str) -> str:
    return b64encode(zlib.compress(text.encode())).decode()


def _unpacked(packed: str) -> str:
    return zlib.decompress(b64decode(packed)).decode()


def _revision(number: int) -> dict[str, Any]:
    """The condition that the stored item has this revision."""
    return {
        "ConditionExpression": "revision = :revision",
        "ExpressionAttributeValues": marshal({":revision": number}),
    }


def _as_read(revision: int, links: Sequence[str]) -> dict[str, Any]:
    """The condition that a registration has this revision and just these links."""
    same = "links = :links" if links else "attribute_not_exists(links)"
    values = {":revision": revision} | ({":links": list(links)} if links else {})
    return {
        "ConditionExpression": f"revision = :revision AND {same}",
        "ExpressionAttributeValues": marshal(values),
    }


def _is_refused(fault: BotoCoreError | ClientError) -> bool:
    """Whether conditions, or writes at the same moment, are all that stood in the way."""
    if kind_of(fault) == "ConditionalCheckFailedException":
        return True
    codes = set(_cancellation_codes(fault)) - {"None"}
    return bool(codes) and codes <= {"ConditionalCheckFailed", "TransactionConflict"}


def _cancellation_codes(fault: BotoCoreError | ClientError) -> list[str]:
    response: Any = getattr(fault, "response", None) or {}
    reasons: list[Any] = response.get("CancellationReasons", [])
    return [reason.get("Code") or "None" for reason in reasons]
