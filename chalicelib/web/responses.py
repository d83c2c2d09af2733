"""The responses to a request."""

from __future__ import annotations

from collections.abc import Mapping

from chalice.app import Response

from chalicelib.media_types import HTML, TEXT
from chalicelib.web.request import PageRequest, languages_of, theme_of

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
            "is_another",
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

    html = render_page(
        template,
        request.language,
        event=request.about,
        look=theme_of(request.about),
        style=inline_style(template, theme_of(request.about)),
        request=request,
        link=request.link,
        languages=languages_of(request.about),
        **{**_EMPTY_VALUES, **values},
    )
    return Response(html, {"Content-Type": HTML}, status)


def kept_for_back(answer: Response) -> Response:
    """The answer, which Back shows again with what was typed, and without asking the server.

    A browser forgets a page that must not be stored, and won't ask for a form's answer again.
    """
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def attachment(content: str | bytes, media_type: str, name: str) -> Response:
    """A response that the browser saves as a file named `name`."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(content, headers)


def redirect(address: str, status: int = 303) -> Response:
    """Redirect the browser to `address`: with a GET (303), or as it asked (308; RFC 9110, 15.4)."""
    return Response("", {"Location": address, "Content-Type": TEXT}, status)
