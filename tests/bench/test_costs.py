"""The cost of a month from given usage; test_measured_costs.py measures the usage."""

import json
from dataclasses import fields, replace

import pytest

from bench import prices
from bench.costs import EVENTS, ROOT, Assumptions, Functions, Line, cost_table, lines, years
from bench.cpu import at_share
from bench.metering import Measured, Usage, item_bytes
from chalicelib.logs.metrics import NAMESPACE

ONE = Usage(requests=1, reads=1, bytes_out=10_000)
MEASURED = Measured(
    agenda=ONE,
    agenda_again=replace(ONE, reads=0),
    form=ONE,
    registration=Usage(requests=1, reads=1, writes=6, bytes_out=10_000),
    first_receipt=Usage(requests=1, reads=2, bytes_out=10_000),
    receipt=ONE,
    change=Usage(requests=3, reads=12, writes=2, bytes_out=40_000),
    mail=Usage(reads=2, writes=8, mails=1),
    mail_event=Usage(runs=1, writes=1),
    idle_tick=Usage(runs=1, reads=1),
    event=Usage(reads=700, writes=400, mails=6),
    event_per_registration=Usage(reads=11),
    counts=164,
    stored_bytes=4_000,
    stored_bytes_per_registration=1_700,
)
ASSUMED = Assumptions()
FUNCTIONS = Functions(web=256, tick=256, mail_events=256, architecture="x86_64")


def month(registrations: int, measured: Measured = MEASURED) -> dict[str, Line]:
    found = lines(registrations, measured, ASSUMED, FUNCTIONS)
    return {f"{line.service}: {line.what}": line for line in found}


def cost(registrations: int, assumed: Assumptions = ASSUMED, now: Functions = FUNCTIONS) -> float:
    return sum(line.cost for line in lines(registrations, MEASURED, assumed, now))


def test_without_registrations_only_the_fixed_part_is_billed() -> None:
    much = Usage(*[1000] * len(fields(Usage)))
    much_used = replace(
        MEASURED, agenda=much, form=much, registration=much, receipt=much, change=much, mail=much
    )
    assert month(0, much_used) == month(0)
    assert month(0)["API Gateway: requests"].cost == 0
    assert month(0)["data out: pages"].cost == 0
    assert month(0)["EventBridge: scheduled runs"].quantity == ASSUMED.ticks + ASSUMED.closing_runs


def test_nothing_becomes_cheaper_with_more_registrations() -> None:
    for few, many in ((0, 1), (1, 300), (300, 10_000)):
        more = month(many)
        assert all(more[name].cost >= line.cost for name, line in month(few).items())
        assert cost(many) > cost(few)


def test_each_alarm_costs_the_same() -> None:
    none = replace(ASSUMED, alarms=0)
    assert cost(0) - cost(0, none) == pytest.approx(ASSUMED.alarms * prices.ALARM.usd)


def test_the_assumed_alarms_and_metrics_match_the_stack() -> None:
    stack = json.loads((ROOT / "infrastructure.json").read_text("utf-8"))["Resources"].values()
    alarms = [one["Properties"] for one in stack if one["Type"] == "AWS::CloudWatch::Alarm"]
    assert len(alarms) == ASSUMED.alarms
    assert all("MetricName" in alarm and alarm["Period"] >= 60 for alarm in alarms)
    assert len({a["MetricName"] for a in alarms if a["Namespace"] == NAMESPACE}) == ASSUMED.metrics


def test_each_sent_mail_causes_one_mail_event() -> None:
    mail_events = month(300)["SNS: mail events"].quantity
    assert mail_events == month(300)["SES: mails"].quantity == 300 + MEASURED.event.mails


def test_the_free_part_is_at_most_the_cost() -> None:
    for number in (0, 300, 10_000, 10_000_000):
        assert all(0 <= line.spared <= line.cost for line in month(number).values())
    assert month(0)["CloudWatch: alarms"].spared == pytest.approx(10 * prices.ALARM.usd)
    assert month(300)["SES: mails"].spared == 0


def test_arm_makes_only_lambda_time_cheaper_by_a_fifth() -> None:
    arm = replace(FUNCTIONS, architecture="arm64")
    time = month(300)["Lambda: time"].cost
    assert cost(300) - cost(300, now=arm) == pytest.approx(time / 5, rel=1e-4)


def test_twice_the_memory_costs_less_than_twice_as_much() -> None:
    """More memory shortens CPU time but not the time spent waiting."""
    twice = replace(FUNCTIONS, web=512, tick=512, mail_events=512)
    time = month(300)["Lambda: time"].cost
    assert 0 < cost(300, now=twice) - cost(300) < time


def test_the_amount_to_pay_is_the_difference_of_the_shown_amounts() -> None:
    rows = [
        [float(cell.strip(" *").replace("−", "-").replace("<", "")) for cell in row[2:-1]]
        for row in (
            line.split("|") for line in cost_table(MEASURED, ASSUMED, FUNCTIONS).split("\n")
        )
        if len(row) > 2 and "registrations" not in row[2] and "---" not in row[2]
    ]
    *_, in_all, free, left = rows
    assert left == pytest.approx([a + b for a, b in zip(in_all, free, strict=True)])


def in_a_year(name: str) -> tuple[float, float]:
    """A year's quantity in one deployment of all events, and in one deployment for each."""
    both = years(MEASURED, ASSUMED, FUNCTIONS)
    one, each = (
        sum(line.quantity for line in year if f"{line.service}: {line.what}" == name)
        for year in both
    )
    return one, each


def test_five_events_in_one_deployment_share_its_alarms_and_ticks() -> None:
    for fixed in ("CloudWatch: alarms", "CloudWatch: custom metrics"):
        one, each = in_a_year(fixed)
        assert each == EVENTS * one
    one, each = in_a_year("EventBridge: scheduled runs")
    assert one < each / 4


def test_five_events_have_the_same_visitors_and_mails_in_one_deployment_or_five() -> None:
    for same in ("API Gateway: requests", "SES: mails", "data out: pages"):
        one, each = in_a_year(same)
        assert one == pytest.approx(each) == pytest.approx(EVENTS * month(300)[same].quantity)


def test_a_tick_asks_once_more_for_each_further_event() -> None:
    reads, _ = in_a_year("DynamoDB: reads")
    more = replace(MEASURED, idle_tick=MEASURED.idle_tick + Usage(reads=1))
    more_reads = sum(
        line.quantity for line in years(more, ASSUMED, FUNCTIONS)[0] if line.what == "reads"
    )
    runs, _ = in_a_year("EventBridge: scheduled runs")
    assert more_reads - reads == pytest.approx(runs)
    assert reads >= runs * (MEASURED.idle_tick.reads + EVENTS - 1)


def test_less_than_a_core_takes_longer_and_more_than_a_core_is_no_faster() -> None:
    assert at_share(1, 1769) == at_share(1, 4096) == 1
    assert at_share(1, 1769 / 4) == pytest.approx(4)


@pytest.mark.parametrize("price", prices.ALL, ids=lambda price: price.what)
def test_every_price_has_a_source_and_a_region(price: prices.Price) -> None:
    assert price.source
    assert price.region in {"eu-north-1", "us-east-1"}
    assert price.usd >= 0


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "Åsa"}, 4),
        ({"N": "12345"}, 4),
        ({"B": b"abc"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"L": [{"S": "lunch"}, {"S": "fika"}]}, 3 + 1 + 5 + 1 + 4),
    ],
)
def test_item_sizes_follow_dynamodbs_rules(value: dict[str, object], size: int) -> None:
    assert item_bytes({"två": value}) == 4 + size
