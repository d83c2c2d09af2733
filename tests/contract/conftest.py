"""The table of the contract suite."""

import pytest

from chalicelib.event.event import Event
from management.local import moto_aws as local_aws
from tests.dynamodb import DynamoDB
from tests.fakes import TableOnWire
from tests.wire import Moto


@pytest.fixture(params=["in memory", "on moto"])
def table(request: pytest.FixtureRequest, event: Event) -> TableOnWire:
    """The table on each stand-in for DynamoDB, so that one suite checks both."""
    if request.param == "in memory":
        return TableOnWire(event, DynamoDB(page_items=3))
    request.getfixturevalue("empty_aws")
    local_aws.make_table()
    return TableOnWire(event, Moto())
