"""The use cases. Each gets the event, the store, the mailer and the moment as arguments."""

from chalicelib.services.closing import DeadlineRefused, close_now, reopen
from chalicelib.services.mail_events import record_mail_event
from chalicelib.services.registering import (
    Receipt,
    Visitor,
    cancel,
    change,
    closing_time,
    find,
    register,
)
from chalicelib.services.steps import Step, counts
from chalicelib.services.tending import tend

__all__ = [
    "DeadlineRefused",
    "Receipt",
    "Step",
    "Visitor",
    "cancel",
    "change",
    "close_now",
    "closing_time",
    "counts",
    "find",
    "record_mail_event",
    "register",
    "reopen",
    "tend",
]
