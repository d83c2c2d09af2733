"""Looking at what is due, and doing it."""

import logging
from collections.abc import Callable
from datetime import datetime
from itertools import chain

from chalicelib.event import Event
from chalicelib.outbox import RECEIPT, Mailer
from chalicelib.services.closing import closing_steps
from chalicelib.services.sending import Post
from chalicelib.store import Store

log = logging.getLogger("dukat")


def tend(
    now: datetime, *, event: Event, store: Store, mailer: Mailer, new_token: Callable[[], str]
) -> list[str]:
    """Does what is due, step by step, and returns the steps it took.

    Called twice, late, in parallel or killed anywhere, it ends in the same place. `new_token` gives
    a fresh token of at least 128 random bits.
    """
    taken = []
    post = Post(event, store, mailer, new_token)
    for step in chain(closing_steps(now, event=event, store=store), post.send_due(now)):
        log.log(_level(step), "tend: %s", step)
        taken.append(step)
    return taken


def _level(step: str) -> int:
    """An error is what somebody must look at; a receipt to a mistyped address is not."""
    wrong = " failed: " in step or " in doubt: " in step
    return logging.ERROR if wrong and not step.startswith(RECEIPT) else logging.INFO
