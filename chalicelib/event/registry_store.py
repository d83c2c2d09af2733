"""The registry in the table: a partition of its own, read by each run."""

from chalicelib.dynamo.attributes import (
    from_item,
    packed,
    parse_instant,
    to_item,
    unmarshal,
    unpacked,
)
from chalicelib.dynamo.table import Item, Table
from chalicelib.dynamo.writes import delete, put
from chalicelib.event.events import Source
from chalicelib.event.registry import Entry
from chalicelib.logs.json_lines import log_fault

# The partition's key. No event's id has capital letters.
REGISTRY = "REGISTRY"
_TIMES = ("starts_at", "ends_at", "deletes_at", "changed_at", "finished_for")


def entries(table: Table) -> list[Entry]:
    """The entries of all events that the table has ever held."""
    found = []
    for item in table.beside(REGISTRY).query("EVENT#", "EVENT#~"):
        try:
            found.append(_entry(unmarshal(item)))
        except (KeyError, TypeError, ValueError) as fault:  # one event's item matters to no other
            log_fault(fault)
    return found


def _entry(item: Item) -> Entry:
    times = dict.fromkeys(_TIMES, parse_instant)
    return from_item(Entry, item, meals=tuple, **times)


def save(table: Table, entry: Entry, source: Source | None = None) -> None:
    """Store an entry, and first the texts of its file if they are given."""
    registry = table.beside(REGISTRY)
    if source:
        texts = {"text": packed(source.text), "organisation": packed(source.organisation)}
        registry.apply(put(f"FILE#{source.event_id}", texts, stays=True))
    registry.apply(put(f"EVENT#{entry.id}", to_item(entry), stays=True))


def finish(table: Table, entry: Entry) -> None:
    """Store an entry of which nothing is left, and delete its file's texts, which name people."""
    registry = table.beside(REGISTRY)
    registry.apply(put(f"EVENT#{entry.id}", to_item(entry), stays=True))
    registry.apply(delete(f"FILE#{entry.id}"))


def forget(table: Table, event_id: str) -> None:
    """Delete an entry and its file's texts, as if the table had never held the event."""
    registry = table.beside(REGISTRY)
    registry.apply(delete(f"EVENT#{event_id}"))
    registry.apply(delete(f"FILE#{event_id}"))


def stored_source(table: Table, event_id: str) -> Source:
    """The stored texts of an event's file; raises LookupError if there are none."""
    item = table.beside(REGISTRY).get(f"FILE#{event_id}")
    if item is None:
        raise LookupError("the registry has no file of this event")
    return Source(event_id, unpacked(item["text"]), unpacked(item["organisation"]))
