"""The organiser's commands. `python manage.py --help` lists them."""

import logging

import click
from botocore.exceptions import BotoCoreError

from chalicelib.event.events import PACKAGE
from chalicelib.event.problems import InvalidEvent
from management.care import commands as care
from management.deploy import commands as deploy
from management.files.faults import faults
from management.invitation import commands as invitation
from management.local import commands as local
from management.local.console import log_as_plain_text


@click.group()
def manage() -> None:
    """Dukat: run the service on this machine, rehearse the event, deploy and operate a stage."""
    log_as_plain_text(logging.WARNING)


for command in (*local.COMMANDS, *invitation.COMMANDS, *deploy.COMMANDS, *care.COMMANDS):
    manage.add_command(command)


if __name__ == "__main__":
    try:
        manage()
    except InvalidEvent as invalid:
        # The error itself, if it is in a file that the table has stored.
        found = "\n".join(faults(PACKAGE)) or str(invalid)
        raise SystemExit(f"In chalicelib this is wrong:\n{found}") from None
    except BotoCoreError as fault:
        raise SystemExit(f"AWS can't be reached as this machine is set up: {fault}") from None
