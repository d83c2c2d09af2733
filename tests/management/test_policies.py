"""Each function's permissions: its own log, the event's items, mails from the sender."""

import json
import re
from typing import Any, NamedTuple

import pytest

from chalicelib.event.event import Event
from management.stage.functions import Function, functions_of
from management.stage.policies import Place, policy, policy_files
from management.stage.stages import ROOT, Stage, stage_named
from tests.management.policies import several

FOLDER = ROOT / ".chalice"
CONFIG = json.loads((FOLDER / "config.json").read_text("utf-8"))
STAGES = [stage_named(name) for name in CONFIG["stages"]]
HERE = Place("eu-north-1", "123456789012")
# Every function of every stage, with test ids.
EACH = [
    pytest.param((stage, function), id=function.deployed_as)
    for stage in STAGES
    for function in functions_of(stage)
]
PAGES = [pytest.param((stage, functions_of(stage)[0]), id=stage.name) for stage in STAGES]
LOG_GROUPS = {function.log_group for stage in STAGES for function in functions_of(stage)}


class Allowed(NamedTuple):
    """The permissions of a stage's function: one statement for each AWS service."""

    stage: Stage
    function: Function
    statements: dict[str, dict[str, Any]]


@pytest.fixture(params=EACH)
def allowed(request: pytest.FixtureRequest, event: Event) -> Allowed:
    stage, function = request.param
    written = policy(function, stage, HERE)["Statement"]
    named = {
        service: statement
        for statement in written
        for service in {action.partition(":")[0] for action in several(statement["Action"])}
    }
    assert len(named) == len(written)
    return Allowed(stage, function, named)


def test_policies_name_every_resource_without_wildcards(allowed: Allowed) -> None:
    for service, statement in allowed.statements.items():
        assert statement["Effect"] == "Allow"
        assert not {"NotAction", "NotResource"} & statement.keys()
        assert not any("*" in action for action in several(statement["Action"]))
        for resource in several(statement["Resource"]):
            whole = resource.removesuffix(":*") if service == "logs" else resource
            assert not re.search(r"[*?]", whole)
            assert whole.startswith(f"arn:aws:{service}:{HERE.region}:{HERE.account}:")


def test_a_function_writes_to_its_own_log_only(allowed: Allowed) -> None:
    log = allowed.statements["logs"]
    assert log["Resource"] == HERE.arn("logs", f"log-group:{allowed.function.log_group}:*")
    assert set(log["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert len(LOG_GROUPS) == len(EACH)


def test_only_scheduled_functions_reach_the_registry(allowed: Allowed) -> None:
    table, name = allowed.statements["dynamodb"], allowed.stage.environment["TABLE_NAME"]
    assert table["Resource"] == HERE.arn("dynamodb", f"table/{name}")
    others = {"ForAllValues:StringNotEquals": {"dynamodb:LeadingKeys": ["REGISTRY"]}}
    is_scheduled = allowed.function.policy in {"tick", "close-registration"}
    assert table.get("Condition") == (None if is_scheduled else others)
    assert "dynamodb:Scan" not in table["Action"]  # a scan has no leading keys for the condition


@pytest.mark.parametrize("allowed", PAGES, indirect=True)
def test_pages_send_no_mail(allowed: Allowed) -> None:
    assert set(allowed.statements) == {"logs", "dynamodb"}


def test_functions_that_send_mail_may_send_from_the_stages_sender_only(allowed: Allowed) -> None:
    stage, mail = allowed.stage, allowed.statements.get("ses")
    assert bool(mail) is (allowed.function.policy in {"tick", "close-registration"})
    if mail:
        assert mail["Condition"] == {"StringEquals": {"ses:FromAddress": stage.sender}}
        assert mail["Resource"] == [
            HERE.arn("ses", f"identity/{stage.sender_domain}"),
            HERE.arn("ses", f"identity/{stage.sender}"),
            HERE.arn("ses", f"configuration-set/{stage.environment['MAIL_CONFIGURATION_SET']}"),
            HERE.arn("ses", f"configuration-set/{stage.service}-receipts"),
        ]


def test_functions_that_queue_failed_events_may_write_to_the_queue(allowed: Allowed) -> None:
    queue = allowed.statements.get("sqs")
    assert bool(queue) is (allowed.function.policy in {"close-registration", "record-mail-event"})
    if queue:
        assert queue["Action"] == "sqs:SendMessage"
        assert queue["Resource"] == HERE.arn("sqs", f"{allowed.stage.service}-failed-events")


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_the_policy_files_are_as_the_code_generates_them(stage: Stage) -> None:
    """For the event, account and region for which the files were last written."""
    written = policy_files(functions_of(stage), stage, place_of(stage))
    assert {path: path.read_text("utf-8") for path in written} == written


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_the_configuration_names_each_functions_policy_file(stage: Stage, event: Event) -> None:
    settings = CONFIG["stages"][stage.name]
    taken = {"api_handler": settings["iam_policy_file"]} | {
        name: one["iam_policy_file"] for name, one in settings["lambda_functions"].items()
    }
    assert taken == {
        function.name: f"policy-{function.policy}-{stage.name}.json"
        for function in functions_of(stage)
    }
    assert CONFIG["autogen_policy"] is False


def test_there_are_no_unused_policy_files(event: Event) -> None:
    written = {
        path for stage in STAGES for path in policy_files(functions_of(stage), stage, Place())
    }
    assert set(FOLDER.glob("policy-*.json")) == written


def place_of(stage: Stage) -> Place:
    return Place(*in_the_policy(stage, r"arn:aws:dynamodb:([a-z0-9-]+):(\d{12}):"))


def event_of(stage: Stage) -> str:
    (event_id,) = in_the_policy(stage, r'"dynamodb:LeadingKeys": \[\s*"([a-z0-9-]+)"\s*\]')
    return event_id


def in_the_policy(stage: Stage, pattern: str) -> tuple[str, ...]:
    text = (FOLDER / f"policy-web-{stage.name}.json").read_text("utf-8")
    found = re.search(pattern, text)
    assert found
    return found.groups()
