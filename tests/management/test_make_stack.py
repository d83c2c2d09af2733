"""`make stack`: which commands it runs, and what stops it."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from management.stage.stages import ROOT

# Writes its name and arguments to a log. manage.py prints a region and parameters, and fails if the
# file "fails" names its command.
TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >>"$FAKES/log"
case "$2" in region) echo eu-north-1;; parameters) echo Stage=prod LogDays=30;; esac
test "$2" != "$(cat "$FAKES/fails")"
"""
MAKE = str(shutil.which("make"))
Make = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Runs `make stack` in a folder of its own; returns code, output and the commands that ran."""
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text("utf-8"), "utf-8")
    (tmp_path / ".chalice/deployments/stack").mkdir(parents=True)
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for name in ("python", "chalice", "aws"):
        (fakes / name).write_text(TOOL, "utf-8")
        (fakes / name).chmod(0o755)

    with_fakes = f"{fakes}:{os.environ['PATH']}"

    def run(*arguments: str, fails: str = "", path: str = with_fakes) -> tuple[int, str, list[str]]:
        (fakes / "fails").write_text(fails)
        (fakes / "log").write_text("")
        done = subprocess.run(
            [MAKE, "-o", ".venv/ready", "stack", f"BIN={fakes}", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "FAKES": str(fakes)},
            check=False,
            capture_output=True,
            text=True,
        )
        ran = (fakes / "log").read_text().splitlines()
        return done.returncode, done.stdout, [one for one in ran if not one.endswith(" region")]

    return run


def test_the_stack_is_packaged_deployed_finished_and_checked(make: Make) -> None:
    code, _, ran = make("STAGE=prod", "BUCKET=packages")
    folder = ".chalice/deployments/stack"
    packages = f"--s3-bucket packages --output-template-file {folder}/packaged.yaml"
    deploying = (
        "--s3-bucket packages --stack-name dukat-prod --no-fail-on-empty-changeset "
        "--capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND "
        "--parameter-overrides Stage=prod LogDays=30"
    )
    assert (code, ran) == (0, [
        "python manage.py doctor --stage prod --before --fix --changed ",
        "python manage.py package --stage prod",
        f"chalice package --stage prod --merge-template infrastructure.json {folder}",
        "python manage.py parameters --stage prod",
        f"aws cloudformation package --template-file {folder}/sam.json {packages}",
        f"aws cloudformation deploy --template-file {folder}/packaged.yaml {deploying}",
        "python manage.py finish --stage prod",
        "python manage.py doctor --stage prod --wait --changed ",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("fails", "last"),
    [
        ("doctor", "python manage.py doctor"),
        ("parameters", "python manage.py parameters"),
        ("package", "python manage.py package"),
        ("deploy", "aws cloudformation deploy"),
    ],
)
def test_nothing_is_run_after_a_failure(make: Make, fails: str, last: str) -> None:
    code, _, ran = make("STAGE=prod", "BUCKET=packages", fails=fails)
    assert code == 2
    assert ran[-1].startswith(last)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["BUCKET=packages"], "Say which stage: make stack STAGE=prod"),
        (["STAGE=prod"], "Say which bucket of S3 holds the packages: make stack STAGE=prod"),
    ],
)
def test_without_stage_or_bucket_nothing_is_run(
    make: Make, arguments: list[str], words: str
) -> None:
    code, said, ran = make(*arguments)
    assert (code, ran) == (2, [])
    assert words in said


def test_without_awss_command_line_nothing_is_run(make: Make, tmp_path: Path) -> None:
    code, said, ran = make("STAGE=prod", "BUCKET=packages", path=str(tmp_path))
    assert (code, ran) == (2, [])
    assert "needs AWS's command line" in said
