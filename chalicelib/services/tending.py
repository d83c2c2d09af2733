"""Looking at what is due, and doing it."""

import logging
from collections.abc import Callable
from datetime import datetime
from itertools import chain

from chalicelib.event import Event
from chalicelib.outbox import Mailer
from chalicelib.services.closing import closing_steps
from chalicelib.services.sending import Post
from chalicelib.services.steps import Step
from chalicelib.store import Store

log = logging.getLogger("dukat")


def tend(
    now: datetime, *, event: Event, store: Store, mailer: Mailer, new_token: Callable[[], str]
) -> list[Step]:
    """Does what is due, step by step, and returns the steps it took.

    Called twice, late, in parallel or killed anywhere, it ends in the same place. `new_token` gives
    a fresh token of at least 128 random bits.
    """
    taken = []
    post = Post(event, store, mailer, new_token)
    for step in chain(closing_steps(now, event=event, store=store), post.send_due(now)):
        log.log(step.level, "tend: %s", step)
        taken.append(step)
    return taken
