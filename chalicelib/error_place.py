"""Where an error came from, to be told in its text's place: that may hold what somebody typed."""

from pathlib import Path
from traceback import extract_tb


def place_of(error: BaseException) -> str:
    """The file and line that raised it, like `items.py:12`."""
    frames = extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def kind_and_place(error: BaseException) -> str:
    """What it is and where it came from, like `KeyError at items.py:12`."""
    return f"{type(error).__name__} at {place_of(error)}"
