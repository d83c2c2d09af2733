"""Instants, and dataclasses with them, as the table's attributes and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Thing = TypeVar("Thing", bound=DataclassInstance)

_WHEN = "%Y-%m-%dT%H:%M:%S.%fZ"


def instant(at: datetime) -> str:
    """UTC with microseconds, so that the texts sort as the instants do."""
    return at.astimezone(UTC).strftime(_WHEN)


def moment(text: str) -> datetime:
    """The instant that was written."""
    return datetime.fromisoformat(text)


def item_of(thing: object) -> dict[str, Any]:
    """The fields of a dataclass as attributes; what is None is not there."""
    return {
        name: instant(value) if isinstance(value, datetime) else value
        for name, value in vars(thing).items()
        if value is not None
    }


def thing_of(kind: type[Thing], item: Mapping[str, Any], /, **read: Callable[[Any], Any]) -> Thing:
    """The dataclass whose fields are in an item; how some of them must be read is told."""
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
