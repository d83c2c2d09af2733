"""The responses to a request."""

from __future__ import annotations

from collections.abc import Mapping

from chalice.app import Response

from chalicelib.media_types import HTML, TEXT
from chalicelib.web.request import PageRequest, current_event

# Empty values for what a template may use but most pages lack: undefined names are errors.
_EMPTY_VALUES: Mapping[str, object] = {
    "errors": {},
    **dict.fromkeys(
        (
            "work",
            "wrong",
            "typed",
            "changed",
            "reason",
            "block",
            "day",
            "clock",
            "saved",
            "stored",
            "moved",
            "key",
            "changing",
            "not_saved",
            "was_removed",
            "answers",
            "registration",
            "token",
            "problem",
        ),
        "",
    ),
}


def page(request: PageRequest, template: str, status: int = 200, **values: object) -> Response:
    """The response with a rendered page; `values` are the template's values."""
    from chalicelib.event.style import inline_style
    from chalicelib.texts.rendering import render_page

    event = current_event()
    html = render_page(
        template,
        request.language,
        event=event,
        style=inline_style(template, event.theme),
        request=request,
        link=request.link,
        languages=event.languages,
        **{**_EMPTY_VALUES, **values},
    )
    return Response(html, {"Content-Type": HTML}, status)


def attachment(content: str | bytes, media_type: str, name: str) -> Response:
    """A response that the browser saves as a file named `name`."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(content, headers)


def redirect(address: str) -> Response:
    """Redirect the browser to a GET of `address` (303, RFC 9110, 15.4.4)."""
    return Response("", {"Location": address, "Content-Type": TEXT}, 303)
