"""How many receipts may leave now: few at first, more as they arrive, none once many bounced.

AWS reviews an account at 5 % bounces or 0.1 % complaints, and pauses it at 10 % or 0.5 %: that
would stop the summary too.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import update
from chalicelib.mail import caps
from chalicelib.mail.outbox import OutboxMail

RECEIPTS_A_DAY = 1000
# Receipts on their way of which SES has reported nothing yet: as many more as have arrived, but
# never more than may still bounce on a day.
UNCONFIRMED_AT_FIRST = 10
# In spite of that, if SES's reports are lost or late.
UNCONFIRMED_AN_HOUR = 10
# Bounces and complaints that end a day: these, or fewer if they are a tenth of what was sent.
HARMED_A_DAY = 20
HARMED_AT_LEAST, HARMED_SHARE = 5, 10
# How long after midnight (UTC) the receipts of the day before may still leave.
GRACE = timedelta(hours=1)

USED_UP = "as many receipts as may be sent in a day were sent, or too many bounced"
TOO_OLD = "it waited past its day"


class Counts(NamedTuple):
    """What the table counts of one day's receipts: `settled` are those of which SES reported."""

    sent: int = 0
    settled: int = 0
    delivered: int = 0
    harmed: int = 0
    sent_in_this_hour: int = 0

    @property
    def is_used_up(self) -> bool:
        """Whether no more receipts of this day are sent."""
        is_tenth = self.harmed * HARMED_SHARE >= self.sent and self.harmed >= HARMED_AT_LEAST
        return self.sent >= RECEIPTS_A_DAY or self.harmed >= HARMED_A_DAY or is_tenth

    @property
    def room(self) -> int:
        """How many may be sent now."""
        window = min(UNCONFIRMED_AT_FIRST + self.delivered, HARMED_A_DAY - self.harmed)
        unconfirmed = max(self.sent - self.settled, 0)
        room = max(window - unconfirmed, UNCONFIRMED_AN_HOUR - self.sent_in_this_hour)
        return min(room, RECEIPTS_A_DAY - self.sent)


@dataclass
class Allowance:
    """The receipts that one run may send: each day's counts are read once, and only if needed."""

    table: Table
    now: datetime
    _room: dict[str, int] = field(default_factory=dict)
    _used_up: dict[str, bool] = field(default_factory=dict)

    def why_not(self, receipt: OutboxMail) -> str:
        """Why a receipt must not be sent any more; empty if it may, now or later."""
        day = day_of(receipt, self.now)
        if receipt.counted:
            return ""
        if self.now >= _start_of(day) + timedelta(days=1) + GRACE:
            return TOO_OLD
        if day not in self._room:
            counts = read_counts(self.table, day, self.now)
            self._room[day], self._used_up[day] = counts.room, counts.is_used_up
        return USED_UP if self._used_up[day] else ""

    def take(self, receipt: OutboxMail) -> bool:
        """Take room for a receipt that `why_not` lets pass; False if it must wait."""
        day = day_of(receipt, self.now)
        if not receipt.counted:
            self._room[day] -= 1
        return receipt.counted or self._room[day] >= 0

    def give_back(self, receipt: OutboxMail) -> None:
        """Give back the room of a receipt that is not sent."""
        if not receipt.counted:
            self._room[day_of(receipt, self.now)] += 1


def day_of(receipt: OutboxMail, now: datetime) -> str:
    """The day (UTC) that counts a receipt; of one that was queued by an earlier version, today."""
    return receipt.day or f"{now.astimezone(UTC):%Y-%m-%d}"


def key_of(day: str) -> str:
    """The sort key of the counts of a day's receipts."""
    return f"CAP#{day}"


def read_counts(table: Table, day: str, now: datetime) -> Counts:
    """The counts of a day's receipts, and of those sent in the hour of `now`."""
    return counts_of(table.get(key_of(day)) or {}, day, now)


def counts_of(item: Item, day: str, now: datetime) -> Counts:
    """The counts in the item of a day, which is empty if nothing is counted yet."""
    named = {name: item[name] for name in Counts._fields if name in item}
    return Counts(**named, sent_in_this_hour=item.get(_hour(day, now), 0))


def count_sending(table: Table, day: str, now: datetime) -> None:
    """Count a receipt of this day that is sent at `now`."""
    _add(table, day, {"sent": 1, _hour(day, now): 1})


def count_harm(table: Table, day: str) -> None:
    """Count a mail to an attendee that bounced or is unwanted."""
    _add(table, day, {"harmed": 1})


def count_settled(table: Table, day: str, *, delivered: bool = False) -> None:
    """Count a receipt that is no longer on its way."""
    _add(table, day, {"settled": 1, "delivered": 1} if delivered else {"settled": 1})


def _add(table: Table, day: str, counted: dict[str, int]) -> None:
    """Alone, not in a transaction: dozens of reports at once would be in each other's way."""
    until = {"expires_at": caps.expiry(date.fromisoformat(day))}
    table.apply(update(key_of(day), until, add=counted))


def _hour(day: str, now: datetime) -> str:
    return f"sent_{(now - _start_of(day)) // timedelta(hours=1)}"


def _start_of(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.min, UTC)
