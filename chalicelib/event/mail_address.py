"""What counts as a mail address."""

import re
from hashlib import sha256

# As browsers check <input type="email"> (WHATWG HTML), and with a dot in the domain. ASCII only:
# SES takes no others without encoding the domain first.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(
    rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+", re.IGNORECASE | re.ASCII
)


def mailbox(address: str) -> str:
    """The mailbox that an address likely ends in, for counting: no case, no +tag, no dots.

    Some providers ignore those; taking two people's for one only counts too strictly.
    """
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0].replace('.', '') or local}@{domain}"


def is_mail_address(text: str) -> bool:
    """Whether the text is one mail address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def mailbox_hash(address: str) -> str:
    """The hash under which caps and blocks know the mailbox of an address (SHA-256, hex)."""
    return sha256(mailbox(address).encode()).hexdigest()
