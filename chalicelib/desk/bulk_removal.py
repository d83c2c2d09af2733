"""Bulk removal: many registrations in each transaction, and only those that are as shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from chalicelib.desk.changing import remove_as_read
from chalicelib.desk.limits import WRITES_AT_ONCE
from chalicelib.desk.registration_list import ListFilter, matcher
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.errors import Conflict, StoreUnavailable
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.dynamo.writes import Write
from chalicelib.mail import blocks
from chalicelib.registration import store as registrations
from chalicelib.registration.items import list_entry
from chalicelib.registration.registration import Registration
from chalicelib.registration.store import Keyed

IsAsShown = Callable[[str, Registration], bool]
# The registrations to go through, by key; None for one that is not to be removed.
Found = Iterable[tuple[str, Registration | None]]


@dataclass(frozen=True)
class BulkRemoval:
    """The result of a bulk removal: how many registrations were removed, and which were not.

    `changed` holds, by key, the registrations that were not as shown. Unless `is_done`, time ran
    out or the table did not answer; `last` is the key of the last one gone through.
    """

    removed: int
    changed: Mapping[str, Registration]
    is_done: bool
    last: str


def marked(work: DeskWork, keys: Sequence[str]) -> Found:
    """The registrations with these keys, read together."""
    found = registrations.find_all(work.table, keys)
    return ((key, found.get(key)) for key in keys)


def matching(work: DeskWork, list_filter: ListFilter, as_of: datetime, after: str) -> Found:
    """The registrations that match and were made up to `as_of`, among those after this key.

    Reads the table page by page, also past those that do not match.
    """
    matches = matcher(list_filter)
    for key, stored in registrations.keyed(work.table, after):
        is_in = stored.registered_at <= as_of and matches(list_entry(key, stored))
        yield key, stored if is_in else None


def remove_many(
    work: DeskWork,
    found: Found,
    is_as_shown: IsAsShown,
    reason: str,
    *,
    block_until: datetime | None,
    has_time: Callable[[], bool],
) -> BulkRemoval:
    """Remove the registrations `found` while `has_time`, with audit entries.

    Keeps a registration if `is_as_shown` is False for it. With `block_until`, their addresses are
    blocked for mails about registrations made up to then. Raises StoreUnavailable only if nothing
    was removed.
    """
    run, is_done = _Run(work, work.state_writes(), is_as_shown, reason, block_until), False
    try:
        for number, (key, stored) in enumerate(found):
            if number and not has_time():
                break
            run.go_through(key, stored)
        else:
            is_done = True
        run.remove_collected()
    except StoreUnavailable:
        if not run.removed:
            raise
        is_done = False
    return BulkRemoval(run.removed, run.changed, is_done, run.last)


@dataclass
class _Run:
    """The progress of one bulk removal; `collected` are to be removed in one transaction."""

    work: DeskWork
    state_writes: Sequence[Write]
    is_as_shown: IsAsShown
    reason: str
    block_until: datetime | None
    removed: int = 0
    changed: dict[str, Registration] = field(default_factory=dict)
    last: str = ""
    # What has been gone through since the last transaction.
    collected: list[Keyed] = field(default_factory=list)
    writes: int = 0
    kept: dict[str, Registration] = field(default_factory=dict)
    last_collected: str = ""

    def go_through(self, key: str, stored: Registration | None) -> None:
        """Collect the registration if it is to be removed."""
        if stored and not self.is_as_shown(key, stored):
            self.kept[key] = stored
        elif stored:
            writes = 1 + len(stored.links) + bool(self.block_until)
            if self.writes + writes > WRITES_AT_ONCE:
                self.remove_collected()
            self.collected.append((key, stored))
            self.writes += writes
        self.last_collected = key

    def remove_collected(self) -> None:
        """Remove the collected ones together; after a conflict, one by one as they are then."""
        try:
            self._remove(self.collected)
        except Conflict:
            for key, _ in self.collected:
                retry_on_conflict(lambda key=key: self._remove_one(key))  # type: ignore[misc]
        self.changed |= self.kept
        self.collected, self.writes, self.kept, self.last = [], 0, {}, self.last_collected

    def _remove_one(self, key: str) -> None:
        stored = registrations.find(self.work.table, key)
        if stored and self.is_as_shown(key, stored):
            self._remove([(key, stored)])
        elif stored:
            self.kept[key] = stored

    def _remove(self, removed: Sequence[Keyed]) -> None:
        if removed:
            until, block_write = self.block_until, None
            if until:
                block_write = partial(blocks.junk_block_write, holds_until=until)
            remove_as_read(self.work, removed, self.state_writes, self.reason, block_write)
            self.removed += len(removed)
