"""What each function asks of the table is what its policy allows."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

import app as application
from chalicelib import bootstrap
from chalicelib.dynamo.client import Client
from chalicelib.event.event import Event
from chalicelib.registration import store as registrations
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.service import scheduled_event
from tests.examples import FORM_HEADERS
from tests.fakes import in_memory
from tests.management.policies import several
from tests.ses import ses_event, sns_event
from tests.whole.contact_person import ContactPerson
from tests.whole.pages import encoded, submit

CHALICE = Path(__file__).parents[2] / ".chalice"
# What Lambda itself does in a function's name.
OF_LAMBDA = {"logs:CreateLogStream", "logs:PutLogEvents"}
KEEPING_FAILED_EVENTS = {"sqs:SendMessage"}
# SES asks for both when SendEmail is called with a whole MIME message.
SENDING = {"ses:SendEmail", "ses:SendRawEmail"}
_IN_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def allowed(function: str, stage: str = "dev") -> set[str]:
    policy = json.loads((CHALICE / f"policy-{function}-{stage}.json").read_text("utf-8"))
    return {action for statement in policy["Statement"] for action in several(statement["Action"])}


def watched(asked: set[str]) -> Client:
    """A client of the table which notes what it asks."""
    database = in_memory().database

    def send(operation: str, body: bytes) -> tuple[int, bytes]:
        if operation == "TransactWriteItems":
            items = json.loads(body)["TransactItems"]
            asked.update(f"dynamodb:{_IN_TRANSACTIONS[kind]}" for one in items for kind in one)
        else:
            asked.add(f"dynamodb:{operation}")
        return database(operation, body)

    return Client(send, attempts=1)


@pytest.fixture
def asked_by_the_web(gateway: Gateway) -> set[str]:
    asked: set[str] = set()
    in_memory().use(_quick_client=watched(asked), _desk_client=watched(asked))
    return asked


@pytest.fixture
def asked_by_schedules(gateway: Gateway) -> set[str]:
    asked: set[str] = set()
    in_memory().use(_patient_client=watched(asked))
    in_memory().ses.before = lambda _: asked.update(SENDING)
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
    contact_person = ContactPerson(gateway).enter(event.contacts[0].email)
    for page in (
        "list",
        "list?sort=organisation",
        "list?sort=newest",
        "labels",
        "duplicates",
        "overview",
    ):
        assert contact_person.get(f"/desk/{page}").status == 200
    caller = {"name": ["Ring"], "meal": ["lunch"], "diet": ["vegan"]}
    added = [contact_person.post("/desk/new", **caller).headers["location"] for _ in range(2)]
    keys = "/".join(address.rpartition("/")[2].partition("?")[0] for address in added)
    assert (
        contact_person.post(
            f"/desk/duplicates/keep/{keys}", revision=["1"], kept_revision=["1"]
        ).status
        == 303
    )
    (address,) = (
        one.email for one in registrations.entries(bootstrap.composition().desk_table) if one.email
    )
    found = contact_person.post("/desk/list", text=[address])
    (key,) = re.findall(r'name="marked" value="(\w+)"', found.text)
    assert contact_person.get(f"/desk/registrations/{key}/extract").status == 200
    items = {"item": [f"{key}:1"], "block": ["yes"]}
    assert contact_person.post("/desk/marked/remove", **items).status == 303
    assert contact_person.post("/desk/blocks", email=[address]).status == 303
    assert contact_person.post("/desk/leave").status == 303
    assert asked_by_the_web | OF_LAMBDA == allowed("web")
    of_schedules = asked_by_schedules | OF_LAMBDA
    assert of_schedules == allowed("tick")
    assert of_schedules | KEEPING_FAILED_EVENTS == allowed("close-registration")
    asked_by_schedules.clear()
    bounce = ses_event("Bounce", "summary-1-1", to=event.contacts[0].email, bounceType="Permanent")
    application.record_mail_event(sns_event(bounce), None)
    asked = asked_by_schedules | OF_LAMBDA | KEEPING_FAILED_EVENTS
    assert asked == allowed("record-mail-event")
