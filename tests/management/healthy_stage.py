"""A stage that passes every check, and the same with facts replaced; neither calls AWS."""

from dataclasses import replace
from typing import Any

from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.event.file import parse_event
from chalicelib.lifecycle.state import EventState
from management.deploy.gateway_responses import description_of, gateway_responses
from management.deploy.post_deploy import (
    event_invoke_configs,
    functions_queueing_failed_events,
    throttle,
)
from management.doctor.deployed_functions import DeployedFunction
from management.doctor.deployed_package import PackageFaults
from management.doctor.deployed_stage import DeployedStage
from management.doctor.mail_delivery import ConfigurationSet, SendingStatus
from management.doctor.post_deploy_settings import FailedEventSettings
from management.doctor.project_files import StateFile
from management.doctor.sender_identity import SenderIdentity
from management.doctor.table_settings import TableSettings
from management.stage.functions import RESERVED_RUNS, Function
from management.stage.new_stage import stage_settings
from management.stage.policies import Place, policy
from management.stage.registered import RegisteredEvent
from management.stage.stages import Stage
from tests import examples
from tests.examples import NOW

SENDER = "Dukat <dukat@boras.se>"
STAGE = Stage("prod", stage_settings("prod", SENDER))
PLACE = Place("eu-north-1", "123456789012")
# The tests' event with real domains instead of reserved ones.
WHOLE_FILE = examples.WHOLE_FILE.replace("boras.example", "boras.se")
EVENT = parse_event(examples.EVENT.id, WHOLE_FILE)
_NONE: list[Any] = []


class HealthyStage(DeployedStage):
    """Every fact as it should be. Without AWS: a check that reads any other fact fails."""

    stage = STAGE
    events = Events(None, [EVENT])
    now = NOW
    account = deployed_account = PLACE.account
    region = deployed_region = PLACE.region
    python = runtime = "python3.12"
    event_state = EventState()
    registered: list[RegisteredEvent] = _NONE
    is_packaged = False
    stack_status = "UPDATE_COMPLETE"
    table = TableSettings()
    sender = SenderIdentity("boras.se")
    sending = SendingStatus()
    configuration_set = ConfigurationSet(topics=("dukat-prod-mail-events",))
    receipt_set = replace(configuration_set, suppresses=True)
    state_file = StateFile()
    package_faults = PackageFaults()
    ticked_at = NOW
    unreserved_runs = 1000 - 2 * RESERVED_RUNS
    pages_url = "https://abc.execute-api.eu-north-1.amazonaws.com/prod"
    base_urls_of_mails = {pages_url}  # noqa: RUF012 - never changed
    failed_events = 0
    unreadable_files = outdated_policies = stack_differences = _NONE
    table_copies = active_alarms = _NONE

    def __init__(self) -> None:
        """Do without the AWS client of DeployedStage."""

    @property
    def alarm_recipients(self) -> dict[str, bool]:
        return {self.organisation.operator: True}

    @property
    def api_stage(self) -> dict[str, Any]:
        rate, burst = throttle(self.template)
        return {
            "methodSettings": {"*/*": {"throttlingRateLimit": rate, "throttlingBurstLimit": burst}}
        }

    @property
    def deployment_description(self) -> str:
        return description_of(gateway_responses(self.events, self.pages_url))

    def state_of(self, _: Event) -> EventState:
        return self.event_state

    def is_suppressed(self, _: str) -> bool:
        return False

    def deployed_function(self, function: Function) -> DeployedFunction | None:
        return DeployedFunction(function.handler, self.python, self.stage.environment)

    def deployed_policy(self, function: Function) -> dict[str, Any] | None:
        return self.wanted_policy(function)

    def other_policies(self, _: Function) -> list[str]:
        return []

    def wanted_policy(self, function: Function) -> dict[str, Any]:
        return policy(function, self.stage, PLACE)

    def deployed_schedule(self, function: str) -> str:
        return self.schedules.get(function, "")

    def reserved_runs(self, _: str) -> int:
        return RESERVED_RUNS

    def failed_event_settings(self, function: str) -> FailedEventSettings | None:
        config = event_invoke_configs(self.template)[function]
        retries, seconds = config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]
        is_kept = function in functions_queueing_failed_events(self.template)
        return FailedEventSettings(
            f"{self.stage.service}-failed-events" if is_kept else "", retries, seconds
        )

    def log_days(self, _: Function) -> int | None:
        return 30

    def page_status(self, _: str) -> int:
        return 200


def stage_with(**facts: Any) -> DeployedStage:
    """The healthy stage with `facts` replaced; reading a fact that is an exception raises it."""
    made = {name: _fact(fact) for name, fact in facts.items()}
    deployed: DeployedStage = type("StageWith", (HealthyStage,), made)()
    return deployed


def _fact(fact: Any) -> Any:
    if isinstance(fact, Exception):

        def refuse(_: DeployedStage) -> None:
            raise fact

        return property(refuse)
    return staticmethod(fact) if callable(fact) else fact
