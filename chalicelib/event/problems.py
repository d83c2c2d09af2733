"""What is wrong in an event's file."""

from typing import NamedTuple


class Problem(NamedTuple):
    """A wrong value: its key in the file, such as `agenda[3].starts`, and what is wrong.

    Of an unknown key, `missing` are the keys that its table could have and does not.
    """

    key: str
    words: str
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.key}: {self.words}"


class InvalidEvent(ValueError):
    """A file, inside chalicelib, is wrong: `problems` are all that were found.

    The text, `key` and `problem` are the first one's.
    """

    def __init__(self, *problems: Problem, file: str = "") -> None:
        super().__init__(*problems)
        self.problems = problems
        self.file = file

    @property
    def key(self) -> str:
        """The key of the first problem."""
        return self.problems[0].key

    @property
    def problem(self) -> str:
        """The words of the first problem."""
        return self.problems[0].words

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.file, str(self.problems[0]))))


class Problems(list[Problem]):
    """The problems found so far."""

    def require(self, holds: object, key: str, words: str) -> None:
        """Add a problem unless something `holds`."""
        if not holds:
            self.append(Problem(key, words))
