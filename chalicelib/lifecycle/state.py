"""The event state: phase, deadline, latest snapshot, and what was mailed to contact persons."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.lifecycle.deletion_progress import DeletionProgress
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
    """The phases of an event up to its summary."""

    OPEN = "open"
    CLOSED = "closed"
    SUMMARISED = "summarised"


@dataclass(frozen=True)
class Snapshot:
    """A fingerprint of the registrations at one instant, to detect later changes."""

    fingerprint: str
    registrations: int
    taken_at: datetime


@dataclass(frozen=True)
class EventState:
    """The state of the event. `closes_at` is None while the event file's deadline applies.

    `changes` are those of the programme (event/changes.py). `revision` counts the writes of this
    state; `version` the summaries and change notices, 0 before the first. `snapshot` is the last
    snapshot, `changed_at` the time of a later change.
    """

    phase: Phase = Phase.OPEN
    closes_at: datetime | None = None
    snapshot: Snapshot | None = None
    version: int = 0
    mailed_tally: str = ""  # the key of the last mailed tally
    changed_at: datetime | None = None
    reminded_at: datetime | None = None  # when a reminder was due, or registration reopened
    followed_up_at: datetime | None = None  # when the delivery of mails was checked
    kept_until: datetime | None = None  # the deletion day behind the items' `expires_at`
    moved_at: datetime | None = None  # when another deletion day was first noticed
    deletion: DeletionProgress | None = None
    changes: str = ""
    revision: int = 0

    @property
    def has_snapshot(self) -> bool:
        """Whether a snapshot was taken, so that every later change must record its time."""
        return self.snapshot is not None


def closed(state: EventState, closes_at: datetime) -> EventState:
    """Close; `closes_at` is stored, so that an edit of the event file can't reopen by accident."""
    return replace(state, phase=Phase.CLOSED, closes_at=closes_at, snapshot=None)


def reopened(state: EventState, until: datetime, now: datetime) -> EventState:
    """Reopen until the new deadline, with new reminders and a new summary."""
    return replace(
        state,
        phase=Phase.OPEN,
        closes_at=until,
        snapshot=None,
        changed_at=None,
        reminded_at=now,
    )


def summarised(state: EventState, snapshot: Snapshot, mailed_tally: str) -> EventState:
    """The state with the next version, which shows this snapshot, as the last mailed one."""
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

    Before the summary: SETTLING after the deadline, then BETWEEN_SNAPSHOTS. After the summary:
    QUIET after the last change, and every BETWEEN_RECOUNTS in case a change was not recorded.
    """
    if state.phase is Phase.SUMMARISED and state.changed_at:
        return now >= state.changed_at + QUIET
    if state.snapshot is None:
        return now >= closes_at + SETTLING
    apart = BETWEEN_SNAPSHOTS if state.phase is Phase.CLOSED else BETWEEN_RECOUNTS
    return now >= state.snapshot.taken_at + apart


def is_overdue(state: EventState, closes_at: datetime, now: datetime) -> bool:
    """Whether there is still no summary SUMMARY_OVERDUE after the deadline."""
    return state.phase is not Phase.SUMMARISED and now >= closes_at + SUMMARY_OVERDUE


def reminder_due(
    state: EventState, closes_at: datetime, zone: ZoneInfo, now: datetime
) -> datetime | None:
    """When the reminder to send now was due: a morning in `zone`, at most a day ago; or None."""
    last_day = (closes_at - timedelta(microseconds=1)).astimezone(zone).date()
    for days in REMINDED_DAYS_BEFORE:
        at = datetime.combine(last_day - timedelta(days=days), REMINDED_AT, zone)
        is_new = state.reminded_at is None or state.reminded_at < at
        if is_new and at <= now < at + REMINDER_LASTS:
            return at
    return None


def follow_up_due(state: EventState, now: datetime) -> bool:
    """Whether to check the delivery of the mails now, if any may have been sent."""
    if not state.version and not state.reminded_at:
        return False
    last = state.followed_up_at
    return last is None or now >= last + BETWEEN_FOLLOW_UPS


def deletion_overdue(state: EventState, deletes_at: datetime, now: datetime) -> bool:
    """Whether the deletion has not ended DELETION_OVERDUE after `deletes_at`."""
    deletion = state.deletion
    ended = deletion and deletion.is_for(deletes_at) and deletion.ended_at
    return not ended and now >= deletes_at + DELETION_OVERDUE


def with_deletion_day_compared(
    state: EventState, deletes_at: datetime, now: datetime
) -> EventState:
    """The state after a comparison with `deletes_at`: `moved_at` is set if the day differs.

    It stays if the day is put right: what was stored meanwhile expires by the other day.
    """
    if state.kept_until is None:
        return replace(state, kept_until=deletes_at)
    if state.kept_until == deletes_at:
        return state
    return replace(state, moved_at=state.moved_at or now)


def renewal_due(state: EventState, now: datetime) -> bool:
    """Whether the items' `expires_at` must be updated for another deletion day."""
    return state.moved_at is not None and now >= state.moved_at + MOVED_DAY_SETTLES
