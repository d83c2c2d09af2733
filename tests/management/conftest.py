"""Fixtures for tests of a deployed stage."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.event.event import Event
from management.doctor.deployed_stage import DeployedStage
from management.stage.aws import Aws
from management.stage.stages import Stage
from tests.examples import only
from tests.management.deployed import FreshStage, stage_in


@pytest.fixture
def cloud(empty_aws: None) -> Aws:
    """An empty AWS in this process."""
    return Aws()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    project = tmp_path / "project"
    project.mkdir()
    return stage_in(project)


@pytest.fixture
def fresh_stage(stage: Stage, event: Event, cloud: Aws) -> FreshStage:
    """Reads the stage again on each call: a DeployedStage caches its facts."""
    now = datetime.now(UTC)  # moto stores no log events of the future
    return lambda: DeployedStage(stage, only(event), cloud, now)


@pytest.fixture
def deployed(fresh_stage: FreshStage) -> DeployedStage:
    return fresh_stage()
