"""Writes a draft as the text of an event's file."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator

from management.invitation.days import names_day
from management.invitation.draft import ROWS, Draft, Table, Value
from management.invitation.label_lines import is_label
from management.invitation.lines import is_heading, label_of
from management.invitation.times import time_at_start

_WIDTH = 100
_AFTER_EVENT = """\
# These must be there: title, kind, invited, welcome, place, date; and below, at least one meal.
# organiser = "..."  who arranges it, for the calendar; timezone = "Europe/Oslo", if it is abroad
# expected = 120   how many participants you expect, for the mails with numbers
# room = "..."     the room; starts and ends: the event's hours, if its rows don't say them
# A text may have an English translation under the same key with _en; then languages = ["sv", "en"].
# Pages to read more on are tables of their own, each with a heading [[links]] and the keys title,
# url and perhaps description, below [registration]."""
_BEFORE = {
    "contacts": """\
# The contact persons: the pages show them, and they receive the catering summary by mail.""",
    "receivers": """\
# Other addresses that get the numbers, of all meals or of those named.""",
    "agenda": """\
# The agenda. A meal has kind = "meal" and an id, which must never change once people have
# registered. A row may also have: ends, date (if not that of the row above), when = "{when}"
# in place of times, room, place, moderator, chair, description, bullets, speakers.""",
}

_ORDER = {
    "[event]": "title kind organiser timezone country languages invited welcome place room date "
    "starts ends published",
    "[registration]": "last_day last_time",
    "[[links]]": "title url description",
    "[[contacts]]": "name office phones email show_email",
    "[[agenda]]": "kind id date starts ends when title room place moderator chair description "
    "bullets speakers",
}


# What a file says without these words.
_MEANT = frozenset(
    "kl klockan och and telefon tel tfn phone mobil e post epost mail email mejl".split()
)


def words_of(text: str) -> list[str]:
    """The words and numbers of a text, without capitals, zeros before numbers, "kl" and so on."""
    words = (re.sub(r"^0+(?=\d)", "", word) for word in re.findall(r"\w+", text.casefold()))
    return [word for word in words if word not in _MEANT]


def file_text(draft: Draft, source: str = "") -> str:
    """The file's text; `source` says what it was made from."""
    parts = [_head(source), _headed("[event]", draft.event), _AFTER_EVENT]
    parts += [_headed("[registration]", draft.registration)]
    for name in ROWS:
        if draft.rows[name]:
            when = draft.word("under dagen", "during the day")
            parts.append(_BEFORE.get(name, "").replace("{when}", when))
        parts += [_headed(f"[[{name}]]", table) for table in draft.rows[name]]
        if name == "receivers":
            parts += [_headed(f"[{other}]", table) for other, table in draft.others.items()]
    if left := [line for line in draft.left if "(" in line or not is_heading(line)]:
        unsaid = [line for line in draft.event.lines if not _is_said(line, draft.event)]
        timed = sum(time_at_start(line) is not None for line in [*unsaid, *left])
        todo = f"# TODO: {timed} of the lines in no row begin with a time; is a row missing?"
        heading = "# Lines of the invitation that stand nowhere above:"
        parts.append("\n".join([heading, *[todo] * bool(timed), *_quoted(left)]))
    return "\n\n".join(filter(None, parts)) + "\n"


def _head(source: str) -> str:
    lines = [
        f"# Written by manage.py new-event{source}. `make run` shows the page.",
        "# The marks below say what to fill in or to check: remove each when it is done. When none",
        "# is left, remove published = false. The file's name is the event's id in addresses: if",
        "# it is not right, rename the file now.",
    ]
    if " from " in source:
        lines.append("# A line after > is the invitation's: a word of it is in no value beside it.")
    return "\n".join(lines)


def _headed(heading: str, table: Table) -> str:
    parts = [heading] if table.values else []
    parts += _quoted(line for line in table.lines if not _is_said(line, table))
    parts += (
        f"# TODO {key}: {todo}" for key, todo in table.todo.items() if key not in table.values
    )
    for key in sorted(table.values, key=_place_in(heading)):
        value = table.values[key]
        if key in table.todo:
            parts.append(f"# TODO: {table.todo[key]}")
        parts.append(f"{key} = {toml_value(value)}")
    return "\n".join(parts)


def _place_in(heading: str) -> Callable[[str], tuple[int, bool]]:
    """A key's place among those of its table; a translation is below its text."""
    order = _ORDER.get(heading, "").split()
    places = {key: place for place, key in enumerate(order)}
    return lambda key: (places.get(key.removesuffix("_en"), len(order)), key.endswith("_en"))


def _quoted(lines: Iterable[str]) -> Iterator[str]:
    return (f"#   > {line}" for line in lines)


def _is_said(line: str, table: Table) -> bool:
    """Whether the table's values have all words of a line."""
    said: set[str] = set()
    for value in table.values.values():
        for text in value if isinstance(value, list) else (str(value),):
            said.update(words_of(text))
    found = time_at_start(line)
    if found and found[0].starts == table.values.get("starts"):
        line = found[1]
    days = [value for value in table.values.values() if isinstance(value, dt.date)]
    words = [one for one in words_of(_without_label(line)) if not names_day(one, days)]
    return said.issuperset(words) and (bool(words) or is_heading(line) or is_label(line))


def _without_label(line: str) -> str:
    label, said = label_of(line)
    return said if is_label(label) or is_heading(label) else line


def toml_value(value: Value) -> str:
    """A value as TOML writes it; a long list has a line for each text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if not isinstance(value, list):
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    texts = [toml_value(text) for text in value]
    line = f"[{', '.join(texts)}]"
    return line if len(line) < _WIDTH else "".join(["[\n", *(f"    {t},\n" for t in texts), "]"])
