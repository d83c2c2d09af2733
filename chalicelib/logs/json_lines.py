"""The functions' log: one JSON object a line, of facts that are known to name nobody.

A record of ours tells its facts. What others log may hold what somebody typed: of that only who
logged it and where is told, and of an error its kind and place.
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

# AWS's id of the call that is being worked on, which all its lines carry.
call_id: ContextVar[str] = ContextVar("call_id", default="")


def log_facts(**facts: Fact) -> dict[str, Mapping[str, Fact]]:
    """What a call of a logger gives as `extra`: the line's facts; what is empty is left out."""
    return {"facts": facts}


class LoggableError(Exception):
    """An error whose text holds no personal data, so that the log may show it."""


def log_fault(fault: BaseException) -> None:
    """Logs the kind and place of an error, and its text only if it is a LoggableError."""
    kind, place = type(fault).__name__, place_of(fault)
    why = str(fault) if isinstance(fault, LoggableError) else ""
    log.error("fault: %s %s at %s", kind, why, place, extra=log_facts(**_fault(fault), why=why))


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


def place_of(error: BaseException) -> str:
    """The file and line that raised it, like `items.py:12`: its text may hold what was typed."""
    frames = extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def kind_and_place(error: BaseException) -> str:
    """What it is and where it came from, like `KeyError at items.py:12`."""
    return f"{type(error).__name__} at {place_of(error)}"


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


def write_line(line: str) -> None:
    """Writes a line to standard output at once: on Lambda the function's log."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def set_up_log(*, of_libraries: bool) -> None:
    """Makes every record of ours a line of JSON; with `of_libraries`, those of libraries too."""
    handler = _StandardOutput()
    handler.setFormatter(JsonLines())
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    if of_libraries:
        logging.getLogger().handlers[:] = [handler]  # in place of Lambda's own, which writes texts
        warnings.showwarning = _log_warning  # type: ignore[assignment]


class _StandardOutput(logging.Handler):
    """What standard output is at the moment; a line that can't be written fails no request."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            write_line(self.format(record))


def _log_warning(_: object, category: type[Warning], path: str, line: int, *_rest: Any) -> None:
    kind, place = category.__name__, f"{Path(path).name}:{line}"
    log.warning("%s at %s", kind, place, extra=log_facts(what="warning", type=kind, place=place))
