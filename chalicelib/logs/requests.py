"""One log line for each request: route, status, duration and language, but nobody's identity."""

import logging
from collections.abc import Callable

from chalice.app import Request, Response

from chalicelib.logs.json_lines import call_id, event_id, log_facts

log = logging.getLogger("dukat.requests")

Next = Callable[[Request], Response]


def request_logger(
    seconds: Callable[[], float], language_of: Callable[[Request], str]
) -> Callable[[Request, Next], Response]:
    """Middleware that logs each answered request: the route, since the path can hold a token.

    `seconds` is a monotonic clock. If an exception leaves the middleware, Chalice answers 500.
    """

    def log_request(request: Request, get_response: Next) -> Response:
        call_id.set(getattr(request.lambda_context, "aws_request_id", ""))
        event_id.set("")
        began, status = seconds(), 500
        try:
            response = get_response(request)
            status = response.status_code
        finally:
            log.info(
                "%s %s: %d",
                request.method,
                request.path,
                status,
                extra=log_facts(
                    what="request",
                    # Not requestId, which the client may choose.
                    gateway_id=request.context.get("extendedRequestId"),
                    method=request.method,
                    route=request.path,
                    status=status,
                    ms=round(1000 * (seconds() - began), 1),
                    language=language_of(request),
                ),
            )
        return response

    return log_request
