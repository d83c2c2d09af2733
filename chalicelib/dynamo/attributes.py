"""Converts instants, dataclasses and other Python values to DynamoDB attributes and back."""

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
    """The instant in UTC with microseconds, so that texts sort as their instants do."""
    return at.astimezone(UTC).strftime(_WHEN)


def parse_instant(text: str) -> datetime:
    """The instant that `format_instant` wrote."""
    return datetime.fromisoformat(text)


def to_item(value: object, stored_as: Mapping[str, str] = _NOTHING) -> dict[str, Any]:
    """The fields of a dataclass instance as attributes, without the fields that are None.

    `stored_as` maps a field to its attribute where the two names differ.
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
    """An instance of the dataclass `kind` with the values of an item's attributes.

    `stored_as` is as in `to_item`; `read` has, by field, functions that convert its attribute.
    """
    if stored_as:
        item = {**item, **{name: item[key] for name, key in stored_as.items() if key in item}}
    values = {name: item[name] for name in kind.__dataclass_fields__ if name in item}
    values |= {name: read[name](values[name]) for name in read if name in values}
    return kind(**values)


def packed(text: str) -> str:
    """The text compressed, in base64."""
    import zlib
    from base64 import b64encode

    return b64encode(zlib.compress(text.encode())).decode()


def unpacked(text: str) -> str:
    """The text that `packed` compressed."""
    import zlib
    from base64 import b64decode

    return zlib.decompress(b64decode(text)).decode()


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Python values as DynamoDB's typed attributes."""
    return {key: _typed(value) for key, value in item.items()}


def unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB's typed attributes as Python values; every number becomes an int."""
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
        case frozenset():
            return {"SS": sorted(value)}
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
        case "SS":
            return frozenset(content)
        case "L":
            return [_plain(one) for one in content]
        case "M":
            return unmarshal(content)
    raise TypeError(f"the table holds no {kind}")
