"""`make audit`: its output and exit code. pip-audit's output has the form of version 2.10."""

import json
import re
from collections.abc import Sequence
from subprocess import CompletedProcess
from typing import Any

import pytest
from click.testing import CliRunner, Result

from management.deploy.vulnerabilities import main
from management.stage.stages import ROOT

CLEAN = {"name": "six", "version": "1.17.0", "vulns": []}
BAD = {
    "name": "jinja2",
    "version": "3.1.3",
    "vulns": [
        {"id": "CVE-2024-34064", "fix_versions": ["3.1.4"], "aliases": [], "description": "d"},
        {"id": "PYSEC-2026-9", "fix_versions": [], "aliases": [], "description": "d"},
    ],
}
UNKNOWN = {
    "name": "tzdata",
    "skip_reason": "Dependency not found on PyPI and could not be audited: tzdata (2026.6)",
}
Packages = Sequence[dict[str, Any]]


def audit_with(
    deployed: Packages | None, installed: Packages | None = (), *, works: bool = True
) -> Result:
    """The command's result for these answers of pip-audit; None: no answer."""

    def run(options: Sequence[str]) -> CompletedProcess[str]:
        if "--dry-run" in options:
            return CompletedProcess(options, 0 if works else 1)
        packages = deployed if "requirements.txt" in options else installed
        if packages is None:
            return CompletedProcess(options, 1, "", "Traceback: what it says is its own")
        found = json.dumps({"dependencies": packages, "fixes": []})
        return CompletedProcess(options, int(BAD in packages), found, "")

    return CliRunner().invoke(main, [], obj=run)


def test_a_known_vulnerability_fails_and_is_listed_with_the_version_that_fixes_it() -> None:
    found = audit_with([CLEAN], [CLEAN, BAD])
    assert found.exit_code == 1
    assert found.output.splitlines() == [
        "jinja2 3.1.3: CVE-2024-34064, fixed in 3.1.4",
        "jinja2 3.1.3: PYSEC-2026-9, fixed in no version yet",
    ]


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_by_version(file: str) -> None:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    packages = [line for line in lines if not line.startswith(("#", "-r "))]
    assert len(packages) > 5
    assert [line for line in packages if not re.fullmatch(r"[\w.,\[\]-]+==[\w.]+", line)] == []


def test_installed_packages_are_audited_beside_the_deployed_ones() -> None:
    found = audit_with([CLEAN], [CLEAN, CLEAN])
    assert (found.exit_code, found.output) == (0, "No known vulnerability in 2 packages.\n")


def test_without_an_answer_of_the_service_the_audit_passes_with_a_message() -> None:
    for found in (audit_with(None), audit_with([UNKNOWN, UNKNOWN])):  # nothing there, or a mirror
        assert found.exit_code == 0
        (line,) = found.output.splitlines()
        assert line.startswith("NOT AUDITED: the vulnerability service can't be reached")


def test_packages_that_the_service_does_not_know_are_listed() -> None:
    found = audit_with([CLEAN], [CLEAN, UNKNOWN])
    assert found.exit_code == 0
    assert found.output.splitlines() == [
        "No known vulnerability in 1 packages.",
        "The vulnerability service does not know: tzdata.",
    ]


def test_vulnerabilities_found_before_the_connection_breaks_are_listed() -> None:
    found = audit_with([BAD], None)
    assert found.exit_code == 1
    assert "jinja2 3.1.3" in found.output


def test_a_pip_audit_that_does_not_work_fails_the_audit() -> None:
    found = audit_with(None, works=False)
    assert found.exit_code == 1
    assert "Traceback: what it says is its own" in found.output
