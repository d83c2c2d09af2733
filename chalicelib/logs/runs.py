"""Guards runs that are not requests, so that a failed run leaves no personal data in the log.

Lambda logs the text of an exception that leaves a function.
"""

from collections.abc import Callable

from chalice.app import BaseLambdaEvent

from chalicelib.logs.json_lines import LoggableError, call_id, kind_and_place, log_fault


class RunFailed(Exception):
    """An unexpected error in a run; the text is only the type and place of the error."""


def guard_run(event: BaseLambdaEvent, run: Callable[[BaseLambdaEvent], None]) -> None:
    """Call `run`. Log an error, and raise it again: as RunFailed unless it is a LoggableError."""
    call_id.set(getattr(event.context, "aws_request_id", ""))
    try:
        run(event)
    except LoggableError as fault:
        log_fault(fault)
        raise
    except Exception as fault:  # noqa: BLE001 - Lambda would log its text
        log_fault(fault)
        raise RunFailed(kind_and_place(fault)) from None
