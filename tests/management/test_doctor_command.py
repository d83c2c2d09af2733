"""The command `manage.py doctor`."""

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
from management.doctor.project_files import StateFile
from management.doctor.table_settings import TableSettings
from management.stage.aws import Aws
from management.stage.stages import Stage
from tests.examples import EVENT, NOW
from tests.management.healthy_stage import STAGE, stage_with
from tests.staging import whole_project_in

Doctor = Callable[..., Result]
NO_ACCESS = ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, "GetSomething")


@pytest.fixture
def stages_read() -> list[DeployedStage]:
    """Each stage that the command has read facts of."""
    return []


@pytest.fixture
def doctor(
    cloud: Aws, stage: Stage, stages_read: list[DeployedStage], monkeypatch: pytest.MonkeyPatch
) -> Doctor:
    """Run the command on a healthy stage with `facts` replaced."""
    healthy = replace(stage, configuration=STAGE.configuration)

    def run(*options: str, **facts: Any) -> Result:
        def read(*_: object) -> DeployedStage:
            stages_read.append(stage_with(stage=healthy, **facts))
            return stages_read[-1]

        monkeypatch.setattr("management.doctor.deployed_stage.DeployedStage", read)
        return CliRunner().invoke(manage, ["doctor", "--stage", "prod", *options])

    return run


def test_the_exit_code_is_0_when_every_check_passes(
    doctor: Doctor, stages_read: list[DeployedStage]
) -> None:
    result = doctor()
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert [line.partition(":")[0] for line in lines[:-1]] == [
        f"ok     {check.name}" for check in CHECKS
    ]
    assert lines[-1] == "All is well."
    assert len(stages_read) == 1


def test_a_failed_check_is_printed_with_its_remedy_and_the_exit_code_is_1(
    doctor: Doctor,
) -> None:
    result = doctor(table=TableSettings(protected=False), ticked_at=None)
    assert result.exit_code == 1
    assert (
        "WRONG  table: not protected from deletion\n         manage.py doctor --stage prod --fix\n"
    ) in result.output
    assert "WRONG  tick: " in result.output
    assert result.output.count("WRONG") == 2
    assert result.output.endswith("\n2 to fix.\n")


def test_what_is_left_to_do_is_printed_with_how_and_the_exit_code_is_0(doctor: Doctor) -> None:
    result = doctor(state_file=StateFile(committed=False), alarm_recipients={})
    assert result.exit_code == 0
    assert "to do  state file: commit .chalice/deployed/prod.json" in result.output
    assert "WRONG" not in result.output
    assert result.output.endswith("\n2 left for you to do.\n")
    result = doctor(state_file=StateFile(committed=False), ticked_at=None)
    assert result.exit_code == 1
    assert result.output.endswith("\n1 to fix and 1 left for you to do.\n")


def test_the_option_before_skips_checks_of_what_a_deploy_creates(doctor: Doctor) -> None:
    result = doctor("--before", table=None, package_faults=None)
    assert result.exit_code == 0
    assert result.output.count("ok   ") == len([one for one in CHECKS if one.before_deploy])
    assert result.output.endswith("\nNothing is in the way of deploying.\n")
    assert doctor("--before", unreadable_files=[Path("app.py")]).exit_code == 1


def test_the_doctor_fixes_only_with_the_option_fix(doctor: Doctor, stage: Stage) -> None:
    written = stage.policy_folder / "policy-tick-prod.json"
    assert doctor().exit_code == 0
    assert not written.exists()
    result = doctor("--fix")
    assert result.exit_code == 0
    fixes, _, findings = result.output.partition("ok     credentials")
    assert "policy-tick-prod.json: written; deploy to apply it\n" in fixes
    assert findings
    assert written.exists()


@pytest.mark.parametrize("fault", [NO_ACCESS, PermissionError("Not yours.")])
def test_an_error_while_fixing_is_printed_and_the_checks_run(
    doctor: Doctor, fault: Exception
) -> None:
    result = doctor("--fix", configuration_set=fault)
    assert result.exit_code == 1
    assert f"Not everything could be fixed: {fault}\n" in result.output
    assert result.output.endswith("\n2 to fix.\n")  # mail events and receipts


def test_after_waiting_for_a_tick_the_doctor_reads_the_facts_again(
    doctor: Doctor, stages_read: list[DeployedStage]
) -> None:
    result = doctor("--wait", ticked_at=NOW)
    assert result.exit_code == 0
    assert len(stages_read) > 2
    assert result.output.count("ok   ") == len(CHECKS)


def test_without_credentials_the_doctor_stops_after_the_first_check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    result = CliRunner().invoke(manage, ["doctor", "--stage", "prod"])
    assert result.exit_code == 1
    assert result.output.startswith("WRONG  credentials: AWS does not accept the credentials")
    assert result.output.endswith("\n1 to fix.\n")


def test_an_unknown_stage_is_refused_with_the_names_of_the_stages(cloud: Aws) -> None:
    result = CliRunner().invoke(manage, ["doctor", "--stage", "prd"])
    assert result.exit_code == 2
    assert 'There is no stage "prd". Stages: dev, prod.' in result.output


def test_an_invalid_event_file_stops_the_doctor_before_any_check(tmp_path: Path) -> None:
    project = whole_project_in(tmp_path / "project")
    file = project / f"chalicelib/events/{EVENT.id}.toml"
    text = file.read_text("utf-8").replace("last_day = 2027-05-24", "last_day = 2027-06-24")
    file.write_text(text, encoding="utf-8")
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
        f"In chalicelib this is wrong:\nevents/{EVENT.id}.toml, line 20, [registration] last_day: "
        "2027-06-24 is not before the event on 2027-05-31\n"
    )
