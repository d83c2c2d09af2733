"""The commands that run the service on this machine."""

import logging
import math
import signal
from datetime import UTC, datetime
from pathlib import Path

import click

from chalicelib.event.event import Event
from chalicelib.event.events import PACKAGE, Events
from management.files.left_to_do import left_in_published
from management.local.clock import SimulatedClock, parse_local_time

PORT = click.IntRange(0, 65535)
SPEED = click.FloatRange(0.01, 3600)
GUESTS = click.IntRange(0, 10_000)
PORT_IS_TAKEN = 3
EVENTS = click.option(
    "--events", "more", default="", help="A folder with more events: organisation.toml and events/."
)


@click.command()
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
@EVENTS
def run(port: int, now: str, speed: float, more: str) -> None:
    """Run the whole service on this machine, without AWS."""
    from management.local.composition import LocalComposition
    from management.local.following import Follower
    from management.local.service import PortTaken, local_service

    if math.isnan(speed):  # FloatRange accepts NaN
        raise click.BadParameter("it is not a number", param_hint="--speed")
    events = (_with_events_of(more) or Events()).all()
    zone = events[0].timezone
    try:
        start = parse_local_time(now, zone) if now else datetime.now(UTC)
    except ValueError:
        message = f"{now!r} is not a date and time; write it like 2027-05-24T23:58"
        raise click.BadParameter(message, param_hint="--now") from None
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.default_int_handler)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        clock = SimulatedClock(start, speed)

        def compose() -> LocalComposition:
            parts = LocalComposition(events=_with_events_of(more), clock=clock)
            parts.events.all()  # read now, as the files may be wrong a moment later
            return parts

        follower = Follower(_folders(more), compose)
        with local_service(compose(), port, follower) as service:
            for event in events:
                mark = "" if event.published else "  (not published)"
                click.echo(f"Event page:  {service.address}/{event.id}{mark}")
                click.echo(f"Form:        {service.address}/{event.id}/registration")
            click.echo(f"Desk:        {service.address}/desk")
            click.echo(f"Outbox:      {service.address}/outbox")
            click.echo(
                f"The clock starts at {start.astimezone(zone):%Y-%m-%d %H:%M}, speed {speed:g}."
            )
            _warn_of_marks(more)
            click.echo("A saved file of an event is shown when you reload a page.")
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


@click.command()
@click.option(
    "--guests", type=GUESTS, default=40, show_default=True, help="How many guests register."
)
@click.option("--folder", default="rehearsal", show_default=True, help="Folder for the mails.")
@click.option("--event", "event_id", default="", help="Rehearse only the event with this id.")
@EVENTS
def rehearse(guests: int, folder: str, event_id: str, more: str) -> None:
    """Rehearse each event in seconds: guests register, the deadline passes, the summary arrives."""
    from management.local.rehearsal import RehearsalFailed
    from management.local.rehearsal import rehearse as run_rehearsal

    events = [_found(event_id, more)] if event_id else (_with_events_of(more) or Events()).all()
    try:
        for event in events:
            click.echo(f"{event.id}: {event.title}")
            run_rehearsal(guests, event, Path(folder) / event.id, click.echo)
    except RehearsalFailed as failure:
        raise click.ClickException(str(failure)) from None
    click.echo("The rehearsal succeeded.")
    _warn_of_marks(more)


@click.command()
@click.option("--folder", default="docs/images", show_default=True, help="Folder for the pictures.")
def screenshots(folder: str) -> None:
    """Take the README's pictures of the local service."""
    from management.local.chromium import NoChromium
    from management.local.screenshots import take_screenshots

    try:
        take_screenshots(Path(folder), click.echo)
    except NoChromium as missing:
        raise click.ClickException(str(missing)) from None


def _folders(more: str) -> list[Path]:
    return [PACKAGE, *([Path(more)] if more else [])]


def _found(event_id: str, more: str) -> Event:
    """The event with this id; the files of others are not read, and may be wrong."""
    for folder in _folders(more):
        if event := Events(folder).find(event_id):
            return event
    ids = ", ".join(sorted(name for folder in _folders(more) for name in Events(folder).ids))
    raise click.BadParameter(f'there is no event "{event_id}": {ids}', param_hint="--event")


def _warn_of_marks(more: str) -> None:
    for left in (line for folder in _folders(more) for line in left_in_published(folder)):
        click.echo(f"Warning: {left}", err=True)


def _with_events_of(folder: str) -> Events | None:
    """The shipped events and those of the folder; None without a folder."""
    return Events(known=Events(Path(folder)).all()) if folder else None


COMMANDS = (run, rehearse, screenshots)
