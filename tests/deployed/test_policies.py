"""Each function's policy allows exactly the AWS calls that the function makes."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

import app as application
from chalicelib.dynamo.client import Client
from chalicelib.event.event import Event
from chalicelib.registration import store as registrations
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.service import scheduled_event
from tests.examples import FORM_HEADERS
from tests.fakes import installed_composition, installed_table
from tests.management.policies import several
from tests.ses import ses_event, sns_event
from tests.whole.contact_person import ContactPerson
from tests.whole.pages import encoded, submit

CHALICE = Path(__file__).parents[2] / ".chalice"
# Lambda itself writes logs with the function's role.
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}
QUEUEING_FAILED_EVENTS = {"sqs:SendMessage"}
# SendEmail requires both permissions if the content is a raw MIME message.
SENDING = {"ses:SendEmail", "ses:SendRawEmail"}
_IN_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
}


def allowed(function: str, stage: str = "dev") -> set[str]:
    policy = json.loads((CHALICE / f"policy-{function}-{stage}.json").read_text("utf-8"))
    return {action for statement in policy["Statement"] for action in several(statement["Action"])}


def recording_client(actions: set[str]) -> Client:
    """A client of the table which adds the IAM action of each call to `actions`."""
    database = installed_composition().database

    def send(operation: str, body: bytes) -> tuple[int, bytes]:
        if operation == "TransactWriteItems":
            items = json.loads(body)["TransactItems"]
            actions.update(f"dynamodb:{_IN_TRANSACTIONS[kind]}" for one in items for kind in one)
        else:
            actions.add(f"dynamodb:{operation}")
        return database(operation, body)

    return Client(send, attempts=1)


@pytest.fixture
def web_actions(gateway: Gateway) -> set[str]:
    actions: set[str] = set()
    client = recording_client(actions)
    installed_composition().use(_quick_client=client, _desk_client=client)
    return actions


@pytest.fixture
def schedule_actions(gateway: Gateway) -> set[str]:
    actions: set[str] = set()
    installed_composition().use(_patient_client=recording_client(actions))
    installed_composition().ses.before = lambda _: actions.update(SENDING)
    return actions


def test_the_policies_allow_exactly_the_calls_that_functions_make(
    gateway: Gateway,
    clock: SetClock,
    event: Event,
    web_actions: set[str],
    schedule_actions: set[str],
) -> None:
    receipts = [submit(gateway, name=[f"P{n}"]).headers["location"] for n in range(2)]
    submit(gateway, name=["Post"], email=["post@elsewhere.example"])
    for minutes in range(-1, 6):
        clock.now = event.closes_at + minutes * timedelta(minutes=1)
        application.tick(scheduled_event(clock.now), None)
    # A request received just before the deadline is accepted, and must update the event state.
    in_time = event.closes_at - timedelta(milliseconds=1)
    late = encoded(name=["Sen"], meal=["lunch"], diet=["vegan"], nonce=["a-nonce-of-the-tests"])
    answer = gateway.request("POST", "/dag/registration", FORM_HEADERS, late, at=in_time)
    assert answer.status == 303
    form = encoded(revision=["1"])
    cancel = gateway.request("POST", f"{receipts[0]}/cancel", FORM_HEADERS, form, at=in_time)
    assert cancel.status == 303
    contact_person = ContactPerson(gateway).enter(event.contacts[0].email)
    for page in (
        "list",
        "list?sort=organisation",
        "list?sort=newest",
        "labels",
        "duplicates",
        "overview",
    ):
        assert contact_person.get(f"/desk/dag/{page}").status == 200
    caller = {"name": ["Ring"], "meal": ["lunch"], "diet": ["vegan"]}
    added = [contact_person.post("/desk/dag/new", **caller).headers["location"] for _ in range(2)]
    keys = "/".join(address.rpartition("/")[2].partition("?")[0] for address in added)
    assert (
        contact_person.post(
            f"/desk/dag/duplicates/keep/{keys}", revision=["1"], kept_revision=["1"]
        ).status
        == 303
    )
    (address,) = (one.email for one in registrations.entries(installed_table()) if one.email)
    search = contact_person.search(address)
    (key,) = re.findall(r'name="marked" value="(\w+)"', search.text)
    assert contact_person.get(f"/desk/dag/registrations/{key}/extract").status == 200
    items = {"item": [f"{key}:1"], "block": ["yes"]}
    assert contact_person.post("/desk/dag/marked/remove", **items).status == 303
    assert contact_person.post("/desk/dag/blocks", email=[address]).status == 303
    assert contact_person.post("/desk/leave").status == 303
    assert web_actions | LOGGING == allowed("web")
    of_schedules = schedule_actions | LOGGING
    assert of_schedules == allowed("tick")
    assert of_schedules | QUEUEING_FAILED_EVENTS == allowed("close-registration")
    schedule_actions.clear()
    bounce = ses_event("Bounce", "summary-1-1", to=event.contacts[0].email, bounceType="Permanent")
    application.record_mail_event(sns_event(bounce), None)
    of_mail_events = schedule_actions | LOGGING | QUEUEING_FAILED_EVENTS
    assert of_mail_events == allowed("record-mail-event")
