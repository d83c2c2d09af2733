"""Every kind of mail, and the function that writes its letter, as `module.function`.

The module is imported only when a mail of its kind is due, since most runs send no mail.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from chalicelib.mail.outbox import NOTICES, MailKind

COMPOSERS = {
    MailKind.SUMMARY: "catering.mails.compose",
    MailKind.CHANGE: "catering.mails.compose",
    MailKind.REMINDER: "catering.mails.compose",
    MailKind.CERTIFICATE: "deletion.certificate_mail.compose",
    MailKind.ALARM: "mail.operator_mails.compose_alarm",
    MailKind.DESK: "desk.login_mail.compose",
    MailKind.PROGRAMME: "desk.programme_mail.compose",
    MailKind.TEST: "mail.operator_mails.compose_test",
    **dict.fromkeys(NOTICES, "registration.notice_mail.compose"),
    MailKind.LINK: "registration.link_mail.compose",
    MailKind.RECEIPT: "registration.receipt_mail.compose",
}


def composer_of(kind: MailKind) -> Callable[..., Any]:
    """The function that writes a mail of this kind, called with the `Sending` and the mail."""
    module, _, function = COMPOSERS[kind].rpartition(".")
    found: Callable[..., Any] = getattr(import_module(f"chalicelib.{module}"), function)
    return found
