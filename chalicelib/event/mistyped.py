"""Mail addresses whose domain was probably mistyped."""

import unicodedata
from collections.abc import Collection

from chalicelib.event.mail_address import is_large_provider, is_own

# Where most people who do not use their organisation's address have theirs.
_COMMON = (
    *("gmail.com", "hotmail.com", "hotmail.se", "outlook.com", "live.se", "live.com"),
    *("icloud.com", "yahoo.com", "yahoo.se", "telia.com"),
)
# Mistyped, these have no mail or are somebody else's: `gmail.se` is meant to be `gmail.com`.
_OF_ONE_ENDING = ("gmail.com", "icloud.com")
_NAME_AT_LEAST = 4  # of shorter names, too many others differ in one letter


def meant_address(address: str, own_domains: Collection[str]) -> str:
    """The address that was probably meant: in `own_domains` or at a common provider; else empty.

    The domains differ in one letter, in two that changed places, in dots and rings over letters,
    or in the ending.
    """
    local, at, domain = address.rpartition("@")
    domain = domain.lower()
    if not at or is_own(address, own_domains) or is_large_provider(domain):
        return ""
    for known in (*own_domains, *_COMMON):
        if _is_mistyped(domain, known, any_ending=known not in set(_COMMON) - {*_OF_ONE_ENDING}):
            return f"{local}{at}{known}"
    return ""


def _is_mistyped(typed: str, known: str, *, any_ending: bool) -> bool:
    name, _, _ = known.partition(".")
    if len(name) < _NAME_AT_LEAST:
        return False
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", typed)
        if not unicodedata.combining(letter)
    )
    is_other_ending = any_ending and plain.count(".") == 1 and plain.partition(".")[0] == name
    return plain == known or is_other_ending or _is_one_slip(plain, known)


def _is_one_slip(typed: str, known: str) -> bool:
    """Whether one letter is wrong, missing or too many, or two have changed places."""
    same = next(
        (at for at, (one, other) in enumerate(zip(typed, known, strict=False)) if one != other),
        min(len(typed), len(known)),
    )
    typed, known = typed[same:], known[same:]
    is_swap = typed[:2] == known[1::-1] and typed[2:] == known[2:]
    return is_swap or known[1:] in (typed[1:], typed) or typed[1:] == known
