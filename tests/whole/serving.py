"""Serves the app over HTTP in a thread, so that the test controls its clock and its ticks."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from management.local.service import LocalService
from tests.fakes import InMemoryComposition


@contextmanager
def in_a_thread(service: LocalService) -> Iterator[LocalService]:
    """Serve until the `with` block ends."""
    thread = Thread(target=service.serve)
    thread.start()
    try:
        yield service
    finally:
        service.stop()
        thread.join()


@contextmanager
def served(parts: InMemoryComposition) -> Iterator[LocalService]:
    """Serve the app with `parts` instead of AWS, until the `with` block ends."""
    with parts.installed(), in_a_thread(LocalService(parts, 0)) as service:
        yield service
