"""Taking a stage away: first a copy of what it holds, then everything that was made for it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from management.aws import Aws
from management.provisioning import identity, sender_identity
from management.stack import Stack
from management.stages import APP, Stage
from management.table import Table


class RemovalFailed(Exception):
    """Something could not be taken away; the text says what, and what to do."""


def export(stage: Stage, aws: Aws, folder: Path, now: datetime) -> Path:
    """Writes every item of the table into a file that only its owner can read.

    The items are as DynamoDB has them, with names and diets: the file is personal data.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"{stage.service}-{now:%Y-%m-%dT%H%M%S.%f}.json"
    table = Table(stage, aws)
    items = list(table.items()) if table.described() else []
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        json.dump(items, file, ensure_ascii=False, indent=1, default=_binary)
    return path


def remove(stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
    """Deletes functions, pages, schedules, table, mail set-up, alarms and logs.

    Raises RemovalFailed; run again it goes on from there.
    """
    if stage.state_file.exists():
        _delete_what_chalice_made(stage, aws, say)
    Table(stage, aws).unprotect()
    stack = Stack(stage, aws)
    name = sender_identity(stage, aws)
    made_here = stack.resources().get("SenderIdentity") == name
    stack.delete(say)
    if made_here and identity(name, aws) is not None:
        users = _others(stage, aws)
        if users:
            say(f"SES keeps {name}: it may be needed by {', '.join(users)}.")
        else:
            aws.client("sesv2").delete_email_identity(EmailIdentity=name)
            say(f"  {name}: no longer known to SES")


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


def _binary(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)
