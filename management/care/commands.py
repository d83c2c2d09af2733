"""The commands that operate a deployed stage."""

from datetime import UTC, datetime

import click
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.bootstrap import Composition
from chalicelib.closing import moving_deadline
from chalicelib.event.file import read_event
from management.local.clock import parse_local_time
from management.stage.aws import Aws
from management.stage.command_line import (
    STAGE,
    aws_errors_as_messages,
    chosen_stage,
    stage_composition,
)


@click.command()
@STAGE
@click.confirmation_option(prompt="Nobody can register or change after this. Close now?")
def close(stage: str) -> None:
    """Close registration now; the summary follows three minutes later."""
    with stage_composition(stage) as parts:
        closes_at = moving_deadline.close_now(parts.context())
    click.echo(f"Registration closed {local_time(closes_at, parts)}. The summary follows.")


@click.command()
@STAGE
@click.option("--until", required=True, help="The new deadline, local time: 2027-05-26T12:00.")
def reopen(stage: str, until: str) -> None:
    """Open registration until a new deadline, or move a deadline that hasn't passed."""
    with stage_composition(stage) as parts:
        try:
            deadline = parse_local_time(until, parts.event.timezone)
            moving_deadline.reopen(parts.context(), deadline)
        except ValueError:
            message = f"{until!r} is not a date and time; write it like 2027-05-26T12:00"
            raise click.BadParameter(message, param_hint="--until") from None
        except moving_deadline.DeadlineRefused as refusal:
            raise click.BadParameter(str(refusal), param_hint="--until") from None
    click.echo(f"Registration is open until {local_time(deadline, parts)}.")


@click.command()
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

    event, chosen, aws = read_event(), chosen_stage(stage), Aws()

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


@click.command()
@STAGE
def status(stage: str) -> None:
    """Show the state of the stage: deadline, registrations, mails, last tick, alarms."""
    from management.care.status import status as status_lines
    from management.doctor.deployed_stage import DeployedStage

    with stage_composition(stage) as parts:
        deployed = DeployedStage(chosen_stage(stage), parts.event, Aws(), parts.clock())
        for line in status_lines(deployed, parts):
            click.echo(line)


@click.command()
@STAGE
def preview(stage: str) -> None:
    """Show the summary as it would be mailed now; nothing is sent."""
    from management.care.status import preview as summary_text

    with stage_composition(stage) as parts:
        click.echo(summary_text(parts))


@click.command("send-test")
@STAGE
@click.option("--to", multiple=True, help="An address; default: contact persons and operator.")
def send_test(stage: str, to: tuple[str, ...]) -> None:
    """Send test mails the way the summary is sent, and show the state of each."""
    from management.care.test_mails import send_test as send_test_mails

    with stage_composition(stage) as parts:
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


@click.command()
@STAGE
def retry(stage: str) -> None:
    """Retry the failed events that wait in the queue."""
    from management.care.failed_events import retry as retry_events

    chosen = chosen_stage(stage)
    with aws_errors_as_messages():
        if not retry_events(chosen, Aws(), click.echo):
            raise SystemExit(1)
    click.echo("No failed event waits.")


def local_time(at: datetime, parts: Composition) -> str:
    """`2027-05-24 23:58` in the event's time zone."""
    return f"{at.astimezone(parts.event.timezone):%Y-%m-%d %H:%M}"


COMMANDS = (close, reopen, doctor, status, preview, send_test, retry)
