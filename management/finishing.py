"""What can only follow `chalice deploy`, and what Chalice leaves at AWS's defaults."""

import json
from collections.abc import Callable
from typing import Any

from chalicelib.event import Event
from chalicelib.repository import Repository
from management.aws import Aws
from management.functions import functions_of
from management.stack import TEMPLATE
from management.stages import Stage


class NotDeployed(Exception):
    """Chalice has not deployed the stage from this folder; the text says what to do."""


def finish(stage: Stage, event: Event, aws: Aws, say: Callable[[str], None]) -> None:
    """Sets what happens to failed events, how long logs are kept, and how much the API takes.

    Run again it changes nothing. Raises NotDeployed.
    """
    template = json.loads((stage.project / TEMPLATE).read_text(encoding="utf-8"))
    api = rest_api_id(stage)
    for name, config in event_invoke_configs(template).items():
        aws.client("lambda").put_function_event_invoke_config(
            FunctionName=f"{stage.service}-{name}",
            DestinationConfig={"OnFailure": {"Destination": failed_events_arn(stage, aws)}},
            **config,
        )
        say(f"  {name}: failed events are kept")
    days = template["Parameters"]["LogDays"]["Default"]
    for function in functions_of(stage):
        aws.client("logs").put_retention_policy(
            logGroupName=function.log_group, retentionInDays=days
        )
        say(f"  {function.log_group}: kept for {days} days")
    changes = api_changes(api_stage(stage, api, aws), template)
    if changes:
        aws.client("apigateway").update_stage(
            restApiId=api, stageName=stage.api_stage, patchOperations=changes
        )
    table = Repository(aws.client("dynamodb"), stage.service, event.id)
    if table.site() != url(stage):
        table.save_site(url(stage))
    say(f"  mails to the contact persons lead to {url(stage)}/desk")
    rate, burst = throttle(template)
    say(f"  API: at most {rate:g} requests a second, {burst} at once; no access log")


def event_invoke_configs(template: dict[str, Any]) -> dict[str, dict[str, int]]:
    """How often and how long each function's events are tried again, by Chalice's name for it."""
    configs = {}
    for resource in template["Resources"].values():
        config = resource.get("Properties", {}).get("EventInvokeConfig")
        if config:
            name = resource["Properties"]["FunctionName"]["Fn::Sub"].partition("${Stage}-")[2]
            configs[name] = {
                key: config[key] for key in ("MaximumEventAgeInSeconds", "MaximumRetryAttempts")
            }
    return configs


def throttle(template: dict[str, Any]) -> tuple[float, int]:
    """Requests a second, and at once, that the API takes."""
    (settings,) = template["Globals"]["Api"]["MethodSettings"]
    return float(settings["ThrottlingRateLimit"]), int(settings["ThrottlingBurstLimit"])


def failed_events_arn(stage: Stage, aws: Aws) -> str:
    """The queue in which failed events wait."""
    return aws.place.arn("sqs", f"{stage.service}-failed-events")


def deployed(stage: Stage) -> dict[str, dict[str, Any]]:
    """What Chalice says that it deployed, by its name for it; raises NotDeployed."""
    state: dict[str, Any] = {"resources": []}
    if stage.state_file.exists():
        state = json.loads(stage.state_file.read_text(encoding="utf-8"))
    found = {resource["name"]: resource for resource in state["resources"]}
    if "rest_api" not in found:
        raise NotDeployed(
            f".chalice/deployed/{stage.name}.json does not say what was deployed: "
            f"run chalice deploy --stage {stage.name} in this folder first."
        )
    return found


def rest_api_id(stage: Stage) -> str:
    """The API's id; raises NotDeployed."""
    return str(deployed(stage)["rest_api"]["rest_api_id"])


def url(stage: Stage) -> str:
    """Where the stage's pages are, without a slash at the end; raises NotDeployed."""
    found = deployed(stage)
    own = found.get("api_gateway_custom_domain")
    return f"https://{own['domain_name']}" if own else found["rest_api"]["rest_api_url"].rstrip("/")


def api_stage(stage: Stage, api: str, aws: Aws) -> dict[str, Any]:
    """API Gateway's settings of the stage."""
    return dict(aws.client("apigateway").get_stage(restApiId=api, stageName=stage.api_stage))


def api_changes(settings: dict[str, Any], template: dict[str, Any]) -> list[dict[str, str]]:
    """What must change in the API's stage, as patch operations."""
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
