"""Valid mail addresses, and the mailbox behind an address."""

import re
from hashlib import sha256

# As browsers check <input type="email"> (WHATWG HTML), but with a dot in the domain. ASCII only,
# since SES accepts other domains only when they are encoded.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(
    rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+", re.IGNORECASE | re.ASCII
)


def mailbox(address: str) -> str:
    """The address in lower case; before the @, without +tag and dots, which many providers ignore.

    Used only for caps and blocks: two persons with the same result share them.
    """
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0].replace('.', '') or local}@{domain}"


def is_same_address(one: str, other: str) -> bool:
    """Whether both are one mail address, whatever its capitals."""
    return bool(one) and one.casefold() == other.casefold()


def is_mail_address(text: str) -> bool:
    """Whether the text is one mail address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def mailbox_hash(address: str) -> str:
    """The SHA-256 (hex) of an address's mailbox, as caps and blocks store it."""
    return sha256(mailbox(address).encode()).hexdigest()
