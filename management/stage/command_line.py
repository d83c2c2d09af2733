"""What the commands of a deployed stage share: the option --stage, and errors as messages."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.bootstrap import Composition
from chalicelib.dynamo.errors import StoreUnavailable
from management.deploy.post_deploy import NotDeployed, WrongAccount
from management.deploy.stack import StackFailed
from management.stage.stages import Stage, UnknownStage, composition_of, stage_named

STAGE = click.option("--stage", required=True, help="Name of the stage, such as prod.")


def chosen_stage(name: str) -> Stage:
    """The stage with this name; raises BadParameter if there is none."""
    try:
        return stage_named(name)
    except UnknownStage as unknown:
        raise click.BadParameter(str(unknown), param_hint="--stage") from None


@contextmanager
def aws_errors_as_messages() -> Iterator[None]:
    """Turn errors of AWS into a short message and exit code 1."""
    try:
        yield
    except (StackFailed, NotDeployed, WrongAccount, ClientError, BotoCoreError) as fault:
        raise click.ClickException(str(fault)) from None


@contextmanager
def stage_composition(stage: str) -> Iterator[Composition]:
    """The composition of the named stage; errors of AWS become a short message and exit code 1."""
    try:
        yield composition_of(chosen_stage(stage))
    except (StoreUnavailable, BotoCoreError) as fault:
        message = (
            f"The table of {stage} did not answer ({fault}). As far as is known, nothing was "
            "changed."
        )
        raise click.ClickException(message) from None
