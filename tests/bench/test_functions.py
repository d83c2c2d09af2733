"""The measuring of the functions works; what it measures is no test's to judge."""

from pathlib import Path

import pytest

from bench import bundles, functions


@pytest.mark.soak
def test_the_bundles_functions_can_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(functions, "ROUNDS", 1)
    task, beside = bundles.deployed(tmp_path).task, bundles.runtime(tmp_path)
    request.getfixturevalue("behind_a_proxy")  # by now nothing is fetched from elsewhere
    page, *_, summary = functions.cases([3])
    for case in (page, summary):
        (run,) = functions.runs(case, task, beside)
        assert run.peak > 0
        assert bool(run.each) is (case is not summary)
