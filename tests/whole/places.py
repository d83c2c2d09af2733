"""The service for a browser, while registration is open and after it has closed."""

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
from chalicelib.lifecycle.timing import SETTLING
from chalicelib.registration import store as registrations
from chalicelib.registration.diet import ALLERGENS
from chalicelib.registration.tokens import hash_token
from management.local.clock import SetClock, parse_local_time
from management.local.gateway import Gateway
from management.local.guests import invented_guests
from management.local.service import HOST
from tests.driving import deliver_all, minutes_from, tick_at
from tests.examples import EVENT, FORM_HEADERS, NOW
from tests.fakes import InMemoryComposition, RecordingMailer, the_table
from tests.whole.pages import encoded, submit
from tests.whole.serving import served

LONG = "Förvaltningsövergripande-samordningsansvarig" * 2
CONTACT = EVENT.contacts[0].email
_SESSION = "the-session"
_MOMENTS = {
    "open": NOW,
    "closed": EVENT.closes_at + timedelta(minutes=10),
    "on the day": parse_local_time("2027-05-31T09:00", EVENT.timezone),
    "over": parse_local_time("2027-06-01T10:00", EVENT.timezone),
}


@dataclass(frozen=True)
class Place:
    """A service for which many have registered; when it has closed, it is one for which nobody
    has.
    """

    address: str
    clock: SetClock
    crowded: InMemoryComposition
    closed: InMemoryComposition
    numbers: Iterator[int] = field(default_factory=count)

    def at(self, moment: str) -> None:
        """Goes on at another moment."""
        self.clock.now = _MOMENTS[moment]
        bootstrap.install(self.closed if moment == "closed" else self.crowded)

    def show(self, page: Page, path: str) -> None:
        page.goto(self.address + path)

    @staticmethod
    def enter(page: Page) -> None:
        """As a contact person."""
        place = {"domain": HOST, "path": "/", "secure": True}
        session: Any = {"name": COOKIE, "value": _SESSION, **place}
        page.context.add_cookies([session])

    def register(self) -> str:
        """Somebody with the longest words; the path of the receipt."""
        words = {"name": [f"{LONG} O’Brien"], "note": ["n" * 500], "email": ["asa@boras.example"]}
        plate = {"meal": ["lunch"], "allergen": ["nuts"], "severe": ["yes"]}
        nonce = f"the-nonce-of-receipt-{next(self.numbers)}"
        return submit(Gateway(app, self.clock), nonce, **words, **plate).headers["location"]

    @staticmethod
    def change(receipt: str) -> None:
        """As somebody does elsewhere."""
        key = hash_token(receipt.rpartition("/")[2].partition("?")[0])
        found = registrations.find(the_table(), key)
        assert found
        registrations.change(the_table(), key, replace(found, revision=found.revision + 1))


@contextmanager
def a_place() -> Iterator[Place]:
    clock = SetClock(NOW)
    crowded, closed = InMemoryComposition(EVENT, clock), InMemoryComposition(EVENT, clock)
    with served(crowded) as service:
        place = Place(service.address, clock, crowded, closed)
        place.at("closed")
        tick_at(minutes_from(EVENT.closes_at + SETTLING, 4), EVENT, the_table(), RecordingMailer())
        deliver_all(the_table())
        _let_in(clock)
        place.at("open")
        clock.move(timedelta(hours=-1))
        register_guests(Gateway(app, clock), 60)
        _register_hardest_plates(Gateway(app, clock))
        _let_in(clock)
        yield place


def _let_in(clock: SetClock) -> None:
    the_table().apply(access_tokens.saved(hash_token(_SESSION), session_token(CONTACT, clock.now)))


def register_guests(gateway: Gateway, how_many: int) -> None:
    """Invented guests, and one person who is registered twice."""
    guests = [guest.fields for guest in invented_guests(how_many, EVENT, Random(5))]
    for name, diet in (("Åsa Öström", "vegan"), ("ASA OSTROM", "halal")):
        duplicate = {"name": [name], "organisation": ["Kultur"], "meal": ["lunch"], "diet": [diet]}
        guests.append(duplicate)
    for number, fields in enumerate(guests):
        _send(gateway, {**fields, "nonce": [f"the-nonce-of-guest-{number}"]})


def _register_hardest_plates(gateway: Gateway) -> None:
    """What a label has the least room for: long names, and few to all allergens and traces."""
    for number in (4, 6, 8, 12, 16):
        codes = list(ALLERGENS)[:number]
        for traces in ([], codes[:-1], codes):
            form = {
                "name": ["W" * 100],
                "meal": ["lunch"],
                "diet": ["lacto_vegetarian"],
                "allergen": codes,
                "traces": traces,
                "severe": ["yes"],
                "note": ["Kiwi"],
                "nonce": [f"the-nonce-of-plate-{number}-{len(traces)}"],
            }
            _send(gateway, form)


def _send(gateway: Gateway, form: dict[str, list[str]]) -> None:
    answer = gateway.request("POST", "/registration", FORM_HEADERS, encoded(**form))
    assert answer.status == 303
