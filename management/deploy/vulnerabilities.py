"""`make audit`: known vulnerabilities in the packages that are deployed or installed here.

Asks pip-audit's service, first about requirements.txt, then about everything installed. Passes with
a message if the service can't be reached.
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
    """A line for each vulnerability, the number of clean packages, the unknown packages."""

    vulnerabilities: tuple[str, ...]
    clean: int
    unknown: tuple[str, ...]


def pip_audit(options: Sequence[str]) -> CompletedProcess[str]:
    """Run pip-audit. Its output, not its exit code, shows whether the service answered."""
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--timeout", "5"]
    return subprocess.run(  # noqa: S603 - our own
        [*command, *options], check=False, capture_output=True, text=True
    )


def audit(run: Run) -> Audit | None:
    """Audit the packages with `run`, which runs pip-audit with the given options.

    Returns None if the service can't be reached, or knows none of the packages, as is the case with
    a mirror of the package index.

    Raises ClickException if pip-audit itself fails.
    """
    deployed = _ask(run, _DEPLOYED)
    if deployed is None or not (deployed.clean or deployed.vulnerabilities):
        return None
    return _ask(run, ()) or deployed


def _ask(run: Run, options: Sequence[str]) -> Audit | None:
    done = run(["--format", "json", *options])
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        if run(["--dry-run", *options]).returncode:  # does not ask the service
            raise click.ClickException(done.stderr.strip()) from None
        return None
    lines = [_line(package, one) for package in packages for one in package.get("vulns", ())]
    return Audit(
        vulnerabilities=tuple(lines),
        clean=sum(package.get("vulns") == [] for package in packages),
        unknown=tuple(package["name"] for package in packages if "skip_reason" in package),
    )


def _line(package: dict[str, Any], vulnerability: dict[str, Any]) -> str:
    fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {vulnerability['id']}, fixed in {fixed}"


def report(found: Audit | None) -> tuple[str, ...]:
    """The lines to print."""
    if found is None:
        return (_NOT_ASKED,)
    lines = found.vulnerabilities or (f"No known vulnerability in {found.clean} packages.",)
    if found.unknown:
        lines += (f"The vulnerability service does not know: {', '.join(found.unknown)}.",)
    return lines


@click.command()
@click.pass_obj
def main(run: Run | None) -> None:
    """List the packages with known vulnerabilities; fail if there are any."""
    found = audit(run or pip_audit)
    for line in report(found):
        click.echo(line)
    sys.exit(1 if found and found.vulnerabilities else 0)


if __name__ == "__main__":
    main()
