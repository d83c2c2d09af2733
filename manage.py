"""The organiser's commands: `python manage.py --help` lists them."""

import logging
import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from botocore.exceptions import BotoCoreError

from chalicelib import services
from chalicelib.bootstrap import Composition
from chalicelib.event import InvalidEvent
from chalicelib.event_file import read_event
from chalicelib.store import StoreUnavailable
from management.clock import SimulatedClock, local_moment
from management.stages import UnknownStage, composition_of

PORT = click.IntRange(0, 65535)
SPEED = click.FloatRange(0.01, 3600)
GUESTS = click.IntRange(0, 10_000)
PORT_IS_TAKEN = 3


@click.group()
def manage() -> None:
    """Dukat: run the service on this machine, and rehearse the event."""


@manage.command()
@click.option(
    "--port", type=PORT, default=8000, show_default=True, help="Where to serve; 0 takes a free one."
)
@click.option("--now", default="", help="Start the clock at this local time: 2027-05-24T23:58.")
@click.option("--speed", type=SPEED, default=1.0, show_default=True, help="How fast it runs.")
def run(port: int, now: str, speed: float) -> None:
    """Run the whole service on this machine, without AWS."""
    from management.local_service import PortTaken, local_service

    if math.isnan(speed):  # not caught by the range
        raise click.BadParameter("it is not a number", param_hint="--speed")
    zone = read_event().timezone
    try:
        start = local_moment(now, zone) if now else datetime.now(UTC)
    except ValueError:
        message = f"{now!r} is not a moment; write it like 2027-05-24T23:58"
        raise click.BadParameter(message, param_hint="--now") from None
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.default_int_handler)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        with local_service(SimulatedClock(start, speed), port) as service:
            click.echo(f"Event page:  {service.address}/")
            click.echo(f"Form:        {service.address}/registration")
            click.echo(f"Outbox:      {service.address}/outbox")
            click.echo(f"The clock says {start.astimezone(zone):%Y-%m-%d %H:%M}, speed {speed:g}.")
            click.echo("Everything is kept in memory and gone when it stops. Ctrl-C stops it.")
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
@click.option("--folder", default="rehearsal", show_default=True, help="Where the mails are left.")
def rehearse(guests: int, folder: str) -> None:
    """Rehearse the event in seconds: guests register, the deadline passes, the summary arrives."""
    from management.rehearsal import RehearsalFailed
    from management.rehearsal import rehearse as run_rehearsal

    try:
        run_rehearsal(guests, Path(folder), click.echo)
    except RehearsalFailed as failure:
        raise click.ClickException(str(failure)) from None
    click.echo("The rehearsal went as it must.")


@manage.command()
@click.option("--folder", default="docs/images", show_default=True, help="Where they are left.")
def screenshots(folder: str) -> None:
    """Take the README's pictures of the local service."""
    from management.chromium import NoChromium
    from management.screenshots import take_screenshots

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
    with _deployed(stage) as parts:
        closes_at = services.close_now(
            now=parts.clock(), event=parts.event, store=parts.patient_store
        )
    click.echo(f"Registration closed {_local(closes_at, parts)}. The summary follows.")


@manage.command()
@STAGE
@click.option("--until", required=True, help="The new deadline, local time: 2027-05-26T12:00.")
def reopen(stage: str, until: str) -> None:
    """Open registration until a new deadline, or move a deadline that hasn't passed."""
    with _deployed(stage) as parts:
        try:
            deadline = local_moment(until, parts.event.timezone)
            services.reopen(
                deadline, now=parts.clock(), event=parts.event, store=parts.patient_store
            )
        except ValueError:
            message = f"{until!r} is not a moment; write it like 2027-05-26T12:00"
            raise click.BadParameter(message, param_hint="--until") from None
        except services.DeadlineRefused as refusal:
            raise click.BadParameter(str(refusal), param_hint="--until") from None
    click.echo(f"Registration is open until {_local(deadline, parts)}.")


@contextmanager
def _deployed(stage: str) -> Iterator[Composition]:
    """The stage's parts; what stands in the way is told in one line."""
    try:
        yield composition_of(stage)
    except UnknownStage as unknown:
        raise click.BadParameter(str(unknown), param_hint="--stage") from None
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
