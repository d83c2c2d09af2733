"""The interface of a mailer, and how sending can fail."""

from collections.abc import Mapping
from typing import Protocol

from chalicelib.mail.faults import Fault
from chalicelib.mail.letter import Letter


class MailNotAccepted(Exception):
    """The mail was certainly not accepted. `fault` is the reason and decides about a retry."""

    def __init__(self, fault: Fault, code: str = "") -> None:
        super().__init__(f"{fault} {code}".strip())
        self.fault = fault


class MailInDoubt(Exception):
    """No answer arrived: the mail may or may not have been accepted."""


class Mailer(Protocol):
    """Sends letters, through SES or a stand-in."""

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        """Send one letter to one recipient, without retry, and return the message id.

        SES adds `tags` to its later events about the mail. Raises MailNotTaken or MailInDoubt,
        whose texts contain no address.
        """
