"""Compares the CPU time of cold starts and warm calls with that of other frameworks.

Each round measures every package once, in a fresh process with the unzipped package and the Lambda
runtime's packages, and a local stub as DynamoDB. CPU time is user plus system. Results are ratios
to the plain Chalice peer in the same round. No peer has a tick: ticks are compared with that peer's
POST, since both make one call to the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from statistics import median, quantiles
from urllib.parse import urlencode

from bench.bundles import CHALICE_PEER, OURS
from bench.process import Event, run
from bench.stub import stub
from chalicelib.event.events import Events
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.guests import invented_guests
from management.local.moto_aws import ENVIRONMENT
from management.local.service import scheduled_event

COLD_GET, COLD_POST = "cold GET", "cold POST"
WARM_GET, WARM_POST = "warm GET", "warm POST"
COLD_TICK, WARM_TICK = "cold tick", "warm tick"
_PEERS_MEASURE = {COLD_TICK: COLD_POST, WARM_TICK: WARM_POST}
_WARM_UP, _BATCHES = 100, 5
# For each batch: the number of different events, and how often the batch repeats them.
_WARM_GETS, _WARM_POSTS, _WARM_TICKS = (1, 2_000), (400, 1), (1, 200)
_BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "sv-SE,sv;q=0.9,en;q=0.8",
    "Host": "abcdefghij.execute-api.eu-north-1.amazonaws.com",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "X-Forwarded-Proto": "https",
}
_FORM = {**_BROWSER, "Content-Type": "application/x-www-form-urlencoded"}

Timing = Callable[[], float]
Measure = Callable[[Path], float]


@dataclass(frozen=True)
class Ratio:
    """Median and quartiles (`low`, `high`) of the rounds' ratios to the peer.

    `ms` is the package's median CPU time in milliseconds.
    """

    median: float
    low: float
    high: float
    ms: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


class Requests:
    """Lambda events as API Gateway sends them, two weeks before the deadline.

    They are about the event `event_id`, or about the shipped event as the only one of a package.
    """

    def __init__(self, event_id: str = "") -> None:
        from app import app

        event = Events().all()[0]
        self._agenda, self._form = f"/{event_id}", f"/{event_id or event.id}/registration"
        self._at = event.closes_at - timedelta(days=14)
        self._gateway = Gateway(app, SetClock(self._at), stage="api")
        self._fields = next(invented_guests(1, event, Random(24))).fields

    def get(self) -> Event:
        """A request for the agenda."""
        return self._gateway.event("GET", self._agenda, _BROWSER, b"", self._at)

    def post(self) -> Event:
        """A registration, each time with a new nonce."""
        body = urlencode({**self._fields, "nonce": [token_urlsafe(16)]}, doseq=True).encode()
        return self._gateway.event("POST", self._form, _FORM, body, self._at)

    def gets(self, how_many: int) -> list[Event]:
        """The same request for the agenda, `how_many` times."""
        return [self.get()] * how_many

    def posts(self, how_many: int) -> list[Event]:
        """`how_many` different registrations."""
        return [self.post() for _ in range(how_many)]


def ticks(how_many: int) -> list[Event]:
    """The event of a scheduled run, `how_many` times."""
    return [scheduled_event(datetime.now(UTC))] * how_many


def measures(runtime_folder: Path, address: str, event_id: str = "") -> dict[str, Measure]:
    """Return the functions that measure a package's CPU seconds, each in a new process.

    `runtime_folder` has the Lambda runtime's packages; `address` is the URL of DynamoDB. Requests
    are about the event `event_id`, or about a package's only event.
    """
    requests = Requests(event_id)
    run_package = partial(
        run,
        runtime_folder=runtime_folder,
        environment={**ENVIRONMENT, "AWS_REGION": "eu-north-1", "AWS_ENDPOINT_URL": address},
    )

    def cold(events: Callable[[int], list[Event]], handler: str = "app") -> Measure:
        return lambda task: run_package(task, firsts=events(1), handler=handler).cold

    def warm(
        events: Callable[[int], list[Event]], calls: tuple[int, int], handler: str = "app"
    ) -> Measure:
        different, times = calls

        def measure(task: Path) -> float:
            firsts, batches = events(_WARM_UP), [events(different) for _ in range(_BATCHES)]
            done = run_package(task, firsts=firsts, batches=batches, times=times, handler=handler)
            return median(done.each)

        return measure

    return {
        COLD_GET: cold(requests.gets),
        COLD_POST: cold(requests.posts),
        WARM_GET: warm(requests.gets, _WARM_GETS),
        WARM_POST: warm(requests.posts, _WARM_POSTS),
        COLD_TICK: cold(ticks, "tick"),
        WARM_TICK: warm(ticks, _WARM_TICKS, "tick"),
    }


def compare(
    tasks: Mapping[str, Path], runtime_folder: Path, rounds: Mapping[str, int]
) -> dict[str, dict[str, Ratio]]:
    """Return each package's ratio to the peer, by measure and package.

    `tasks` has each package's folder, `rounds` the number of rounds of each measure.
    """
    with stub() as address:
        by_name = measures(runtime_folder, address)
        return {
            name: ratios(_timings(name, tasks, by_name), number) for name, number in rounds.items()
        }


def _timings(
    name: str, tasks: Mapping[str, Path], by_name: Mapping[str, Measure]
) -> dict[str, Timing]:
    peers_measure = _PEERS_MEASURE.get(name)
    if peers_measure is None:
        return {task: partial(by_name[name], folder) for task, folder in tasks.items()}
    ours: dict[str, Timing] = {task: partial(by_name[name], tasks[task]) for task in OURS}
    return {CHALICE_PEER: partial(by_name[peers_measure], tasks[CHALICE_PEER]), **ours}


def ratios(timings: Mapping[str, Timing], rounds: int) -> dict[str, Ratio]:
    """Call each of `timings` once per round; return its ratios to the plain Chalice peer."""
    by_round = [{name: timings[name]() for name in order} for order in orders([*timings], rounds)]
    return {name: _ratio(by_round, name) for name in timings}


def orders(names: Sequence[str], rounds: int) -> Iterator[Sequence[str]]:
    """Yield an order of `names` per round; none is always first or has a fixed predecessor."""
    for number in range(rounds):
        first = number // 2 % len(names)
        rotated = [*names[first:], *names[:first]]
        yield rotated if number % 2 == 0 else rotated[::-1]


def _ratio(by_round: Sequence[Mapping[str, float]], name: str) -> Ratio:
    found = [times[name] / times[CHALICE_PEER] for times in by_round]
    low, middle, high = quantiles(found, n=4) if len(found) > 1 else found * 3
    return Ratio(middle, low, high, 1000 * median(times[name] for times in by_round))
