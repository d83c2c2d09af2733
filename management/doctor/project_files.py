"""Checks of this folder's files: the stage's settings, file modes, Chalice's state file."""

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from chalicelib.event.mail_address import is_mail_address
from management.deploy import bundle
from management.doctor.facts import CheckFailed, StageFacts, ToDo


@dataclass(frozen=True)
class StateFile:
    """Chalice's record of its last deploy: whether the file exists, and is committed unchanged."""

    exists: bool = True
    committed: bool = True


class ProjectFileFacts(StageFacts):
    """Facts about the files in this folder."""

    @cached_property
    def unreadable_files(self) -> list[Path]:
        """Files that Lambda could not read: Chalice packs them with their modes."""
        files = bundle.project_files(self.stage.project).values()
        return [path for path in files if not path.stat().st_mode & 0o004]

    @cached_property
    def state_file(self) -> StateFile:
        """The state of .chalice/deployed/<stage>.json."""
        path = self.stage.state_file
        if not path.exists():
            return StateFile(exists=False, committed=False)
        name = str(path.relative_to(self.stage.project))
        tracked = self._git("ls-files", "--error-unmatch", name)
        return StateFile(committed=tracked and self._git("diff", "--quiet", "HEAD", "--", name))

    def _git(self, *arguments: str) -> bool:
        command = ["git", "-C", str(self.stage.project), *arguments]
        try:
            done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own
        except FileNotFoundError:  # git is not installed
            return False
        return done.returncode == 0


def check_stage_settings(deployed: StageFacts) -> str:
    """The stage's settings in .chalice/config.json match the names in infrastructure.json."""
    stage = deployed.stage
    faults = [
        f"{name} should be {value}"
        for name, value in stage.expected_environment().items()
        if stage.environment.get(name) != value
    ]
    if not is_mail_address(stage.sender):
        faults.append("MAIL_SENDER should be like Dukat <dukat@boras.se>")
    if stage.api_stage != stage.name:
        faults.append(f"api_gateway_stage should be {stage.name}, which the alarms watch")
    if faults:
        raise CheckFailed(
            "; ".join(faults), "Correct this stage's settings in .chalice/config.json."
        )
    return f"mails are sent from {stage.environment['MAIL_SENDER']}"


def check_file_modes(deployed: ProjectFileFacts) -> str:
    """Lambda, which runs as another user, can read every file of the code."""
    files = deployed.unreadable_files
    if files:
        raise CheckFailed(
            f"Lambda could not read {len(files)} files, such as {files[0].name}",
            "chmod -R a+rX app.py chalicelib && rm -rf .chalice/deployments",
        )
    return "Lambda can read every file"


def check_state_file(deployed: ProjectFileFacts) -> str:
    """Chalice's state file exists and is committed."""
    name = f".chalice/deployed/{deployed.stage.name}.json"
    if deployed.is_packaged:
        return "CloudFormation records what is deployed"
    if not deployed.state_file.exists:
        raise CheckFailed(f"{name} does not exist", deployed.deploy_command)
    if not deployed.state_file.committed:
        raise ToDo(
            f"commit {name}, without which the next deploy from another folder creates a second "
            "service",
            f"git add .chalice chalicelib && git commit -m 'Deployed {deployed.stage.name}', and "
            "push it",
        )
    return f"{name} is committed"
