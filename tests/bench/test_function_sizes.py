"""What follows from measured CPU time for a function's size."""

import pytest

from bench.functions import MEMORIES, TLS_SECONDS, Case, seconds_at, sizes
from bench.process import Run

CASE = Case("GET /", "app", list)


def test_a_new_function_starts_on_a_whole_core_and_answers_on_a_share() -> None:
    assert seconds_at(1769, 0.2, 0.3, 0) == pytest.approx(0.5)
    assert seconds_at(1769 // 4, 0.2, 0.3, 0) == pytest.approx(0.2 + 4 * 0.3, rel=0.01)
    assert seconds_at(1769, 0.2, 0.3, 2) == pytest.approx(0.5 + 2 * TLS_SECONDS)


def test_a_row_has_the_peak_the_median_and_the_spread() -> None:
    taken = [
        Run(50, 0.04, 0.06, (0.2,), (0.003,), ()),
        Run(55, 0.04, 0.16, (0.3,), (0.004,), ()),
        Run(51, 0.04, 0.26, (0.4,), (0.005,), ()),
    ]
    called_once = [Run(50, 0.04, 0.06, (0.2,), (), ())]
    head, _, row, tick = sizes({CASE: taken, Case("tick", "app", list): called_once}).splitlines()
    assert row.startswith(
        "| GET / | 55 | 200.0 (100.0 to 300.0) | 300.0 (200.0 to 400.0) | 4.0 (3.0 to 5.0) |"
    )
    assert row.count("|") == tick.count("|") == head.count("|")
    assert len(MEMORIES) == 4
