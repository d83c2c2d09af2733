"""What sends a letter, and how sending can fail."""

from collections.abc import Mapping
from typing import Protocol

from chalicelib.mail.faults import Fault
from chalicelib.mail.letter import Letter


class MailNotTaken(Exception):
    """The mail was surely not taken; `fault` says why, and whether to try again."""

    def __init__(self, fault: Fault, code: str = "") -> None:
        super().__init__(f"{fault} {code}".strip())
        self.fault = fault


class MailInDoubt(Exception):
    """The answer never came: the mail may have been taken or not."""


class Mailer(Protocol):
    """What the services ask of a mailer."""

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        """Sends one letter to one recipient, once, and returns the message id.

        The tags come back with what SES tells of the mail later. Raises MailNotTaken or
        MailInDoubt, which name no address.
        """
