"""More people than one page of the desk looks through, and how somebody leafs through them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from random import Random

from chalicelib.store import Store

import app as application
from chalicelib import bootstrap
from chalicelib.desk import session_pass
from chalicelib.event import Event
from chalicelib.registration import Answers, Registration, hashed
from chalicelib.roll import LOOKED_THROUGH
from chalicelib.views.desk_session import COOKIE
from management.clock import SetClock
from management.gateway import Answer, Gateway
from management.local_service import scheduled_event
from tests.e2e.officer import Officer
from tests.examples import MEALS, NOW
from tests.fakes import InMemoryComposition, InMemoryStore, RecordingMailer

MINUTE = timedelta(minutes=1)
PEOPLE = LOOKED_THROUGH + 60


def people(how_many: int) -> dict[str, Registration]:
    """Everybody vegan, but the last one in the list, Öst Ö, who is no danger to a test of zeros."""
    random = Random(31)
    codes = random.sample(range(10_000), how_many)
    held = {}
    for n in range(how_many):
        name = "Öst Ö" if n == 0 else f"{random.choice('AZÅ')}{n:04} Ek"
        answers = Answers(
            name,
            MEALS if n % 2 else ("lunch",),
            organisation=random.choice(("", "Park", "Åre")),
            diet="halal" if n == 0 else "vegan",
            severe=n == 0,
            note="Mjöl." if n == 0 else "",
        )
        at = NOW - n * MINUTE
        held[f"{n:064x}"] = Registration(answers, f"C{codes[n]:04}", at, at)
    return held


@contextmanager
def at_the_desk(event: Event, clock: SetClock) -> Iterator[Officer]:
    """Somebody there, of the app on a store in memory: of so many, moto's answers take seconds."""
    fake = InMemoryStore()
    with InMemoryComposition(event, clock, fake, RecordingMailer()).installed():
        officer = Officer(Gateway(application.app, clock), f"{COOKIE}=session")
        come_in(event, clock)
        yield officer


def come_in(event: Event, clock: SetClock) -> None:
    """The session of at_the_desk, from now on."""
    store().save_pass(hashed("session"), session_pass(event.contacts[0].email, clock.now))


def register(held: dict[str, Registration]) -> None:
    for key, one in held.items():
        store().add(key, one)


def store() -> Store:
    return bootstrap.composition().patient_store


def tick(clock: SetClock) -> None:
    clock.move(MINUTE)
    application.tick(scheduled_event(clock.now), None)


def link_of(page: Answer, words: str) -> str:
    """Where the link with these words leads; empty if there is none."""
    found = re.search(rf'<a href="([^"]+)">{words}</a>', page.text)
    return unescape(found[1]) if found else ""


def walk(officer: Officer, path: str, onward: str = "") -> Iterator[Answer]:
    """Every page, as somebody reads them who always takes the next."""
    while path:
        page = officer.get(path)
        assert page.status == 200
        yield page
        path = link_of(page, "Nästa") or (onward and link_of(page, onward))
