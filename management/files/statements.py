"""A file in TOML, statement by statement, also where it is not TOML."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_STARTS = re.compile(r"\s*(?:[\w-]+\s*=|\[\[?[\w -]+\]\]?\s*(?:#.*)?$)")
_HEADING = re.compile(r"\s*\[\[?\s*([\w-]+)")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=\s*(.*)", re.DOTALL)
_KEY_WITHOUT_SIGN = re.compile(r"\s*([\w-]+)(?:\s*:\s*(.+)|\s+([\"'“”\[\d].*))")


@dataclass(frozen=True)
class Statement:
    """A heading, a key with its value, or other `text`, from `line` on.

    `table` is the name of the table headed by it, otherwise empty; `key` and `written` are those of
    a key and its value, otherwise empty.
    """

    line: int
    text: str
    table: str = ""
    key: str = ""
    written: str = ""

    @property
    def is_row(self) -> bool:
        """Whether this is a heading in double brackets."""
        return self.text.lstrip().startswith("[[")

    def parsed(self) -> dict[str, Any] | None:
        """What this statement says, alone; None if it is not TOML."""
        return parsed(self.text)


def parsed(text: str) -> dict[str, Any] | None:
    """What a text in TOML says; None if it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def statements(text: str) -> Iterator[Statement]:
    """The statements of a file, without empty lines and remarks."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        end = _end(lines, at)
        whole = "\n".join(lines[at:end])
        if whole.strip() and not whole.lstrip().startswith("#"):
            yield _statement(at + 1, whole)
        at = end


def _statement(line: int, text: str) -> Statement:
    if heading := _HEADING.match(text):
        return Statement(line, text, table=heading[1])
    if key := _KEY.match(text):
        return Statement(line, text, key=key[1], written=key[2].strip())
    if key := _KEY_WITHOUT_SIGN.match(text):
        return Statement(line, text, key=key[1], written=(key[2] or key[3]).strip())
    return Statement(line, text)


def _end(lines: list[str], at: int) -> int:
    """The line after the statement that begins at a line: lists and texts may have several."""
    key = _KEY.match(lines[at])
    if not key or not key[2].startswith(("[", '"""', "'''")):
        return at + 1
    end = at + 1
    while parsed("\n".join(lines[at:end])) is None:
        if end == len(lines) or (key[2].startswith("[") and _STARTS.match(lines[end])):
            return end if key[2].startswith("[") else at + 1
        end += 1
    return end
