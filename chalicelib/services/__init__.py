"""The use cases. Each gets the event, the store, the mailer and the moment as arguments."""

from chalicelib.services.clearing import Cleared, clear
from chalicelib.services.closing import DeadlineRefused, check_deadline, close_now, reopen
from chalicelib.services.entering import (
    ask_for_link,
    enter,
    leave,
    link_is_good,
    whose_session,
)
from chalicelib.services.mail_events import record_mail_event
from chalicelib.services.officers import NothingToSend, Officer
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
from chalicelib.services.tending import CountFailed, tend

__all__ = [
    "Cleared",
    "CountFailed",
    "DeadlineRefused",
    "NothingToSend",
    "Officer",
    "Receipt",
    "Step",
    "Visitor",
    "ask_for_link",
    "cancel",
    "change",
    "check_deadline",
    "clear",
    "close_now",
    "closing_time",
    "counts",
    "enter",
    "find",
    "leave",
    "link_is_good",
    "record_mail_event",
    "register",
    "reopen",
    "tend",
    "whose_session",
]
