"""Mail addresses: mended as they are typed, valid, as SES takes them; the mailbox behind one."""

import re
from hashlib import sha256

# Longer texts are no address, and are not mended.
_MENDED_AT_MOST = 1_000
# What mail programs and websites copy: `Åsa Ek <asa@boras.se>;` and `mailto:asa@boras.se?subject=`.
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]*)>")
_LINK = re.compile(r"mailto:([^?]*).*", re.IGNORECASE)
_AROUND = " .,;"
# As browsers check <input type="email"> (WHATWG HTML), but with a dot in the domain. ASCII only,
# since SES accepts other domains only when they are encoded.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(
    rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+", re.IGNORECASE | re.ASCII
)


def typed_address(text: str) -> str:
    """The address in a typed or pasted text, with the domain in its own letters, not in punycode.

    Without invisible characters, `mailto:`, a name before brackets, and spaces or stops around it.
    """
    from chalicelib.texts.folding import typewritten

    if len(text) > _MENDED_AT_MOST:
        return text
    text = " ".join(typewritten(text).split()).strip(_AROUND)
    for copied in (_IN_BRACKETS, _LINK):
        if found := copied.fullmatch(text):
            text = found[1].strip(_AROUND)
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{_in_own_letters(domain)}"


def ascii_address(address: str) -> str:
    """The address as SES takes it: the domain in punycode (IDNA).

    An address without such a form is returned as it is. So is one whose domain has a letter that
    IDNA 2003, which is Python's, maps to another and IDNA 2008 does not, such as ß: it would be
    another's.
    """
    if address.isascii():
        return address
    local, at, domain = address.rpartition("@")
    try:
        encoded = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return address
    is_same = _in_own_letters(encoded) == domain.lower()
    return f"{local}{at}{encoded}" if is_same else address


def _in_own_letters(domain: str) -> str:
    if "xn--" not in domain.lower() or not domain.isascii():
        return domain
    try:
        return domain.lower().encode("ascii").decode("idna")
    except UnicodeError:
        return domain


def mailbox(address: str) -> str:
    """The address in lower case; before the @, without +tag and dots, which many providers ignore.

    Used only for caps and blocks: two persons with the same result share them.
    """
    local, _, domain = ascii_address(address).casefold().rpartition("@")
    return f"{local.partition('+')[0].replace('.', '') or local}@{domain}"


def is_same_address(one: str, other: str) -> bool:
    """Whether both are one mail address, whatever its capitals."""
    return bool(one) and one.casefold() == other.casefold()


def is_mail_address(text: str) -> bool:
    """Whether the text is one mail address in ASCII and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def mailbox_hash(address: str) -> str:
    """The SHA-256 (hex) of an address's mailbox, as caps and blocks store it."""
    return sha256(mailbox(address).encode()).hexdigest()
