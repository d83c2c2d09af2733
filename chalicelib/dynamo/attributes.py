"""Instants, and dataclasses with them, as the table's attributes and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Value = TypeVar("Value", bound=DataclassInstance)

_NOTHING: Mapping[str, str] = {}
_WHEN = "%Y-%m-%dT%H:%M:%S.%fZ"


def format_instant(at: datetime) -> str:
    """UTC with microseconds, so that the texts sort as the instants do."""
    return at.astimezone(UTC).strftime(_WHEN)


def parse_instant(text: str) -> datetime:
    """The instant that was written."""
    return datetime.fromisoformat(text)


def to_item(value: object, stored_as: Mapping[str, str] = _NOTHING) -> dict[str, Any]:
    """The fields of a dataclass instance as attributes; a field that is None has none.

    `stored_as` has the attributes of fields whose attribute has another name.
    """
    return {
        stored_as.get(name, name): format_instant(field) if isinstance(field, datetime) else field
        for name, field in vars(value).items()
        if field is not None
    }


def from_item(
    kind: type[Value],
    item: Mapping[str, Any],
    stored_as: Mapping[str, str] = _NOTHING,
    /,
    **read: Callable[[Any], Any],
) -> Value:
    """An instance of the dataclass `kind`, made of the attributes of an item.

    `stored_as` is as in `to_item`; `read` has a function for each field that is not stored as it
    is.
    """
    if stored_as:
        item = {**item, **{name: item[key] for name, key in stored_as.items() if key in item}}
    values = {name: item[name] for name in kind.__dataclass_fields__ if name in item}
    values |= {name: read[name](values[name]) for name in read if name in values}
    return kind(**values)


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Python values as DynamoDB's typed attributes."""
    return {key: _typed(value) for key, value in item.items()}


def unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB's typed attributes as Python values; every number here is whole."""
    return {key: _plain(value) for key, value in item.items()}


def _typed(value: object) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case list() | tuple():
            return {"L": [_typed(one) for one in value]}
        case dict():
            return {"M": marshal(value)}
    raise TypeError(f"the table holds no {type(value).__name__}")


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N":
            return int(content)
        case "L":
            return [_plain(one) for one in content]
        case "M":
            return unmarshal(content)
    raise TypeError(f"the table holds no {kind}")
