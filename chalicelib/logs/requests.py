"""A line of log about each request: which page it was and how it went, never whose."""

import logging
from collections.abc import Callable

from chalice.app import Request, Response

from chalicelib import bootstrap
from chalicelib.logs.json_lines import call_id, telling
from chalicelib.web.request import language_of

log = logging.getLogger("dukat.requests")


def tell_request(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Logs a request once it is answered; its route, since tokens are in the path.

    What leaves here becomes Chalice's answer 500.
    """
    seconds = bootstrap.composition().seconds
    call_id.set(getattr(request.lambda_context, "aws_request_id", ""))
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
            extra=telling(
                what="request",
                # Not requestId, which a client may choose.
                gateway_id=request.context.get("extendedRequestId"),
                method=request.method,
                route=request.path,
                status=status,
                ms=round(1000 * (seconds() - began), 1),
                language=language_of(request),
            ),
        )
    return response
