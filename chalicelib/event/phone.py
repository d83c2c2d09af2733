"""Telephone numbers as people write them, and the links that dial them."""

import re

# Each country's code, and the digit that is dialled before a number inside the country (ITU-T
# E.164 and the national plans). A number of another country is written with + or 00.
_COUNTRIES = {
    "SE": ("46", "0"), "FI": ("358", "0"), "AX": ("358", "0"), "NO": ("47", ""), "DK": ("45", ""),
    "IS": ("354", ""), "FO": ("298", ""), "GL": ("299", ""), "EE": ("372", ""), "DE": ("49", "0"),
}  # fmt: skip
_TRUNKS = dict(_COUNTRIES.values())
_WRITTEN = re.compile(r"\+?[0-9 ()\u2013.-]{5,}")
_ENDING_AT_MOST = 6  # digits; more are a whole number


def numbers_in(text: str) -> tuple[str, ...]:
    """The numbers in `text`, which may end in several ways: `033-35 72 19/82 97` is two."""
    first, *others = (part.strip() for part in text.split("/"))
    numbers = [first]
    for other in others:
        digits = len(re.findall(r"\d", other))
        start = first if 0 < digits <= _ENDING_AT_MOST else ""
        for _ in range(digits if start else 0):
            start = re.sub(r"\d\D*$", "", start)
        numbers.append(start + other)
    return tuple(numbers)


def dialled(number: str, country: str) -> str:
    """The number in international form (E.164), or empty if it is not one.

    `country` (ISO 3166-1) is that of a number without a country code.
    """
    if not _WRITTEN.fullmatch(number):
        return ""
    digits = re.sub(r"[^\d+]", "", re.sub(r"^((?:\+|00)[\d ]+)\(0\)", r"\1", number))
    if digits.startswith(("+", "00")):
        whole = digits.removeprefix("+").removeprefix("00")
        code = next((code for code in _TRUNKS if whole.startswith(code)), "")
        trunk = _TRUNKS.get(code, "")
    else:
        code, trunk = _COUNTRIES.get(country, ("", ""))
        if not code or not digits.startswith(trunk):
            return ""
        whole = code + digits
    rest = whole[len(code) :].removeprefix(trunk)
    return f"+{code}{rest}" if 7 <= len(code + rest) <= 15 else ""
