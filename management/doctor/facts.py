"""What the doctor's modules share: the stage that facts are read about, and a check's failure."""

import json
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.event.events import Events
from chalicelib.event.organisation import Organisation
from management.deploy.deployment import is_packaged
from management.stage.aws import Aws
from management.stage.functions import Function, functions_of
from management.stage.stages import Stage

_NOTHING_TO_CHANGE = (
    "If CloudFormation finds nothing to change, this was changed by hand in AWS's console: undo it "
    "there."
)


class CheckFailed(Exception):
    """A check found a fault: the text names the fault, `remedy` says how to fix it."""

    state = "WRONG"
    ends_examination = False

    def __init__(self, fault: str, remedy: str) -> None:
        super().__init__(fault)
        self.remedy = remedy


class ToDo(CheckFailed):
    """A next step that only people can take; nothing is wrong."""

    state = "to do"


class NotThereYet(ToDo):
    """What all later checks read does not exist yet, so that none of them is run."""

    ends_examination = True


class StageFacts:
    """One stage and its events at the time `now`.

    Subclasses add facts. A fact is read from AWS or this machine on first use, and may raise
    ClientError, BotoCoreError or NotDeployed then.
    """

    def __init__(self, stage: Stage, events: Events, aws: Aws, now: datetime) -> None:
        self.stage = stage
        self.events = events
        self.now = now
        self._aws = aws

    @property
    def organisation(self) -> Organisation:
        """What the events share."""
        return self.events.organisation

    @property
    def stage_option(self) -> str:
        """The option that selects this stage in a command: `--stage prod`."""
        return f"--stage {self.stage.name}"

    @cached_property
    def is_packaged(self) -> bool:
        """Whether CloudFormation deployed the functions, too."""
        return is_packaged(self.stage, self._aws)

    @property
    def make_target(self) -> str:
        """What deploys the stage, after `make`."""
        name = self.stage.name
        return f"stack STAGE={name} BUCKET=..." if self.is_packaged else f"deploy STAGE={name}"

    @property
    def deploy_command(self) -> str:
        """The command that deploys, for the text of a remedy."""
        if not self.is_packaged:
            return f"chalice deploy {self.stage_option}"
        return f"make {self.make_target}\n{_NOTHING_TO_CHANGE}"

    @property
    def redeploy_commands(self) -> str:
        """The commands that deploy a new package, for the text of a remedy."""
        return f"make {self.make_target}"

    @property
    def provision_command(self) -> str:
        """The command that creates or corrects what infrastructure.json has."""
        if self.is_packaged:
            return self.deploy_command
        return f"manage.py provision {self.stage_option}"

    @property
    def write_policies_command(self) -> str:
        """The command that writes the policy files."""
        option = "doctor --before --fix" if self.is_packaged else "provision"
        return f"manage.py {option} {self.stage_option}"

    @property
    def ask_again_command(self) -> str:
        """The command that has AWS mail a new link, and look for DNS records again."""
        return f"manage.py {'finish' if self.is_packaged else 'provision'} {self.stage_option}"

    @cached_property
    def functions(self) -> list[Function]:
        """The functions that the code defines."""
        return functions_of(self.stage)

    @cached_property
    def template(self) -> dict[str, Any]:
        """The parsed infrastructure.json."""
        text = (self.stage.project / "infrastructure.json").read_text(encoding="utf-8")
        return dict(json.loads(text))
