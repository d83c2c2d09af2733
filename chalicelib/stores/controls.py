"""The control item: where the event stands."""

from dataclasses import replace
from datetime import datetime

from chalicelib.control import Control, Snapshot, State
from chalicelib.deletion import Datum, Deletion
from chalicelib.instants import instant, moment
from chalicelib.own_deadline import CONTROL
from chalicelib.table import Item, Table
from chalicelib.writes import NEW, THERE, Write, put, update

_TIMES = (
    "closes_at", "changed_at", "reminded_at", "followed_up_at", "kept_until", "moved_at",
)  # fmt: skip
_DELETION_TIMES = ("began_at", "ended_at", "swept_at")


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
    """The control's attributes."""
    item: Item = {
        "state": control.state.value,
        "version": control.version,
        "revision": control.revision,
    }
    for name in _TIMES:
        at = getattr(control, name)
        if at:
            item[name] = instant(at)
    if control.told:
        item["told"] = control.told
    if control.snapshot:
        item["fingerprint"] = control.snapshot.fingerprint
        item["registrations"] = control.snapshot.registrations
        item["taken_at"] = instant(control.snapshot.taken_at)
    if control.deletion:
        item["deletion"] = _deletion_item(control.deletion)
    return item


def control_of(item: Item) -> Control:
    """The control in an item."""
    snapshot = None
    if "fingerprint" in item:
        snapshot = Snapshot(
            item["fingerprint"], int(item["registrations"]), moment(item["taken_at"])
        )
    return Control(
        state=State(item["state"]),
        snapshot=snapshot,
        version=int(item["version"]),
        told=item.get("told", ""),
        deletion=_deletion_of(item["deletion"]) if "deletion" in item else None,
        revision=int(item["revision"]),
        **{name: moment(item[name]) for name in _TIMES if name in item},
    )


def _deletion_item(deletion: Deletion) -> Item:
    times = {name: getattr(deletion, name) for name in _DELETION_TIMES}
    told = {name: instant(at) for name, at in times.items() if at}
    return {**told, "deleted": {datum.value: n for datum, n in deletion.deleted.items()}}


def _deletion_of(item: Item) -> Deletion:
    return Deletion(
        deleted={Datum(datum): int(n) for datum, n in item["deleted"].items()},
        **{name: moment(item[name]) for name in _DELETION_TIMES if name in item},
    )
