"""Calculates the cost of a month with an event: `python -m bench.costs`, or `make costs`.

Requests to AWS are measured (metering.py), prices are looked up (prices.py), and everything else is
in Assumptions.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import click

from bench import prices
from bench.cpu import at_share
from bench.markdown import renewed, table
from bench.metering import Measured, Usage, measure
from bench.prices import MILLION, Price
from chalicelib.event.events import Events

ROOT = Path(__file__).parents[1]
REGISTRATIONS = (0, 300, 10_000)
EVENTS, REGISTRATIONS_EACH, _MONTHS = 5, 300, 12
_GB = 2**30


def _assume(value: float, why: str) -> Any:
    return field(default=value, metadata={"why": why})


@dataclass(frozen=True)
class Assumptions:
    """Quantities that can't be measured here; estimated on the high side.

    Each field's metadata has the reason as `why`.
    """

    agenda_views: float = _assume(5, "per registration: people return, and others never register")
    form_views: float = _assume(1.5, "per registration: some open the form and leave")
    receipt_views: float = _assume(1, "per registration: the mailed link is opened once more")
    changes: float = _assume(0.1, "per registration: one in ten changes something")
    mails: float = _assume(1, "per registration: everybody gives an address")
    mail_events: float = _assume(1, "per mail: SES sends Delivery; Send is not subscribed to")
    ticks: int = _assume(43_800, "one a minute through a month of 730 hours")
    closing_runs: int = _assume(58, "close_registration's minutes, from :02 to :59 of one hour")
    start_cpu_ms: float = _assume(200, "per cold start, on a whole core; AWS bills it, too")
    first_cpu_ms: float = _assume(500, "per cold start, in the first call: boto3, TLS, templates")
    call_cpu_ms: float = _assume(10, "per later call or run")
    mail_cpu_ms: float = _assume(25, "per mail sent, within a tick")
    count_cpu_ms: float = _assume(0.05, "per registration, each time all are counted")
    call_wait_ms: float = _assume(50, "per call or run: waiting for the table, at any memory size")
    event_ms: float = _assume(20, "per tick and further event: one more call to the table")
    mail_wait_ms: float = _assume(200, "per mail: waiting for SES and for nine calls to the table")
    cold_share: float = _assume(0.2, "of requests and mail events: they are far apart")
    cold_ticks: float = _assume(720, "per month: AWS now and then replaces an environment")
    log_bytes: float = _assume(1_000, "per call or run: Lambda's three lines, a metric, ours")
    alarms: int = _assume(16, "in infrastructure.json: standard resolution, one metric each")
    metrics: int = _assume(4, "Ticks; three more only in hours when something is wrong")
    dead_letters: int = _assume(0, "requests to the queue of failed events: nothing polls it")


@dataclass(frozen=True)
class Functions:
    """The functions' memory in MB, and their processor architecture."""

    web: int
    tick: int
    mail_events: int
    architecture: str


@dataclass(frozen=True)
class Line:
    """A billed quantity in the price's units; `free` units a month are free for every account."""

    service: str
    what: str
    price: Price
    quantity: float
    free: float = 0

    @property
    def cost(self) -> float:
        """USD, without deducting the free part."""
        return self.quantity * self.price.each

    @property
    def spared(self) -> float:
        """USD of the free part."""
        return min(self.quantity, self.free) * self.price.each


def functions_of(stage: str = "prod") -> Functions:
    """Read the functions' settings of a stage from .chalice/config.json, as Chalice does."""
    config = json.loads((ROOT / ".chalice/config.json").read_text(encoding="utf-8"))
    settings = config["stages"][stage]

    def memory(function: str) -> int:
        own = settings.get("lambda_functions", {}).get(function, {})
        return int({**config, **settings, **own}["lambda_memory_size"])

    return Functions(
        web=memory("api_handler"),
        tick=memory("tick"),
        mail_events=memory("record_mail_event"),
        architecture={**config, **settings}.get("lambda_architecture", "x86_64"),
    )


def month(registrations: int, measured: Measured, assumed: Assumptions) -> Usage:
    """The usage of a month with the event, of all functions together."""
    per_registration = (
        measured.agenda * assumed.agenda_views
        + measured.form * assumed.form_views
        + measured.registration
        + measured.first_receipt
        + measured.receipt * assumed.receipt_views
        + measured.change * assumed.changes
        + measured.mail * assumed.mails
    )
    without_mail_events = (
        (per_registration + measured.event_per_registration) * registrations
        + measured.event
        + measured.idle_tick * (assumed.ticks + assumed.closing_runs)
    )
    mail_events = without_mail_events.mails * assumed.mail_events
    return without_mail_events + measured.mail_event * mail_events


def lines(
    registrations: int, measured: Measured, assumed: Assumptions, functions: Functions
) -> list[Line]:
    """Every billed quantity of a month with the event."""
    usage = month(registrations, measured, assumed)
    calls = usage.requests + usage.runs
    log_gb = calls * assumed.log_bytes / _GB
    stored = measured.stored_bytes + registrations * measured.stored_bytes_per_registration
    stored_gb = stored / _GB
    gb_seconds = _gb_seconds(registrations, usage, measured, assumed, functions)
    lambda_second = prices.LAMBDA_SECOND[functions.architecture]
    mail_events = usage.mails * assumed.mail_events
    return [
        Line("Lambda", "requests", prices.LAMBDA_REQUEST, calls, MILLION),
        Line("Lambda", "time", lambda_second, gb_seconds, 400_000),
        Line("API Gateway", "requests", prices.GATEWAY_REQUEST, usage.requests),
        Line("DynamoDB", "writes", prices.DYNAMODB_WRITE, usage.writes),
        Line("DynamoDB", "reads", prices.DYNAMODB_READ, usage.reads),
        Line("DynamoDB", "storage", prices.DYNAMODB_STORAGE, stored_gb, 25),
        Line("DynamoDB", "point-in-time recovery", prices.DYNAMODB_RECOVERY, stored_gb),
        Line("SES", "mails", prices.SES_MAIL, usage.mails),
        Line("CloudWatch", "logs taken in", prices.LOGS, log_gb, 5),
        Line("CloudWatch", "logs kept for a month", prices.LOGS_KEPT, log_gb, 5),
        Line("CloudWatch", "alarms", prices.ALARM, assumed.alarms, 10),
        Line("CloudWatch", "custom metrics", prices.METRIC, assumed.metrics, 10),
        Line("SNS", "mail events", prices.SNS_REQUEST, mail_events, MILLION),
        Line("SQS", "failed events", prices.SQS_REQUEST, assumed.dead_letters, MILLION),
        Line("EventBridge", "scheduled runs", prices.SCHEDULED, usage.runs - mail_events),
        Line("data out", "pages", prices.DATA_OUT, usage.bytes_out / _GB, 100),
    ]


def _gb_seconds(
    registrations: int,
    usage: Usage,
    measured: Measured,
    assumed: Assumptions,
    functions: Functions,
) -> float:
    def calls_ms(memory: int, calls: float, cold: float) -> float:
        call = assumed.call_wait_ms + at_share(assumed.call_cpu_ms, memory)
        start = assumed.start_cpu_ms + at_share(assumed.first_cpu_ms, memory)
        return calls * call + cold * start

    events, ticks = usage.mails * assumed.mail_events, assumed.ticks + assumed.closing_runs
    counted = registrations * measured.counts
    in_ticks = usage.mails * assumed.mail_cpu_ms + counted * assumed.count_cpu_ms
    web = calls_ms(functions.web, usage.requests, usage.requests * assumed.cold_share)
    mail_events = calls_ms(functions.mail_events, events, events * assumed.cold_share)
    tick = (
        calls_ms(functions.tick, ticks, assumed.cold_ticks)
        + at_share(in_ticks, functions.tick)
        + usage.mails * assumed.mail_wait_ms
    )
    by_memory = (functions.web, web), (functions.mail_events, mail_events), (functions.tick, tick)
    return sum(memory / 1024 * milliseconds / 1000 for memory, milliseconds in by_memory)


def cost_table(
    measured: Measured,
    assumed: Assumptions,
    functions: Functions,
    registrations: Sequence[int] = REGISTRATIONS,
) -> str:
    """Return a Markdown table of USD per month, by service, for each number of registrations."""
    months = [lines(number, measured, assumed, functions) for number in registrations]
    rows = [
        [f"{same[0].service}: {same[0].what}", *(_usd(line.cost) for line in same)]
        for same in zip(*months, strict=True)
    ]
    # Rounded to cents before the subtraction, so that the shown figures add up.
    sums = [round(sum(line.cost for line in month_lines), 2) for month_lines in months]
    spared = [round(sum(line.spared for line in month_lines), 2) for month_lines in months]
    left = [cost - free for cost, free in zip(sums, spared, strict=True)]
    head = ["USD a month, without tax", *(f"{n:,} registrations" for n in registrations)]
    return table(
        head,
        [
            *rows,
            ["**in all**", *(f"**{_usd(one)}**" for one in sums)],
            ["of it always free, for every account", *(_usd(-one) for one in spared)],
            ["**left to pay**", *(f"**{_usd(one)}**" for one in left)],
        ],
    )


def years(measured: Measured, assumed: Assumptions, functions: Functions) -> list[list[Line]]:
    """Every billed quantity of each month of a year with EVENTS events.

    First of one deployment that looks after all of them all year, then of a deployment for each.
    Each event has a month of its own with REGISTRATIONS_EACH registrations.
    """
    others = EVENTS - 1
    # Each tick asks the table once more for each event; the closing schedule, the union of all
    # deadlines, runs on EVENTS days of each event's month.
    tick = measured.idle_tick + Usage(calls=others, reads=others)
    of_all = replace(measured, idle_tick=tick)
    longer = replace(
        assumed,
        call_wait_ms=assumed.call_wait_ms + others * assumed.event_ms,
        closing_runs=EVENTS * assumed.closing_runs,
    )

    def months(measured: Measured, assumed: Assumptions) -> tuple[list[Line], list[Line]]:
        without = replace(measured, event=Usage())
        return (
            lines(REGISTRATIONS_EACH, measured, assumed, functions),
            lines(0, without, replace(assumed, closing_runs=0), functions),
        )

    event_month, quiet_month = months(of_all, longer)
    one = [event_month] * EVENTS + [quiet_month] * (_MONTHS - EVENTS)
    event_month, quiet_month = months(measured, assumed)
    each = [_together(event_month, *[quiet_month] * others)] * EVENTS
    each += [_together(*[quiet_month] * EVENTS)] * (_MONTHS - EVENTS)
    return [[line for month in year for line in month] for year in (one, each)]


def _together(*deployments: list[Line]) -> list[Line]:
    """The quantities of several deployments in one account, which share what is free."""
    return [
        replace(same[0], quantity=sum(line.quantity for line in same))
        for same in zip(*deployments, strict=True)
    ]


def year_table(measured: Measured, assumed: Assumptions, functions: Functions) -> str:
    """Return a Markdown table of USD per year for EVENTS events, in one deployment or several."""
    both = years(measured, assumed, functions)
    sums = [round(sum(line.cost for line in year), 2) for year in both]
    spared = [round(sum(line.spared for line in year), 2) for year in both]
    left = [cost - free for cost, free in zip(sums, spared, strict=True)]
    head = f"USD a year, without tax: {EVENTS} events of {REGISTRATIONS_EACH} registrations"
    return table(
        [head, "in one deployment", f"in {EVENTS} deployments"],
        [
            ["in all", *map(_usd, sums)],
            ["of it always free, for every account", *(_usd(-one) for one in spared)],
            ["**left to pay**", *(f"**{_usd(one)}**" for one in left)],
        ],
    )


def _usd(amount: float) -> str:
    if 0 < amount < 0.005:
        return "< 0.01"
    return f"{amount:.2f}".replace("-", "−")


def _quantities(measured: Measured, assumed: Assumptions, functions: Functions) -> str:
    months = [lines(number, measured, assumed, functions) for number in REGISTRATIONS]
    return table(
        ["quantity per month", "unit", *(f"{n:,} registrations" for n in REGISTRATIONS)],
        [
            [
                f"{same[0].service}: {same[0].what}",
                same[0].price.unit,
                *(f"{line.quantity:,.6g}" for line in same),
            ]
            for same in zip(*months, strict=True)
        ],
    )


def _uses(measured: Measured) -> str:
    uses = {f.name: getattr(measured, f.name) for f in fields(Measured)}
    return table(
        ["usage of one, measured", *(f.name for f in fields(Usage))],
        [
            [name.replace("_", " "), *(f"{getattr(use, f.name):,.6g}" for f in fields(Usage))]
            for name, use in uses.items()
            if isinstance(use, Usage)
        ],
    )


def _assumed(assumed: Assumptions) -> str:
    rows = [
        [f.name.replace("_", " "), f"{getattr(assumed, f.name):,g}", str(f.metadata["why"])]
        for f in fields(Assumptions)
    ]
    return table(["assumption", "value", "reason"], rows, numbers=False)


def _sources() -> str:
    rows = [[p.what, f"{p.usd:g} / {p.per:,} {p.unit}", p.region, p.source] for p in prices.ALL]
    return table([f"price, {prices.LOOKED_UP}", "USD", "region", "source"], rows, numbers=False)


@click.command()
@click.option("--alarms", default=Assumptions().alarms, show_default=True, help="Number of alarms.")
@click.option("--write", is_flag=True, help="Also write the first two tables to README.md.")
def main(alarms: int, *, write: bool) -> None:
    """Print the cost of a month with an event, in USD, and the figures behind the cost."""
    measured, assumed, functions = (
        measure(Events().all()[0]),
        Assumptions(alarms=alarms),
        functions_of(),
    )
    costs = cost_table(measured, assumed, functions)
    year = year_table(measured, assumed, functions)
    if write:
        readme = ROOT / "README.md"
        text = renewed(readme.read_text(encoding="utf-8"), {"costs": costs, "year": year})
        readme.write_text(text, encoding="utf-8")
    quantities = _quantities(measured, assumed, functions)
    for printed in (costs, year, quantities, _uses(measured), _assumed(assumed), _sources()):
        click.echo(printed)


if __name__ == "__main__":
    main()
