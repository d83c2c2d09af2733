"""Mail addresses: mended as they are typed, valid, as SES takes them; the mailbox behind one."""

import re
from collections.abc import Collection
from functools import lru_cache
from hashlib import sha256

# Longer texts are no address, and are not mended.
_MENDED_AT_MOST = 1_000
# What mail programs and websites copy: `Åsa Ek <asa@boras.se>;` and `mailto:asa@boras.se?subject=`.
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]*)>")
_LINK = re.compile(r"mailto:([^?]*).*", re.IGNORECASE)
_QUOTED, _ESCAPED = re.compile(r'"(.*)"'), re.compile(r"\\(.)")
_AROUND = " .,;"
# As browsers check <input type="email"> (WHATWG HTML), but with a dot in the domain. ASCII only,
# since SES accepts other domains only when they are encoded.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(
    rf"(?=.{{1,254}}\Z)(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+",
    re.IGNORECASE | re.ASCII,
)

# Only what the providers themselves say, or what is known of them: elsewhere a.b and ab, or a-b and
# a, are two persons. A +tag is left out everywhere (RFC 5233): nobody's name has a plus.
_SAME_DOMAIN = {
    "googlemail.com": "gmail.com",
    **dict.fromkeys(("me.com", "mac.com"), "icloud.com"),
    **dict.fromkeys(("protonmail.com", "protonmail.ch", "pm.me"), "proton.me"),
}
_IGNORED = {"gmail.com": ".", "proton.me": ".-_"}
_FASTMAIL = frozenset(
    f"fastmail.{end}"
    for end in "com fm se net org us jp es de nl to cn im in mx co.uk com.au".split()
) | {"sent.com"}
# Its names have no hyphen: what follows one is a keyword of the owner's.
_YAHOO = re.compile(r"(?:yahoo(?:\.com?)?(?:\.[a-z]{2})?|ymail\.com|rocketmail\.com)")
# Providers whose domain many persons have, here and in the world.
_LARGE = _FASTMAIL | {
    *("gmail.com", "icloud.com", "proton.me", "aol.com", "gmx.com", "gmx.de", "mail.com"),
    *(f"{name}.{end}" for name in ("outlook", "hotmail", "live") for end in ("com", "se")),
    *("msn.com", "telia.com", "bredband.net", "bredband2.com", "comhem.se", "tele2.se"),
    *("spray.se", "home.se", "bahnhof.se", "ownit.se", "passagen.se", "swipnet.se"),
}
_SHORT = 3


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


@lru_cache(maxsize=1)  # slow, and a registration needs it for several checks and counters
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
    """The mailbox behind an address: in lower case, without a +tag and what its provider ignores.

    Used only for caps and blocks: two persons with the same result share them.
    """
    local, _, domain = ascii_address(address).casefold().rpartition("@")
    owner, _, parent = domain.partition(".")
    if parent in _FASTMAIL:  # where anything@asa-ek.fastmail.com is asa_ek@fastmail.com
        local, domain = owner.replace("-", "_"), parent
    domain = _SAME_DOMAIN.get(domain, domain)
    name, _, _ = local.partition("+")
    if _YAHOO.fullmatch(domain):
        name = name.partition("-")[0].rstrip(".")  # no name there ends with a dot
    for ignored in _IGNORED.get(domain, ""):
        name = name.replace(ignored, "")
    return f"{name or local}@{domain}"


def is_own(address: str, own_domains: Collection[str]) -> bool:
    """Whether an address's domain is one of these, or a subdomain of one."""
    _, _, domain = ascii_address(address).casefold().rpartition("@")
    return any(f".{domain}".endswith(f".{own}") for own in own_domains)


def is_large_provider(domain: str) -> bool:
    """Whether many persons have addresses in this domain, here or in the world."""
    return domain in _LARGE or domain in _SAME_DOMAIN or bool(_YAHOO.fullmatch(domain))


def capped_domain(address: str, own_domains: Collection[str]) -> str:
    """The domain whose mailboxes share a cap with this address's; empty if it has none.

    Providers with many persons have none, nor have `own_domains` and their subdomains. Otherwise
    subdomains count as their domain, since one mailbox may get the mail of all of them.
    """
    _, _, domain = mailbox(address).rpartition("@")
    if is_large_provider(domain) or is_own(address, own_domains):
        return ""
    labels = domain.split(".")
    # Three labels where the second may be no owner's, as in co.uk.
    return ".".join(labels[-3 if len(labels[-2]) <= _SHORT else -2 :])


def named_address(text: str) -> tuple[str, str]:
    """The name and the address in `Name <address>`, the name in quotes or not; or no name.

    A name may have commas and colons, as people write it: `S:t Eriks <kost@eriks.se>`.
    """
    name, bracket, address = text.rpartition("<")
    if not bracket:
        return "", text.strip()
    name = name.strip()
    if quoted := _QUOTED.fullmatch(name):
        name = _ESCAPED.sub(r"\1", quoted[1])
    return name, address.strip().removesuffix(">").strip()


def is_same_address(one: str, other: str) -> bool:
    """Whether both are one mail address, whatever its capitals."""
    return bool(one) and one.casefold() == other.casefold()


def is_mail_address(text: str) -> bool:
    """Whether the text is one mail address in ASCII and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def mailbox_hash(address: str) -> str:
    """The SHA-256 (hex) of an address's mailbox, as caps and blocks store it."""
    return sha256(mailbox(address).encode()).hexdigest()
