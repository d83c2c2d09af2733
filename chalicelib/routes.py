"""Every address, and for each of its methods the view that answers, as `module.function`.

A view is imported on its first request, since most requests are for the agenda only.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from chalice.app import Chalice, Response

from chalicelib.media_types import ANY_BODY, FORM, JSON

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

Views = dict[str, dict[str, str]]
_ELSEWHERE = "/{proxy+}"

PUBLIC: Views = {
    "/": {"GET": "event.public_pages.show_agenda"},
    "/agenda.ics": {"GET": "event.public_pages.send_calendar"},
    "/privacy": {"GET": "event.public_pages.show_privacy"},
    "/accessibility": {"GET": "event.public_pages.show_accessibility"},
    "/registration": {
        "GET": "registration.form_pages.show_form",
        "POST": "registration.form_pages.submit_form",
    },
    "/registration/cancelled": {"GET": "registration.receipt_pages.show_cancelled"},
    "/registration/{token}": {"GET": "registration.receipt_pages.show_receipt"},
    "/registration/{token}/edit": {
        "GET": "registration.receipt_pages.show_edit",
        "POST": "registration.receipt_pages.submit_edit",
    },
    "/registration/{token}/cancel": {
        "GET": "registration.receipt_pages.show_cancel",
        "POST": "registration.receipt_pages.submit_cancel",
    },
    # Without this route, API Gateway answers unknown addresses with its own JSON.
    _ELSEWHERE: dict.fromkeys(METHODS, "web.error_pages.show_not_found"),
}
LOGIN: Views = {
    "/desk": {"GET": "desk.login_pages.show_login", "POST": "desk.login_pages.ask"},
    "/desk/sent": {"GET": "desk.login_pages.show_sent"},
    "/desk/enter/{token}": {
        "GET": "desk.login_pages.show_enter",
        "POST": "desk.login_pages.log_in",
    },
}
# For contact persons with a session.
DESK: Views = {
    "/desk/leave": {"POST": "desk.login_pages.log_out"},
    "/desk/overview": {"GET": "desk.overview_pages.show_overview"},
    "/desk/kitchen": {"GET": "desk.kitchen_pages.show_kitchen"},
    "/desk/send": {"GET": "desk.overview_pages.ask_send", "POST": "desk.overview_pages.send"},
    "/desk/close": {"GET": "desk.deadline_pages.ask_close", "POST": "desk.deadline_pages.close"},
    "/desk/reopen": {"GET": "desk.deadline_pages.ask_reopen", "POST": "desk.deadline_pages.reopen"},
    "/desk/list": {"GET": "desk.list_pages.show_list", "POST": "desk.list_pages.search_list"},
    "/desk/new": {"GET": "desk.list_pages.show_new", "POST": "desk.list_pages.submit_new"},
    "/desk/registrations/{key}": {"GET": "desk.list_pages.show_one"},
    "/desk/registrations/{key}/edit": {
        "GET": "desk.list_pages.show_edit",
        "POST": "desk.list_pages.submit_edit",
    },
    "/desk/registrations/{key}/remove": {
        "GET": "desk.removal_pages.ask_remove",
        "POST": "desk.removal_pages.submit_remove",
    },
    "/desk/registrations/{key}/links": {"POST": "desk.list_pages.end_links"},
    "/desk/registrations/{key}/extract": {"GET": "desk.extract_pages.show_extract"},
    "/desk/registrations/{key}/extract.json": {"GET": "desk.extract_pages.send_extract"},
    "/desk/duplicates": {"GET": "desk.duplicate_pages.show_duplicates"},
    "/desk/duplicates/keep/{key}/{other}": {
        "GET": "desk.duplicate_pages.ask_keep",
        "POST": "desk.duplicate_pages.keep",
    },
    "/desk/marked": {"POST": "desk.removal_pages.ask_marked"},
    "/desk/marked/remove": {"POST": "desk.removal_pages.remove_marked"},
    "/desk/matching": {"POST": "desk.removal_pages.ask_matching"},
    "/desk/matching/remove": {"POST": "desk.removal_pages.remove_matching"},
    "/desk/blocks": {"GET": "desk.block_pages.show_blocks", "POST": "desk.block_pages.lift_block"},
    "/desk/blocks/lift": {"POST": "desk.block_pages.lift_group"},
    "/desk/papers": {"GET": "desk.paper_pages.show_papers"},
    "/desk/list.xlsx": {"GET": "desk.paper_pages.send_xlsx"},
    "/desk/list.csv": {"GET": "desk.paper_pages.send_csv"},
    "/desk/labels": {"GET": "desk.paper_pages.show_labels"},
    "/desk/notes": {"GET": "desk.note_pages.show_notes", "POST": "desk.note_pages.save_notes"},
    "/desk/attendance": {"GET": "desk.paper_pages.show_attendance"},
    "/desk/log": {"GET": "desk.audit_log_pages.show_log"},
}
# The guard of each group of views: it checks access, and answers errors with pages.
_GUARDED = (
    ("web.error_pages.for_everybody", PUBLIC),
    ("desk.request.for_login", LOGIN),
    ("desk.request.for_contacts", DESK),
)


def register(app: Chalice, *, with_other_methods: bool) -> None:
    """Register every address with Chalice.

    `with_other_methods` registers the methods without a view too, to be refused with a 405 page.
    API Gateway must know these methods; on Lambda Chalice itself refuses them.
    """
    for guard, views in _GUARDED:
        for path, by_method in views.items():
            for method, view in by_method.items():
                _route(app, path, _with_head(method, path), guard, view)
            others = [method for method in METHODS if method not in app.routes[path]]
            if others and with_other_methods:
                _route(
                    app,
                    path,
                    others,
                    "web.error_pages.for_everybody",
                    "web.error_pages.refuse_method",
                )


def allowed(path: str) -> str:
    """The methods of an address, as the value of the header Allow (RFC 9110, 10.2.1)."""
    by_method = next(views[path] for _, views in _GUARDED if path in views)
    return ", ".join(sorted(one for method in by_method for one in _with_head(method, path)))


def _route(app: Chalice, path: str, methods: list[str], guard: str, view: str) -> None:
    """Register one address. Chalice takes a body without a media type for JSON."""
    types = ANY_BODY
    if path != _ELSEWHERE and methods == ["POST"]:
        types = [FORM, JSON] if path == "/registration" else [FORM]
    app.route(path, methods=methods, content_types=types, name=view)(_handler(app, guard, view))


def _with_head(method: str, path: str) -> list[str]:
    """The method, and HEAD with a GET, since Chalice does not add it."""
    return ["GET", "HEAD"] if method == "GET" and path != _ELSEWHERE else [method]


def _handler(app: Chalice, guard: str, view: str) -> Callable[..., Response]:
    def handle(**parameters: str) -> Response:
        answer: Response = _imported(guard)(app.current_request, _imported(view), parameters)
        return answer

    return handle


@cache
def _imported(name: str) -> Any:
    module, _, function = name.rpartition(".")
    return getattr(import_module(f"chalicelib.{module}"), function)
