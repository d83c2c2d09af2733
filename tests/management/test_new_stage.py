"""A new stage, written into a copy of the project."""

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


def test_a_new_stage_is_set_as_the_others_are(project: Path, event: Event) -> None:
    before = configuration(project)
    stage = add_stage("next-year", SENDER, event, project)
    after = configuration(project)
    assert SENDER in (project / ".chalice/config.json").read_text("utf-8")
    new = after["stages"].pop("next-year")
    assert after == before
    as_the_new_one_is = json.dumps(before["stages"]["prod"]).replace("prod", "next-year")
    sender = before["stages"]["prod"]["environment_variables"]["MAIL_SENDER"]
    new["environment_variables"]["MAIL_SENDER"] = sender
    assert new == json.loads(as_the_new_one_is)
    assert stage.environment["MAIL_SENDER"] == SENDER
    assert stage.environment.items() >= stage.expected_environment().items()
    assert Settings.from_environment(stage.environment).table == stage.service


def test_a_new_stage_has_its_policies_and_the_others_keep_theirs(
    project: Path, event: Event
) -> None:
    folder = project / ".chalice"
    before = {path: path.read_text("utf-8") for path in folder.glob("policy-*.json")}
    stage = add_stage("next", SENDER, event, project)
    written = policy_files(functions_of(stage), stage, event.id, Place())
    assert {path: path.read_text("utf-8") for path in written} == written
    assert {path: path.read_text("utf-8") for path in before} == before
    assert set(folder.glob("policy-*.json")) == before.keys() | written.keys()
    settings = configuration(project)["stages"]["next"]
    taken = [settings["iam_policy_file"]]
    taken += [one["iam_policy_file"] for one in settings["lambda_functions"].values()]
    assert sorted(taken) == sorted(path.name for path in written)


@pytest.mark.parametrize("name", ["a", "a1-b", "a" * 20])
def test_a_name_is_taken_as_cloudformation_takes_it(project: Path, event: Event, name: str) -> None:
    assert add_stage(name, SENDER, event, project).name == name
    assert re.fullmatch(pattern(project), name)


@pytest.mark.parametrize(
    "name", ["", "Prod", "1st", "-a", "a" * 21, "a_b", "a b", "a.b", "a/../b", "next\n", "år"]
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(
    project: Path, event: Event, name: str
) -> None:
    before = {path: path.read_bytes() for path in (project / ".chalice").iterdir()}
    with pytest.raises(BadStageName, match="a stage is named in at most 20 of a-z, 0-9 and -"):
        add_stage(name, SENDER, event, project)
    assert {path: path.read_bytes() for path in (project / ".chalice").iterdir()} == before
    assert not re.fullmatch(pattern(project), name)


def test_a_stage_that_is_there_is_not_written_over(project: Path, event: Event) -> None:
    before = configuration(project)
    with pytest.raises(BadStageName, match="prod is there already"):
        add_stage("prod", SENDER, event, project)
    assert configuration(project) == before


def test_the_command_refuses_in_one_line() -> None:
    arguments = ["add-stage", "Prod", "--sender", SENDER]
    refused = CliRunner().invoke(manage.manage, arguments)
    assert refused.exit_code == 2
    assert refused.output.splitlines()[-1] == (
        "Error: Invalid value for NAME: "
        "a stage is named in at most 20 of a-z, 0-9 and -, a letter first"
    )


def pattern(project: Path) -> str:
    """What the template allows a stage to be called."""
    template = json.loads((project / "infrastructure.json").read_text("utf-8"))
    return str(template["Parameters"]["Stage"]["AllowedPattern"])
