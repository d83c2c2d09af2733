"""What the commands of a deployed stage share: the option --stage, and errors as messages."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.bootstrap import Composition
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.event import registry_store
from chalicelib.event.event import Event
from management.deploy.deployment import NotDeployed, WrongAccount
from management.deploy.stack import StackFailed
from management.stage.stages import Stage, UnknownStage, composition_of, stage_named

STAGE = click.option("--stage", required=True, help="Name of the stage, such as prod.")
EVENT = click.option("--event", "event_id", help="Id of the event, if there are several.")


def chosen_stage(name: str) -> Stage:
    """The stage with this name; raises BadParameter if there is none."""
    try:
        return stage_named(name)
    except UnknownStage as unknown:
        raise click.BadParameter(str(unknown), param_hint="--stage") from None


def chosen_event(event_id: str | None, parts: Composition) -> Event:
    """The event with this id, or the only one, by its file or else by the table's registry.

    Raises BadParameter, with the events that there are, if there is no such event.
    """
    shared = parts.shared_table()
    held = {entry.id for entry in registry_store.entries(shared) if not entry.is_finished}
    known = sorted({*parts.events.ids, *held})
    if event_id is None and len(known) == 1:
        (event_id,) = known
    listed = ", ".join(f"{one} (in the table)" if one in held else one for one in known)
    if event_id not in known:
        problem = "say which event" if event_id is None else f'there is no event "{event_id}"'
        raise click.BadParameter(f"{problem}: {listed or 'there is none'}", param_hint="--event")
    event = parts.events.find(event_id)
    if event is None:
        click.echo(f"{event_id}: its file is gone; this goes by the file that the table holds.")
    return event or registry_store.stored_source(shared, event_id).read()


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
        if str(fault) == "ResourceNotFoundException":
            message = f"{stage} is not deployed yet: make deploy STAGE={stage}"
            raise click.ClickException(message) from None
        message = (
            f"The table of {stage} did not answer ({fault}). As far as is known, nothing was "
            "changed."
        )
        raise click.ClickException(message) from None
