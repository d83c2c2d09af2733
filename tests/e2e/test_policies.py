"""What each function asks of the table is what its policy allows."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import app as application
from chalicelib import bootstrap
from chalicelib.event import Event
from management.clock import SetClock
from management.gateway import Gateway
from management.local_service import scheduled_event
from tests.e2e.pages import encoded, submit
from tests.examples import FORM_HEADERS
from tests.ses import ses_event, sns_event

CHALICE = Path(__file__).parents[2] / ".chalice"
_IN_TRANSACTIONS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}


def allowed(function: str) -> set[str]:
    policy = json.loads((CHALICE / f"policy-{function}-dev.json").read_text("utf-8"))
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    return {action.partition(":")[2] for action in actions if action.startswith("dynamodb:")}


def watch(client: Any, asked: set[str]) -> None:
    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        if model.name == "TransactWriteItems":
            body = json.loads(params["body"])
            asked.update(_IN_TRANSACTIONS[kind] for one in body["TransactItems"] for kind in one)
        else:
            asked.add(model.name)

    client.meta.events.register("before-call.dynamodb.*", note)


@pytest.fixture
def asked_by_the_web(gateway: Gateway) -> set[str]:
    asked: set[str] = set()
    watch(bootstrap.composition()._quick_client, asked)
    return asked


@pytest.fixture
def asked_by_schedules(gateway: Gateway) -> set[str]:
    asked: set[str] = set()
    watch(bootstrap.composition().patient_store._client, asked)
    return asked


def test_the_policies_allow_what_is_asked_and_nothing_else(
    gateway: Gateway,
    clock: SetClock,
    event: Event,
    asked_by_the_web: set[str],
    asked_by_schedules: set[str],
) -> None:
    receipts = [submit(gateway, name=[f"P{n}"]).headers["location"] for n in range(2)]
    submit(gateway, name=["Post"], email=["post@elsewhere.example"])
    for minutes in range(-1, 6):
        clock.now = event.closes_at + minutes * timedelta(minutes=1)
        application.tick(scheduled_event(clock.now), None)
    # As late as a request can be and still count: the control must be told.
    in_time = event.closes_at - timedelta(milliseconds=1)
    late = encoded(name=["Sen"], meal=["lunch"], diet=["vegan"], nonce=["a-nonce-of-the-tests"])
    answer = gateway.request("POST", "/registration", FORM_HEADERS, late, at=in_time)
    assert answer.status == 303
    form = encoded(revision=["1"])
    cancel = gateway.request("POST", f"{receipts[0]}/cancel", FORM_HEADERS, form, at=in_time)
    assert cancel.status == 303
    assert asked_by_the_web == allowed("web")
    assert asked_by_schedules == allowed("tend")
    asked_by_schedules.clear()
    bounce = ses_event("Bounce", "summary-1-1", to=event.contacts[0].email, bounceType="Permanent")
    application.record_mail_event(sns_event(bounce), None)
    assert asked_by_schedules == allowed("mail-events")
