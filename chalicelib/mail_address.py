"""What counts as a mail address."""

import re

# As browsers check <input type="email"> (WHATWG HTML), and with a dot in the domain. ASCII only:
# SES takes no others without encoding the domain first.
_ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+",
    re.IGNORECASE | re.ASCII,
)


def mailbox(address: str) -> str:
    """The mailbox that an address ends in: without case, and without a +tag (RFC 5233)."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def is_mail_address(text: str) -> bool:
    """Whether the text is one mail address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None
