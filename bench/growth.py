"""What counting all registrations takes as they grow, beside reading and JSON-decoding alone.

Each in a process of its own, from a stub's pages of what is 1 MB of whole items: CPU time, and the
most memory it had. The floor reads whole items over HTTP and decodes them, and does nothing else.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.stub import stub
from chalicelib.bootstrap import system_clock
from chalicelib.catering.tally import tally
from chalicelib.dynamo.client import Client
from chalicelib.dynamo.connection import Endpoint
from chalicelib.dynamo.signing import Credentials
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.timeouts import SCHEDULE_CALLS
from chalicelib.registration import store as registrations

SIZES = (1_000, 10_000, 100_000, 1_000_000)
_NOW = datetime(2027, 5, 24, 22, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Growth:
    """Seconds of CPU and peak MB for so many registrations, of the count and of the floor."""

    registrations: int
    seconds: float
    floor: float
    ratio: float
    peak: float
    floor_peak: float


def grow(sizes: Sequence[int], rounds: int) -> list[Growth]:
    """The count at each size; the ratio is the median of the rounds'."""
    return [_at(size, rounds) for size in sizes]


def _at(size: int, rounds: int) -> Growth:
    with stub(size) as address:
        pairs = [
            (_one("count", address, size), _one("floor", address, size)) for _ in range(rounds)
        ]
    (seconds, peaks), (floors, floor_peaks) = (
        list(zip(*[pair[which] for pair in pairs], strict=True)) for which in (0, 1)
    )
    ratios = [one / floor for one, floor in zip(seconds, floors, strict=True)]
    return Growth(
        size, median(seconds), median(floors), median(ratios), max(peaks), max(floor_peaks)
    )


def _one(what: str, address: str, size: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "bench.growth", what, address, str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak = json.loads(done.stdout)
    return seconds, peak


def _count(endpoint: Endpoint) -> int:
    """What the tick does, with what it does it on Lambda."""
    table = Table(Client(endpoint, attempts=1), "t", "e", expires_at=0)
    orders = registrations.encoded_orders(table)
    return tally(orders, taken_at=_NOW).registrations


def _floor(endpoint: Endpoint) -> int:
    asked = {
        "TableName": "t",
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": {
            ":pk": {"S": "e"},
            ":first": {"S": "REG#"},
            ":last": {"S": "REG#~"},
        },
        "ConsistentRead": True,
    }
    found: int = 0
    while True:
        _, answer = endpoint("Query", json.dumps(asked).encode())
        page = json.loads(answer)
        found += page["Count"]
        if "LastEvaluatedKey" not in page:
            return found
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _measured(do: Callable[[Endpoint], int], address: str, size: int) -> str:
    patience = {name: getattr(SCHEDULE_CALLS, name) for name in ("connect_timeout", "read_timeout")}
    endpoint = Endpoint(address, "eu-north-1", lambda: Credentials("key"), system_clock, **patience)
    began = time.process_time()
    found = do(endpoint)
    seconds = time.process_time() - began
    if found != size:
        sys.exit(f"found {found} of {size} registrations")
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("utf-8"))
    return json.dumps([seconds, int(peak[1]) / 1024 if peak else 0])


if __name__ == "__main__":
    what, where, size = sys.argv[1:]
    sys.stdout.write(_measured({"count": _count, "floor": _floor}[what], where, int(size)))
