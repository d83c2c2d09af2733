"""Measures CPU time and peak memory of counting all registrations, by their number.

For comparison, the floor is the CPU time of only reading whole items over HTTP and decoding their
JSON. Each measurement is a new process; a stub in another process serves pages of as many
registrations as 1 MB holds.
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
from chalicelib.registration import store as registrations
from chalicelib.timeouts import SCHEDULE_CALLS

SIZES = (1_000, 10_000, 100_000, 1_000_000)
_NOW = datetime(2027, 5, 24, 22, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Growth:
    """CPU seconds and peak MB of the count and of the floor, for a number of registrations.

    `seconds` and `peak` are the count's; `ratio` is the count's CPU time divided by the floor's,
    as a median of the rounds.
    """

    registrations: int
    seconds: float
    floor: float
    ratio: float
    peak: float
    floor_peak: float


def grow(sizes: Sequence[int], rounds: int) -> list[Growth]:
    """Measure each size; figures are medians of `rounds` measurements, the peaks are maxima."""
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
    """Count all registrations as the tick does on Lambda, with the same client."""
    table = Table(Client(endpoint, attempts=1), "t", "e", expires_at=0)
    orders = registrations.encoded_orders(table)
    return tally(orders, taken_at=_NOW).registrations


def _floor(endpoint: Endpoint) -> int:
    request = {
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
        _, answer = endpoint("Query", json.dumps(request).encode())
        page = json.loads(answer)
        found += page["Count"]
        if "LastEvaluatedKey" not in page:
            return found
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _measured(do: Callable[[Endpoint], int], address: str, size: int) -> str:
    timeouts = {name: getattr(SCHEDULE_CALLS, name) for name in ("connect_timeout", "read_timeout")}
    endpoint = Endpoint(address, "eu-north-1", lambda: Credentials("key"), system_clock, **timeouts)
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
