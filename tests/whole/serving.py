"""The app over HTTP in a thread of this process: its clock and its ticks are the test's."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from management.local.service import LocalService
from tests.fakes import InMemoryComposition


@contextmanager
def in_a_thread(service: LocalService) -> Iterator[LocalService]:
    """The service, serving."""
    thread = Thread(target=service.serve)
    thread.start()
    try:
        yield service
    finally:
        service.stop()
        thread.join()


@contextmanager
def served(parts: InMemoryComposition) -> Iterator[LocalService]:
    """The app without AWS."""
    with parts.installed(), in_a_thread(LocalService(parts, 0)) as service:
        yield service
