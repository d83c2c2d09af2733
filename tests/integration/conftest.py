"""What the tests of a deployed stage share."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.event import Event
from management import local_aws
from management.aws import Aws
from management.site import Site
from management.stages import Stage
from tests.deployed import LookAgain, stage_in
from tests.dynamodb import DynamoDB
from tests.fakes import TableOnWire
from tests.wire import Moto


@pytest.fixture
def cloud(bare_aws: None) -> Aws:
    """An empty AWS in this process."""
    return Aws()


@pytest.fixture(params=["in memory", "on moto"])
def table(request: pytest.FixtureRequest, event: Event) -> TableOnWire:
    """The table on either stand-in for DynamoDB, so that one suite holds both to the same."""
    if request.param == "in memory":
        return TableOnWire(event, DynamoDB(page_items=3))
    request.getfixturevalue("bare_aws")
    local_aws.make_table()
    return TableOnWire(event, Moto())


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
