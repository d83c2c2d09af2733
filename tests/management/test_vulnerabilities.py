"""What `make audit` says and when it fails; pip-audit's output is as its 2.10 writes it."""

import json
from collections.abc import Sequence
from subprocess import CompletedProcess
from typing import Any

from click.testing import CliRunner, Result

from management.deploy.vulnerabilities import main

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


def said(
    deployed: Packages | None, installed: Packages | None = (), *, works: bool = True
) -> Result:
    """What the command says if pip-audit answers so; None is when it has no answer to give."""

    def run(options: Sequence[str]) -> CompletedProcess[str]:
        if "--dry-run" in options:
            return CompletedProcess(options, 0 if works else 1)
        packages = deployed if "requirements.txt" in options else installed
        if packages is None:
            return CompletedProcess(options, 1, "", "Traceback: what it says is its own")
        found = json.dumps({"dependencies": packages, "fixes": []})
        return CompletedProcess(options, int(BAD in packages), found, "")

    return CliRunner().invoke(main, [], obj=run)


def test_a_known_vulnerability_fails_and_is_told_with_what_mends_it() -> None:
    found = said([CLEAN], [CLEAN, BAD])
    assert found.exit_code == 1
    assert found.output.splitlines() == [
        "jinja2 3.1.3: CVE-2024-34064, mended in 3.1.4",
        "jinja2 3.1.3: PYSEC-2026-9, mended in no version yet",
    ]


def test_what_is_installed_is_asked_for_beyond_what_is_deployed() -> None:
    found = said([CLEAN], [CLEAN, CLEAN])
    assert (found.exit_code, found.output) == (0, "No vulnerability is known of 2 packages.\n")


def test_a_machine_that_cannot_reach_the_service_is_told_so_in_one_line_and_passes() -> None:
    for found in (said(None), said([UNKNOWN, UNKNOWN])):  # nothing there, or a mirror
        assert found.exit_code == 0
        (line,) = found.output.splitlines()
        assert line.startswith("NOT AUDITED: the vulnerability service can't be reached")


def test_what_the_service_does_not_know_is_told_beside_what_it_knows() -> None:
    found = said([CLEAN], [CLEAN, UNKNOWN])
    assert found.exit_code == 0
    assert found.output.splitlines() == [
        "No vulnerability is known of 1 packages.",
        "The vulnerability service knows nothing of: tzdata.",
    ]


def test_a_connection_that_breaks_loses_no_vulnerability_that_was_found() -> None:
    found = said([BAD], None)
    assert found.exit_code == 1
    assert "jinja2 3.1.3" in found.output


def test_a_pip_audit_that_does_not_work_is_no_service_that_cannot_be_reached() -> None:
    found = said(None, works=False)
    assert found.exit_code == 1
    assert "Traceback: what it says is its own" in found.output
