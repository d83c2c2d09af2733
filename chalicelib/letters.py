"""Every kind of mail, and the function that writes its letter, by module and function.

A module is imported when a mail of its kind is due: most runs have none.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from chalicelib.mail.outbox import Kind

WRITERS = {
    Kind.SUMMARY: "catering.mails.write",
    Kind.CHANGE: "catering.mails.write",
    Kind.REMINDER: "catering.mails.write",
    Kind.CERTIFICATE: "deletion.certificate_mail.write",
    Kind.ALARM: "mail.operator_mails.write_alarm",
    Kind.DESK: "desk.link_mail.write",
    Kind.TEST: "mail.operator_mails.write_test",
    Kind.RECEIPT: "registration.receipt_mail.write",
}


def writer_of(kind: Kind) -> Callable[..., Any]:
    """The function that writes a mail of this kind, called with the `Sending` and the mail."""
    module, _, function = WRITERS[kind].rpartition(".")
    found: Callable[..., Any] = getattr(import_module(f"chalicelib.{module}"), function)
    return found
