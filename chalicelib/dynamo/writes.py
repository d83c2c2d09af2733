"""Writes of items as values: each domain says its own, and one transaction takes them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chalicelib.dynamo.attributes import marshal

NEW = "attribute_not_exists(sk)"
THERE = "attribute_exists(sk)"
_NONE: Mapping[str, Any] = {}


class Write(NamedTuple):
    """One write of the item with this key; `kind` is DynamoDB's name for it in a transaction.

    `item` is what to put, or the attributes to set; `first` those to set only if they aren't
    there, `add` numbers to add. `values` are those of the `condition`. What doesn't `stay` expires
    with the event's personal data, unless the item says when.
    """

    kind: str
    key: str
    item: Mapping[str, Any] = _NONE
    first: Mapping[str, Any] = _NONE
    add: Mapping[str, int] = _NONE
    condition: str = ""
    values: Mapping[str, Any] = _NONE
    stays: bool = False


def put(
    key: str,
    item: Mapping[str, Any],
    condition: str = "",
    values: Mapping[str, Any] = _NONE,
    *,
    stays: bool = False,
) -> Write:
    """Writes the whole item."""
    return Write("Put", key, item, condition=condition, values=values, stays=stays)


def delete(key: str, condition: str = "", values: Mapping[str, Any] = _NONE) -> Write:
    """Deletes the item."""
    return Write("Delete", key, condition=condition, values=values)


def check(key: str, condition: str, values: Mapping[str, Any] = _NONE) -> Write:
    """Writes nothing, and lets the transaction pass only if the condition holds."""
    return Write("ConditionCheck", key, condition=condition, values=values)


def update(
    key: str,
    item: Mapping[str, Any],
    condition: str = "",
    values: Mapping[str, Any] = _NONE,
    *,
    first: Mapping[str, Any] = _NONE,
    add: Mapping[str, int] = _NONE,
    stays: bool = False,
) -> Write:
    """Changes some attributes, and makes the item if it isn't there."""
    return Write("Update", key, item, first, add, condition, values, stays)


def request(write: Write, table: str, partition: str, expires_at: int) -> dict[str, Any]:
    """The write as DynamoDB takes it, in a transaction or, with its kind in the name, alone."""
    key = marshal({"pk": partition, "sk": write.key})
    item = write.item if write.stays else {"expires_at": expires_at, **write.item}
    values = dict(write.values)
    asked: dict[str, Any] = {"TableName": table}
    if write.kind == "Put":
        asked["Item"] = marshal(item) | key
    else:
        asked["Key"] = key
    if write.kind == "Update":
        names: dict[str, str] = {}
        asked["UpdateExpression"] = " ".join(_clauses(write, item, names, values))
        asked["ExpressionAttributeNames"] = names
    if write.condition:
        asked["ConditionExpression"] = write.condition
    if values:
        asked["ExpressionAttributeValues"] = marshal(values)
    return asked


def _clauses(
    write: Write, item: Mapping[str, Any], names: dict[str, str], values: dict[str, Any]
) -> Iterator[str]:
    """The clauses of an update, by number, since some of the names are reserved words."""

    def numbered(name: str, value: object) -> tuple[str, str]:
        place, number = f"#{len(names)}", f":{len(names)}"
        names[place], values[number] = name, value
        return place, number

    sets = [f"{name} = {value}" for name, value in (numbered(*pair) for pair in item.items())]
    sets += [
        f"{name} = if_not_exists({name}, {value})"
        for name, value in (numbered(*pair) for pair in write.first.items())
    ]
    if sets:
        yield f"SET {', '.join(sets)}"
    if write.add:
        adds = (" ".join(numbered(*pair)) for pair in write.add.items())
        yield f"ADD {', '.join(adds)}"
