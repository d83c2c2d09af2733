"""The use cases. Each gets the event, the store, the mailer and the moment as arguments."""

from chalicelib.services.registering import (
    Receipt,
    Visitor,
    cancel,
    change,
    closing_time,
    find,
    register,
)
from chalicelib.services.tending import tend

__all__ = [
    "Receipt",
    "Visitor",
    "cancel",
    "change",
    "closing_time",
    "find",
    "register",
    "tend",
]
