"""What an event's file says is left to do: its comments with TODO."""

import re

_TODO = re.compile(r"#\s*TODO\b[ :]*(.*)")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


def left_to_do(text: str) -> list[str]:
    """Each TODO of a file: its line, the key below it, and what it says."""
    lines = text.split("\n")
    return [
        f"line {number}, {_key_below(lines[number:])}{found[1]}"
        for number, line in enumerate(lines, 1)
        if (found := _TODO.search(line))
    ]


def _key_below(lines: list[str]) -> str:
    """The key in the line below a remark."""
    found = _KEY.match(lines[0]) if lines else None
    return f"{found[1]}: " if found else ""
