"""The item of the event state."""

from dataclasses import replace
from datetime import datetime

from chalicelib.dynamo.attributes import format_instant, from_item, parse_instant, to_item
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import ABSENT, EXISTS, Write, put, update
from chalicelib.lifecycle.deadline import STATE_KEY
from chalicelib.lifecycle.deletion_progress import DataKind, DeletionProgress
from chalicelib.lifecycle.state import EventState, Phase, Snapshot

# Attributes named differently from their fields: deployed tables have these names.
_STORED_AS = {"phase": "state", "mailed_tally": "told"}
_TIMES = (
    "closes_at", "changed_at", "reminded_at", "followed_up_at", "kept_until", "moved_at",
)  # fmt: skip


def read(table: Table) -> EventState:
    """The stored event state, or a new EventState before the first write."""
    item = table.get(STATE_KEY)
    return state_of(item) if item else EventState()


def is_new(table: Table) -> bool:
    """Whether no event state was ever written."""
    return table.get(STATE_KEY, "sk") is None


def save(table: Table, state: EventState) -> None:
    """Write the state; raises Conflict if the stored state has changed since it was read."""
    table.apply(state_write(state))


def state_write(state: EventState) -> Write:
    """The write of the state; fails if the stored state has changed since it was read."""
    item = state_item(replace(state, revision=state.revision + 1))
    if state.revision == 0:
        return put(STATE_KEY, item, ABSENT, stays=True)
    return put(STATE_KEY, item, *at_revision(state.revision), stays=True)


def change_writes(state: EventState, now: datetime) -> list[Write]:
    """The writes of the event state that belong to a change of a registration.

    After the first snapshot they record the time, so that a recount follows; before, none.
    """
    if not state.has_snapshot:
        return []
    return [
        update(
            STATE_KEY, {"changed_at": format_instant(now)}, EXISTS, add={"revision": 1}, stays=True
        )
    ]


def at_revision(number: int) -> tuple[str, dict[str, int]]:
    """The condition that the stored item has this revision, and the condition's values."""
    return "revision = :revision", {":revision": number}


def state_item(state: EventState) -> Item:
    """The attributes of the state; its snapshot's attributes are among them."""
    item = to_item(state, _STORED_AS)
    snapshot, deletion = item.pop("snapshot", None), item.get("deletion")
    for name, text in (("told", state.mailed_tally), ("changes", state.changes)):
        if not text:
            del item[name]
    if snapshot:
        item |= to_item(snapshot)
    if deletion:
        item["deletion"] = to_item(deletion)
    return item


def state_of(item: Item) -> EventState:
    """The event state that an item holds."""
    snapshot = from_item(Snapshot, item, taken_at=parse_instant) if "fingerprint" in item else None
    known, times = {**item, "snapshot": snapshot}, dict.fromkeys(_TIMES, parse_instant)
    return from_item(EventState, known, _STORED_AS, phase=Phase, deletion=_deletion_of, **times)


def _deletion_of(item: Item) -> DeletionProgress:
    deleted = {DataKind(datum): number for datum, number in item["deleted"].items()}
    times = dict.fromkeys(("began_at", "ended_at", "swept_at"), parse_instant)
    return from_item(DeletionProgress, {**item, "deleted": deleted}, **times)
