"""What .chalice/config.json sets for each stage."""

import json
from pathlib import Path

import pytest

from chalicelib.config import Settings
from management.local_aws import ENVIRONMENT

FOLDER = Path(__file__).parents[2] / ".chalice"
CONFIG = json.loads((FOLDER / "config.json").read_text("utf-8"))
NAMES = {"TABLE_NAME", "MAIL_SENDER", "MAIL_CONFIGURATION_SET", "MAIL_EVENTS_TOPIC"}


@pytest.mark.parametrize("stage", CONFIG["stages"])
def test_every_stage_sets_all_that_the_service_reads(stage: str) -> None:
    set_there = CONFIG["stages"][stage]["environment_variables"]
    assert set(set_there) == NAMES
    assert Settings.from_environment(set_there).table == f"dukat-{stage}"
    assert {name for name in ENVIRONMENT if not name.startswith("AWS_")} <= NAMES


@pytest.mark.parametrize("stage", CONFIG["stages"])
def test_every_function_has_a_policy_for_its_own_stage(stage: str) -> None:
    settings = CONFIG["stages"][stage]
    names = [settings["iam_policy_file"]]
    names += [one["iam_policy_file"] for one in settings["lambda_functions"].values()]
    for name in names:
        policy = (FOLDER / name).read_text("utf-8")
        others = {f"dukat-{other}" for other in CONFIG["stages"] if other != stage}
        assert f"dukat-{stage}" in policy
        assert not [other for other in others if other in policy]
