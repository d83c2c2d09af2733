"""What the tests of a deployed stage share."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.event.event import Event
from management.doctor.deployed_stage import Site
from management.stage.aws import Aws
from management.stage.stages import Stage
from tests.management.deployed import LookAgain, stage_in


@pytest.fixture
def cloud(bare_aws: None) -> Aws:
    """An empty AWS in this process."""
    return Aws()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    project = tmp_path / "project"
    project.mkdir()
    return stage_in(project)


@pytest.fixture
def site_now(stage: Stage, event: Event, cloud: Aws) -> LookAgain:
    """The site as it is when asked for: a Site keeps what it has seen."""
    now = datetime.now(UTC)  # moto keeps no log of the future
    return lambda: Site(stage, event, cloud, now)


@pytest.fixture
def site(site_now: LookAgain) -> Site:
    return site_now()
