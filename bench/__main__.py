"""Measures everything that docs/performance.md tells: `python -m bench`, or `make bench`.

It takes about a quarter of an hour. What is told of CPU are ratios taken side by side.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from bench import cold, desk, functions, growth, load
from bench.bounds import read_bounds
from bench.bundles import CHALICE_PEER, DEPLOYED, ROOT, Bundle, bundles, runtime
from bench.markdown import renewed
from bench.metering import measure
from bench.report import Report, blocks, charts, failures, this_machine
from chalicelib.event.file import read_event

PEERS = (CHALICE_PEER, "flask", "fastapi")
DOCUMENT = ROOT / "docs/performance.md"
IMAGES = ROOT / "docs/images"
# Of as many rounds of cold starts: a warm one takes thousands of calls, and a million is many.
_WARM_SHARE, _GROWTH_SHARE = 3, 10


def _say(what: str) -> None:
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {what}", err=True)


def _loads(packages: Mapping[str, Bundle]) -> dict[str, load.Load]:
    with load.ours() as address:
        ours = load.visit(address, load.PEOPLE, load.SECONDS, has_receipts=True)
    with load.flask_peer(packages["flask"].task) as address:
        flask = load.visit(address, load.PEOPLE, load.SECONDS, has_receipts=False)
    loads = {"Dukat, `make run`": ours, "Flask": flask}
    failed = failures(loads)
    if failed:
        raise click.ClickException("\n".join(failed))
    return loads


def measure_all(work: Path, rounds: int) -> Report:
    """One part after the other, with packages made in a folder that is empty."""
    _say("packing")
    packages, beside = bundles(work, PEERS), runtime(work)
    tasks = {name: one.task for name, one in packages.items()}
    warm = max(1, rounds // _WARM_SHARE)
    _say("under load")
    loads = _loads(packages)
    _say("cold and warm, beside the peers")
    ratios = cold.compare(
        tasks,
        beside,
        {
            cold.COLD_GET: rounds,
            cold.COLD_POST: rounds,
            cold.WARM_GET: warm,
            cold.WARM_POST: warm,
        },
    )
    _say("ticks")
    ticks = cold.compare(tasks, beside, {cold.COLD_TICK: rounds, cold.WARM_TICK: warm})
    _say("growth")
    grown = growth.grow(growth.SIZES, max(1, rounds // _GROWTH_SHARE))
    _say("requests to AWS")
    measured = measure(read_event())
    _say("functions")
    sizes = functions.measure(tasks[DEPLOYED], beside, functions.SUMMARISED)
    _say("the desk")
    pages = desk.growth({number: desk.measure(number) for number in desk.SIZES})
    day = datetime.now(UTC).date()
    return Report(
        day, this_machine(), packages, ratios, ticks, grown, measured, loads, sizes, pages
    )


@click.command()
@click.option("--rounds", default=30, show_default=True, help="Of cold starts; others follow.")
@click.option("--write", is_flag=True, help="Renew docs/performance.md and its charts, too.")
def main(rounds: int, *, write: bool) -> None:
    """Print all figures as Markdown; fail on an error or a lost registration under load."""
    bounds = read_bounds()
    with tempfile.TemporaryDirectory() as folder:
        report = measure_all(Path(folder), rounds)
    told = blocks(report, bounds)
    click.echo("\n".join(told.values()))
    if write:
        DOCUMENT.write_text(renewed(DOCUMENT.read_text("utf-8"), told), encoding="utf-8")
        for name, chart in charts(report).items():
            (IMAGES / name).write_text(chart, encoding="utf-8")


if __name__ == "__main__":
    main()
