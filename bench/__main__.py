"""Measures every figure of docs/performance.md: `python -m bench`, or `make bench`.

It takes about 20 minutes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from bench import cold, desk, events, functions, growth, hostile, load
from bench.bounds import read_bounds
from bench.bundles import CHALICE_PEER, DEPLOYED, ROOT, Bundle, bundles, runtime
from bench.markdown import renewed
from bench.metering import measure
from bench.report import Report, blocks, charts, failures, this_machine
from chalicelib.event.events import Events

PEERS = (CHALICE_PEER, "flask", "fastapi")
DOCUMENT = ROOT / "docs/performance.md"
IMAGES = ROOT / "docs/images"
# Fewer rounds than of cold starts: a warm round makes thousands of calls, and a round of growth
# reads a million registrations.
_WARM_DIVISOR, _GROWTH_DIVISOR = 3, 10


def _log(step: str) -> None:
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {step}", err=True)


def _loads(packages: Mapping[str, Bundle]) -> dict[str, load.Load]:
    with load.ours() as address:
        ours = load.simulate(address, load.PEOPLE, load.SECONDS, has_receipts=True)
    with load.flask_peer(packages["flask"].task) as address:
        flask = load.simulate(address, load.PEOPLE, load.SECONDS, has_receipts=False)
    loads = {"Dukat, `make run`": ours, "Flask": flask}
    failed = failures(loads)
    if failed:
        raise click.ClickException("\n".join(failed))
    return loads


def measure_all(work: Path, rounds: int) -> Report:
    """Build the packages in the empty folder `work`, then take all measurements in turn.

    `rounds` is the number of cold starts of each package; other measures have fewer rounds.
    """
    _log("building the packages")
    packages, runtime_folder = bundles(work, PEERS), runtime(work)
    tasks = {name: bundle.task for name, bundle in packages.items()}
    warm = max(1, rounds // _WARM_DIVISOR)
    _log("load")
    loads = _loads(packages)
    _log("cold starts and warm calls, with the peers")
    ratios = cold.compare(
        tasks,
        runtime_folder,
        {
            cold.COLD_GET: rounds,
            cold.COLD_POST: rounds,
            cold.WARM_GET: warm,
            cold.WARM_POST: warm,
        },
    )
    _log("ticks")
    ticks = cold.compare(tasks, runtime_folder, {cold.COLD_TICK: rounds, cold.WARM_TICK: warm})
    _log("counting up to a million registrations")
    grown = growth.grow(growth.SIZES, max(1, rounds // _GROWTH_DIVISOR))
    _log("requests to AWS")
    measured = measure(Events().all()[0])
    _log("memory and CPU of each function")
    sizes = functions.measure(tasks[DEPLOYED], runtime_folder, functions.SUMMARISED)
    _log("the desk's pages")
    pages = desk.growth({number: desk.measure(number) for number in desk.SIZES})
    _log("hostile requests")
    slow = hostile.measure()
    _log("ten events beside one")
    several = events.measure(work / "events", runtime_folder)
    day = datetime.now(UTC).date()
    return Report(
        day,
        this_machine(),
        packages,
        ratios,
        ticks,
        grown,
        measured,
        loads,
        sizes,
        pages,
        slow,
        several,
    )


@click.command()
@click.option("--rounds", default=30, show_default=True, help="Cold starts; scales other rounds.")
@click.option("--write", is_flag=True, help="Also update docs/performance.md and its charts.")
def main(rounds: int, *, write: bool) -> None:
    """Print all figures as Markdown; fail on errors or lost registrations under load."""
    bounds = read_bounds()
    with tempfile.TemporaryDirectory() as folder:
        report = measure_all(Path(folder), rounds)
    tables = blocks(report, bounds)
    click.echo("\n".join(tables.values()))
    if write:
        DOCUMENT.write_text(renewed(DOCUMENT.read_text("utf-8"), tables), encoding="utf-8")
        for name, chart in charts(report).items():
            (IMAGES / name).write_text(chart, encoding="utf-8")


if __name__ == "__main__":
    main()
