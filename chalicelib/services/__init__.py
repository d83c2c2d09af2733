"""The use cases. Each gets the event, the table, the mailer and the moment as arguments."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.services.clearing import Cleared, clear
    from chalicelib.services.closing import (
        DeadlineMoved,
        DeadlineRefused,
        check_deadline,
        close_now,
        reopen,
    )
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
    "DeadlineMoved",
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

_HOMES = {
    "clearing": "Cleared clear",
    "closing": "DeadlineMoved DeadlineRefused check_deadline close_now reopen",
    "entering": "ask_for_link enter leave link_is_good whose_session",
    "mail_events": "record_mail_event",
    "officers": "NothingToSend Officer",
    "registering": "Receipt Visitor cancel change closing_time find register",
    "steps": "Step counts",
    "tending": "CountFailed tend",
}


def __getattr__(name: str) -> Any:
    """A use case is imported when it is first asked for: a start needs one of them, or none."""
    for home, names in _HOMES.items():
        if name in names.split():
            found = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
            return found
    raise AttributeError(name)
