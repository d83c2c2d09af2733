"""The command that writes a new event's file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from chalicelib.event.events import PACKAGE
from management.invitation.answers import Answers, BadAnswer, parse_contact, parse_day
from management.invitation.new_event import NoSuchEvent, new_event
from management.invitation.sources import STANDARD_INPUT
from management.invitation.unreadable import Unreadable

Parsed = TypeVar("Parsed")


def _answer(parse: Callable[[str], Parsed]) -> Callable[..., Any]:
    """The callback of an option, or of one that is given several times."""

    def parsed(_: click.Context, __: click.Parameter, value: Any) -> Any:
        try:
            if isinstance(value, tuple):
                return tuple(map(parse, value))
            return parse(value) if value else None
        except BadAnswer as bad:
            raise click.BadParameter(str(bad)) from None

    return parsed


def _parse_id(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise BadAnswer("an id has a-z, 0-9 and hyphens only, as it is part of addresses")
    return text


@click.command("new-event")
@click.argument("event_id", metavar="[ID]", default="", callback=_answer(_parse_id))
@click.option("--like", metavar="ID", help="Take the meals, contacts and texts of this event.")
@click.option(
    "--from",
    "source",
    default="",
    metavar="FILE",
    help="Read an invitation: text, .pdf, .docx, .html, .ics, .eml; - for the standard input.",
)
@click.option("--title", default="", help="The title.")
@click.option("--place", default="", help="The place.")
@click.option("--date", callback=_answer(parse_day), help="The (first) day: 2027-05-31.")
@click.option("--last-day", callback=_answer(parse_day), help="The last day to register.")
@click.option(
    "--contact", multiple=True, callback=_answer(parse_contact), metavar="'NAME <ADDRESS>'",
    help="A contact person; may be given several times.",
)  # fmt: skip
@click.option("--ask/--no-ask", default=None, help="Whether to ask; default: in a terminal.")
@click.option(
    "--folder", default=str(PACKAGE), help="The folder with organisation.toml and events/."
)
def new_event_command(
    event_id: str | None,
    like: str | None,
    source: str,
    folder: str,
    *,
    ask: bool | None,
    **answers: Any,
) -> None:
    """Write a new event's file, which is valid at once and says what is left to fill in.

    ID is the event's name in addresses; without it, one is made from title and year.
    """
    # Whoever pastes the invitation can't be asked as well.
    asks = (sys.stdin.isatty() if ask is None else ask) and source != STANDARD_INPUT
    given = Answers(
        answers["title"], answers["place"], answers["date"], answers["last_day"], answers["contact"]
    )
    try:
        made = new_event(
            Path(folder), given, datetime.now(UTC).date(), event_id or "", like or "",
            source=source, ask=_asked if asks else None,
        )  # fmt: skip
    except NoSuchEvent as missing:
        raise click.BadParameter(str(missing), param_hint="--like") from None
    except Unreadable as unreadable:
        raise click.BadParameter(str(unreadable), param_hint="--from") from None
    except FileExistsError as existing:
        raise click.BadParameter(f"{existing.filename} exists already", param_hint="ID") from None
    path = made.path.relative_to(Path.cwd()) if made.path.is_relative_to(Path.cwd()) else made.path
    click.echo(f"{path} is written, with published = false.")
    for line in made.left:
        click.echo(f"  {line}")
    click.echo(f"{len(made.left)} left to do. `make run` shows the page.")


def _asked(question: str, default: str) -> str:
    return str(click.prompt(question, default=default, show_default=bool(default)))


COMMANDS = (new_event_command,)
