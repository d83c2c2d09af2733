"""Keeps together, in HTML, what must not be divided between two lines."""

import re

from chalicelib.texts.dates import MONTHS

_MONTH = "|".join(sorted({month for months in MONTHS.values() for month in months}))
# The spaces inside `31 maj`, `kl. 24.00` and `at 15:00`, which may not end a line.
SPACES = rf"(?<=\d) (?=(?:{_MONTH})\b)|(?<=\bkl\.) (?=\d)|(?<=\bat) (?=\d?\d:\d\d)"
# Markup, and texts that people edit or programs read, stay as they are. So does "E-post" at the
# beginning: a label that people say to their computer.
_APART = re.compile(
    r"<(?P<kept>style|textarea)\b.*?</(?P=kept)>|<[^>]*>"
    rf"|{SPACES}"
    r"|(?<=\be)(?<![\w.@/-]e)-(?=post(?![\w.-]*@))",
    re.DOTALL,
)
_TOGETHER = {" ": "\N{NO-BREAK SPACE}", "-": "\N{NON-BREAKING HYPHEN}"}


def unbroken(html: str) -> str:
    """The HTML without line breaks inside `31 maj`, `kl. 24.00`, `at 15:00` and `e-post`."""
    return _APART.sub(lambda found: _TOGETHER.get(found[0], found[0]), html)
