"""The organiser's commands. `python manage.py --help` lists them."""

import logging
import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.bootstrap import Composition
from chalicelib.closing import moving_deadline
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.event.checks import InvalidEvent
from chalicelib.event.file import read_event
from management.deploy.post_deploy import NotDeployed, WrongAccount, require_same_account
from management.deploy.stack import StackFailed
from management.local.clock import SimulatedClock, parse_local_time
from management.local.console import log_as_plain_text
from management.stage.aws import Aws
from management.stage.stages import Stage, UnknownStage, composition_of, stage_named

PORT = click.IntRange(0, 65535)
SPEED = click.FloatRange(0.01, 3600)
GUESTS = click.IntRange(0, 10_000)
PORT_IS_TAKEN = 3


@click.group()
def manage() -> None:
    """Dukat: run the service on this machine, rehearse the event, deploy and operate a stage."""
    log_as_plain_text(logging.WARNING)


@manage.command()
@click.option(
    "--port",
    type=PORT,
    default=8000,
    show_default=True,
    help="Port to serve on; 0 chooses a free one.",
)
@click.option("--now", default="", help="Start the clock at this local time: 2027-05-24T23:58.")
@click.option(
    "--speed", type=SPEED, default=1.0, show_default=True, help="How fast the clock runs."
)
def run(port: int, now: str, speed: float) -> None:
    """Run the whole service on this machine, without AWS."""
    from management.local.composition import LocalComposition
    from management.local.service import PortTaken, local_service

    if math.isnan(speed):  # FloatRange accepts NaN
        raise click.BadParameter("it is not a number", param_hint="--speed")
    zone = read_event().timezone
    try:
        start = parse_local_time(now, zone) if now else datetime.now(UTC)
    except ValueError:
        message = f"{now!r} is not a moment; write it like 2027-05-24T23:58"
        raise click.BadParameter(message, param_hint="--now") from None
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.default_int_handler)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        parts = LocalComposition(clock=SimulatedClock(start, speed))
        with local_service(parts, port) as service:
            click.echo(f"Event page:  {service.address}/")
            click.echo(f"Form:        {service.address}/registration")
            click.echo(f"Outbox:      {service.address}/outbox")
            click.echo(f"The clock says {start.astimezone(zone):%Y-%m-%d %H:%M}, speed {speed:g}.")
            click.echo(
                "Everything is kept in memory and lost when the service stops. Ctrl-C stops it."
            )
            service.tick_every(60 / speed)
            service.serve()
    except PortTaken:
        click.echo(f"Port {port} is taken. Try: make run PORT={port % 65535 + 1}", err=True)
        raise SystemExit(PORT_IS_TAKEN) from None
    except KeyboardInterrupt:
        click.echo("\nStopped.")


@manage.command()
@click.option(
    "--guests", type=GUESTS, default=40, show_default=True, help="How many guests register."
)
@click.option("--folder", default="rehearsal", show_default=True, help="Folder for the mails.")
def rehearse(guests: int, folder: str) -> None:
    """Rehearse the event in seconds: guests register, the deadline passes, the summary arrives."""
    from management.local.rehearsal import RehearsalFailed
    from management.local.rehearsal import rehearse as run_rehearsal

    try:
        run_rehearsal(guests, read_event(), Path(folder), click.echo)
    except RehearsalFailed as failure:
        raise click.ClickException(str(failure)) from None
    click.echo("The rehearsal went as it must.")


@manage.command()
@click.option("--folder", default="docs/images", show_default=True, help="Folder for the pictures.")
def screenshots(folder: str) -> None:
    """Take the README's pictures of the local service."""
    from management.local.chromium import NoChromium
    from management.local.screenshots import take_screenshots

    try:
        take_screenshots(Path(folder), click.echo)
    except NoChromium as missing:
        raise click.ClickException(str(missing)) from None


STAGE = click.option("--stage", required=True, help="The deployed stage: prod.")


@manage.command()
@STAGE
@click.confirmation_option(prompt="Nobody can register or change after this. Close now?")
def close(stage: str) -> None:
    """Close registration now; the summary follows three minutes later."""
    with _composition(stage) as parts:
        closes_at = moving_deadline.close_now(parts.context())
    click.echo(f"Registration closed {_local(closes_at, parts)}. The summary follows.")


@manage.command()
@STAGE
@click.option("--until", required=True, help="The new deadline, local time: 2027-05-26T12:00.")
def reopen(stage: str, until: str) -> None:
    """Open registration until a new deadline, or move a deadline that hasn't passed."""
    with _composition(stage) as parts:
        try:
            deadline = parse_local_time(until, parts.event.timezone)
            moving_deadline.reopen(parts.context(), deadline)
        except ValueError:
            message = f"{until!r} is not a moment; write it like 2027-05-26T12:00"
            raise click.BadParameter(message, param_hint="--until") from None
        except moving_deadline.DeadlineRefused as refusal:
            raise click.BadParameter(str(refusal), param_hint="--until") from None
    click.echo(f"Registration is open until {_local(deadline, parts)}.")


@manage.command()
@STAGE
def provision(stage: str) -> None:
    """Create what chalice deploy does not: table, mail set-up, topics, alarms and policies."""
    from management.deploy.provisioning import provision as run_provision
    from management.doctor.autofix import autofix_table
    from management.doctor.deployed_stage import DeployedStage

    chosen, event, aws = _stage(stage), read_event(), Aws()
    with _aws_errors_as_messages():
        run_provision(chosen, event, aws, click.echo)
        autofix_table(DeployedStage(chosen, event, aws, datetime.now(UTC)), aws, click.echo)


@manage.command()
@STAGE
def package(stage: str) -> None:
    """Before chalice deploy: build a compiled, smaller package for chalice deploy to upload."""
    from management.deploy.kept_pages import keep_in_own_process
    from management.deploy.packing import pack

    if keep_in_own_process():
        click.echo("The agenda page has changed. Commit chalicelib/event/kept.")
    size = pack(_stage(stage), read_event()).stat().st_size
    click.echo(f"The package is ready: {size / 1000:.0f} KB.")


@manage.command()
@STAGE
def finish(stage: str) -> None:
    """After chalice deploy: set failed-event queues, log retention and the API's throttle."""
    from management.deploy.packing import was_replaced
    from management.deploy.post_deploy import apply_post_deploy_settings

    chosen = _stage(stage)
    if was_replaced(chosen):
        click.echo("Chalice has deployed a package of its own, with which pages start more slowly,")
        click.echo("because files in chalicelib changed during the deploy. Run make deploy again.")
    with _aws_errors_as_messages():
        apply_post_deploy_settings(chosen, read_event(), Aws(), click.echo)


@manage.command()
@STAGE
@click.option("--fix", is_flag=True, help="First fix what is safe to fix.")
@click.option("--before", is_flag=True, help="Run only the checks for before the first deploy.")
@click.option("--wait", is_flag=True, help="First wait for a tick, as after a deploy.")
def doctor(stage: str, *, fix: bool, before: bool, wait: bool) -> None:
    """Check everything that the service needs to work on the day."""
    from management.doctor.autofix import autofix
    from management.doctor.deployed_stage import DeployedStage
    from management.doctor.doctor import examine
    from management.doctor.running_service import wait_for_tick

    event, chosen, aws = read_event(), _stage(stage), Aws()

    def fresh_stage() -> DeployedStage:
        return DeployedStage(chosen, event, aws, datetime.now(UTC))

    if fix:
        try:
            autofix(fresh_stage(), aws, click.echo)
        except (ClientError, BotoCoreError, OSError) as fault:
            click.echo(f"Not everything could be fixed: {fault}")
    if wait:
        wait_for_tick(fresh_stage)
    wrong = 0
    for finding in examine(fresh_stage(), only_before_deploy=before):
        wrong += not finding.passed
        click.echo(f"{'ok   ' if finding.passed else 'WRONG'}  {finding.check}: {finding.message}")
        for line in finding.remedy.splitlines():
            click.echo(f"         {line}")
    if wrong:
        click.echo(f"{wrong} to fix.")
        raise SystemExit(1)
    click.echo("All is well.")


@manage.command()
@STAGE
def status(stage: str) -> None:
    """Show the state of the stage: deadline, registrations, mails, last tick, alarms."""
    from management.care.status import status as status_lines
    from management.doctor.deployed_stage import DeployedStage

    with _composition(stage) as parts:
        deployed = DeployedStage(_stage(stage), parts.event, Aws(), parts.clock())
        for line in status_lines(deployed, parts):
            click.echo(line)


@manage.command()
@STAGE
def preview(stage: str) -> None:
    """Show the summary as it would be mailed now; nothing is sent."""
    from management.care.status import preview as summary_text

    with _composition(stage) as parts:
        click.echo(summary_text(parts))


@manage.command("send-test")
@STAGE
@click.option("--to", multiple=True, help="An address; default: contact persons and operator.")
def send_test(stage: str, to: tuple[str, ...]) -> None:
    """Send test mails the way the summary is sent, and show the state of each."""
    from management.care.test_mails import send_test as send_test_mails

    with _composition(stage) as parts:
        people = [contact.email for contact in parts.event.contacts] + [parts.event.operator]
        recipients = list(dict.fromkeys(to or people))
        click.echo(f"{len(recipients)} test mails are in the outbox; the next tick sends them.")
        unsent = 0
        for recipient, record in send_test_mails(recipients, parts):
            fault = (record.fault or record.reason) if record else ""
            state = f"{record.state} {fault}".strip() if record else "not sent yet"
            unsent += record is None or record.state not in {"sent", "delivered"}
            click.echo(f"{recipient}: {state}")
    if unsent:
        raise SystemExit(1)


@manage.command()
@STAGE
def retry(stage: str) -> None:
    """Retry the failed events that wait in the queue."""
    from management.care.failed_events import retry as retry_events

    chosen = _stage(stage)
    with _aws_errors_as_messages():
        if not retry_events(chosen, Aws(), click.echo):
            raise SystemExit(1)
    click.echo("No failed event waits.")


@manage.command()
@STAGE
@click.option("--folder", default="exports", show_default=True, help="Folder for the copy.")
def remove(stage: str, folder: str) -> None:
    """Remove a stage and all its data, after saving a copy of its table."""
    from management.deploy.removal import RemovalFailed, export, remove_functions, remove_rest

    chosen, aws = _stage(stage), Aws()
    with _aws_errors_as_messages():
        require_same_account(chosen, aws)
        click.echo(f"Everything of {chosen.service} in account {aws.account} will be deleted.")
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
                "The pages and functions are deleted. Run this again with a --folder that can be "
                "written to; it continues from there."
            ) from None
        click.echo(f"{copy} is a copy of the table. It holds personal data: keep it safe.")
        remove_rest(chosen, aws, click.echo)
    click.echo("Removed. Commit .chalice. AWS keeps a last backup of the table for 35 days.")


@manage.command("add-stage")
@click.argument("name")
@click.option("--sender", required=True, help="The sender of all mails: 'Dukat <dukat@boras.se>'.")
def add_stage(name: str, sender: str) -> None:
    """Add a stage to .chalice/config.json, for the next event."""
    from management.stage.new_stage import BadStageName
    from management.stage.new_stage import add_stage as write_stage

    try:
        write_stage(name, sender, read_event())
    except BadStageName as bad:
        raise click.BadParameter(str(bad), param_hint="NAME") from None
    click.echo(f"The stage {name} is in .chalice/config.json. Next: make deploy STAGE={name}")


@manage.command()
def region() -> None:
    """Print the AWS region that the commands use."""
    click.echo(Aws().region)


def _stage(name: str) -> Stage:
    try:
        return stage_named(name)
    except UnknownStage as unknown:
        raise click.BadParameter(str(unknown), param_hint="--stage") from None


@contextmanager
def _aws_errors_as_messages() -> Iterator[None]:
    """Turn errors of AWS into a short message and exit code 1."""
    try:
        yield
    except (StackFailed, NotDeployed, WrongAccount, ClientError, BotoCoreError) as fault:
        raise click.ClickException(str(fault)) from None


@contextmanager
def _composition(stage: str) -> Iterator[Composition]:
    """The stage's composition; errors of AWS become a short message and exit code 1."""
    try:
        yield composition_of(_stage(stage))
    except (StoreUnavailable, BotoCoreError) as fault:
        message = f"The table of {stage} did not answer ({fault}). Nothing is known to be changed."
        raise click.ClickException(message) from None


def _local(at: datetime, parts: Composition) -> str:
    return f"{at.astimezone(parts.event.timezone):%Y-%m-%d %H:%M}"


if __name__ == "__main__":
    try:
        manage()
    except InvalidEvent as invalid:
        raise SystemExit(f"chalicelib/event.toml is wrong. {invalid}") from None
    except BotoCoreError as fault:
        raise SystemExit(f"AWS can't be reached as this machine is set up: {fault}") from None
