"""Taking a stage away: what takes registrations, then a copy of them, then all the rest."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from botocore.exceptions import ClientError

from management.deploy.provisioning import identity, sender_identity
from management.deploy.stack import Stack
from management.stage.aws import Aws, code_of
from management.stage.functions import Function, functions_of
from management.stage.stages import APP, Stage
from management.stage.table import StageTable


class RemovalFailed(Exception):
    """Something could not be taken away; the text says what, and what to do."""


def export(stage: Stage, aws: Aws, folder: Path, now: datetime) -> Path:
    """Writes every item of the table into a file that only its owner can read.

    The items are as DynamoDB writes them, with names and diets: the file is personal data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stage.service}-{now:%Y-%m-%dT%H%M%S.%f}.json"
    table = StageTable(stage, aws)
    items = list(table.items()) if table.described() else []
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        json.dump(items, file, ensure_ascii=False, indent=1)
    return path


def remove_functions(stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
    """Deletes functions, pages and schedules: from then on nothing is registered.

    Raises RemovalFailed; run again it goes on from there.
    """
    if stage.state_file.exists():
        _delete_what_chalice_made(stage, aws, say)
    left = [one.deployed_as for one in functions_of(stage) if _is_deployed(one, aws)]
    if left:
        raise RemovalFailed(
            f"{', '.join(left)}: still there, but not in .chalice/deployed/{stage.name}.json. Get "
            "that file from git. If a deploy was cut off and there is none, deploy again first. "
            "The table is as it was."
        )


def remove_rest(stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
    """Deletes table, mail set-up, alarms and logs. Raises StackFailed; run again it goes on."""
    StageTable(stage, aws).unprotect()
    stack = Stack(stage, aws)
    _forget_identity(stage, aws, stack, say)  # the stack knows whether it made it
    stack.delete(say)


def _forget_identity(stage: Stage, aws: Aws, stack: Stack, say: Callable[[str], None]) -> None:
    name = sender_identity(stage, aws)
    if stack.resources().get("SenderIdentity") != name or identity(name, aws) is None:
        return
    users = _others(stage, aws)
    if users:
        say(f"SES keeps {name}: it may be needed by {', '.join(users)}.")
        return
    aws.client("sesv2").delete_email_identity(EmailIdentity=name)
    say(f"  {name}: no longer known to SES")


def _is_deployed(function: Function, aws: Aws) -> bool:
    try:
        aws.client("lambda").get_function_configuration(FunctionName=function.deployed_as)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return False
        raise
    return True


def _delete_what_chalice_made(stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
    chalice = Path(sys.executable).with_name("chalice")
    done = subprocess.run(  # noqa: S603 - our own
        [chalice, "delete", "--stage", stage.name],
        cwd=stage.project,
        env={**os.environ, "AWS_DEFAULT_REGION": aws.region},
        check=False,
        capture_output=True,
        text=True,
    )
    say(done.stdout.strip())
    if done.returncode:
        raise RemovalFailed(f"chalice delete did not end well:\n{done.stderr.strip()[-500:]}")
    stage.state_file.unlink(missing_ok=True)


def _others(stage: Stage, aws: Aws) -> list[str]:
    """The other stages in this account and region."""
    pages = aws.client("cloudformation").get_paginator("describe_stacks").paginate()
    names = [one["StackName"] for page in pages for one in page["Stacks"]]
    return [name for name in names if name.startswith(f"{APP}-") and name != stage.service]
