"""The functions' log: one JSON object a line, of facts that are known to name nobody.

A record of ours tells its facts. What others log may hold what somebody typed: of that only who
logged it and where is told, and of an error its kind and place.
"""

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from chalicelib.error_place import place_of

log = logging.getLogger("dukat")

Fact = str | int | float | None

# AWS's id of the call that is being worked on, which all its lines carry.
call_id: ContextVar[str] = ContextVar("call_id", default="")


def telling(**facts: Fact) -> dict[str, Mapping[str, Fact]]:
    """What a call of a logger gives as `extra`: the line's facts; what is empty is left out."""
    return {"facts": facts}


def log_fault(fault: BaseException, why: str = "") -> None:
    """Logs what kind of fault it was and where; `why` are words of ours, which hold no value."""
    kind, place = type(fault).__name__, place_of(fault)
    log.error("fault: %s %s at %s", kind, why, place, extra=telling(**_fault(fault), why=why))


class JsonLines(logging.Formatter):
    """A record as one line of JSON, whatever is in it: ASCII, so that no character ends it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts: Mapping[str, Any] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "request_id": call_id.get(),
            **(getattr(record, "facts", None) or _of_others(record)),
        }
        told = {name: _plain(fact) for name, fact in facts.items() if fact not in (None, "")}
        return _JSON.encode(told)


_JSON = json.JSONEncoder(default=lambda value: type(value).__name__)


def _of_others(record: logging.LogRecord) -> dict[str, Fact]:
    error = record.exc_info[1] if record.exc_info else None
    if error:
        return {**_fault(error), "logger": record.name}
    place = f"{Path(record.pathname).name}:{record.lineno}"
    return {"what": "other", "logger": record.name, "place": place}


def _fault(error: BaseException) -> dict[str, Fact]:
    return {"what": "fault", "type": type(error).__name__, "place": place_of(error)}


def _plain(value: Any) -> Any:
    """The same, but half a character is U+FFFD, and what is no number in JSON is a word."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value
