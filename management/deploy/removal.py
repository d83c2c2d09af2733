"""Removes a stage: first the functions, then, after a copy of the table, everything else."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from botocore.exceptions import ClientError

from management.deploy.deployment import is_packaged
from management.deploy.provisioning import identity, sender_identity
from management.deploy.stack import Stack
from management.stage.aws import Aws, code_of
from management.stage.functions import Function, functions_of
from management.stage.stages import APP, Stage
from management.stage.table import StageTable

# SES's tag of an identity that a removed stage created.
_MADE_BY_DUKAT = {"Key": "made-by", "Value": APP}


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
    """Delete functions, API and schedules, so that nobody can register any more; of a stack that
    has them, stop the functions.

    Raises RemovalFailed; a second call continues where the first one failed.
    """
    if stage.state_file.exists():
        _run_chalice_delete(stage, aws, say)
    elif is_packaged(stage, aws):
        _stop_functions(stage, aws, say)
        return
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
    """Delete the sender's identity that Dukat created, unless another stage sends from it.

    If one does, the identity is marked, so that the last stage's removal deletes it.
    """
    name, client = sender_identity(stage, aws), aws.client("sesv2")
    if identity(name, aws) is None:
        return
    arn = aws.place.arn("ses", f"identity/{name}")
    is_of_stack = stack.resources().get("SenderIdentity") == name
    tags = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    if not is_of_stack and _MADE_BY_DUKAT not in tags:
        say(f"{name} stays in SES: it was there before {stage.service}.")
        return
    others = _stages_sending_from(name, stage, aws)
    if others:
        client.tag_resource(ResourceArn=arn, Tags=[_MADE_BY_DUKAT])
        say(f"{name} stays in SES: mails of {', '.join(others)} are sent from it.")
        return
    client.delete_email_identity(EmailIdentity=name)
    say(f"  {name}: deleted from SES")


def _stop_functions(stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
    for function in functions_of(stage):
        if _is_deployed(function, aws):
            aws.client("lambda").put_function_concurrency(
                FunctionName=function.deployed_as, ReservedConcurrentExecutions=0
            )
            say(f"  {function.deployed_as}: stopped")


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


def _stages_sending_from(name: str, stage: Stage, aws: Aws) -> list[str]:
    """The other stages' stacks, in this account and region, whose sender has the identity."""
    pages = aws.client("cloudformation").get_paginator("describe_stacks").paginate()
    sender = {"ParameterKey": "SenderIdentityName", "ParameterValue": name}
    return [
        one["StackName"]
        for page in pages
        for one in page["Stacks"]
        if one["StackName"].startswith(f"{APP}-")
        and one["StackName"] != stage.service
        and sender in one.get("Parameters", ())
    ]
