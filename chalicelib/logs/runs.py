"""Runs of functions that nobody waits for: a failed run leaves no personal data in the log.

Lambda prints the text of an exception that leaves a function.
"""

from collections.abc import Callable

from chalice.app import BaseLambdaEvent

from chalicelib.logs.json_lines import LoggableError, call_id, kind_and_place, log_fault


class RunFailed(Exception):
    """An unexpected error; the text is its kind and place."""


def guard_run(event: BaseLambdaEvent, run: Callable[[BaseLambdaEvent], None]) -> None:
    """Runs the function under AWS's id of the call; an error is logged, and raised as RunFailed
    unless its text may be shown.
    """
    call_id.set(getattr(event.context, "aws_request_id", ""))
    try:
        run(event)
    except LoggableError as fault:
        log_fault(fault)
        raise
    except Exception as fault:  # noqa: BLE001 - Lambda would print its text
        log_fault(fault)
        raise RunFailed(kind_and_place(fault)) from None
