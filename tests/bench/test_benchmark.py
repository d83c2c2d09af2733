"""How `make bench` evaluates and reports measurements; nothing is measured here."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from bench import desk, events, functions, growth, hostile
from bench.bounds import Bound, broken, figures, read_bounds
from bench.bundles import CHALICE_PEER, DEPLOYED, OURS, Bundle
from bench.cold import (
    COLD_GET,
    COLD_POST,
    COLD_TICK,
    WARM_GET,
    WARM_POST,
    WARM_TICK,
    Ratio,
    orders,
    ratios,
)
from bench.load import Load
from bench.markdown import block, renewed
from bench.metering import Measured, Usage
from bench.process import Run
from bench.report import NAMES, USES, Machine, Report, blocks, charts, failures, processor_in, reach

DOCS = Path(__file__).parents[2] / "docs"
RATIO = Ratio(0.5, 0.4, 0.6, 100)


def load(*, lost: int = 0, errors: tuple[str, ...] = (), has_receipts: bool = True) -> Load:
    seconds = [number / 1000 for number in range(1, 200)]
    kinds = ("agenda", "registration", "receipt")
    return Load(has_receipts, dict.fromkeys(kinds, seconds), list(errors), lost=lost)


def same_ratios(
    *measures: str, names: tuple[str, ...] = tuple(NAMES)
) -> dict[str, dict[str, Ratio]]:
    return {measure: dict.fromkeys(names, RATIO) for measure in measures}


REPORT = Report(
    date(2027, 1, 2),
    Machine("Some CPU", 2, "3.11.0", "Linux x86_64"),
    dict.fromkeys(NAMES, Bundle(Path("task"), 1_500_000)),
    same_ratios(COLD_GET, COLD_POST, WARM_GET, WARM_POST),
    same_ratios(COLD_TICK, WARM_TICK, names=(CHALICE_PEER, *OURS)),
    [growth.Growth(size, size * 1e-6, size * 1e-5, 0.1, 70, 100) for size in growth.SIZES],
    Measured(
        **{name: Usage(1, 1, 1, 1, 1, 1, 1) for name in USES},
        event=Usage(),
        event_per_registration=Usage(),
        counts=1,
        stored_bytes=1,
        stored_bytes_per_registration=1,
    ),
    {"Dukat, `make run`": load(), "Flask": load(has_receipts=False)},
    functions.sizes({functions.Case("GET /", "app", list): [Run(50, 0.1, 0.1, (0.2,), (1,), ())]}),
    desk.growth(
        {
            size: dict.fromkeys((*desk._PAGES, *desk._FILES), desk.Cost(size / 1e6, size))
            for size in desk.SIZES
        }
    ),
    [hostile.Hostile("marks", "a registration", 0.002, 1.5)],
    events.Several(1.04, 1.05, 1.1, 12.0),
)


def shape(text: str) -> list[str]:
    """The lines of a block with all figures replaced by 0."""
    without = re.sub(r"(< )?\d[\d.,]*(e-?\d+)?", "0", text)
    return re.sub(r"\| (yes|no) \|", "| yes or no |", without).splitlines()


def test_the_order_of_rounds_favours_no_package() -> None:
    names = ["a", "b", "c", "d", "e"]
    rounds = list(orders(names, 2 * len(names)))
    assert all(sorted(one) == names for one in rounds)
    for place in range(len(names)):
        assert Counter(one[place] for one in rounds) == dict.fromkeys(names, 2)
    after = Counter(pair for one in rounds for pair in pairwise(one))
    assert all(after[a, b] == after[b, a] for a, b in after)


def test_each_ratio_uses_the_peers_time_of_the_same_round_even_on_a_slowing_machine() -> None:
    def timings(*seconds: float) -> Iterator[float]:
        yield from seconds

    peer, ours = timings(1, 2, 40), timings(0.5, 1, 10)
    found = ratios({CHALICE_PEER: peer.__next__, DEPLOYED: ours.__next__}, 3)
    assert found[CHALICE_PEER] == Ratio(1, 1, 1, 2000)
    assert found[DEPLOYED] == Ratio(0.5, 0.25, 0.5, 1000)
    assert str(found[DEPLOYED]) == "0.50 (0.25–0.50)"


def test_a_single_round_has_a_median_without_a_spread() -> None:
    assert ratios({CHALICE_PEER: lambda: 0.2}, 1) == {CHALICE_PEER: Ratio(1, 1, 1, 200)}


def test_a_figure_above_its_limit_is_reported_and_a_figure_at_its_limit_is_not() -> None:
    bounds = [Bound("cold GET", name, 0.2, 0.35) for name in OURS]
    at_most = dict.fromkeys([bound.key for bound in bounds], 0.35)
    assert list(broken(bounds, at_most)) == []
    (line,) = broken(bounds, {**at_most, ("cold GET", DEPLOYED): 0.351})
    assert "cold GET, deployed" in line
    assert "0.35" in line
    assert "0.2" in line


def test_every_bound_has_a_figure_and_every_figure_a_bound() -> None:
    found = figures(REPORT.bundles, REPORT.ratios, REPORT.growth, REPORT.hostile, REPORT.several)
    bounds = read_bounds()
    assert sorted(bound.key for bound in bounds) == sorted(found)
    assert all(bound.target > 0 and bound.at_most > 0 for bound in bounds)


def test_figures_cover_only_dukats_packages_and_the_largest_size() -> None:
    grown = [replace(REPORT.growth[0], peak=50), replace(REPORT.growth[-1], peak=75, ratio=0.3)]
    found = figures(REPORT.bundles, REPORT.ratios, grown, REPORT.hostile, REPORT.several)
    assert found["summary's memory", "a thousand registrations"] == 1.5
    assert found["summary's CPU", "reading and decoding alone"] == 0.3
    assert found["MB", DEPLOYED] == 1.5
    assert ("cold GET", "flask") not in found


def test_a_target_is_reached_if_the_figure_as_shown_is_within_the_target() -> None:
    bounds = [Bound("MB", name, 1.0, 2) for name in OURS]
    rows = reach(bounds, {("MB", OURS[0]): 1.004, ("MB", OURS[1]): 1.006}, {}).splitlines()[2:]
    assert [row.split("|")[2:5] for row in rows] == [
        [" 1.00 ", " 1.00 ", " yes "],
        [" 1.00 ", " 1.01 ", " no "],
    ]


def test_quantiles_of_one_kind_of_request_and_of_all() -> None:
    found = load()
    assert found.quantile("agenda", 50) == pytest.approx(100)
    assert found.quantile("", 95) == pytest.approx(190, abs=1)
    assert found.requests == 3 * 199


def test_an_error_or_a_lost_registration_fails() -> None:
    assert failures({"Dukat": load(), "Flask": load()}) == []
    (line,) = failures({"Dukat": load(lost=1), "Flask": load()})
    assert "Dukat" in line
    (line,) = failures({"Dukat": load(), "Flask": load(errors=("GET agenda: 500",))})
    assert "GET agenda: 500" in line


def test_the_processor_is_read_from_cpuinfo() -> None:
    assert processor_in("processor\t: 0\nmodel name\t: AMD EPYC\nflags\t: fpu\n") == "AMD EPYC"


def test_only_the_text_inside_the_named_blocks_is_replaced() -> None:
    text = "a\n<!-- one -->\nold\n<!-- /one -->\nb\n<!-- two -->\n<!-- /two -->\n"
    new = renewed(text, {"one": "| \\1 |\n", "two": "2\n"})
    assert new == "a\n<!-- one -->\n| \\1 |\n<!-- /one -->\nb\n<!-- two -->\n2\n<!-- /two -->\n"
    with pytest.raises(LookupError):
        renewed(text, {"three": "3\n"})


def test_the_blocks_of_the_document_have_the_form_that_the_command_prints() -> None:
    text = (DOCS / "performance.md").read_text("utf-8")
    for name, made in blocks(REPORT, read_bounds()).items():
        (written,) = block(name).findall(text)
        if name == "machine":
            assert re.match(r"Measured with `make bench` on [\d-]+: .+, \d+ cores, Python", written)
        elif name in ("functions", "hostile"):  # the rows depend on the measured cases
            assert shape(written)[:2] == shape(made)[:2]
        else:
            assert shape(written) == shape(made), "update it: python -m bench --write"


def test_the_document_shows_every_chart() -> None:
    text = (DOCS / "performance.md").read_text("utf-8")
    for name in charts(REPORT):
        assert f"](images/{name})" in text
        assert (DOCS / "images" / name).is_file()
