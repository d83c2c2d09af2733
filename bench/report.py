"""Turns the measurements into the Markdown blocks and charts of docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench.bounds import Bound, Key, figures
from bench.bundles import CHALICE_PEER, DEPLOYED, OURS, PACKAGED, Bundle, versions
from bench.charts import growth_chart, ratios_chart
from bench.cold import Ratio
from bench.costs import Assumptions, cost_table, functions_of
from bench.events import Several, events_table
from bench.growth import Growth
from bench.hostile import Hostile, hostile_table
from bench.load import PEOPLE, SECONDS, Load
from bench.markdown import table
from bench.metering import Measured, Usage
from bench.prices import MILLION

NAMES = {
    CHALICE_PEER: "plain Chalice",
    "flask": "Flask + apig-wsgi",
    "fastapi": "FastAPI + Mangum",
    PACKAGED: "Dukat, chalice package",
    DEPLOYED: "Dukat, make deploy",
}
RATIOS_CHART, GROWTH_CHART = "bench-ratios.svg", "bench-growth.svg"
_PACKED = {
    CHALICE_PEER: "`chalice package`",
    "flask": "`pip install --target`, zipped",
    "fastapi": "`pip install --target`, zipped",
    PACKAGED: "`chalice package`",
    DEPLOYED: "`make deploy`: compiled, without spares",
}
# Titles of the use cases, by field of Measured.
USES = {
    "agenda": "the agenda",
    "agenda_again": "the agenda again, within 30 s",
    "form": "the form",
    "registration": "a registration",
    "first_receipt": "the receipt page that follows",
    "receipt": "a receipt page by the mailed link",
    "change": "a change: the form, the answer, the receipt page",
    "mail": "a receipt mail",
    "mail_event": "a mail event from SES",
    "idle_tick": "a tick with nothing to do",
}
_KINDS = ("agenda", "registration", "receipt")


@dataclass(frozen=True)
class Machine:
    """The measuring machine, without its host name."""

    processor: str
    cores: int
    python: str
    system: str

    def __str__(self) -> str:
        return f"{self.processor}, {self.cores} cores, Python {self.python}, {self.system}"


@dataclass(frozen=True)
class Report:
    """All results of `make bench`; `functions` and `desk` are Markdown tables."""

    day: date
    machine: Machine
    bundles: Mapping[str, Bundle]
    ratios: Mapping[str, Mapping[str, Ratio]]
    ticks: Mapping[str, Mapping[str, Ratio]]
    growth: Sequence[Growth]
    measured: Measured
    loads: Mapping[str, Load]
    functions: str
    desk: str
    hostile: Sequence[Hostile]
    several: Several


def this_machine() -> Machine:
    """Describe this machine."""
    info = Path("/proc/cpuinfo")
    processor = processor_in(info.read_text("utf-8")) if info.exists() else platform.processor()
    system = f"{platform.system()} {platform.machine()}"
    return Machine(processor, os.cpu_count() or 1, platform.python_version(), system)


def processor_in(cpuinfo: str) -> str:
    """Return the model name in /proc/cpuinfo, or the architecture if there is none."""
    found = re.search(r"(?m)^model name\s*: (.+)$", cpuinfo)
    return found[1].strip() if found else platform.machine()


def blocks(report: Report, bounds: Sequence[Bound]) -> dict[str, str]:
    """Return the blocks of docs/performance.md, by name."""
    reached = figures(report.bundles, report.ratios, report.growth, report.hostile, report.several)
    return {
        "machine": f"Measured with `make bench` on {report.day}: {report.machine}.\n",
        "bundles": _bundles(report.bundles),
        "ratios": ratio_table(report.ratios),
        "reach": reach(bounds, reached, report.ratios),
        "ticks": ratio_table(report.ticks),
        "growth": _growth(report.growth),
        "requests": _requests(report.measured),
        "million": cost_table(report.measured, Assumptions(), functions_of(), [MILLION]),
        "load": _loads(report.loads),
        "functions": report.functions,
        "desk": report.desk,
        "hostile": hostile_table(report.hostile),
        "events": events_table(report.several),
    }


def charts(report: Report) -> dict[str, str]:
    """Return the SVG charts of docs/images, by file name."""
    return {
        RATIOS_CHART: ratios_chart(report.ratios, NAMES),
        GROWTH_CHART: growth_chart(report.growth),
    }


def _bundles(bundles: Mapping[str, Bundle]) -> str:
    rows = [
        [NAMES[name], _versions(name), _PACKED[name], f"{one.zipped / 1e6:.2f}"]
        for name, one in bundles.items()
    ]
    return table(["", "versions", "packed by", "zip, MB"], rows, numbers=False)


def _versions(name: str) -> str:
    if name in OURS:
        return "this one"
    return ", ".join(f"{package} {version}" for package, version in versions(name).items())


def ratio_table(ratios: Mapping[str, Mapping[str, Ratio]]) -> str:
    """Return a table with a row per package: ratios with quartiles, and CPU milliseconds."""
    names = list(next(iter(ratios.values())))
    head = ["CPU beside plain Chalice", *ratios, *(f"{measure}, ms" for measure in ratios)]
    rows = [
        [
            NAMES[name],
            *(str(of[name]) for of in ratios.values()),
            *(f"{float(f'{of[name].ms:.3g}'):g}" for of in ratios.values()),
        ]
        for name in names
    ]
    return table(head, rows)


def reach(
    bounds: Sequence[Bound],
    reached: Mapping[Key, float],
    ratios: Mapping[str, Mapping[str, Ratio]],
) -> str:
    """Return a table of each bound's target and measured figure."""
    rows = []
    for bound in bounds:
        spread = str(ratios[bound.what][bound.of]) if bound.what in ratios else ""
        figure = reached[bound.key]
        rows.append(
            [
                f"{bound.what}, {NAMES.get(bound.of, f'to {bound.of}')}",
                f"{bound.target:.2f}",
                spread or f"{figure:.2f}",
                "yes" if round(figure, 2) <= bound.target else "no",
            ]
        )
    return table(["", "aimed at, at most", "measured", "reached"], rows)


def _growth(growth: Sequence[Growth]) -> str:
    head = ["registrations", "count, CPU s", "floor, CPU s", "ratio", "count, MB", "floor, MB"]
    rows = [
        [
            f"{one.registrations:,}",
            f"{one.seconds:.3g}",
            f"{one.floor:.3g}",
            f"{one.ratio:.2f}",
            f"{one.peak:.0f}",
            f"{one.floor_peak:.0f}",
        ]
        for one in growth
    ]
    return table(head, rows)


def _requests(measured: Measured) -> str:
    rows = []
    for name, title in USES.items():
        use: Usage = getattr(measured, name)
        counts = (use.requests, use.calls, use.reads, use.writes, use.mails)
        rows.append([title, *(f"{count:g}" for count in counts)])
    return table(
        ["one of each", "visits", "requests to AWS", "read units", "write units", "mails"], rows
    )


def _loads(loads: Mapping[str, Load]) -> str:
    head = [f"{PEOPLE} people, {SECONDS:.0f} s", "requests", "errors", "lost"]
    rows = [
        [
            name,
            f"{load.requests:,}",
            str(len(load.errors)),
            str(load.lost) if load.has_receipts else "–",
            *(_quantiles(load, kind) for kind in _KINDS),
            _quantiles(load, ""),
        ]
        for name, load in loads.items()
    ]
    columns = ["agenda", "registration", "page after it", "all, p50 / p95 ms"]
    return table([*head, *columns], rows)


def _quantiles(load: Load, kind: str) -> str:
    return " / ".join(f"{load.quantile(kind, percent):.0f}" for percent in (50, 95))


def failures(loads: Mapping[str, Load]) -> list[str]:
    """Return a line for each service that had errors or lost registrations under load."""
    return [
        f"{name}: {len(load.errors)} errors, {load.lost} lost registrations"
        + "".join(f"\n  {error}" for error in load.errors[:5])
        for name, load in loads.items()
        if load.errors or load.lost
    ]
