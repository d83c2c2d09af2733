"""A stage: what .chalice/config.json sets for it, and what its AWS resources are called."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from chalicelib.bootstrap import Composition

ROOT = Path(__file__).parents[2]
APP = "dukat"


class UnknownStage(Exception):
    """The stage is not in .chalice/config.json; the text names those that are."""


@dataclass(frozen=True)
class Stage:
    """One stage, as its configuration has it; `project` is the folder with app.py."""

    name: str
    configuration: Mapping[str, Any]
    project: Path = ROOT

    @property
    def service(self) -> str:
        """What its AWS resources are named after: `dukat-prod`."""
        return f"{APP}-{self.name}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The functions' environment variables."""
        variables: Mapping[str, str] = self.configuration.get("environment_variables", {})
        return variables

    @property
    def api_stage(self) -> str:
        """The first part of each path at API Gateway; Chalice says api if nothing is set."""
        return str(self.configuration.get("api_gateway_stage", "api"))

    @property
    def sender(self) -> str:
        """The address that mails come from, without its name."""
        return parseaddr(self.environment.get("MAIL_SENDER", ""))[1]

    @property
    def sender_domain(self) -> str:
        """The domain that SES must be allowed to send from."""
        return self.sender.rpartition("@")[2]

    @property
    def policy_folder(self) -> Path:
        """Where Chalice looks for policies."""
        return self.project / ".chalice"

    @property
    def state_file(self) -> Path:
        """Where Chalice keeps what it deployed."""
        return self.project / ".chalice" / "deployed" / f"{self.name}.json"

    def expected_environment(self) -> dict[str, str]:
        """The variables that infrastructure.json's names prescribe."""
        return {
            "TABLE_NAME": self.service,
            "MAIL_CONFIGURATION_SET": self.service,
            "MAIL_EVENTS_TOPIC": f"{self.service}-mail-events",
        }


def stage_named(name: str, project: Path = ROOT) -> Stage:
    """The stage of that name; raises UnknownStage."""
    config = json.loads((project / ".chalice/config.json").read_text(encoding="utf-8"))
    stages = config["stages"]
    if name not in stages:
        raise UnknownStage(f'There is no stage "{name}"; there is {" and ".join(sorted(stages))}.')
    return Stage(name, {**config, **stages[name]}, project)


def composition_of(stage: Stage) -> Composition:
    """The stage's event, table and clock, on AWS as this machine's credentials reach it."""
    from management.stage.aws import Aws  # they speak of stages themselves
    from management.stage.table import BotoComposition

    os.environ.update(stage.environment)
    os.environ.setdefault("AWS_DEFAULT_REGION", Aws().region)
    return BotoComposition()
