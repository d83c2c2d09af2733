"""Plain text in lines that mail programs show whole."""

import re

from chalicelib.texts.typography import SPACES

# RFC 3676, 4.2: lines of at most 78 characters, and of 72 so that quoting leaves them so.
WIDTH = 72
# What the lines that follow are indented by: spaces, a dash, or a number with what is counted.
_HANGING = re.compile(r" *(?:- |\d+ \S+  |\d+  )?")

# Also the spaces inside telephone numbers.
_KEPT = re.compile(rf"{SPACES}|(?<=\d\d) (?=\d\d\b)")
_GLUE, _GLUED_AT_MOST = "\0", 6


def wrapped(text: str) -> str:
    """The text in lines of at most WIDTH characters; a longer word, such as a URL, stays whole.

    What continues the line of a list is indented as its text is.
    """
    return "\n".join(map(_wrapped, text.split("\n")))


def _wrapped(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    found = _HANGING.match(line)
    indent = found.end() if found else 0
    lines, words = [], _KEPT.sub(_GLUE, line[indent:]).split(" ")
    if any(word.count(_GLUE) > _GLUED_AT_MOST for word in words):  # no number is that long
        words = line[indent:].split(" ")
    current = line[:indent] + words[0]
    for word in words[1:]:
        if len(current) + 1 + len(word) > WIDTH:
            lines.append(current.rstrip(" "))
            current = " " * indent + word
        else:
            current += f" {word}"
    return "\n".join([*lines, current]).replace(_GLUE, " ")
