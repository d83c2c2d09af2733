"""Looking at what is due, and doing it."""

from collections.abc import Callable, Iterator
from datetime import datetime

from chalicelib.control import Control
from chalicelib.error_place import kind_and_place
from chalicelib.event import Event
from chalicelib.mail_faults import Fault
from chalicelib.outbox import Kind, Mailer
from chalicelib.services.alarming import raise_alarm_of_the_day
from chalicelib.services.closing import closing_steps
from chalicelib.services.counting import counting_steps
from chalicelib.services.deleting import deleting_steps
from chalicelib.services.sending import Post
from chalicelib.services.steps import Outcome, Step, tell_step
from chalicelib.store import Standing, Store, StoreUnavailable


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
    standing: Standing | None = None

    def control() -> Control:
        nonlocal standing
        standing = store.standing(now)
        return standing.control

    fault = _take(closing_steps(now, control, event=event, store=store), taken)
    if isinstance(fault, CountFailed):
        raise_alarm_of_the_day(Fault.UNCOUNTABLE, Kind.SUMMARY, now=now, event=event, store=store)
    undeleted = _take(deleting_steps(now, control, event=event, store=store), taken)
    if isinstance(undeleted, CountFailed) or any(
        one.outcome is Outcome.DELETION_OVERDUE for one in taken
    ):
        raise_alarm_of_the_day(Fault.UNDELETED, Kind.CERTIFICATE, now=now, event=event, store=store)
    nothing_queued = not (taken or fault or undeleted)
    post = Post(event, store, mailer, new_token)
    due = standing.mails if standing and nothing_queued else None
    later = _take(post.send_due(now, due), taken)
    # One count a run: a second could take more time than there is.
    has_counted = any(step.registrations is not None for step in taken)
    is_wanted = bool(standing and standing.is_count_wanted and not has_counted)
    count = counting_steps(now, is_wanted=is_wanted, event=event, store=store)
    uncounted = _take(count, taken)
    for failed in (fault, undeleted, later, uncounted):
        if failed:
            raise failed from None
    return taken


def _take(steps: Iterator[Step], taken: list[Step]) -> Exception | None:
    """Takes and logs the steps, up to a fault, which must not stop what comes after them."""
    try:
        for step in steps:
            tell_step(step)
            taken.append(step)
    except StoreUnavailable as unavailable:
        return unavailable
    except Exception as error:  # noqa: BLE001 - Lambda would log its text, which may be private
        return CountFailed(kind_and_place(error))
    return None
