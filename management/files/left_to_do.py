"""What an event's file says is left to do: its comments with TODO."""

import re
from pathlib import Path

from chalicelib.event.events import Events
from chalicelib.event.file import file_of

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


def left_in_published(folder: Path) -> list[str]:
    """What is left to do in the files of published events, which then can't be deployed."""
    events = Events(folder)
    left = [
        (event.id, left_to_do(events.source(event.id).text))
        for event in events.readable()
        if event.published
    ]
    return [
        f"{file_of(name)} is published, but has {len(todo)} TODO: {todo[0]}"
        for name, todo in left
        if todo
    ]


def _key_below(lines: list[str]) -> str:
    """The key in the line below a remark."""
    found = _KEY.match(lines[0]) if lines else None
    return f"{found[1]}: " if found else ""
