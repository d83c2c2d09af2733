"""Every kind of mail, and the function that writes its letter, as `module.function`.

The module is imported only when a mail of its kind is due, since most runs send no mail.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from chalicelib.mail.outbox import MailKind

WRITERS = {
    MailKind.SUMMARY: "catering.mails.write",
    MailKind.CHANGE: "catering.mails.write",
    MailKind.REMINDER: "catering.mails.write",
    MailKind.CERTIFICATE: "deletion.certificate_mail.write",
    MailKind.ALARM: "mail.operator_mails.write_alarm",
    MailKind.DESK: "desk.login_mail.write",
    MailKind.TEST: "mail.operator_mails.write_test",
    MailKind.RECEIPT: "registration.receipt_mail.write",
}


def writer_of(kind: MailKind) -> Callable[..., Any]:
    """The function that writes a mail of this kind, called with the `Sending` and the mail."""
    module, _, function = WRITERS[kind].rpartition(".")
    found: Callable[..., Any] = getattr(import_module(f"chalicelib.{module}"), function)
    return found
