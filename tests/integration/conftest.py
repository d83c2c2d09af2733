"""What the tests of a deployed stage share."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chalicelib.repository import Repository
from chalicelib.store import Store
from moto import mock_aws

from chalicelib.event import Event
from management.aws import Aws
from management.local_aws import ENVIRONMENT
from management.site import Site
from management.stages import Stage
from tests.deployed import LookAgain, stage_in
from tests.fakes import InMemoryStore


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """An empty AWS in this process."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield Aws()


@pytest.fixture(params=["in memory", "in DynamoDB"])
def store(request: pytest.FixtureRequest) -> Store:
    """Either store, so that one suite holds both to the same promises."""
    if request.param == "in memory":
        return InMemoryStore()
    repository: Repository = request.getfixturevalue("repository")
    return repository


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
