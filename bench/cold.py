"""What a cold start and a warm call cost beside other frameworks.

The same job in the same run, in rounds one after the other: CPU time, user and system, of a fresh
process with the unzipped package and what the Lambda runtime has. DynamoDB is a local stub. What is
told are ratios to the plain Chalice peer of the same round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from statistics import median, quantiles
from urllib.parse import urlencode

from bench.bundles import CHALICE_PEER
from bench.process import Event, Run, run
from bench.stub import stub
from chalicelib.event_file import read_event
from management.clock import SetClock
from management.gateway import Gateway
from management.guests import invented_guests
from management.local_aws import ENVIRONMENT

_WARM_UP, _WARM_GETS, _WARM_POSTS, _BATCHES = 100, 2_000, 1_000, 5
_BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "sv-SE,sv;q=0.9,en;q=0.8",
    "Host": "abcdefghij.execute-api.eu-north-1.amazonaws.com",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "X-Forwarded-Proto": "https",
}
_FORM = {**_BROWSER, "Content-Type": "application/x-www-form-urlencoded"}

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
        self._gateway = Gateway(app, SetClock(event.closes_at - timedelta(days=14)), stage="api")
        self._clock = event.closes_at - timedelta(days=14)
        self._fields = next(invented_guests(1, event, Random(24))).fields

    def get(self) -> Event:
        """Somebody looks at the agenda."""
        return self._gateway.event("GET", "/", _BROWSER, b"", self._clock)

    def post(self) -> Event:
        """Somebody registers; each time somebody else."""
        body = urlencode({**self._fields, "nonce": [token_urlsafe(16)]}, doseq=True).encode()
        return self._gateway.event("POST", "/registration", _FORM, body, self._clock)

    def gets(self, how_many: int) -> list[Event]:
        """So many of them."""
        return [self.get()] * how_many

    def posts(self, how_many: int) -> list[Event]:
        """So many of them."""
        return [self.post() for _ in range(how_many)]


def measures(beside: Path, address: str) -> dict[str, Measure]:
    """What is measured of a package, each in a process of its own: CPU seconds."""
    visits = Visits()
    environment = {**ENVIRONMENT, "AWS_REGION": "eu-north-1", "AWS_ENDPOINT_URL": address}

    def cold(event: Callable[[], Event]) -> Measure:
        return lambda task: run(task, beside, [event()], environment=environment).cold

    def warm(events: Callable[[int], list[Event]], how_many: int) -> Measure:
        def measure(task: Path) -> float:
            batches = [events(how_many // _BATCHES) for _ in range(_BATCHES)]
            done: Run = run(task, beside, events(_WARM_UP), batches, environment=environment)
            return median(done.each)

        return measure

    return {
        "cold GET": cold(visits.get),
        "cold POST": cold(visits.post),
        "warm GET": warm(visits.gets, _WARM_GETS),
        "warm POST": warm(visits.posts, _WARM_POSTS),
    }


def compare(
    tasks: Mapping[str, Path], beside: Path, rounds: Mapping[str, int]
) -> dict[str, dict[str, Ratio]]:
    """For each measure, which takes so many rounds, the ratio of each package to the peer's."""
    with stub() as address:
        return {
            name: _ratios(tasks, measure, rounds[name])
            for name, measure in measures(beside, address).items()
            if rounds.get(name)
        }


def _ratios(tasks: Mapping[str, Path], measure: Measure, rounds: int) -> dict[str, Ratio]:
    taken = [dict(_round(tasks, measure)) for _ in range(rounds)]
    return {name: _ratio(taken, name) for name in tasks}


def _round(tasks: Mapping[str, Path], measure: Measure) -> Iterator[tuple[str, float]]:
    for name, task in tasks.items():
        yield name, measure(task)


def _ratio(taken: Sequence[Mapping[str, float]], name: str) -> Ratio:
    ratios = [one[name] / one[CHALICE_PEER] for one in taken]
    low, middle, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return Ratio(middle, low, high, 1000 * median(one[name] for one in taken))
