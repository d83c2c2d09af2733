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
from traceback import extract_tb
from typing import Any

NAMESPACE = "Dukat"
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


def place_of(error: BaseException) -> str:
    """The file and line that raised it, like `items.py:12`: its text may hold what was typed."""
    frames = extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def kind_and_place(error: BaseException) -> str:
    """What it is and where it came from, like `KeyError at items.py:12`."""
    return f"{type(error).__name__} at {place_of(error)}"


def metric_line(now: datetime, service: str, counts: Mapping[str, int]) -> str:
    """One line of log from which CloudWatch takes each count, with the service as dimension.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Service"]],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in counts],
    }
    about = {"Timestamp": round(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": about, "Service": service, **counts})


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
