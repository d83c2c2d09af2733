"""What the tests of a deployed stage share."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from moto import mock_aws

from chalicelib.event import Event
from management.aws import Aws
from management.local_aws import ENVIRONMENT
from management.site import Site
from management.stages import Stage
from tests.deployed import LookAgain, stage_in


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """An empty AWS in this process."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield Aws()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    project = tmp_path / "project"
    project.mkdir()
    return stage_in(project)


@pytest.fixture
def site_now(stage: Stage, event: Event, cloud: Aws) -> LookAgain:
    """The site as it is when asked for: a Site keeps what it has seen."""
    return lambda: Site(stage, event, cloud, datetime.now(UTC))


@pytest.fixture
def site(site_now: LookAgain) -> Site:
    return site_now()
