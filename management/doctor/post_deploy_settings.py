"""Check of what `manage.py finish` sets: failed events, log retention, the API, mails' links."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.mail import base_url
from chalicelib.settings import BASE_URL
from management.deploy.deployment import Deployment, deployment_of
from management.deploy.gateway_responses import (
    deployed_description,
    description_of,
    gateway_responses,
    is_description,
)
from management.deploy.post_deploy import (
    api_changes,
    api_stage,
    event_invoke_configs,
    functions_queueing_failed_events,
)
from management.doctor.deployed_functions import FunctionFacts
from management.doctor.facts import CheckFailed
from management.stage.aws import code_of
from management.stage.functions import Function
from management.stage.table import open_shared_table


@dataclass(frozen=True)
class FailedEventSettings:
    """Lambda retries a failed event at most `retries` times within `seconds`, then queues it.

    `queue` is the queue's name, or empty if such events are discarded.
    """

    queue: str
    retries: int
    seconds: int


class PostDeploySettings(FunctionFacts):
    """What `manage.py finish` sets, as it is on AWS."""

    def failed_event_settings(self, function: str) -> FailedEventSettings | None:
        """A function's settings for failed events, or None if AWS's defaults apply."""
        try:
            found = self._aws.client("lambda").get_function_event_invoke_config(
                FunctionName=f"{self.stage.service}-{function}"
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        queue = found.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
        return FailedEventSettings(
            queue.rpartition(":")[2],
            int(found.get("MaximumRetryAttempts", 2)),
            int(found.get("MaximumEventAgeInSeconds", 21600)),
        )

    def log_days(self, function: Function) -> int | None:
        """How many days a function's log is kept: 0 for ever, None if there is no log group."""
        groups = self._aws.client("logs").describe_log_groups(logGroupNamePrefix=function.log_group)
        for group in groups["logGroups"]:
            if group["logGroupName"] == function.log_group:
                return int(group.get("retentionInDays", 0))
        return None

    @cached_property
    def api_stage(self) -> dict[str, Any]:
        """API Gateway's settings of the stage; raises NotDeployed."""
        return api_stage(self.stage, self._deployment.api, self._aws)

    @cached_property
    def deployment_description(self) -> str:
        """The description of the API's deployment that the stage serves; raises NotDeployed."""
        return deployed_description(self.api_stage, self._deployment.api, self._aws)

    @property
    def pages_url(self) -> str:
        """The base URL of the deployed pages; raises NotDeployed."""
        return self._deployment.pages_url

    @cached_property
    def _deployment(self) -> Deployment:
        return deployment_of(self.stage, self._aws)

    @cached_property
    def base_urls_of_mails(self) -> set[str]:
        """The base URLs that links in mails begin with: the stored one, or the functions' own."""
        stored = base_url.read(open_shared_table(self.stage.service, self._aws))
        return {stored} if stored else set(map(self._own_base_url, self.schedules))

    def _own_base_url(self, name: str) -> str:
        function = next(one for one in self.functions if one.name == name)
        found = self.deployed_function(function)
        return found.environment.get(BASE_URL, "") if found else ""


def check_post_deploy_settings(deployed: PostDeploySettings) -> str:
    """Everything that `manage.py finish` sets is set."""
    faults = [
        *_failed_event_faults(deployed),
        *(
            f"{function.log_group} {_log_fault(days, deployed.organisation.log_days)}"
            for function in deployed.functions
            if (days := deployed.log_days(function)) != deployed.organisation.log_days
        ),
    ]
    if deployed.base_urls_of_mails - {deployed.pages_url}:
        faults.append("links in mails don't lead to the pages")
    if api_changes(deployed.api_stage, deployed.template):
        faults.append("the API is not throttled, or logs requests")
    responses = gateway_responses(deployed.events, deployed.pages_url)
    wanted = {description_of(responses)}
    if deployed.is_packaged and not is_description(deployed.deployment_description):
        wanted.add(deployed.deployment_description)  # AWS's, unless `finish` was run
    if deployed.deployment_description not in wanted:
        faults.append("the API's own answers are AWS's, or of an earlier event file")
    if faults:
        raise CheckFailed("; ".join(faults), f"manage.py finish {deployed.stage_option}")
    return "failed events are queued, logs expire; the API is throttled; links in mails work"


def _failed_event_faults(deployed: PostDeploySettings) -> list[str]:
    faults = []
    queueing = functions_queueing_failed_events(deployed.template)
    for name, config in event_invoke_configs(deployed.template).items():
        wanted = FailedEventSettings(
            f"{deployed.stage.service}-failed-events" if name in queueing else "",
            config["MaximumRetryAttempts"],
            config["MaximumEventAgeInSeconds"],
        )
        if deployed.failed_event_settings(name) != wanted:
            fault = "lost" if name in queueing else "queued or retried"
            faults.append(f"failed events of {name} are {fault}")
    return faults


def _log_fault(days: int | None, wanted: int) -> str:
    if days is None:
        return "does not exist"
    how_long = f"{days} days" if days else "for ever"
    return f"is kept {how_long}, but the privacy notice says {wanted} days"
