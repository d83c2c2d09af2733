"""`manage.py finish`: settings that need a deployed stage, or that Chalice does not set.

Of a stack that CloudFormation deployed whole, it restores what was changed by hand.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.event.events import Events
from chalicelib.mail import base_url
from management.deploy.deployment import deployment_of
from management.deploy.gateway_responses import (
    deploy_gateway_responses,
    deployed_description,
    description_of,
    gateway_responses,
)
from management.deploy.stack import TEMPLATE
from management.stage.aws import Aws, code_of
from management.stage.functions import RESERVED_RUNS, functions_of, schedules
from management.stage.stages import Stage
from management.stage.table import open_shared_table


def apply_post_deploy_settings(
    stage: Stage, events: Events, aws: Aws, say: Callable[[str], None]
) -> None:
    """Set what Chalice does not: failed events, reserved runs, logs, the API's own pages and
    throttle, and mails' base URL.

    Reports each setting with `say`. Idempotent. Raises NotDeployed.
    """
    template = json.loads((stage.project / TEMPLATE).read_text(encoding="utf-8"))
    deployment = deployment_of(stage, aws)
    api = deployment.api
    queued = functions_queueing_failed_events(template)
    for name, config in event_invoke_configs(template).items():
        failure = {"OnFailure": {"Destination": failed_events_arn(stage, aws)}}
        aws.client("lambda").put_function_event_invoke_config(
            FunctionName=f"{stage.service}-{name}",
            DestinationConfig=failure if name in queued else {},
            **config,
        )
        kept = "wait in a queue" if name in queued else "need no queue: the next one does its work"
        say(f"  {name}: events that fail {kept}")
    for name in schedules():
        is_reserved = _reserve_runs(f"{stage.service}-{name}", aws)
        runs = RESERVED_RUNS if is_reserved else "the account is too small, no"
        say(f"  {name}: {runs} reserved runs")
    days = events.organisation.log_days
    for function in functions_of(stage):
        _set_log_retention(function.log_group, days, aws)
        say(f"  {function.log_group}: kept for {days} days")
    responses = gateway_responses(events, deployment.pages_url)
    if deployed_description(api_stage(stage, api, aws), api, aws) != description_of(responses):
        deploy_gateway_responses(responses, api, stage.api_stage, aws)
    say("  API: its own answers (too many requests, no answer) are pages in Swedish and English")
    changes = api_changes(api_stage(stage, api, aws), template)
    if changes:
        aws.client("apigateway").update_stage(
            restApiId=api, stageName=stage.api_stage, patchOperations=changes
        )
    store_base_url(deployment.pages_url, stage, aws, say)
    rate, burst = throttle(template)
    say(f"  API: at most {rate:g} requests a second, {burst} at once; no access log")


def store_base_url(url: str, stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
    """Store the base URL of the links in mails, unless it is stored already."""
    table = open_shared_table(stage.service, aws)
    if base_url.read(table) != url:
        base_url.save(table, url)
    say(f"  links in mails lead to {url}")


def _reserve_runs(function: str, aws: Aws) -> bool:
    """Reserve concurrent runs, which Chalice undoes; False if the account has too few."""
    try:
        aws.client("lambda").put_function_concurrency(
            FunctionName=function, ReservedConcurrentExecutions=RESERVED_RUNS
        )
    except ClientError as error:
        if code_of(error) != "InvalidParameterValueException":
            raise
        return False
    return True


def _set_log_retention(group: str, days: int, aws: Aws) -> None:
    """Set the retention of a log group in days; create the group if it does not exist."""
    logs = aws.client("logs")
    try:
        logs.put_retention_policy(logGroupName=group, retentionInDays=days)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        logs.create_log_group(logGroupName=group)
        logs.put_retention_policy(logGroupName=group, retentionInDays=days)


def event_invoke_configs(template: dict[str, Any]) -> dict[str, dict[str, int]]:
    """How often and how long Lambda retries each function's events, by Chalice's function name."""
    keys = ("MaximumEventAgeInSeconds", "MaximumRetryAttempts")
    return {name: {key: one[key] for key in keys} for name, one in _invoke_configs(template)}


def functions_queueing_failed_events(template: dict[str, Any]) -> set[str]:
    """The functions whose events are put into the queue when all retries failed."""
    return {name for name, config in _invoke_configs(template) if "DestinationConfig" in config}


def _invoke_configs(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in template["Resources"].values():
        config = resource.get("Properties", {}).get("EventInvokeConfig")
        if config:
            name = resource["Properties"]["FunctionName"]["Fn::Sub"].partition("${Stage}-")[2]
            yield name, config


def throttle(template: dict[str, Any]) -> tuple[float, int]:
    """The API's limits: requests a second, and burst."""
    (settings,) = template["Globals"]["Api"]["MethodSettings"]
    return float(settings["ThrottlingRateLimit"]), int(settings["ThrottlingBurstLimit"])


def failed_events_arn(stage: Stage, aws: Aws) -> str:
    """The ARN of the queue of failed events."""
    return aws.place.arn("sqs", f"{stage.service}-failed-events")


def api_stage(stage: Stage, api: str, aws: Aws) -> dict[str, Any]:
    """API Gateway's settings of the stage; `api` is the API's id."""
    return dict(aws.client("apigateway").get_stage(restApiId=api, stageName=stage.api_stage))


def api_changes(settings: dict[str, Any], template: dict[str, Any]) -> list[dict[str, str]]:
    """The patch operations that bring the API's stage from `settings` to the template."""
    rate, burst = throttle(template)
    now = settings.get("methodSettings", {}).get("*/*", {})
    wanted = {
        "throttling/rateLimit": (now.get("throttlingRateLimit"), rate, f"{rate:g}"),
        "throttling/burstLimit": (now.get("throttlingBurstLimit"), burst, str(burst)),
        "logging/loglevel": (now.get("loggingLevel", "OFF"), "OFF", "OFF"),
        "logging/dataTrace": (now.get("dataTraceEnabled", False), False, "false"),
    }
    changes = [
        {"op": "replace", "path": f"/*/*/{path}", "value": text}
        for path, (is_now, should, text) in wanted.items()
        if is_now != should
    ]
    if settings.get("accessLogSettings"):
        changes.append({"op": "remove", "path": "/accessLogSettings"})
    return changes
