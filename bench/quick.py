"""Checks that nothing has become much slower: `python -m bench.quick`, or `make bench-quick`.

Takes some three minutes: fewer rounds, and plain Chalice as the only peer.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from bench import cold, events, hostile
from bench.bounds import broken, figures, read_bounds
from bench.bundles import CHALICE_PEER, bundles, runtime
from bench.growth import grow
from bench.report import ratio_table, reach

ROUNDS = {cold.COLD_GET: 15, cold.COLD_POST: 15, cold.WARM_GET: 5, cold.WARM_POST: 5}
SIZES, GROWTH_ROUNDS, EVENT_ROUNDS = (1_000, 50_000), 3, 4


@click.command()
def main() -> None:
    """Print ratios and targets; fail if a figure is above its limit in bench/bounds.toml."""
    bounds = read_bounds()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        packages = bundles(work, [CHALICE_PEER])
        tasks = {name: one.task for name, one in packages.items()}
        runtime_folder = runtime(work)
        ratios = cold.compare(tasks, runtime_folder, ROUNDS)
        several = events.measure(work / "events", runtime_folder, EVENT_ROUNDS)
    growth = grow(SIZES, GROWTH_ROUNDS)
    measured = figures(packages, ratios, growth, hostile.measure(), several)
    click.echo(ratio_table(ratios))
    click.echo(reach(bounds, measured, ratios))
    lines = list(broken(bounds, measured))
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
