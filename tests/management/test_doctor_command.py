"""`manage.py doctor` as an organiser calls it."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from manage import manage
from management.doctor.deployed_stage import DeployedStage
from management.doctor.doctor import CHECKS
from management.doctor.table_settings import TableSettings
from management.stage.aws import Aws
from management.stage.stages import Stage
from tests.examples import EVENT_FILE, NOW
from tests.management.healthy_stage import STAGE, stage_with
from tests.staging import whole_project_in

Doctor = Callable[..., Result]
NO_ACCESS = ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, "GetSomething")


@pytest.fixture
def looks() -> list[DeployedStage]:
    """Each look that the command took at the stage."""
    return []


@pytest.fixture
def doctor(
    cloud: Aws, stage: Stage, looks: list[DeployedStage], monkeypatch: pytest.MonkeyPatch
) -> Doctor:
    """Runs the command on a stage where all is well but for these facts."""
    healthy = replace(stage, configuration=STAGE.configuration)

    def run(*options: str, **facts: Any) -> Result:
        def look(*_: object) -> DeployedStage:
            looks.append(stage_with(stage=healthy, **facts))
            return looks[-1]

        monkeypatch.setattr("management.doctor.deployed_stage.DeployedStage", look)
        return CliRunner().invoke(manage, ["doctor", "--stage", "prod", *options])

    return run


def test_the_doctor_ends_with_0_when_all_is_well(
    doctor: Doctor, looks: list[DeployedStage]
) -> None:
    result = doctor()
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert [line.partition(":")[0] for line in lines[:-1]] == [
        f"ok     {check.name}" for check in CHECKS
    ]
    assert lines[-1] == "All is well."
    assert len(looks) == 1


def test_the_doctor_ends_with_1_when_anything_is_wrong_and_says_what_to_do(
    doctor: Doctor,
) -> None:
    result = doctor(table=TableSettings(protected=False), ticked_at=None)
    assert result.exit_code == 1
    assert (
        "WRONG  table: not protected from deletion\n         manage.py doctor --stage prod --fix\n"
    ) in result.output
    assert "WRONG  tick: " in result.output
    assert result.output.count("WRONG") == 2
    assert result.output.endswith("\n2 to mend.\n")


def test_before_a_deploy_what_it_makes_is_not_looked_at(doctor: Doctor) -> None:
    result = doctor("--before", table=None, package_faults=None)
    assert result.exit_code == 0
    assert result.output.count("ok   ") == len([one for one in CHECKS if one.before_deploy])
    assert doctor("--before", unreadable_files=[Path("app.py")]).exit_code == 1


def test_the_doctor_mends_only_when_it_is_told_to(doctor: Doctor, stage: Stage) -> None:
    written = stage.policy_folder / "policy-tick-prod.json"
    assert doctor().exit_code == 0
    assert not written.exists()
    result = doctor("--fix")
    assert result.exit_code == 0
    mended, _, found = result.output.partition("ok     credentials")
    assert "policy-tick-prod.json: written; deploy it\n" in mended
    assert found
    assert written.exists()


@pytest.mark.parametrize("fault", [NO_ACCESS, PermissionError("Not yours.")])
def test_what_can_not_be_mended_is_said_and_the_rest_is_looked_at(
    doctor: Doctor, fault: Exception
) -> None:
    result = doctor("--fix", configuration_set=fault)
    assert result.exit_code == 1
    assert f"Not all could be mended: {fault}\n" in result.output
    assert result.output.endswith("\n1 to mend.\n")


def test_the_doctor_looks_anew_after_waiting_for_a_tick(
    doctor: Doctor, looks: list[DeployedStage]
) -> None:
    result = doctor("--wait", ticked_at=NOW)
    assert result.exit_code == 0
    assert len(looks) > 2
    assert result.output.count("ok   ") == len(CHECKS)


def test_without_credentials_the_doctor_says_so_and_asks_nothing_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    result = CliRunner().invoke(manage, ["doctor", "--stage", "prod"])
    assert result.exit_code == 1
    assert result.output.startswith("WRONG  credentials: AWS does not know you")
    assert result.output.endswith("\n1 to mend.\n")


def test_an_unknown_stage_is_told_with_those_there_are(cloud: Aws) -> None:
    result = CliRunner().invoke(manage, ["doctor", "--stage", "prd"])
    assert result.exit_code == 2
    assert 'There is no stage "prd"; there is dev and prod.' in result.output


def test_a_mistake_in_the_event_file_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    project = whole_project_in(tmp_path / "project")
    text = EVENT_FILE.read_text("utf-8").replace("last_day = 2027-05-24", "last_day = 2027-06-24")
    (project / "chalicelib/event.toml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--stage", "prod"],
        cwd=project,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "chalicelib/event.toml is wrong. registration.last_day: "
        "2027-06-24 is not before the event on 2027-05-31\n"
    )
