"""Looking at what is due, and doing it."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from chalicelib.error_place import kind_and_place
from chalicelib.event import Event
from chalicelib.mail_faults import Fault
from chalicelib.outbox import Mailer
from chalicelib.services.alarming import raise_alarm_of_the_day
from chalicelib.services.closing import closing_steps
from chalicelib.services.sending import Post
from chalicelib.services.steps import Step
from chalicelib.store import Store, StoreUnavailable

log = logging.getLogger("dukat")


class CountFailed(Exception):
    """What is due around the closing could not be done; the text names nobody."""


def tend(
    now: datetime,
    *,
    event: Event,
    store: Store,
    mailer: Mailer,
    new_token: Callable[[], str],
    taken: list[Step] | None = None,
) -> list[Step]:
    """Does what is due, step by step, and returns the steps it took; with `taken`, in that list.

    Called twice, late, in parallel or killed anywhere, it ends in the same place. `new_token` gives
    a fresh token of at least 128 random bits. Raises StoreUnavailable or CountFailed, after it has
    sent what it could.
    """
    taken = [] if taken is None else taken
    control, due = store.standing(now)
    fault = _take(closing_steps(now, control, event=event, store=store), taken)
    if isinstance(fault, CountFailed):
        raise_alarm_of_the_day(Fault.UNCOUNTABLE, now=now, event=event, store=store)
    nothing_queued = not taken and not fault
    post = Post(event, store, mailer, new_token)
    later = _take(post.send_due(now, due if nothing_queued else None), taken)
    if fault or later:
        raise (fault or later) from None  # type: ignore[misc]
    return taken


def _take(steps: Iterator[Step], taken: list[Step]) -> Exception | None:
    """Takes and logs the steps, up to a fault, which must not stop what comes after them."""
    try:
        for step in steps:
            log.log(step.level, "tend: %s", step)
            taken.append(step)
    except StoreUnavailable as unavailable:
        return unavailable
    except Exception as error:  # noqa: BLE001 - Lambda would log its text, which may be private
        return CountFailed(kind_and_place(error))
    return None
