"""A mailer that is made only when a letter is sent: nearly every scheduled run sends none."""

from collections.abc import Callable, Mapping

from chalicelib.mail.letter import Letter
from chalicelib.mail.mailer import Mailer


class LazyMailer:
    """Sends each letter through a mailer that it gets by calling `make`."""

    def __init__(self, make: Callable[[], Mailer]) -> None:
        self._make = make

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        """Send through the made mailer. If `make` fails, raise MailNotTaken: nothing was sent."""
        try:
            mailer = self._make()
        except Exception as fault:  # noqa: BLE001 - whatever the fault, the mail was not sent
            from chalicelib.mail.faults import Fault
            from chalicelib.mail.mailer import MailNotAccepted

            raise MailNotAccepted(Fault.NOT_ALLOWED, type(fault).__name__) from None
        return mailer.send(recipient, letter, tags)
