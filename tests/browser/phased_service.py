"""The service for browser tests, in each phase of the event."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

from playwright.sync_api import Page

from app import app
from chalicelib import bootstrap
from chalicelib.desk import session_store as access_tokens
from chalicelib.desk.request import COOKIE
from chalicelib.desk.sessions import session_token
from chalicelib.event.context import ALL_EVENTS
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.registration import store as registrations
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES
from chalicelib.registration.tokens import hash_token
from management.local.clock import SetClock, parse_local_time
from management.local.gateway import Gateway
from management.local.guests import invented_guests
from management.local.service import HOST
from tests.driving import deliver_all, minutes_from, tick_at
from tests.examples import EVENT, FORM_HEADERS, NOW
from tests.fakes import InMemoryComposition, RecordingMailer, installed_table
from tests.whole.pages import encoded, submit
from tests.whole.serving import served

LONG = "Förvaltningsövergripande-samordningsansvarig" * 2
CONTACT = EVENT.contacts[0].email
SESSION = "the-session"
_INSTANTS = {
    "open": NOW,
    "closed": EVENT.closes_at + timedelta(minutes=10),
    "on the day": parse_local_time("2027-05-31T09:00", EVENT.timezone),
    "over": parse_local_time("2027-06-01T10:00", EVENT.timezone),
}


@dataclass(frozen=True)
class Place:
    """A running service: in the phase `closed` without registrations, otherwise with many."""

    address: str
    clock: SetClock
    full: InMemoryComposition
    empty: InMemoryComposition
    numbers: Iterator[int] = field(default_factory=count)

    def at(self, phase: str) -> None:
        """Set the clock to a phase of the event, and install that phase's table."""
        self.clock.now = _INSTANTS[phase]
        bootstrap.install(self.empty if phase == "closed" else self.full)

    def show(self, page: Page, path: str) -> None:
        page.goto(self.address + path)

    @staticmethod
    def enter(page: Page) -> None:
        """Log the browser in as a contact person."""
        scope = {"domain": HOST, "path": "/", "secure": True}
        session: Any = {"name": COOKIE, "value": SESSION, **scope}
        page.context.add_cookies([session])

    def register(self) -> str:
        """Register somebody with the longest possible texts; return the path of the receipt."""
        words = {"name": [f"{LONG} O’Brien"], "note": ["n" * 500], "email": ["asa@boras.example"]}
        plate = {"meal": ["lunch"], "allergen": ["nuts"], "severe": ["yes"]}
        nonce = f"the-nonce-of-receipt-{next(self.numbers)}"
        return submit(Gateway(app, self.clock), nonce, **words, **plate).headers["location"]

    @staticmethod
    def change(receipt: str) -> None:
        """Make a new revision of the registration, as another browser would."""
        key = hash_token(receipt.rpartition("/")[2].partition("?")[0])
        found = registrations.find(installed_table(), key)
        assert found
        registrations.change(installed_table(), key, replace(found, revision=found.revision + 1))


@contextmanager
def a_place() -> Iterator[Place]:
    clock = SetClock(NOW)
    full, empty = InMemoryComposition(EVENT, clock), InMemoryComposition(EVENT, clock)
    with served(full) as service:
        place = Place(service.address, clock, full, empty)
        place.at("closed")
        tick_at(
            minutes_from(EVENT.closes_at + SETTLING, 4), EVENT, installed_table(), RecordingMailer()
        )
        deliver_all(installed_table())
        store_session(clock)
        place.at("open")
        clock.move(timedelta(hours=-1))
        register_guests(Gateway(app, clock), 60)
        register_hardest_plates(Gateway(app, clock))
        store_session(clock)
        yield place


def store_session(clock: SetClock) -> None:
    installed_table().beside(ALL_EVENTS).apply(
        access_tokens.save_write(hash_token(SESSION), session_token(CONTACT, clock.now))
    )


def register_guests(gateway: Gateway, how_many: int) -> None:
    """Register `how_many` invented guests, and one person twice under similar names."""
    guests = [guest.fields for guest in invented_guests(how_many, EVENT, Random(5))]
    same = {"organisation": ["Kultur"], "meal": ["lunch"]}
    lost = {"allergen": ["nuts"], "traces": ["nuts"]}
    guests.append({**same, "name": ["Åsa Öström"], "diet": ["vegan"], **lost})
    guests.append({**same, "name": ["ASA OSTROM"], "diet": ["halal"]})
    for number, fields in enumerate(guests):
        send(gateway, {**fields, "nonce": [f"the-nonce-of-guest-{number}"]})


def register_hardest_plates(gateway: Gateway) -> None:
    """Register plates that hardly fit a label: long names with some to all allergens and traces."""
    for number in (4, 6, 8, 12, 16):
        codes = list(ALLERGENS)[:number]
        for traces in ([], codes[:-1], codes):
            form = {
                "name": ["W" * 100],
                "meal": ["lunch"],
                "diet": ["lacto_vegetarian"],
                "allergen": codes,
                "traces": [code for code in traces if code in ASKED_FOR_TRACES],
                "severe": ["yes"],
                "note": ["Kiwi"],
                "nonce": [f"the-nonce-of-plate-{number}-{len(traces)}"],
            }
            send(gateway, form)


def send(gateway: Gateway, form: dict[str, list[str]]) -> None:
    answer = gateway.request("POST", "/dag/registration", FORM_HEADERS, encoded(**form))
    assert answer.status == 303
