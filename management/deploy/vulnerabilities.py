"""Whether a vulnerability is known of what is deployed or used here: `make audit`.

It asks the service of pip-audit, first about requirements.txt, then about all that is installed. A
machine that can't reach it is told so, and passes: what nobody asked is neither good nor bad.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from subprocess import CompletedProcess
from typing import Any

import click

_DEPLOYED = ("--requirement", "requirements.txt", "--no-deps", "--disable-pip")
_NOT_ASKED = (
    "NOT AUDITED: the vulnerability service can't be reached from here. "
    "Run make audit where it can be."
)

Run = Callable[[Sequence[str]], CompletedProcess[str]]


@dataclass(frozen=True)
class Audit:
    """What the service says: a line for each vulnerability, and of whom it knows nothing."""

    vulnerabilities: tuple[str, ...]
    clean: int
    unknown: tuple[str, ...]


def pip_audit(options: Sequence[str]) -> CompletedProcess[str]:
    """Runs pip-audit, which says by its output alone whether it got an answer."""
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--timeout", "5"]
    return subprocess.run(  # noqa: S603 - our own
        [*command, *options], check=False, capture_output=True, text=True
    )


def audit(run: Run) -> Audit | None:
    """What is known of the packages; None if the service can't be asked, or knows none of them.

    The latter is how a mirror of the package index answers. Raises ClickException if it is not the
    service that fails.
    """
    deployed = _ask(run, _DEPLOYED)
    if deployed is None or not (deployed.clean or deployed.vulnerabilities):
        return None
    return _ask(run, ()) or deployed


def _ask(run: Run, options: Sequence[str]) -> Audit | None:
    asked = run(["--format", "json", *options])
    try:
        packages: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except ValueError:
        if run(["--dry-run", *options]).returncode:  # without asking the service
            raise click.ClickException(asked.stderr.strip()) from None
        return None
    lines = [_line(package, one) for package in packages for one in package.get("vulns", ())]
    return Audit(
        vulnerabilities=tuple(lines),
        clean=sum(package.get("vulns") == [] for package in packages),
        unknown=tuple(package["name"] for package in packages if "skip_reason" in package),
    )


def _line(package: dict[str, Any], vulnerability: dict[str, Any]) -> str:
    mended = ", ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {vulnerability['id']}, mended in {mended}"


def report(found: Audit | None) -> tuple[str, ...]:
    """The lines to print."""
    if found is None:
        return (_NOT_ASKED,)
    lines = found.vulnerabilities or (f"No vulnerability is known of {found.clean} packages.",)
    if found.unknown:
        lines += (f"The vulnerability service knows nothing of: {', '.join(found.unknown)}.",)
    return lines


@click.command()
@click.pass_obj
def main(run: Run | None) -> None:
    """Tell which packages have known vulnerabilities; fails if there are any."""
    found = audit(run or pip_audit)
    for line in report(found):
        click.echo(line)
    sys.exit(1 if found and found.vulnerabilities else 0)


if __name__ == "__main__":
    main()
