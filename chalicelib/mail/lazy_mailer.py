"""A mailer that is made with the first letter: nearly every run of a schedule has none."""

from collections.abc import Callable, Mapping

from chalicelib.mail.letter import Letter
from chalicelib.mail.mailer import Mailer


class LazyMailer:
    """Sends through the mailer that `make` returns, which is called for each letter."""

    def __init__(self, make: Callable[[], Mailer]) -> None:
        self._make = make

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        """As the mailer does it; if `make` fails, raises MailNotTaken, since nothing was sent."""
        try:
            mailer = self._make()
        except Exception as fault:  # noqa: BLE001 - whatever it is, the mail must not count as sent
            from chalicelib.mail.faults import Fault
            from chalicelib.mail.mailer import MailNotTaken

            raise MailNotTaken(Fault.NOT_ALLOWED, type(fault).__name__) from None
        return mailer.send(recipient, letter, tags)
