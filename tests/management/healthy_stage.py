"""A stage on which all is well, and the same with one fact changed; none of it asks AWS."""

from typing import Any

from chalicelib.event.file import parse_event
from chalicelib.lifecycle.state import EventState
from management.deploy.post_deploy import event_invoke_configs, keeping_failed_events, throttle
from management.doctor.deployed_stage import (
    BundleFacts,
    FunctionFacts,
    IdentityFacts,
    MailSetFacts,
    RetryFacts,
    SendingFacts,
    Site,
    StateFile,
    TableFacts,
)
from management.stage.functions import Function
from management.stage.new_stage import stage_settings
from management.stage.policies import Place, policy
from management.stage.stages import Stage
from tests import examples
from tests.examples import NOW

SENDER = "Dukat <dukat@boras.se>"
STAGE = Stage("prod", stage_settings("prod", SENDER))
PLACE = Place("eu-north-1", "123456789012")
# The tests' event with addresses that could be real.
EVENT_FILE = examples.EVENT_FILE.read_text(encoding="utf-8").replace("boras.example", "boras.se")
EVENT = parse_event(EVENT_FILE)
_NONE: list[Any] = []


class HealthySite(Site):
    """Every fact as it should be. It has no AWS: a check that asks for more fails."""

    stage = STAGE
    event = EVENT
    now = NOW
    account = deployed_account = PLACE.account
    region = deployed_region = PLACE.region
    python = runtime = "python3.12"
    state = EventState()
    stack_status = "UPDATE_COMPLETE"
    table = TableFacts()
    identity = IdentityFacts("boras.se")
    sending = SendingFacts()
    mail_set = MailSetFacts(topics=("dukat-prod-mail-events",))
    state_file = StateFile()
    bundle = BundleFacts()
    ticked_at = NOW
    address = told_address = "https://abc.execute-api.eu-north-1.amazonaws.com/prod"
    failed_events = 0
    unreadable_files = outdated_policies = stack_differences = copies = ringing = _NONE

    def __init__(self) -> None:
        """Leaves out what Site keeps of AWS."""

    @property
    def alarm_recipients(self) -> dict[str, bool]:
        return {self.event.operator: True}

    @property
    def api(self) -> dict[str, Any]:
        rate, burst = throttle(self.template)
        return {
            "methodSettings": {"*/*": {"throttlingRateLimit": rate, "throttlingBurstLimit": burst}}
        }

    def is_suppressed(self, _: str) -> bool:
        return False

    def deployed_function(self, function: Function) -> FunctionFacts | None:
        return FunctionFacts(function.handler, self.python, self.stage.environment)

    def deployed_policy(self, function: Function) -> dict[str, Any] | None:
        return self.wanted_policy(function)

    def other_policies(self, _: Function) -> list[str]:
        return []

    def wanted_policy(self, function: Function) -> dict[str, Any]:
        return policy(function, self.stage, self.event.id, PLACE)

    def rule(self, function: str) -> str:
        return self.schedules.get(function, "")

    def retries(self, function: str) -> RetryFacts | None:
        config = event_invoke_configs(self.template)[function]
        retries, seconds = config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]
        is_kept = function in keeping_failed_events(self.template)
        return RetryFacts(
            f"{self.stage.service}-failed-events" if is_kept else "", retries, seconds
        )

    def log_days(self, _: Function) -> int | None:
        return 30

    def answers(self, _: str) -> int:
        return 200


def site_with(**facts: Any) -> Site:
    """The healthy site with these facts instead; one that is an exception is raised."""
    made = {name: _fact(fact) for name, fact in facts.items()}
    site: Site = type("SiteWith", (HealthySite,), made)()
    return site


def _fact(fact: Any) -> Any:
    if isinstance(fact, Exception):

        def refuse(_: Site) -> None:
            raise fact

        return property(refuse)
    return staticmethod(fact) if callable(fact) else fact
