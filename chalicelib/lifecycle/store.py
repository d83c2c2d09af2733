"""The control item: where the event stands."""

from dataclasses import replace
from datetime import datetime

from chalicelib.dynamo.attributes import instant, item_of, moment, thing_of
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import NEW, THERE, Write, put, update
from chalicelib.lifecycle.deadline import CONTROL
from chalicelib.lifecycle.deletion_progress import Datum, Deletion
from chalicelib.lifecycle.state import Control, Snapshot, State

_TIMES = (
    "closes_at", "changed_at", "reminded_at", "followed_up_at", "kept_until", "moved_at",
)  # fmt: skip


def read(table: Table) -> Control:
    """Where the event stands; a fresh Control before the first write."""
    item = table.get(CONTROL)
    return control_of(item) if item else Control()


def save(table: Table, control: Control) -> None:
    """Writes a control that was read before; raises Conflict if it has changed since."""
    table.apply(written(control))


def written(control: Control) -> Write:
    """The write of a control, refused if it has changed since it was read."""
    item = control_item(replace(control, revision=control.revision + 1))
    if control.revision == 0:
        return put(CONTROL, item, NEW, stays=True)
    return put(CONTROL, item, *at_revision(control.revision), stays=True)


def changed(control: Control, now: datetime) -> list[Write]:
    """What a change of a registration must write into the control.

    After the first snapshot it is the time, so that whoever counts now counts again; before, none.
    """
    if not control.must_know_of_writes:
        return []
    return [update(CONTROL, {"changed_at": instant(now)}, THERE, add={"revision": 1}, stays=True)]


def at_revision(number: int) -> tuple[str, dict[str, int]]:
    """The condition that the stored item has this revision, and its values."""
    return "revision = :revision", {":revision": number}


def control_item(control: Control) -> Item:
    """The control's attributes, those of its snapshot among them."""
    item = item_of(control)
    snapshot, deletion = item.pop("snapshot", None), item.get("deletion")
    if not control.told:
        del item["told"]
    if snapshot:
        item |= item_of(snapshot)
    if deletion:
        item["deletion"] = item_of(deletion)
    return item


def control_of(item: Item) -> Control:
    """The control in an item."""
    snapshot = thing_of(Snapshot, item, taken_at=moment) if "fingerprint" in item else None
    known, times = {**item, "snapshot": snapshot}, dict.fromkeys(_TIMES, moment)
    return thing_of(Control, known, state=State, deletion=_deletion_of, **times)


def _deletion_of(item: Item) -> Deletion:
    deleted = {Datum(datum): number for datum, number in item["deleted"].items()}
    times = dict.fromkeys(("began_at", "ended_at", "swept_at"), moment)
    return thing_of(Deletion, {**item, "deleted": deleted}, **times)
