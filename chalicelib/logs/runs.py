"""A run of a function that nobody waits for: what leaves it when it fails names nobody either.

Lambda prints the text of an exception that leaves a function.
"""

from collections.abc import Callable

from chalice.app import BaseLambdaEvent

from chalicelib.dynamo.table import StoreUnavailable
from chalicelib.logs.json_lines import call_id, kind_and_place, log_fault


class RunFailed(Exception):
    """A fault that nobody thought of; the text is its kind and place."""


def guard_run(event: BaseLambdaEvent, run: Callable[[BaseLambdaEvent], None]) -> None:
    """Lets it run under AWS's id of it; a fault is logged, and fails it with words of ours."""
    call_id.set(getattr(event.context, "aws_request_id", ""))
    try:
        run(event)
    except Exception as fault:
        from chalicelib.closing.tick import CountFailed  # the pages never need it

        if isinstance(fault, StoreUnavailable | CountFailed):
            log_fault(fault, str(fault))
            raise
        log_fault(fault)
        raise RunFailed(kind_and_place(fault)) from None
