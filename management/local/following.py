"""Follows the events' files while the service runs: a saved file is shown at the next request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from chalicelib import bootstrap
from chalicelib.bootstrap import Composition
from chalicelib.event.file import ORGANISATION
from chalicelib.event.problems import InvalidEvent
from management.files.faults import faults

Stamps = dict[Path, tuple[int, int]]


class Follower:
    """Installs what `compose` makes whenever a file of `folders` has changed and all are right.

    While one is wrong, the composition before stays: its schedules go on.
    """

    def __init__(self, folders: Sequence[Path], compose: Callable[[], Composition]) -> None:
        self._folders = folders
        self._compose = compose
        self._seen = self._stamps()
        self._faults: list[str] = []
        self._lock = threading.Lock()

    def follow(self) -> list[str]:
        """Look at the files; return what is wrong in them, in words with lines."""
        with self._lock:
            stamps = self._stamps()  # before reading: a file saved meanwhile is read once more
            if stamps != self._seen:
                self._seen = stamps
                self._faults = [fault for folder in self._folders for fault in faults(folder)]
                if not self._faults:
                    self._renew()
            return self._faults

    def _renew(self) -> None:
        with suppress(InvalidEvent):  # saved again meanwhile, and read at the next request
            bootstrap.install(self._compose())

    def _stamps(self) -> Stamps:
        """When each file was saved, and its size."""
        shared = [folder / ORGANISATION for folder in self._folders]
        events = (path for folder in self._folders for path in folder.glob("events/*.toml"))
        return {path: _stamp(path) for path in (*shared, *events)}


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:  # editors replace files
        return 0, 0
    return found.st_mtime_ns, found.st_size
