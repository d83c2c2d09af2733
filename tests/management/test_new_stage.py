"""`manage.py add-stage`, in a copy of the project."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import manage
from chalicelib.event.event import Event
from chalicelib.settings import Settings
from management.stage.functions import functions_of
from management.stage.new_stage import BadStageName, add_stage
from management.stage.policies import Place, policy_files
from tests.staging import project_in

SENDER = "Dukat Göteborg <dukat@goteborg.example>"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_in(tmp_path / "project")


def configuration(project: Path) -> Any:
    return json.loads((project / ".chalice/config.json").read_text("utf-8"))


def test_a_new_stage_has_the_settings_of_the_others(project: Path, event: Event) -> None:
    before = configuration(project)
    stage = add_stage("next-year", SENDER, project)
    after = configuration(project)
    assert SENDER in (project / ".chalice/config.json").read_text("utf-8")
    new = after["stages"].pop("next-year")
    assert after == before
    expected = json.dumps(before["stages"]["prod"]).replace("prod", "next-year")
    sender = before["stages"]["prod"]["environment_variables"]["MAIL_SENDER"]
    new["environment_variables"]["MAIL_SENDER"] = sender
    assert new == json.loads(expected)
    assert stage.environment["MAIL_SENDER"] == SENDER
    assert stage.environment.items() >= stage.expected_environment().items()
    assert Settings.from_environment(stage.environment).table == stage.service


def test_a_new_stage_gets_policy_files_and_the_others_stay_unchanged(
    project: Path, event: Event
) -> None:
    folder = project / ".chalice"
    before = {path: path.read_text("utf-8") for path in folder.glob("policy-*.json")}
    stage = add_stage("next", SENDER, project)
    written = policy_files(functions_of(stage), stage, Place())
    assert {path: path.read_text("utf-8") for path in written} == written
    assert {path: path.read_text("utf-8") for path in before} == before
    assert set(folder.glob("policy-*.json")) == before.keys() | written.keys()
    settings = configuration(project)["stages"]["next"]
    used = [settings["iam_policy_file"]]
    used += [one["iam_policy_file"] for one in settings["lambda_functions"].values()]
    assert sorted(used) == sorted(path.name for path in written)


@pytest.mark.parametrize("name", ["a", "a1-b", "a" * 20])
def test_a_valid_name_is_accepted_here_and_by_the_template(
    project: Path, event: Event, name: str
) -> None:
    assert add_stage(name, SENDER, project).name == name
    assert re.fullmatch(pattern(project), name)


@pytest.mark.parametrize(
    "name", ["", "Prod", "1st", "-a", "a" * 21, "a_b", "a b", "a.b", "a/../b", "next\n", "år"]
)
def test_an_invalid_name_is_refused_and_nothing_is_written(
    project: Path, event: Event, name: str
) -> None:
    before = {path: path.read_bytes() for path in (project / ".chalice").iterdir()}
    with pytest.raises(BadStageName, match="a stage's name is at most 20 of a-z, 0-9 and -"):
        add_stage(name, SENDER, project)
    assert {path: path.read_bytes() for path in (project / ".chalice").iterdir()} == before
    assert not re.fullmatch(pattern(project), name)


def test_an_existing_stage_is_not_overwritten(project: Path, event: Event) -> None:
    before = configuration(project)
    with pytest.raises(BadStageName, match="there is already a stage prod"):
        add_stage("prod", SENDER, project)
    assert configuration(project) == before


@pytest.mark.parametrize("sender", ["foo", "Dukat", "Dukat <dukat>", ""])
def test_a_sender_without_a_mail_address_is_refused_and_nothing_is_written(
    project: Path, sender: str
) -> None:
    before = configuration(project)
    with pytest.raises(BadStageName, match="has no mail address"):
        add_stage("trial", sender, project)
    assert configuration(project) == before


def test_the_command_refuses_an_invalid_name_in_one_line() -> None:
    arguments = ["add-stage", "Prod", "--sender", SENDER]
    refused = CliRunner().invoke(manage.manage, arguments)
    assert refused.exit_code == 2
    assert refused.output.splitlines()[-1] == (
        "Error: Invalid value for NAME: "
        "a stage's name is at most 20 of a-z, 0-9 and -, and begins with a letter"
    )


def pattern(project: Path) -> str:
    """The template's pattern for the name of a stage."""
    template = json.loads((project / "infrastructure.json").read_text("utf-8"))
    return str(template["Parameters"]["Stage"]["AllowedPattern"])
