"""Asking for the links of the registrations with a mail address."""

from datetime import UTC

from chalicelib.dynamo.writes import ABSENT, put
from chalicelib.event.context import Context
from chalicelib.event.mail_address import is_own
from chalicelib.mail import caps
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.registration.tokens import hash_token


def ask_for_links(context: Context, address: str, nonce: str, language: str) -> bool:
    """Queue a mail with the links of the address, once for the same `nonce` within a minute.

    The work is the same for every address, and the answer too: whether any registration has it is
    looked up when the mail is due. False if as many as may have asked today.
    """
    now = context.now
    # Its id is in the log: without the nonce, which is kept nowhere, it tells nothing.
    mail = OutboxMail(
        id=f"{MailKind.LINK}-{hash_token(f'{nonce} {address}')[:20]}",
        kind=MailKind.LINK,
        recipient=address,
        due=now.replace(second=0, microsecond=0),
        language=language,
        day=f"{now.astimezone(UTC):%Y-%m-%d}",
        is_own=is_own(address, context.event.own_domains),
    )
    queued = put(outbox.key_of(mail), outbox.mail_item(mail), ABSENT)
    is_one_too_many, *_ = context.table.write(caps.ask_write(now), queued)
    return not is_one_too_many
