"""The commands that deploy a stage, and remove it."""

from datetime import UTC, datetime
from pathlib import Path

import click

from chalicelib.event.events import Events
from management.deploy.deployment import is_packaged, require_same_account
from management.stage.aws import Aws
from management.stage.command_line import STAGE, aws_errors_as_messages, chosen_stage
from management.stage.registered import registered_events


@click.command()
@STAGE
def provision(stage: str) -> None:
    """Create what chalice deploy does not: table, mail set-up, topics, alarms and policies."""
    from management.deploy.provisioning import provision as run_provision
    from management.doctor.autofix import autofix_table
    from management.doctor.deployed_stage import DeployedStage

    chosen, events, aws = chosen_stage(stage), Events(), Aws()
    with aws_errors_as_messages():
        run_provision(chosen, events.organisation, aws, click.echo)
        autofix_table(DeployedStage(chosen, events, aws, datetime.now(UTC)), aws, click.echo)


@click.command()
@STAGE
def package(stage: str) -> None:
    """Before chalice deploy: build a compiled, smaller package for chalice deploy to upload."""
    from management.deploy.kept_pages import keep_in_own_process
    from management.deploy.packing import pack

    keep_in_own_process()
    size = pack(chosen_stage(stage), Events()).stat().st_size
    click.echo(f"The package is ready: {size / 1000:.0f} KB.")


@click.command()
@STAGE
def finish(stage: str) -> None:
    """After chalice deploy: set failed events, log retention, API pages, throttle, mails' links."""
    from management.deploy.packing import was_replaced
    from management.deploy.post_deploy import apply_post_deploy_settings
    from management.deploy.provisioning import ask_for_what_is_left

    chosen = chosen_stage(stage)
    if was_replaced(chosen):
        click.echo("Chalice has deployed a package of its own, with which pages start more slowly,")
        click.echo("because files in chalicelib changed during the deploy. Run make deploy again.")
    events, aws = Events(), Aws()
    with aws_errors_as_messages():
        apply_post_deploy_settings(chosen, events, aws, click.echo)
        if is_packaged(chosen, aws):  # provision does this for the others
            ask_for_what_is_left(chosen, events.organisation.operator, aws, click.echo)


@click.command()
@STAGE
def parameters(stage: str) -> None:
    """Print the parameters of a stack with the functions, which make stack deploys."""
    from management.deploy.provisioning import packaged_parameters

    chosen, aws = chosen_stage(stage), Aws()
    with aws_errors_as_messages():
        if chosen.state_file.exists():
            raise click.ClickException(
                f"{chosen.service} was deployed with chalice: make deploy STAGE={stage} updates it."
            )
        found = packaged_parameters(chosen, Events().organisation, aws)
    click.echo(" ".join(f"{name}={value}" for name, value in found.items()))


@click.command()
@STAGE
@click.option("--folder", default="exports", show_default=True, help="Folder for the copy.")
def remove(stage: str, folder: str) -> None:
    """Remove a stage and all its data, after saving a copy of its table."""
    from management.deploy.removal import RemovalFailed, export, remove_functions, remove_rest

    chosen, aws = chosen_stage(stage), Aws()
    with aws_errors_as_messages():
        require_same_account(chosen, aws)
        left = "The bucket keeps the packages." if is_packaged(chosen, aws) else "Commit .chalice."
        click.echo(f"Everything of {chosen.service} in account {aws.account} will be deleted.")
        for one in registered_events(chosen, Events(), aws):
            click.echo(f"  {one.id}, {one.entry.title}: {one.registrations} registrations")
        if click.prompt("Type the stage's name to continue", default="") != stage:
            raise click.Abort
        try:
            remove_functions(chosen, aws, click.echo)
            copy = export(chosen, aws, Path(folder), datetime.now(UTC))
        except RemovalFailed as failure:
            raise click.ClickException(str(failure)) from None
        except OSError as fault:
            raise click.ClickException(
                f"The copy could not be saved, so the table and the stack stay: {fault}\n"
                "Nobody can register any more. Run this again with a --folder that can be written "
                "to; it continues from there."
            ) from None
        click.echo(f"{copy} is a copy of the table. It holds personal data: keep it safe.")
        remove_rest(chosen, aws, click.echo)
    click.echo(f"Removed. {left} AWS keeps a last backup of the table for 35 days.")


@click.command("add-stage")
@click.argument("name")
@click.option("--sender", required=True, help="The sender of all mails: 'Dukat <dukat@boras.se>'.")
def add_stage(name: str, sender: str) -> None:
    """Add a stage to .chalice/config.json: a deployment of its own."""
    from management.stage.new_stage import BadStageName
    from management.stage.new_stage import add_stage as write_stage

    try:
        write_stage(name, sender)
    except BadStageName as bad:
        raise click.BadParameter(str(bad), param_hint="NAME") from None
    click.echo(f"The stage {name} is in .chalice/config.json. Next: make deploy STAGE={name}")


@click.command()
def region() -> None:
    """Print the AWS region that the commands use."""
    click.echo(Aws().region)


COMMANDS = (provision, package, finish, parameters, remove, add_stage, region)
