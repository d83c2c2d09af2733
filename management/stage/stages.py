"""A stage: its settings in .chalice/config.json, and the names of its AWS resources."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.bootstrap import Composition
from chalicelib.event.mail_address import named_address

ROOT = Path(__file__).parents[2]
APP = "dukat"


class UnknownStage(Exception):
    """The stage is not in .chalice/config.json; the text names the stages that are."""


@dataclass(frozen=True)
class Stage:
    """One stage and its `configuration`; `project` is the folder with app.py."""

    name: str
    configuration: Mapping[str, Any]
    project: Path = ROOT

    @property
    def service(self) -> str:
        """The prefix or name of the stage's AWS resources: `dukat-prod`."""
        return f"{APP}-{self.name}"

    @property
    def receipt_set(self) -> str:
        """The name of SES's configuration set of mails to attendees."""
        return f"{self.service}-receipts"

    @property
    def environment(self) -> Mapping[str, str]:
        """The functions' environment variables."""
        variables: Mapping[str, str] = self.configuration.get("environment_variables", {})
        return variables

    @property
    def api_stage(self) -> str:
        """The first part of each path at API Gateway; Chalice's default is `api`."""
        return str(self.configuration.get("api_gateway_stage", "api"))

    @property
    def sender(self) -> str:
        """The address that mails are sent from, without the display name."""
        return named_address(self.environment.get("MAIL_SENDER", ""))[1]

    @property
    def sender_domain(self) -> str:
        """The domain of the sender's address."""
        return self.sender.rpartition("@")[2]

    @property
    def policy_folder(self) -> Path:
        """The folder where Chalice finds the policy files."""
        return self.project / ".chalice"

    @property
    def state_file(self) -> Path:
        """The file where Chalice records its deployment."""
        return self.project / ".chalice" / "deployed" / f"{self.name}.json"

    def expected_environment(self) -> dict[str, str]:
        """The environment variables that name resources of infrastructure.json."""
        return {
            "TABLE_NAME": self.service,
            "MAIL_CONFIGURATION_SET": self.service,
            "MAIL_EVENTS_TOPIC": f"{self.service}-mail-events",
        }


def compresses_from(project: Path = ROOT) -> int:
    """The size in bytes from which API Gateway compresses an answer."""
    return int(_configuration(project)["minimum_compression_size"])


def _configuration(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / ".chalice/config.json").read_text("utf-8"))
    return found


def stage_named(name: str, project: Path = ROOT) -> Stage:
    """The stage called `name`; raises UnknownStage."""
    config = _configuration(project)
    stages = config["stages"]
    if name not in stages:
        raise UnknownStage(f'There is no stage "{name}". Stages: {", ".join(sorted(stages))}.')
    return Stage(name, {**config, **stages[name]}, project)


def composition_of(stage: Stage) -> Composition:
    """The stage's composition, with this machine's credentials for AWS.

    Sets the stage's environment variables in this process.
    """
    from management.stage.aws import Aws  # these modules import this one
    from management.stage.table import BotoComposition

    os.environ.update(stage.environment)
    os.environ.setdefault("AWS_DEFAULT_REGION", Aws().region)
    return BotoComposition()
