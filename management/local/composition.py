"""Mail on this machine: moto takes it, and here is what SES would tell of it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, cast

from chalicelib.bootstrap import Composition
from chalicelib.dynamo.client import Client
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.letter import Letter
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailEvent, MailEventType
from chalicelib.mail.ses import SesMailer
from management.local.moto_aws import ask_moto


class LocalComposition(Composition):
    """As on AWS, and every mail that is taken is told to be delivered; nothing is measured, and
    however busy the machine is, no request runs out of time.
    """

    @staticmethod
    def seconds() -> float:
        """As if everything took no time."""
        return 0.0

    @staticmethod
    def write_line(line: str) -> None:
        """Leaves the terminal to what people want to read."""

    # As on Lambda, but without connections: here everybody shares one core with the table.
    _quick_client = _desk_client = _patient_client = cast("Any", Client(ask_moto, attempts=1))

    @cached_property
    def mailer(self) -> SesMailer:
        """SES as moto plays it, with the event that moto doesn't send."""
        return cast("SesMailer", _Delivering(super().mailer, self))


class _Delivering:
    def __init__(self, mailer: SesMailer, parts: Composition) -> None:
        self._mailer = mailer
        self._parts = parts

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        message_id = self._mailer.send(recipient, letter, tags)
        kind, at = MailKind(tags["kind"]), self._parts.clock()
        event = MailEvent(tags["mail"], kind, MailEventType.DELIVERY, at, recipient, message_id)
        mail_records.record_event(self._parts.patient_table, event)
        return message_id
