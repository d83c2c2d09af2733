"""Removes a stage: first the functions, then, after a copy of the table, everything else."""

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
    """Something could not be removed; the text says what, and what to do."""


def export(stage: Stage, aws: Aws, folder: Path, now: datetime) -> Path:
    """Write every item of the table into a new file that only its owner can read; return its path.

    The items, in DynamoDB's JSON, include names and diets: the file holds personal data.
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
    """Delete functions, API and schedules, so that nobody can register any more.

    Raises RemovalFailed; a second call continues where the first one failed.
    """
    if stage.state_file.exists():
        _run_chalice_delete(stage, aws, say)
    left = [one.deployed_as for one in functions_of(stage) if _is_deployed(one, aws)]
    if left:
        raise RemovalFailed(
            f"{', '.join(left)}: still deployed, but not in .chalice/deployed/{stage.name}.json. "
            "Restore that file from git. If git does not have the file because a deploy was "
            "interrupted, deploy again first. The table is unchanged."
        )


def remove_rest(stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
    """Delete table, mail set-up, alarms and logs.

    Raises StackFailed; a second call continues where the first one failed.
    """
    StageTable(stage, aws).unprotect()
    stack = Stack(stage, aws)
    # Before the stack: only the stack records whether it created the identity.
    _delete_identity(stage, aws, stack, say)
    stack.delete(say)


def _delete_identity(stage: Stage, aws: Aws, stack: Stack, say: Callable[[str], None]) -> None:
    name = sender_identity(stage, aws)
    if stack.resources().get("SenderIdentity") != name or identity(name, aws) is None:
        return
    others = _other_stages(stage, aws)
    if others:
        say(f"{name} stays in SES: {', '.join(others)} may use it.")
        return
    aws.client("sesv2").delete_email_identity(EmailIdentity=name)
    say(f"  {name}: deleted from SES")


def _is_deployed(function: Function, aws: Aws) -> bool:
    try:
        aws.client("lambda").get_function_configuration(FunctionName=function.deployed_as)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return False
        raise
    return True


def _run_chalice_delete(stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
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
        raise RemovalFailed(f"chalice delete failed:\n{done.stderr.strip()[-500:]}")
    stage.state_file.unlink(missing_ok=True)


def _other_stages(stage: Stage, aws: Aws) -> list[str]:
    """The names of the other stages' stacks in this account and region."""
    pages = aws.client("cloudformation").get_paginator("describe_stacks").paginate()
    names = [one["StackName"] for page in pages for one in page["Stacks"]]
    return [name for name in names if name.startswith(f"{APP}-") and name != stage.service]
