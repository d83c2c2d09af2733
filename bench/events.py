"""Compares a deployment of ten events with one of a single event: `python -m bench.events`.

All events have the shipped file's text. Each round measures the single event and each of the ten
once, in fresh processes, with a local stub as DynamoDB. Figures are the least CPU of all rounds, as
other processes on the machine only add to it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import click

from bench.bundles import Bundle, deployed_with_events, runtime
from bench.cold import COLD_GET, COLD_POST, WARM_TICK, Measure, measures, orders
from bench.markdown import table
from bench.stub import stub

EVENTS = 10
ROUNDS = 9
# An idle tick of a single event makes two requests: for the registry, and for the event.
_REQUESTS = 2
Measures = Callable[[str], Mapping[str, Measure]]


@dataclass(frozen=True)
class Several:
    """What ten events in one deployment cost beside one.

    `get` and `post` are the cold starts' CPU of the most expensive of the ten, as ratios to the
    single event's; `tick` is the CPU that each further event adds to an idle tick, as a ratio to
    half of a single event's tick, which makes two requests; `kilobytes` are what each further event
    adds to the package.
    """

    get: float
    post: float
    tick: float
    kilobytes: float


def measure(work: Path, runtime_folder: Path, rounds: int = ROUNDS) -> Several:
    """Build both packages in the empty folder `work`, and measure them in `rounds` rounds."""
    ids = [f"event-{number}" for number in range(EVENTS)]
    one = deployed_with_events(work / "one", ids[:1])
    ten = deployed_with_events(work / "ten", ids)
    get, post = (
        _largest_ratio(measure, ids, one, ten, runtime_folder, rounds)
        for measure in (COLD_GET, COLD_POST)
    )
    added = (ten.zipped - one.zipped) / 1000 / (EVENTS - 1)
    return Several(get, post, _tick(one, ten, runtime_folder, rounds // 3), added)


def _largest_ratio(
    measure: str,
    ids: Sequence[str],
    one: Bundle,
    ten: Bundle,
    runtime_folder: Path,
    rounds: int,
) -> float:
    """The CPU of the most expensive of the ten events, divided by the single event's."""
    with stub() as address:
        of_event = {name: measures(runtime_folder, address, name)[measure] for name in ids}
        least = dict.fromkeys(("", *ids), inf)
        for order in orders([*least], rounds):
            for name in order:
                seconds = of_event[name](ten.task) if name else of_event[ids[0]](one.task)
                least[name] = min(least[name], seconds)
    return max(least[name] for name in ids) / least[""]


def _tick(one: Bundle, ten: Bundle, runtime_folder: Path, rounds: int) -> float:
    alone, together = (
        min(_warm_tick(bundle, runtime_folder) for _ in range(rounds)) for bundle in (one, ten)
    )
    return (together - alone) / (EVENTS - 1) / (alone / _REQUESTS)


def _warm_tick(bundle: Bundle, runtime_folder: Path) -> float:
    with stub() as address:  # a new one, since the stub stores the registry
        return measures(runtime_folder, address)[WARM_TICK](bundle.task)


def events_table(several: Several) -> str:
    """Return a Markdown table of what ten events cost beside one."""
    rows = [
        ["cold GET, the slowest of ten events to a single one", f"{several.get:.2f}"],
        ["cold POST, the slowest of ten events to a single one", f"{several.post:.2f}"],
        ["an idle tick, each further event to one request of it", f"{several.tick:.2f}"],
        ["the package, each further event, KB", f"{several.kilobytes:.1f}"],
    ]
    return table(["ten events in one deployment", ""], rows)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        click.echo(events_table(measure(work, runtime(work))))


if __name__ == "__main__":
    main()
