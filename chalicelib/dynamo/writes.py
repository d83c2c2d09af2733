"""Writes as values: each domain makes its own, and one transaction can hold them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chalicelib.dynamo.attributes import marshal

ABSENT = "attribute_not_exists(sk)"
EXISTS = "attribute_exists(sk)"
_NONE: Mapping[str, Any] = {}


class Write(NamedTuple):
    """One write of the item with this key; `kind` is DynamoDB's name for it in a transaction.

    `item` has the attributes to put or to set; `first` those to set only where they are absent;
    `add` numbers to add, or sets of texts. `values` belong to the `condition`. The item expires
    with the event's personal data unless `stays` is true or `item` has its own `expires_at`.
    """

    kind: str
    key: str
    item: Mapping[str, Any] = _NONE
    first: Mapping[str, Any] = _NONE
    add: Mapping[str, Any] = _NONE
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
    """A write that replaces the whole item."""
    return Write("Put", key, item, condition=condition, values=values, stays=stays)


def delete(key: str, condition: str = "", values: Mapping[str, Any] = _NONE) -> Write:
    """A write that deletes the item."""
    return Write("Delete", key, condition=condition, values=values)


def update(
    key: str,
    item: Mapping[str, Any],
    condition: str = "",
    values: Mapping[str, Any] = _NONE,
    *,
    first: Mapping[str, Any] = _NONE,
    add: Mapping[str, Any] = _NONE,
    stays: bool = False,
) -> Write:
    """A write that changes some attributes; creates the item if it does not exist."""
    return Write("Update", key, item, first, add, condition, values, stays)


def request(write: Write, table: str, partition: str, expires_at: int) -> dict[str, Any]:
    """The parameters of the write, for TransactWriteItems or for the single operation."""
    key = marshal({"pk": partition, "sk": write.key})
    item = write.item if write.stays else {"expires_at": expires_at, **write.item}
    values = dict(write.values)
    parameters: dict[str, Any] = {"TableName": table}
    if write.kind == "Put":
        parameters["Item"] = marshal(item) | key
    else:
        parameters["Key"] = key
    if write.kind == "Update":
        names: dict[str, str] = {}
        parameters["UpdateExpression"] = " ".join(_clauses(write, item, names, values))
        parameters["ExpressionAttributeNames"] = names
    if write.condition:
        parameters["ConditionExpression"] = write.condition
    if values:
        parameters["ExpressionAttributeValues"] = marshal(values)
    return parameters


def _clauses(
    write: Write, item: Mapping[str, Any], names: dict[str, str], values: dict[str, Any]
) -> Iterator[str]:
    """The clauses of an update, with numbered names, since some are reserved words."""

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
