"""What a cold start and a warm call cost beside other frameworks.

The same job in the same run, in rounds one after the other: CPU time, user and system, of a fresh
process with the unzipped package and what the Lambda runtime has. DynamoDB is a local stub. What is
told are ratios to the plain Chalice peer of the same round. No peer has a tick; it is told beside
that peer's POST, since each asks the table for one thing.
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
from chalicelib.event.file import read_event
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.guests import invented_guests
from management.local.moto_aws import ENVIRONMENT
from management.local.service import scheduled_event

COLD_GET, COLD_POST = "cold GET", "cold POST"
WARM_GET, WARM_POST = "warm GET", "warm POST"
COLD_TICK, WARM_TICK = "cold tick", "warm tick"
_PEERS_PLACE = {COLD_TICK: COLD_POST, WARM_TICK: WARM_POST}
_WARM_UP, _BATCHES = 100, 5
# In each batch: so many different events, and how often all of them.
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

Take = Callable[[], float]
Measure = Callable[[Path], float]


@dataclass(frozen=True)
class Ratio:
    """The median of the rounds' ratios to the peer, and the quarters between which half of them
    are; `ms` is the median of the times themselves.
    """

    median: float
    low: float
    high: float
    ms: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


class Visits:
    """Requests as API Gateway hands them over, two weeks before the deadline."""

    def __init__(self) -> None:
        from app import app

        event = read_event()
        self._at = event.closes_at - timedelta(days=14)
        self._gateway = Gateway(app, SetClock(self._at), stage="api")
        self._fields = next(invented_guests(1, event, Random(24))).fields

    def get(self) -> Event:
        """Somebody looks at the agenda."""
        return self._gateway.event("GET", "/", _BROWSER, b"", self._at)

    def post(self) -> Event:
        """Somebody registers; each time somebody else."""
        body = urlencode({**self._fields, "nonce": [token_urlsafe(16)]}, doseq=True).encode()
        return self._gateway.event("POST", "/registration", _FORM, body, self._at)

    def gets(self, how_many: int) -> list[Event]:
        """So many of them."""
        return [self.get()] * how_many

    def posts(self, how_many: int) -> list[Event]:
        """So many of them."""
        return [self.post() for _ in range(how_many)]


def ticks(how_many: int) -> list[Event]:
    """So many runs of the schedule."""
    return [scheduled_event(datetime.now(UTC))] * how_many


def measures(beside: Path, address: str) -> dict[str, Measure]:
    """What is measured of a package, each in a process of its own: CPU seconds."""
    visits = Visits()
    run_it = partial(
        run,
        beside=beside,
        environment={**ENVIRONMENT, "AWS_REGION": "eu-north-1", "AWS_ENDPOINT_URL": address},
    )

    def cold(events: Callable[[int], list[Event]], handler: str = "app") -> Measure:
        return lambda task: run_it(task, firsts=events(1), handler=handler).cold

    def warm(
        events: Callable[[int], list[Event]], calls: tuple[int, int], handler: str = "app"
    ) -> Measure:
        different, times = calls

        def measure(task: Path) -> float:
            firsts, batches = events(_WARM_UP), [events(different) for _ in range(_BATCHES)]
            done = run_it(task, firsts=firsts, batches=batches, times=times, handler=handler)
            return median(done.each)

        return measure

    return {
        COLD_GET: cold(visits.gets),
        COLD_POST: cold(visits.posts),
        WARM_GET: warm(visits.gets, _WARM_GETS),
        WARM_POST: warm(visits.posts, _WARM_POSTS),
        COLD_TICK: cold(ticks, "tick"),
        WARM_TICK: warm(ticks, _WARM_TICKS, "tick"),
    }


def compare(
    tasks: Mapping[str, Path], beside: Path, rounds: Mapping[str, int]
) -> dict[str, dict[str, Ratio]]:
    """For each measure, which takes so many rounds, the ratio of each package to the peer's."""
    with stub() as address:
        known = measures(beside, address)
        return {name: ratios(_takes(name, tasks, known), number) for name, number in rounds.items()}


def _takes(name: str, tasks: Mapping[str, Path], known: Mapping[str, Measure]) -> dict[str, Take]:
    place = _PEERS_PLACE.get(name)
    if place is None:
        return {task: partial(known[name], folder) for task, folder in tasks.items()}
    ours: dict[str, Take] = {task: partial(known[name], tasks[task]) for task in OURS}
    return {CHALICE_PEER: partial(known[place], tasks[CHALICE_PEER]), **ours}


def ratios(takes: Mapping[str, Take], rounds: int) -> dict[str, Ratio]:
    """Each is taken once in every round, and told beside the plain Chalice peer of that round."""
    taken = [{name: takes[name]() for name in order} for order in orders([*takes], rounds)]
    return {name: _ratio(taken, name) for name in takes}


def orders(names: Sequence[str], rounds: int) -> Iterator[Sequence[str]]:
    """The names for each round, so that none is always first, or always after the same one."""
    for number in range(rounds):
        first = number // 2 % len(names)
        turned = [*names[first:], *names[:first]]
        yield turned if number % 2 == 0 else turned[::-1]


def _ratio(taken: Sequence[Mapping[str, float]], name: str) -> Ratio:
    beside = [one[name] / one[CHALICE_PEER] for one in taken]
    low, middle, high = quantiles(beside, n=4) if len(beside) > 1 else beside * 3
    return Ratio(middle, low, high, 1000 * median(one[name] for one in taken))
