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
ELSEWHERE, ELSEWHERE_AT_DESK = "/{event}/{proxy+}", "/desk/{event}/{proxy+}"

PUBLIC: Views = {
    "/": {"GET": "event.public_pages.show_start"},
    "/{event}": {"GET": "event.public_pages.show_agenda"},
    "/{event}/agenda.ics": {"GET": "event.public_pages.send_calendar"},
    "/{event}/sessions.ics": {"GET": "event.public_pages.send_sessions"},
    "/{event}/privacy": {"GET": "event.public_pages.show_privacy"},
    "/{event}/accessibility": {"GET": "event.public_pages.show_accessibility"},
    "/{event}/registration": {
        "GET": "registration.form_pages.show_form",
        "POST": "registration.form_pages.submit_form",
    },
    "/{event}/registration/cancelled": {"GET": "registration.receipt_pages.show_cancelled"},
    "/{event}/registration/{token}": {"GET": "registration.receipt_pages.show_receipt"},
    "/{event}/registration/{token}/edit": {
        "GET": "registration.receipt_pages.show_edit",
        "POST": "registration.receipt_pages.submit_edit",
    },
    "/{event}/registration/{token}/another": {"GET": "registration.receipt_pages.show_another"},
    "/{event}/registration/{token}/cancel": {
        "GET": "registration.receipt_pages.show_cancel",
        "POST": "registration.receipt_pages.submit_cancel",
    },
    "/{event}/link": {
        "GET": "registration.link_pages.show_ask",
        "POST": "registration.link_pages.ask",
    },
    "/{event}/link/sent": {"GET": "registration.link_pages.show_sent"},
    # Without this route, API Gateway answers unknown addresses with its own page.
    ELSEWHERE: dict.fromkeys(METHODS, "web.error_pages.show_not_found"),
}
LOGIN: Views = {
    "/desk": {"GET": "desk.login_pages.show_door", "POST": "desk.login_pages.ask"},
    "/desk/sent": {"GET": "desk.login_pages.show_sent"},
    "/desk/enter/{token}": {
        "GET": "desk.login_pages.show_enter",
        "POST": "desk.login_pages.log_in",
    },
    "/desk/leave": {"POST": "desk.login_pages.log_out"},
}
# For contact persons of the event, with a session.
DESK: Views = {
    "/desk/{event}/overview": {"GET": "desk.overview_pages.show_overview"},
    "/desk/{event}/kitchen": {"GET": "desk.kitchen_pages.show_kitchen"},
    "/desk/{event}/send": {
        "GET": "desk.overview_pages.ask_send",
        "POST": "desk.overview_pages.send",
    },
    "/desk/{event}/close": {
        "GET": "desk.deadline_pages.ask_close",
        "POST": "desk.deadline_pages.close",
    },
    "/desk/{event}/reopen": {
        "GET": "desk.deadline_pages.ask_reopen",
        "POST": "desk.deadline_pages.reopen",
    },
    "/desk/{event}/programme": {
        "GET": "desk.programme_pages.show_programme",
        "POST": "desk.programme_pages.change_notice",
    },
    "/desk/{event}/programme/{row}": {
        "GET": "desk.programme_pages.show_row",
        "POST": "desk.programme_pages.change_row",
    },
    "/desk/{event}/list": {
        "GET": "desk.list_pages.show_list",
        "POST": "desk.list_pages.search_list",
    },
    "/desk/{event}/new": {"GET": "desk.list_pages.show_new", "POST": "desk.list_pages.submit_new"},
    "/desk/{event}/registrations/{key}": {"GET": "desk.list_pages.show_one"},
    "/desk/{event}/registrations/{key}/edit": {
        "GET": "desk.list_pages.show_edit",
        "POST": "desk.list_pages.submit_edit",
    },
    "/desk/{event}/registrations/{key}/remove": {
        "GET": "desk.removal_pages.ask_remove",
        "POST": "desk.removal_pages.submit_remove",
    },
    "/desk/{event}/registrations/{key}/receipt": {"POST": "desk.list_pages.send_receipt"},
    "/desk/{event}/registrations/{key}/links": {"POST": "desk.list_pages.end_links"},
    "/desk/{event}/registrations/{key}/extract": {"GET": "desk.extract_pages.show_extract"},
    "/desk/{event}/registrations/{key}/extract.json": {"GET": "desk.extract_pages.send_extract"},
    "/desk/{event}/duplicates": {"GET": "desk.duplicate_pages.show_duplicates"},
    "/desk/{event}/duplicates/keep/{key}/{other}": {
        "GET": "desk.duplicate_pages.ask_keep",
        "POST": "desk.duplicate_pages.keep",
    },
    "/desk/{event}/marked": {"GET": "desk.removal_pages.ask_marked"},
    "/desk/{event}/marked/remove": {"POST": "desk.removal_pages.remove_marked"},
    "/desk/{event}/matching": {"GET": "desk.removal_pages.ask_matching"},
    "/desk/{event}/matching/remove": {"POST": "desk.removal_pages.remove_matching"},
    "/desk/{event}/blocks": {
        "GET": "desk.block_pages.show_blocks",
        "POST": "desk.block_pages.lift_block",
    },
    "/desk/{event}/blocks/lift": {"POST": "desk.block_pages.lift_group"},
    "/desk/{event}/papers": {"GET": "desk.paper_pages.show_papers"},
    "/desk/{event}/list.xlsx": {"GET": "desk.paper_pages.send_xlsx"},
    "/desk/{event}/list.csv": {"GET": "desk.paper_pages.send_csv"},
    "/desk/{event}/labels": {"GET": "desk.paper_pages.show_labels"},
    "/desk/{event}/notes": {
        "GET": "desk.note_pages.show_notes",
        "POST": "desk.note_pages.save_notes",
    },
    "/desk/{event}/attendance": {"GET": "desk.paper_pages.show_attendance"},
    "/desk/{event}/log": {"GET": "desk.audit_log_pages.show_log"},
    ELSEWHERE_AT_DESK: dict.fromkeys(METHODS, "web.error_pages.show_not_found"),
}
# The guard of each group of views: it checks access, and answers errors with pages. A HEAD of the
# desk is refused: it would write in the audit log that somebody has seen or taken what is not sent.
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
                _route(app, path, _with_head(method, path, views), guard, view)
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
    views = next(views for _, views in _GUARDED if path in views)
    methods = (one for method in views[path] for one in _with_head(method, path, views))
    return ", ".join(sorted(methods))


def _route(app: Chalice, path: str, methods: list[str], guard: str, view: str) -> None:
    """Register one address. Chalice takes a body without a media type for JSON."""
    types = ANY_BODY
    if not path.endswith("{proxy+}") and methods == ["POST"]:
        types = [FORM, JSON] if path == "/{event}/registration" else [FORM]
    app.route(path, methods=methods, content_types=types, name=view)(_handler(app, guard, view))


def _with_head(method: str, path: str, views: Views) -> list[str]:
    """The method, and HEAD with a GET, since Chalice does not add it."""
    has_head = views is not DESK and not path.endswith("{proxy+}")
    return ["GET", "HEAD"] if method == "GET" and has_head else [method]


def _handler(app: Chalice, guard: str, view: str) -> Callable[..., Response]:
    def handle(**parameters: str) -> Response:
        answer: Response = _imported(guard)(app.current_request, _imported(view), parameters)
        return answer

    return handle


@cache
def _imported(name: str) -> Any:
    module, _, function = name.rpartition(".")
    return getattr(import_module(f"chalicelib.{module}"), function)
