"""The settings of each stage in .chalice/config.json."""

import json
import os
from pathlib import Path

import pytest

from chalicelib.settings import Settings
from management.local.moto_aws import ENVIRONMENT
from management.stage.aws import HOME, Aws
from management.stage.stages import composition_of, stage_named

FOLDER = Path(__file__).parents[2] / ".chalice"
CONFIG = json.loads((FOLDER / "config.json").read_text("utf-8"))
NAMES = {"TABLE_NAME", "MAIL_SENDER", "MAIL_CONFIGURATION_SET", "MAIL_EVENTS_TOPIC"}


@pytest.mark.parametrize("stage", CONFIG["stages"])
def test_every_stage_sets_every_variable_that_the_service_reads(stage: str) -> None:
    set_there = CONFIG["stages"][stage]["environment_variables"]
    assert set(set_there) == NAMES
    assert Settings.from_environment(set_there).table == f"dukat-{stage}"
    assert {name for name in ENVIRONMENT if not name.startswith("AWS_")} <= {*NAMES, "no_proxy"}


@pytest.mark.parametrize(("configured", "used"), [("", HOME), ("eu-west-1", "eu-west-1")])
def test_the_region_is_the_configured_one_or_else_stockholm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, configured: str, used: str
) -> None:
    region = {"AWS_DEFAULT_REGION": configured} if configured else {}
    monkeypatch.setattr("os.environ", {"AWS_CONFIG_FILE": str(tmp_path / "none"), **region})
    composition_of(stage_named("dev"))
    assert os.environ["AWS_DEFAULT_REGION"] == used


def test_a_slow_function_is_not_invoked_twice(empty_aws: None) -> None:
    config = Aws().client("lambda").meta.config
    assert config.read_timeout == 70
    assert config.retries["total_max_attempts"] == 1
    assert Aws().client("sqs").meta.config.retries["total_max_attempts"] == 5
