"""Where the event stands: open, closed, or summarised, and what the contact persons were told."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.lifecycle.deletion_progress import Deletion
from chalicelib.lifecycle.timing import (
    BETWEEN_FOLLOW_UPS,
    BETWEEN_LOOKS,
    BETWEEN_SNAPSHOTS,
    DELETION_OVERDUE,
    MOVED_DAY_SETTLES,
    QUIET,
    REMINDED_AT,
    REMINDED_DAYS_BEFORE,
    REMINDER_LASTS,
    SETTLING,
    SUMMARY_OVERDUE,
)


class State(StrEnum):
    """How far the closing has come."""

    OPEN = "open"
    CLOSED = "closed"
    SUMMARISED = "summarised"


@dataclass(frozen=True)
class Snapshot:
    """What the table held at a moment: enough to see whether a later look finds the same."""

    fingerprint: str
    registrations: int
    taken_at: datetime


@dataclass(frozen=True)
class Control:
    """The control item. `closes_at` is None while the event file's own deadline holds.

    `revision` counts its writes; `version` counts the summaries and change notices, 0 before the
    first; `told` is the key of the tally that the last one told, and `snapshot` then what that was
    and when it was last found true. `changed_at` is when a write came after that. `reminded_at` is
    the moment of the last reminder, `followed_up_at` when it was last looked what became of mails.
    `kept_until` is the day of deletion that the items know, `moved_at` when another was first seen;
    `deletion` how far the deletion has come, if it has begun.
    """

    state: State = State.OPEN
    closes_at: datetime | None = None
    snapshot: Snapshot | None = None
    version: int = 0
    told: str = ""
    changed_at: datetime | None = None
    reminded_at: datetime | None = None
    followed_up_at: datetime | None = None
    kept_until: datetime | None = None
    moved_at: datetime | None = None
    deletion: Deletion | None = None
    revision: int = 0

    @property
    def must_know_of_writes(self) -> bool:
        """Whether somebody has counted already, so that a write must say that it came."""
        return self.snapshot is not None


def closed(control: Control, closes_at: datetime) -> Control:
    """Closing pins the deadline: a later edit of the event file can't reopen by accident."""
    return replace(control, state=State.CLOSED, closes_at=closes_at, snapshot=None)


def reopened(control: Control, until: datetime, now: datetime) -> Control:
    """Open until the new deadline, with its own reminders and a summary after it."""
    return replace(
        control,
        state=State.OPEN,
        closes_at=until,
        snapshot=None,
        changed_at=None,
        reminded_at=now,
    )


def summarised(control: Control, snapshot: Snapshot, told: str) -> Control:
    """The next version was told: this snapshot."""
    return replace(
        control,
        state=State.SUMMARISED,
        snapshot=snapshot,
        version=control.version + 1,
        told=told,
        changed_at=None,
    )


def may_be_looked_at(control: Control, closes_at: datetime, now: datetime) -> bool:
    """Whether the next count is due.

    Before the summary: after the settling time, and apart from the last one. After it: when a
    change has been quiet, and now and then, in case something changed and nobody said so.
    """
    if control.state is State.SUMMARISED and control.changed_at:
        return now >= control.changed_at + QUIET
    if control.snapshot is None:
        return now >= closes_at + SETTLING
    apart = BETWEEN_SNAPSHOTS if control.state is State.CLOSED else BETWEEN_LOOKS
    return now >= control.snapshot.taken_at + apart


def is_overdue(control: Control, closes_at: datetime, now: datetime) -> bool:
    """Whether the summary should have been told long ago."""
    return control.state is not State.SUMMARISED and now >= closes_at + SUMMARY_OVERDUE


def reminder_due(
    control: Control, closes_at: datetime, zone: ZoneInfo, now: datetime
) -> datetime | None:
    """The moment of the reminder that is due: mornings before the last day, at most a day late."""
    last_day = (closes_at - timedelta(microseconds=1)).astimezone(zone).date()
    for days in REMINDED_DAYS_BEFORE:
        at = datetime.combine(last_day - timedelta(days=days), REMINDED_AT, zone)
        is_new = control.reminded_at is None or control.reminded_at < at
        if is_new and at <= now < at + REMINDER_LASTS:
            return at
    return None


def follow_up_due(control: Control, now: datetime) -> bool:
    """Whether it is time to look what became of the mails, if there may be any."""
    if not control.version and not control.reminded_at:
        return False
    last = control.followed_up_at
    return last is None or now >= last + BETWEEN_FOLLOW_UPS


def deletion_overdue(control: Control, deletes_at: datetime, now: datetime) -> bool:
    """Whether it should have ended long ago."""
    deletion = control.deletion
    ended = deletion and deletion.is_of(deletes_at) and deletion.ended_at
    return not ended and now >= deletes_at + DELETION_OVERDUE


def seen_to_be_kept(control: Control, deletes_at: datetime, now: datetime) -> Control:
    """The control after a look at the day of deletion: when it was first seen to have moved."""
    if control.kept_until is None:
        return replace(control, kept_until=deletes_at)
    if control.kept_until == deletes_at:
        return replace(control, moved_at=None)
    return replace(control, moved_at=control.moved_at or now)


def renewal_due(control: Control, now: datetime) -> bool:
    """Whether the items must be told that they are deleted on another day than they know."""
    return control.moved_at is not None and now >= control.moved_at + MOVED_DAY_SETTLES
