"""The measurement of the functions works; no test judges the figures."""

from pathlib import Path

import pytest

from bench import bundles, functions


@pytest.mark.soak
def test_the_functions_of_the_deployed_package_can_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(functions, "ROUNDS", 1)
    task, runtime_folder = bundles.deployed(tmp_path).task, bundles.runtime(tmp_path)
    request.getfixturevalue("behind_a_proxy")  # from here on nothing is downloaded
    page, *_, summary = functions.cases([3])
    for case in (page, summary):
        (run,) = functions.runs(case, task, runtime_folder)
        assert run.peak > 0
        assert bool(run.each) is (case is not summary)
