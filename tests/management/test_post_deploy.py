"""The settings that `manage.py finish` applies after a deploy."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.event.event import Event
from chalicelib.mail import base_url
from management.deploy.deployment import NotDeployed, deployment_of
from management.deploy.gateway_responses import PAGES, description_of, gateway_responses
from management.deploy.post_deploy import api_changes, apply_post_deploy_settings
from management.doctor.deployed_stage import DeployedStage
from management.doctor.post_deploy_settings import FailedEventSettings
from management.stage.aws import Aws
from management.stage.functions import RESERVED_RUNS
from management.stage.stages import Stage
from management.stage.table import open_shared_table
from tests.examples import only
from tests.management.deployed import FreshStage, deploy, make_logs, make_table, record_changes

EVERY = "/*/*"
QUEUE = "dukat-prod-failed-events"
TOO_FEW = "InvalidParameterValueException"


def discard(_: str) -> None:
    """Discard a message."""


@pytest.fixture
def api_id(stage: Stage, event: Event, cloud: Aws) -> str:
    """Deploy the stage; the id of its API."""
    make_logs(stage, cloud)
    make_table(stage, cloud)
    deploy(stage, event, cloud)
    state = json.loads(stage.state_file.read_text())
    return str(state["resources"][0]["rest_api_id"])


def test_finish_applies_the_settings_of_the_template_and_the_privacy_notice(
    deployed: DeployedStage, stage: Stage, event: Event, cloud: Aws, api_id: str
) -> None:
    event = replace(event, privacy=replace(event.privacy, log_days=7))
    path = stage.project / "infrastructure.json"
    template = json.loads(path.read_text())
    template["Globals"]["Api"]["MethodSettings"][0]["ThrottlingRateLimit"] = 5.5
    template["Globals"]["Api"]["MethodSettings"][0]["ThrottlingBurstLimit"] = 11
    tick = template["Resources"]["Tick"]["Properties"]["EventInvokeConfig"]
    tick.update(MaximumEventAgeInSeconds=90, MaximumRetryAttempts=1)
    path.write_text(json.dumps(template))
    cloud.client("logs").delete_log_group(logGroupName="/aws/lambda/dukat-prod-tick")
    messages: list[str] = []
    apply_post_deploy_settings(stage, only(event), cloud, messages.append)
    assert {
        name: deployed.failed_event_settings(name) for name in ("close_registration", "tick")
    } == {
        "close_registration": FailedEventSettings(QUEUE, 2, 3600),
        "tick": FailedEventSettings("", 1, 90),
    }
    assert deployed.failed_event_settings("record_mail_event") == FailedEventSettings(
        QUEUE, 2, 21600
    )
    assert [deployed.log_days(function) for function in deployed.functions] == [7] * 4
    every = deployed.api_stage["methodSettings"]["*/*"]
    assert (every["throttlingRateLimit"], every["throttlingBurstLimit"]) == (5.5, 11)
    assert messages[-1] == "  API: at most 5.5 requests a second, 11 at once; no access log"
    assert len(messages) == 3 + 2 + 4 + 1 + 1 + 1
    assert {name: deployed.reserved_runs(name) for name in deployed.schedules} == {
        "close_registration": RESERVED_RUNS,
        "tick": RESERVED_RUNS,
    }
    assert deployed.reserved_runs("record_mail_event") == 0


def test_finish_is_idempotent(
    fresh_stage: FreshStage, stage: Stage, event: Event, cloud: Aws, api_id: str
) -> None:
    apply_post_deploy_settings(stage, only(event), cloud, discard)
    first = facts(fresh_stage())
    calls = record_changes(cloud)
    apply_post_deploy_settings(stage, only(event), cloud, discard)
    assert facts(fresh_stage()) == first
    assert set(calls) == {
        "PutFunctionEventInvokeConfig",
        "PutFunctionConcurrency",
        "PutRetentionPolicy",
    }


def test_an_account_too_small_to_reserve_runs_gets_all_other_settings(
    deployed: DeployedStage, stage: Stage, event: Event, cloud: Aws, api_id: str
) -> None:
    def refuse(**_: object) -> None:
        raise ClientError(
            {"Error": {"Code": TOO_FEW, "Message": "below"}}, "PutFunctionConcurrency"
        )

    cloud.client("lambda").meta.events.register("before-call.lambda.PutFunctionConcurrency", refuse)
    messages: list[str] = []
    apply_post_deploy_settings(stage, only(event), cloud, messages.append)
    assert "  tick: the account is too small, no reserved runs" in messages
    assert messages[-1].startswith("  API: at most")
    assert deployed.reserved_runs("tick") == 0


def facts(deployed: DeployedStage) -> list[object]:
    return [
        *(
            deployed.failed_event_settings(name)
            for name in ("close_registration", "tick", "record_mail_event")
        ),
        *(deployed.log_days(function) for function in deployed.functions),
        deployed.api_stage["methodSettings"],
        deployed.api_stage.get("accessLogSettings"),
    ]


def test_failed_ticks_are_not_queued(stage: Stage, event: Event, cloud: Aws, api_id: str) -> None:
    calls: dict[str, Any] = {}

    def note(params: dict[str, Any], **_: object) -> None:
        calls[params["FunctionName"]] = params["DestinationConfig"]

    events = cloud.client("lambda").meta.events
    events.register("provide-client-params.lambda.PutFunctionEventInvokeConfig", note)
    apply_post_deploy_settings(stage, only(event), cloud, discard)
    kept = {"OnFailure": {"Destination": cloud.place.arn("sqs", QUEUE)}}
    assert calls == {
        "dukat-prod-close_registration": kept,
        "dukat-prod-record_mail_event": kept,
        "dukat-prod-tick": {},
    }


def test_finish_turns_request_logs_off(
    fresh_stage: FreshStage, stage: Stage, event: Event, cloud: Aws, api_id: str
) -> None:
    apply_post_deploy_settings(stage, only(event), cloud, discard)
    finished = facts(fresh_stage())
    by_hand = {
        "/accessLogSettings/destinationArn": "arn:aws:logs:eu-north-1:123456789012:log-group:x",
        f"{EVERY}/logging/loglevel": "INFO",
        f"{EVERY}/logging/dataTrace": "true",
    }
    cloud.client("apigateway").update_stage(
        restApiId=api_id,
        stageName="prod",
        patchOperations=[
            {"op": "replace", "path": path, "value": value} for path, value in by_hand.items()
        ],
    )
    assert fresh_stage().api_stage["accessLogSettings"]
    apply_post_deploy_settings(stage, only(event), cloud, discard)
    every = fresh_stage().api_stage["methodSettings"]["*/*"]
    assert (every["loggingLevel"], every["dataTraceEnabled"]) == ("OFF", False)
    assert "accessLogSettings" not in fresh_stage().api_stage
    assert facts(fresh_stage())[:7] == finished[:7]


def test_finish_sets_the_gateways_own_answers_again_only_after_a_deploy_or_a_changed_event(
    fresh_stage: FreshStage, stage: Stage, event: Event, cloud: Aws, api_id: str
) -> None:
    gateway, setting = cloud.client("apigateway"), ["PutGatewayResponse"] * len(PAGES)
    apply_post_deploy_settings(stage, only(event), cloud, discard)
    wanted = gateway_responses(only(event), deployment_of(stage, cloud).pages_url)
    for kind, response in wanted.items():
        stored = gateway.get_gateway_response(restApiId=api_id, responseType=kind)
        assert {name: stored[name] for name in response} == response
        assert "statusCode" not in stored
    assert fresh_stage().deployment_description == description_of(wanted)
    calls = record_changes(cloud)
    gateway.create_deployment(restApiId=api_id, stageName="prod")  # what Chalice does
    assert fresh_stage().deployment_description == ""
    calls.clear()
    apply_post_deploy_settings(stage, only(event), cloud, discard)
    assert [one for one in calls if "Gateway" in one or "Deploy" in one] == [
        *setting,
        "CreateDeployment",
    ]
    assert "UpdateStage" in calls  # moto forgets the stage's settings when it is deployed
    calls.clear()
    moved = replace(event, contacts=event.contacts[:1])
    apply_post_deploy_settings(stage, only(moved), cloud, discard)
    assert calls.count("CreateDeployment") == 1
    calls.clear()
    apply_post_deploy_settings(stage, only(moved), cloud, discard)
    assert not {"CreateDeployment", "PutGatewayResponse"} & set(calls)


@pytest.mark.parametrize("state", ["", '{"resources": []}'])
def test_without_a_deploy_finish_changes_nothing_and_says_what_to_do(
    stage: Stage, event: Event, cloud: Aws, state: str
) -> None:
    if state:
        stage.state_file.parent.mkdir()
        stage.state_file.write_text(state)
    calls = record_changes(cloud)
    with pytest.raises(NotDeployed, match="run chalice deploy --stage prod in this folder first"):
        apply_post_deploy_settings(stage, only(event), cloud, discard)
    assert calls == []


def test_finish_stores_the_base_url_once_for_all_events(
    stage: Stage, event: Event, cloud: Aws, api_id: str
) -> None:
    apply_post_deploy_settings(stage, only(event), cloud, discard)
    wanted = f"https://{api_id}.execute-api.eu-north-1.amazonaws.com/prod"
    assert base_url.read(open_shared_table(stage.service, cloud)) == wanted


def settings(**every: Any) -> dict[str, Any]:
    """API Gateway's settings after `finish`, with `every` replaced."""
    finished = {"throttlingRateLimit": 50.0, "throttlingBurstLimit": 150}
    return {"methodSettings": {"*/*": {**finished, **every}}}


REMOVAL = [{"op": "remove", "path": "/accessLogSettings"}]


def replacing(path: str, value: str) -> list[dict[str, str]]:
    return [{"op": "replace", "path": f"{EVERY}/{path}", "value": value}]


RATE, BURST = replacing("throttling/rateLimit", "50"), replacing("throttling/burstLimit", "150")


@pytest.mark.parametrize(
    ("found", "changes"),
    [
        (settings(), []),
        (settings(loggingLevel="OFF", dataTraceEnabled=False), []),
        (settings(throttlingRateLimit=10000.0), RATE),
        (settings(throttlingBurstLimit=5000), BURST),
        (settings(loggingLevel="ERROR"), replacing("logging/loglevel", "OFF")),
        (settings(dataTraceEnabled=True), replacing("logging/dataTrace", "false")),
        ({}, RATE + BURST),
        ({**settings(), "accessLogSettings": {"destinationArn": "arn:x"}}, REMOVAL),
    ],
)
def test_only_settings_of_the_api_that_differ_are_changed(
    deployed: DeployedStage, found: dict[str, Any], changes: list[dict[str, str]]
) -> None:
    assert api_changes(found, deployed.template) == changes
