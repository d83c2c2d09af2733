"""Where the event stands: open, closed, or summarised, and what the contact persons were told."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

# The web function times out after 10 s, so by then every accepted write is in the table.
SETTLING = timedelta(seconds=120)
BETWEEN_SNAPSHOTS = timedelta(seconds=60)


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

    `revision` counts its writes; `version` counts the summaries, 0 before the first.
    """

    state: State = State.OPEN
    closes_at: datetime | None = None
    snapshot: Snapshot | None = None
    version: int = 0
    revision: int = 0

    def deadline(self, announced: datetime) -> datetime:
        """The effective deadline: an own one if it was set, otherwise the announced one."""
        return self.closes_at or announced


def closed(control: Control, closes_at: datetime) -> Control:
    """Closing pins the deadline: a later edit of the event file can't reopen by accident."""
    return replace(control, state=State.CLOSED, closes_at=closes_at, snapshot=None)


def may_be_looked_at(control: Control, closes_at: datetime, now: datetime) -> bool:
    """Whether the next snapshot is due: after the settling time, and apart from the last one."""
    last = control.snapshot
    return now >= (last.taken_at + BETWEEN_SNAPSHOTS if last else closes_at + SETTLING)
