"""Where the event stands: open, closed, or summarised, and what the contact persons were told."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.lifecycle.deletion_progress import Deletion
from chalicelib.lifecycle.timing import (
    BETWEEN_FOLLOW_UPS,
    BETWEEN_RECOUNTS,
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


class Phase(StrEnum):
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
class EventState:
    """The control item. `closes_at` is None while the event file's own deadline holds.

    `revision` counts its writes; `version` counts the summaries and change notices, 0 before the
    first; `told` is the key of the tally that the last one told, and `snapshot` then what that was
    and when it was last found true. `changed_at` is when a write came after that. `reminded_at` is
    the moment of the last reminder, `followed_up_at` when it was last looked what became of mails.
    `kept_until` is the day of deletion that the items know, `moved_at` when another was first seen;
    `deletion` how far the deletion has come, if it has begun.
    """

    phase: Phase = Phase.OPEN
    closes_at: datetime | None = None
    snapshot: Snapshot | None = None
    version: int = 0
    mailed_tally: str = ""
    changed_at: datetime | None = None
    reminded_at: datetime | None = None
    followed_up_at: datetime | None = None
    kept_until: datetime | None = None
    moved_at: datetime | None = None
    deletion: Deletion | None = None
    revision: int = 0

    @property
    def has_counted(self) -> bool:
        """Whether somebody has counted already, so that a write must say that it came."""
        return self.snapshot is not None


def closed(state: EventState, closes_at: datetime) -> EventState:
    """Closing pins the deadline: a later edit of the event file can't reopen by accident."""
    return replace(state, phase=Phase.CLOSED, closes_at=closes_at, snapshot=None)


def reopened(state: EventState, until: datetime, now: datetime) -> EventState:
    """Open until the new deadline, with its own reminders and a summary after it."""
    return replace(
        state,
        phase=Phase.OPEN,
        closes_at=until,
        snapshot=None,
        changed_at=None,
        reminded_at=now,
    )


def summarised(state: EventState, snapshot: Snapshot, mailed_tally: str) -> EventState:
    """The next version was told: this snapshot."""
    return replace(
        state,
        phase=Phase.SUMMARISED,
        snapshot=snapshot,
        version=state.version + 1,
        mailed_tally=mailed_tally,
        changed_at=None,
    )


def count_due(state: EventState, closes_at: datetime, now: datetime) -> bool:
    """Whether the next count is due.

    Before the summary: after the settling time, and apart from the last one. After it: when a
    change has been quiet, and now and then, in case something changed and nobody said so.
    """
    if state.phase is Phase.SUMMARISED and state.changed_at:
        return now >= state.changed_at + QUIET
    if state.snapshot is None:
        return now >= closes_at + SETTLING
    apart = BETWEEN_SNAPSHOTS if state.phase is Phase.CLOSED else BETWEEN_RECOUNTS
    return now >= state.snapshot.taken_at + apart


def is_overdue(state: EventState, closes_at: datetime, now: datetime) -> bool:
    """Whether the summary should have been told long ago."""
    return state.phase is not Phase.SUMMARISED and now >= closes_at + SUMMARY_OVERDUE


def reminder_due(
    state: EventState, closes_at: datetime, zone: ZoneInfo, now: datetime
) -> datetime | None:
    """The moment of the reminder that is due: mornings before the last day, at most a day late."""
    last_day = (closes_at - timedelta(microseconds=1)).astimezone(zone).date()
    for days in REMINDED_DAYS_BEFORE:
        at = datetime.combine(last_day - timedelta(days=days), REMINDED_AT, zone)
        is_new = state.reminded_at is None or state.reminded_at < at
        if is_new and at <= now < at + REMINDER_LASTS:
            return at
    return None


def follow_up_due(state: EventState, now: datetime) -> bool:
    """Whether it is time to look what became of the mails, if there may be any."""
    if not state.version and not state.reminded_at:
        return False
    last = state.followed_up_at
    return last is None or now >= last + BETWEEN_FOLLOW_UPS


def deletion_overdue(state: EventState, deletes_at: datetime, now: datetime) -> bool:
    """Whether it should have ended long ago."""
    deletion = state.deletion
    ended = deletion and deletion.is_of(deletes_at) and deletion.ended_at
    return not ended and now >= deletes_at + DELETION_OVERDUE


def with_deletion_day_seen(state: EventState, deletes_at: datetime, now: datetime) -> EventState:
    """The control after a look at the day of deletion: when it was first seen to have moved."""
    if state.kept_until is None:
        return replace(state, kept_until=deletes_at)
    if state.kept_until == deletes_at:
        return replace(state, moved_at=None)
    return replace(state, moved_at=state.moved_at or now)


def renewal_due(state: EventState, now: datetime) -> bool:
    """Whether the items must be told that they are deleted on another day than they know."""
    return state.moved_at is not None and now >= state.moved_at + MOVED_DAY_SETTLES
