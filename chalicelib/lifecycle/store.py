"""The control item: where the event stands."""

from dataclasses import replace
from datetime import datetime

from chalicelib.dynamo.attributes import format_instant, from_item, parse_instant, to_item
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import NEW, THERE, Write, put, update
from chalicelib.lifecycle.deadline import STATE_KEY
from chalicelib.lifecycle.deletion_progress import DataKind, Deletion
from chalicelib.lifecycle.state import EventState, Phase, Snapshot

# Attributes with other names than their fields: deployed tables have them.
_STORED_AS = {"phase": "state", "mailed_tally": "told"}
_TIMES = (
    "closes_at", "changed_at", "reminded_at", "followed_up_at", "kept_until", "moved_at",
)  # fmt: skip


def read(table: Table) -> EventState:
    """Where the event stands; a fresh EventState before the first write."""
    item = table.get(STATE_KEY)
    return state_of(item) if item else EventState()


def save(table: Table, state: EventState) -> None:
    """Writes a control that was read before; raises Conflict if it has changed since."""
    table.apply(written(state))


def written(state: EventState) -> Write:
    """The write of a control, refused if it has changed since it was read."""
    item = state_item(replace(state, revision=state.revision + 1))
    if state.revision == 0:
        return put(STATE_KEY, item, NEW, stays=True)
    return put(STATE_KEY, item, *at_revision(state.revision), stays=True)


def changed(state: EventState, now: datetime) -> list[Write]:
    """What a change of a registration must write into the control.

    After the first snapshot it is the time, so that whoever counts now counts again; before, none.
    """
    if not state.has_counted:
        return []
    return [
        update(
            STATE_KEY, {"changed_at": format_instant(now)}, THERE, add={"revision": 1}, stays=True
        )
    ]


def at_revision(number: int) -> tuple[str, dict[str, int]]:
    """The condition that the stored item has this revision, and its values."""
    return "revision = :revision", {":revision": number}


def state_item(state: EventState) -> Item:
    """The control's attributes, those of its snapshot among them."""
    item = to_item(state, _STORED_AS)
    snapshot, deletion = item.pop("snapshot", None), item.get("deletion")
    if not state.mailed_tally:
        del item["told"]
    if snapshot:
        item |= to_item(snapshot)
    if deletion:
        item["deletion"] = to_item(deletion)
    return item


def state_of(item: Item) -> EventState:
    """The control in an item."""
    snapshot = from_item(Snapshot, item, taken_at=parse_instant) if "fingerprint" in item else None
    known, times = {**item, "snapshot": snapshot}, dict.fromkeys(_TIMES, parse_instant)
    return from_item(EventState, known, _STORED_AS, phase=Phase, deletion=_deletion_of, **times)


def _deletion_of(item: Item) -> Deletion:
    deleted = {DataKind(datum): number for datum, number in item["deleted"].items()}
    times = dict.fromkeys(("began_at", "ended_at", "swept_at"), parse_instant)
    return from_item(Deletion, {**item, "deleted": deleted}, **times)
