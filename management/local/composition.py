"""The composition root of this machine: moto is AWS, and every mail counts as delivered."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, cast

from chalicelib.bootstrap import Composition
from chalicelib.dynamo.client import Client
from chalicelib.mail.letter import Letter
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailEvent, MailEventType
from chalicelib.mail.ses import SesMailer
from chalicelib.mail.ses_events import record_and_count
from management.local.moto_aws import ask_moto


class LocalComposition(Composition):
    """The composition of AWS, changed for a machine that runs everything itself.

    Pages also show events that are not published. Each sent mail is recorded as delivered, log
    lines are discarded, and no request runs out of time.
    """

    shows_unpublished = True

    @staticmethod
    def seconds() -> float:
        """Always 0, so that no time limit is ever reached."""
        return 0.0

    @staticmethod
    def write_line(line: str) -> None:
        """Discard JSON log lines; the terminal shows plain text (`console.py`)."""

    # In this process, without HTTP: the app and moto share the cores of this machine.
    _quick_client = _desk_client = _patient_client = cast("Any", Client(ask_moto, attempts=1))

    @cached_property
    def mailer(self) -> SesMailer:
        """SES in moto; records the delivery event, which moto does not send."""
        return cast("SesMailer", _Delivering(super().mailer, self))


class _Delivering:
    def __init__(self, mailer: SesMailer, parts: Composition) -> None:
        self._mailer = mailer
        self._parts = parts

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        message_id = self._mailer.send(recipient, letter, tags)
        kind, at = MailKind(tags["kind"]), self._parts.clock()
        day = tags.get("day", "")
        event = MailEvent(
            tags["mail"], kind, MailEventType.DELIVERY, at, recipient, message_id, day=day
        )
        context = self._parts.context_of(tags["event"])
        assert context  # noqa: S101 - the event has just sent the mail
        record_and_count(context, event)
        return message_id
