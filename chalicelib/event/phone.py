"""Telephone numbers as people write them, and the links that dial them."""

import re

# Each country's code, and the digit that is dialled before a number inside the country (ITU-T
# E.164 and the national plans). A number of another country is written with + or 00.
_COUNTRIES = {
    "SE": ("46", "0"), "FI": ("358", "0"), "AX": ("358", "0"), "NO": ("47", ""), "DK": ("45", ""),
    "IS": ("354", ""), "FO": ("298", ""), "GL": ("299", ""), "EE": ("372", ""), "DE": ("49", "0"),
}  # fmt: skip
_CODE = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[1-9]\d\d")
# In Italy, Norway and these, a zero after the code is part of the number; elsewhere it is dialled
# only inside the country, though many write it: `+46 (0)33`.
_ZERO_BELONGS = frozenset("39 47 225 229 241 242 378 379".split())
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
    code, rest = _code_and_rest(re.sub(r"[^\d+]", "", number), country)
    return f"+{code}{rest}" if code and 7 <= len(code + rest) <= 15 else ""


def _code_and_rest(digits: str, country: str) -> tuple[str, str]:
    """The country's code, empty if it is not known, and the number without a trunk digit."""
    if not digits.startswith(("+", "00")):
        code, trunk = _COUNTRIES.get(country, ("", ""))
        return (code if digits.startswith(trunk) else ""), digits.removeprefix(trunk)
    whole = digits.removeprefix("+").removeprefix("00")
    found = _CODE.match(whole)
    code = found[0] if found else ""
    rest = whole[len(code) :]
    return code, rest if code in _ZERO_BELONGS else rest.removeprefix("0")
