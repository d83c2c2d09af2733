"""The functions' log: one JSON object on each line, with facts that identify nobody.

Dukat's own records carry their facts. The text of a library's record may hold personal data, so
the line has only the logger and place instead; for an error only its type and place.
"""

import json
import logging
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from traceback import extract_tb
from typing import Any

log = logging.getLogger("dukat")

Fact = str | int | float | None

# AWS's id of the current call; every line of the call has it.
call_id: ContextVar[str] = ContextVar("call_id", default="")
# The id of the event that the current work is about.
event_id: ContextVar[str] = ContextVar("event_id", default="")


def log_facts(**facts: Fact) -> dict[str, Mapping[str, Fact]]:
    """The argument `extra` of a logger call, with the line's facts. Empty facts are left out."""
    return {"facts": facts}


class LoggableError(Exception):
    """An error whose text holds no personal data and may be logged."""


def log_fault(fault: BaseException) -> None:
    """Log the type and place of an error; the text only of a LoggableError."""
    kind, place = type(fault).__name__, place_of(fault)
    why = str(fault) if isinstance(fault, LoggableError) else ""
    log.error("fault: %s %s at %s", kind, why, place, extra=log_facts(**_facts_of(fault), why=why))


class JsonLines(logging.Formatter):
    """Formats any record as one line of JSON: in ASCII, so that no character breaks the line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a newline."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts: Mapping[str, Any] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "request_id": call_id.get(),
            "event": event_id.get(),
            **(getattr(record, "facts", None) or _library_facts(record)),
        }
        line = {name: _json_value(fact) for name, fact in facts.items() if fact not in (None, "")}
        return _JSON.encode(line)


_JSON = json.JSONEncoder(default=lambda value: type(value).__name__)


def place_of(error: BaseException) -> str:
    """The file and line that raised the error, like `items.py:12`."""
    frames = extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def kind_and_place(error: BaseException) -> str:
    """The type of the error and where it was raised, like `KeyError at items.py:12`."""
    return f"{type(error).__name__} at {place_of(error)}"


def _library_facts(record: logging.LogRecord) -> dict[str, Fact]:
    error = record.exc_info[1] if record.exc_info else None
    if error:
        return {**_facts_of(error), "logger": record.name}
    place = f"{Path(record.pathname).name}:{record.lineno}"
    return {"what": "other", "logger": record.name, "place": place}


def _facts_of(error: BaseException) -> dict[str, Fact]:
    return {"what": "fault", "type": type(error).__name__, "place": place_of(error)}


def _json_value(value: Any) -> Any:
    """The same value, but with U+FFFD for a lone surrogate, and infinity or NaN as a string."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value


def write_line(line: str) -> None:
    """Write a line to standard output, which is the log on Lambda, and flush."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def set_up_log(*, of_libraries: bool) -> None:
    """Log Dukat's records as JSON lines; with `of_libraries` also other records and warnings."""
    handler = _StandardOutput()
    handler.setFormatter(JsonLines())
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    if of_libraries:
        logging.getLogger().handlers[:] = [handler]  # replaces Lambda's own, which logs the texts
        warnings.showwarning = _log_warning  # type: ignore[assignment]


class _StandardOutput(logging.Handler):
    """Writes to the current `sys.stdout`; a line that can't be written fails no request."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            write_line(self.format(record))


def _log_warning(_: object, category: type[Warning], path: str, line: int, *_rest: Any) -> None:
    kind, place = category.__name__, f"{Path(path).name}:{line}"
    log.warning("%s at %s", kind, place, extra=log_facts(what="warning", type=kind, place=place))
