"""Bulk removal: each registration in its own transaction, and only if it is as it was shown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.desk.limits import READ_AT_ONCE
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.errors import Conflict, StoreUnavailable
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import Write
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import Registration

IsAsShown = Callable[[str, Registration], bool]


@dataclass(frozen=True)
class BulkRemoval:
    """The result of a bulk removal: how many registrations were removed, and which were not.

    `changed` holds, by key, the registrations that were not as shown; `left` holds the keys not
    done, for lack of time or because the table did not answer.
    """

    removed: int
    changed: Mapping[str, Registration]
    left: Sequence[str]


def remove_many(
    work: DeskWork,
    keys: Sequence[str],
    is_as_shown: IsAsShown,
    reason: str,
    *,
    block: bool,
    has_time: Callable[[], bool],
) -> BulkRemoval:
    """Remove these registrations one by one while `has_time`, each with its audit entry.

    Keeps a registration if `is_as_shown` is False for it. With `block`, the mail addresses are
    blocked. Raises StoreUnavailable only if nothing was removed.
    """
    run = _Run(work, work.state_writes(), is_as_shown, reason, block)
    done = 0
    try:
        for key, read in _read_in_batches(keys, work.table):
            run.remove(key, read)
            done += 1
            if not has_time():
                break
    except StoreUnavailable:
        if not run.removed:
            raise
    return BulkRemoval(run.removed, run.changed, keys[done:])


@dataclass
class _Run:
    """The progress of one bulk removal."""

    work: DeskWork
    state_writes: Sequence[Write]
    is_as_shown: IsAsShown
    reason: str
    block: bool
    removed: int = 0
    changed: dict[str, Registration] = field(default_factory=dict)

    def remove(self, key: str, read: Registration | None) -> None:
        """Remove a registration as it was read; after a conflict, read it again first."""
        try:
            self._attempt(key, read)
        except Conflict:
            retry_on_conflict(lambda: self._attempt(key, registrations.find(self.work.table, key)))

    def _attempt(self, key: str, stored: Registration | None) -> None:
        if stored is None:
            return
        if not self.is_as_shown(key, stored):
            self.changed[key] = stored
            return
        self.work.remove_as_read(key, stored, self.state_writes, self.reason, block=self.block)
        self.removed += 1


def _read_in_batches(
    keys: Sequence[str], table: Table
) -> Iterator[tuple[str, Registration | None]]:
    for start in range(0, len(keys), READ_AT_ONCE):
        batch = keys[start : start + READ_AT_ONCE]
        found = registrations.find_all(table, batch)
        yield from ((key, found.get(key)) for key in batch)
