"""Registering, and finding what is registered."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.event import Event
from chalicelib.registration import (
    CODE_ATTEMPTS,
    Answers,
    Registration,
    RegistrationClosed,
    hashed,
    is_open,
    plate_code,
    token_for,
)
from chalicelib.store import PlateCodeTaken, Store


class Receipt(NamedTuple):
    """A registration that is stored, and the private token that opens it."""

    token: str
    registration: Registration


def register(answers: Answers, nonce: str, *, now: datetime, event: Event, store: Store) -> Receipt:
    """Stores the answers once per nonce; `now` is the gateway's time of the request.

    Raises RegistrationClosed, unless this very submission was accepted before the deadline.
    """
    token = token_for(answers, nonce)
    closes_at = closing_time(event, store)
    if not is_open(now, closes_at):
        accepted = store.registration(hashed(token))
        if accepted is None:
            raise RegistrationClosed(closes_at)
        return Receipt(token, accepted)
    for attempt in range(CODE_ATTEMPTS):
        registration = Registration(answers, plate_code(token, attempt), now, now)
        try:
            return Receipt(token, store.add(hashed(token), registration))
        except PlateCodeTaken:
            continue
    raise PlateCodeTaken


def find(token: str, *, store: Store) -> Registration | None:
    """The registration that a private link opens."""
    return store.registration(hashed(token))


def closing_time(event: Event, store: Store) -> datetime:
    """The effective deadline, which decides on every write."""
    return store.control().deadline(event.closes_at)
