"""Removing many registrations at once: each by itself, and only as it was shown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.desk.limits import READ_AT_ONCE
from chalicelib.desk.work import Officer
from chalicelib.dynamo.errors import Conflict, StoreUnavailable
from chalicelib.dynamo.retry import again_on_conflict
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import Write
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import Registration

IsAsShown = Callable[[str, Registration], bool]


@dataclass(frozen=True)
class Cleared:
    """How many were removed, and which weren't: because they have changed, or for want of time."""

    removed: int
    changed: Mapping[str, Registration]
    left: Sequence[str]


def clear(
    officer: Officer,
    keys: Sequence[str],
    is_as_shown: IsAsShown,
    reason: str,
    *,
    block: bool,
    has_time: Callable[[], bool],
) -> Cleared:
    """Removes these one by one while there is time, each with its line of the access log.

    What is gone already is as good as removed; what isn't as it was shown stays. With `block`,
    their addresses get no more mail. Raises StoreUnavailable only if nothing was removed.
    """
    work = _Work(officer, officer.changed(), is_as_shown, reason, block)
    done = 0
    try:
        for key, read in _read(keys, officer.table):
            work.take(key, read)
            done += 1
            if not has_time():
                break
    except StoreUnavailable:
        if not work.removed:
            raise
    return Cleared(work.removed, work.changed, keys[done:])


@dataclass
class _Work:
    """What has come of it so far."""

    officer: Officer
    changed_at: Sequence[Write]
    is_as_shown: IsAsShown
    reason: str
    block: bool
    removed: int = 0
    changed: dict[str, Registration] = field(default_factory=dict)

    def take(self, key: str, read: Registration | None) -> None:
        """Removes one as it was read; if somebody else was first, as it is now."""
        try:
            self._attempt(key, read)
        except Conflict:
            again_on_conflict(
                lambda: self._attempt(key, registrations.find(self.officer.table, key))
            )

    def _attempt(self, key: str, stored: Registration | None) -> None:
        if stored is None:
            return
        if not self.is_as_shown(key, stored):
            self.changed[key] = stored
            return
        self.officer.strike(key, stored, self.changed_at, self.reason, block=self.block)
        self.removed += 1


def _read(keys: Sequence[str], table: Table) -> Iterator[tuple[str, Registration | None]]:
    for start in range(0, len(keys), READ_AT_ONCE):
        some = keys[start : start + READ_AT_ONCE]
        held = registrations.find_all(table, some)
        yield from ((key, held.get(key)) for key in some)
