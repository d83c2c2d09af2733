"""The commands that operate a deployed stage."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import click
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.closing import moving_deadline
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.mail.records import MailRecord
from management.local.clock import parse_local_time
from management.stage.aws import Aws
from management.stage.command_line import (
    EVENT,
    STAGE,
    aws_errors_as_messages,
    chosen_event,
    chosen_stage,
    stage_composition,
)

_LEFT = {"WRONG": "to fix", "to do": "left for you to do"}


@click.command()
@STAGE
@EVENT
@click.option("--yes", is_flag=True, help="Do not ask.")
def close(stage: str, event_id: str | None, *, yes: bool) -> None:
    """Close an event's registration now; the summary follows three minutes later."""
    with stage_composition(stage) as parts:
        event = chosen_event(event_id, parts)
        question = f"Nobody can register for {event.id} or change after this. Close now?"
        if not yes:
            click.confirm(question, abort=True)
        closes_at = moving_deadline.close_now(parts.context(event))
    at = local_time(closes_at, event)
    click.echo(f"{event.id}: registration closed {at}. The summary follows.")


@click.command()
@STAGE
@EVENT
@click.option("--until", required=True, help="The new deadline, local time: 2027-05-26T12:00.")
def reopen(stage: str, event_id: str | None, until: str) -> None:
    """Open an event's registration until a new deadline, or move one that hasn't passed."""
    with stage_composition(stage) as parts:
        event = chosen_event(event_id, parts)
        try:
            deadline = parse_local_time(until, event.timezone)
            moving_deadline.reopen(parts.context(event), deadline)
        except ValueError:
            message = f"{until!r} is not a date and time; write it like 2027-05-26T12:00"
            raise click.BadParameter(message, param_hint="--until") from None
        except moving_deadline.DeadlineRefused as refusal:
            raise click.BadParameter(str(refusal), param_hint="--until") from None
    click.echo(f"{event.id}: registration is open until {local_time(deadline, event)}.")


@click.command()
@STAGE
@click.option("--fix", is_flag=True, help="First fix what is safe to fix.")
@click.option("--before", is_flag=True, help="Run only the checks for before the first deploy.")
@click.option("--wait", is_flag=True, help="First wait for a tick, as after a deploy.")
@click.option("--changed", default="", help="Ids of events whose file is meant to have changed.")
def doctor(stage: str, *, fix: bool, before: bool, wait: bool, changed: str) -> None:
    """Check everything that the service needs to work on the day."""
    from management.doctor.autofix import autofix
    from management.doctor.deployed_stage import DeployedStage
    from management.doctor.doctor import examine
    from management.doctor.running_service import wait_for_tick

    events, chosen, aws = Events(), chosen_stage(stage), Aws()
    events.all()  # a wrong file stops the command before any check

    def fresh_stage() -> DeployedStage:
        deployed = DeployedStage(chosen, events, aws, datetime.now(UTC))
        deployed.meant_to_change = frozenset(changed.replace(",", " ").split())
        return deployed

    if fix:
        try:
            autofix(fresh_stage(), aws, click.echo)
        except (ClientError, BotoCoreError, OSError) as fault:
            click.echo(f"Not everything could be fixed: {fault}")
    if wait:
        wait_for_tick(fresh_stage)
    found: Counter[str] = Counter()
    for finding in examine(fresh_stage(), only_before_deploy=before):
        found[finding.state] += 1
        click.echo(f"{finding.state:5}  {finding.check}: {finding.message}")
        for line in finding.remedy.splitlines():
            click.echo(f"         {line}")
    click.echo(
        _conclusion(found, "Nothing is in the way of deploying." if before else "All is well.")
    )
    if found["WRONG"]:
        raise SystemExit(1)


def _conclusion(found: Mapping[str, int], if_nothing: str) -> str:
    """The doctor's last line, by the number of findings in each state."""
    counts = [f"{found[state]} {words}" for state, words in _LEFT.items() if found[state]]
    return f"{' and '.join(counts)}." if counts else if_nothing


@click.command()
@STAGE
def status(stage: str) -> None:
    """Show the state of the stage and of each event: deadline, registrations, mails, alarms."""
    from management.care.status import status as status_lines
    from management.doctor.deployed_stage import DeployedStage

    with stage_composition(stage) as parts:
        deployed = DeployedStage(chosen_stage(stage), parts.events, Aws(), parts.clock())
        for line in status_lines(deployed, parts):
            click.echo(line)


@click.command()
@STAGE
@EVENT
def preview(stage: str, event_id: str | None) -> None:
    """Show an event's summary as it would be mailed now; nothing is sent."""
    from management.care.status import preview as summary_text

    with stage_composition(stage) as parts:
        event = chosen_event(event_id, parts)
        click.echo(f"{event.id}, {event.title}:\n\n{summary_text(parts.context(event))}")


@click.command("send-test")
@STAGE
@EVENT
@click.option(
    "--to", multiple=True, help="An address; default: contact persons, receivers and operator."
)
def send_test(stage: str, event_id: str | None, to: tuple[str, ...]) -> None:
    """Send test mails the way an event's summary is sent, and show the state of each."""
    from management.care.test_mails import send_test as send_test_mails

    with stage_composition(stage) as parts:
        event = chosen_event(event_id, parts)
        contacts = [contact.email for contact in event.mailboxes]
        receivers = [receiver.email for receiver in event.receivers]
        people = [*contacts, *receivers, event.operator]
        recipients = list(dict.fromkeys(to or people))
        mails = f"{event.id}: {len(recipients)} test mails"
        click.echo(f"{mails} are in the outbox; the next tick, within a minute, sends them.")
        click.echo("Waiting for them to arrive, four minutes at most:")
        unsent = 0
        for recipient, record in send_test_mails(recipients, parts, event, _progress()):
            fault = (record.fault or record.reason) if record else ""
            state = f"{record.state} {fault}".strip() if record else "not sent yet"
            unsent += record is None or record.state not in {"sent", "delivered"}
            click.echo(f"{recipient}: {state}")
    click.echo("sent: SES has taken the mail. delivered: the recipient's mail server has, too.")
    if unsent:
        raise SystemExit(1)


def _progress() -> Callable[[Sequence[MailRecord | None]], None]:
    """A function that prints how many mails are in which state, whenever that has changed."""
    shown: list[str] = []

    def watch(records: Sequence[MailRecord | None]) -> None:
        states = Counter(str(one.state) if one else "in the outbox" for one in records)
        line = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
        if [line] != shown[-1:]:
            shown.append(line)
            click.echo(f"  {line}")

    return watch


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


def local_time(at: datetime, event: Event) -> str:
    """`2027-05-24 23:58` in the event's time zone."""
    return f"{at.astimezone(event.timezone):%Y-%m-%d %H:%M}"


COMMANDS = (close, reopen, doctor, status, preview, send_test, retry)
