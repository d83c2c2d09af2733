"""Mistakes in writing TOML that are recognised, in words for the organiser."""

import re
from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from management.files.statements import Statement, parsed

# How alike two keys are, from 0 to 1, of which one is a slip for the other: "romm" and "room".
CLOSE = 0.7
# The headings of rows, in double brackets, and of tables; the keys that are times and dates.
ROWS = frozenset({"agenda", "contacts", "days", "links", "receivers"})
TABLES = frozenset({"accessibility", "event", "look", "operator", "privacy", "registration"})
_TIMES = frozenset({"starts", "ends", "last_time"})
_DATES = frozenset({"date", "last_day", "assessed", "updated"})
_TIME = re.compile(r"(\d{1,2})(?:[.:,](\d{1,2}))?")
_SHORT_MONTHS = "jan feb mar apr maj jun jul aug sep okt nov dec".split()
_MONTHS = {name: str(number) for number, name in enumerate(_SHORT_MONTHS, 1)}
_MONTHS |= {"may": "5", "oct": "10"}
_REMARK = re.compile(r"\s*#[^\"'“”]*$")
# A text as it should be, or one whose quotation marks are typographic at an end.
_TEXT = re.compile(
    r"""("(?:[^"\\\n]|\\.)*"(?=\s*(?:[,\]#]|$))|'[^'\n]*'(?=\s*(?:[,\]#]|$)))"""
    r"""|["“”„‟«»‘’]([^"“”„‟«»\n]*)["“”„‟«»‘’](?=\s*(?:[,\]#]|$))""",
    re.MULTILINE,
)
_WORDS_FOR_TRUE, _WORDS_FOR_FALSE = {"true", "ja", "yes", "sant"}, {"false", "nej", "no", "falskt"}


class Mistake(NamedTuple):
    """What to write, in words; `meant` is the value that was probably meant, or empty."""

    words: str
    meant: str = ""


def mistake_in(statement: Statement) -> Mistake | None:
    """What is wrong with a statement by itself, or None."""
    if statement.table:
        return _in_heading(statement)
    value = statement.parsed()
    if not statement.key:
        words = "this is neither a heading nor key = value; begin a remark with #"
        return None if value else Mistake(words)
    if value is not None and not _is_in_wrong_type(statement, *value.values()):
        return None
    if not re.match(r"[^:]*=", statement.text):
        right = f"{statement.key} = {statement.written}"
        return Mistake(f"write = between the key and the value: {right}", statement.written)
    return _recognised(statement, is_toml=value is not None)


def _recognised(statement: Statement, *, is_toml: bool) -> Mistake | None:
    if re.fullmatch(r"#[0-9a-fA-F]{6}", statement.written):
        return _quoted("colour", statement.key, statement.written)
    for recognise in _RECOGNISED:
        if mistake := recognise(statement.key, _REMARK.sub("", statement.written)):
            return mistake
    if is_toml:
        return None
    return Mistake("this can't be read; write a text in quotes, or a date like 2027-05-31")


def _is_in_wrong_type(statement: Statement, value: object) -> bool:
    is_time = statement.key in _TIMES and isinstance(value, int | float)
    return is_time or (statement.key in _DATES and isinstance(value, str))


def _in_heading(statement: Statement) -> Mistake | None:
    known = ROWS | TABLES
    name = next(iter(get_close_matches(statement.table, known, 1, CLOSE)), statement.table)
    is_in_rows = name in ROWS or (name not in known and statement.is_row)
    right = f"[[{name}]]" if is_in_rows else f"[{name}]"
    if name != statement.table:
        return Mistake(f"[{statement.table}] is unknown; did you mean {right}?", right)
    if statement.parsed() is None:
        return Mistake(f"write this heading as {right}, alone on its line", right)
    if is_in_rows and not statement.is_row:
        return Mistake(f"write {right} with two brackets: each row has this heading", right)
    if statement.is_row and not is_in_rows:
        return Mistake(f"write {right} with one bracket: a file has one such table", right)
    return None


def _time(key: str, written: str) -> Mistake | None:
    time = _TIME.fullmatch(written)
    if key not in _TIMES or not time:
        return None
    return _quoted("time", key, f"{time[1]}.{(time[2] or '0').ljust(2, '0')}")


def _quoted(what: str, key: str, text: str) -> Mistake:
    return Mistake(f'write the {what} in quotes: {key} = "{text}"', f'"{text}"')


def _date(key: str, written: str) -> Mistake | None:
    if key not in _DATES:
        return None
    day = _day_meant(written)
    if day:
        words = f"write the date without quotes and with the year first: {key} = {day}"
        return Mistake(words, str(day))
    plain = written.strip("\"'“”")
    return Mistake(f'"{plain}" is not a date; write one with its year first, like 2027-05-31')


def _day_meant(text: str) -> date | None:
    """The date in a text: 2027-5-31, 31/5 2027, 31 maj 2027, Monday, May 31, 2027."""
    numbers = re.findall(r"\d+", text)
    words = re.findall(r"[^\W\d_]+", text.lower())
    months = [_MONTHS[word[:3]] for word in words if word[:3] in _MONTHS]
    years = [number for number in numbers if len(number) == len("2027")]
    others = [number for number in numbers if number not in years] + months
    if numbers[:1] == years:
        others.reverse()
    try:
        day, month, year = map(int, others + years)
        return date(year, month, day)
    except ValueError:
        return None


def _typographic(key: str, written: str) -> Mistake | None:
    mended = _TEXT.sub(lambda text: text[1] or f'"{text[2]}"', written)
    if mended == written and written[:1] in {"“", "”", "„"}:
        mended = f'"{written[1:]}"'
    if mended == written:
        return None
    pairs = zip(f"{key} = {written}".split("\n"), f"{key} = {mended}".split("\n"), strict=True)
    example = next(right for wrong, right in pairs if wrong != right).strip()
    words = f"write straight quotation marks around a text: {example}"
    return Mistake(words, mended)


def _truth(key: str, written: str) -> Mistake | None:
    word = written.strip("\"'").lower()
    if word not in _WORDS_FOR_TRUE | _WORDS_FOR_FALSE or written[:1] == '"':
        return None
    right = "true" if word in _WORDS_FOR_TRUE else "false"
    return Mistake(f"write true or false, in small letters: {key} = {right}", right)


def _without_quotes(key: str, written: str) -> Mistake | None:
    is_text = written[:1].isalpha() and '"' not in written
    return _quoted("text", key, written) if is_text else None


def _unclosed(key: str, written: str) -> Mistake | None:
    if written.startswith('"') and written.count('"') == 1 and "\n" not in written:
        words = f'a quotation mark is missing at the end: {key} = {written}"'
        return Mistake(words, f'{written}"')
    return None


def _backslash(_: str, written: str) -> Mistake | None:
    doubled = re.sub(r"\\(?![\"\\])", r"\\\\", written)
    words = r"write \\ where the text has a single \ in it"
    return Mistake(words, doubled) if doubled != written else None


def _quotes_inside(_: str, written: str) -> Mistake | None:
    if not re.fullmatch(r'"[^\n]*"', written):
        return None
    inside = written[1:-1].replace('"', "”")
    return Mistake('a " inside a text ends it; write ” there', f'"{inside}"')


def _spaces_in_number(key: str, written: str) -> Mistake | None:
    digits = re.sub(r"[\s.,]", "", written)
    is_number = digits.isdecimal() and not digits.startswith("0")
    return (
        Mistake(f"write the number without spaces: {key} = {digits}", digits) if is_number else None
    )


def _list(key: str, written: str) -> Mistake | None:
    if not written.startswith("["):
        return None
    return Mistake(f'a comma, a " or the ] is missing in this list; write {key} = ["one", "two"]')


def _empty(key: str, written: str) -> Mistake | None:
    return None if written else Mistake(f"the value of {key} is missing after the =")


_RECOGNISED: tuple[Callable[[str, str], Mistake | None], ...] = (
    _empty, _time, _date, _typographic, _truth, _without_quotes, _unclosed, _backslash,
    _quotes_inside, _spaces_in_number, _list,
)  # fmt: skip


def mended(statement: Statement, meant: str) -> str | None:
    """The statement with the value that was meant, if that can be read, on as many lines."""
    text = meant if statement.table else f"{statement.key} = {meant}"
    lines = statement.text.count("\n") - text.count("\n")
    return text + "\n" * lines if meant and parsed(text) is not None else None
