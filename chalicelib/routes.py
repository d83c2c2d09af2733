"""Every address, and for each of its methods the view that answers, by module and function.

A view is imported when it is first asked for: most visits look at the agenda only.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from chalice.app import Chalice, Response

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
# What the desk hands out.
XLSX, CSV = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ANY_TYPE = [FORM, JSON, "application/xml", "multipart/form-data", "text/plain", "text/xml"]

Views = dict[str, dict[str, str]]
_ELSEWHERE = "/{proxy+}"

PUBLIC: Views = {
    "/": {"GET": "public.show_agenda"},
    "/agenda.ics": {"GET": "public.send_calendar"},
    "/privacy": {"GET": "public.show_privacy"},
    "/accessibility": {"GET": "public.show_accessibility"},
    "/registration": {"GET": "registration.show_form", "POST": "registration.submit_form"},
    "/registration/cancelled": {"GET": "receipt.show_cancelled"},
    "/registration/{token}": {"GET": "receipt.show_receipt"},
    "/registration/{token}/edit": {"GET": "receipt.show_edit", "POST": "receipt.submit_edit"},
    "/registration/{token}/cancel": {"GET": "receipt.show_cancel", "POST": "receipt.submit_cancel"},
    # Without it API Gateway answers any other address with JSON of its own.
    _ELSEWHERE: dict.fromkeys(METHODS, "public.show_not_found"),
}
DOOR: Views = {
    "/desk": {"GET": "desk_door.show_door", "POST": "desk_door.ask"},
    "/desk/sent": {"GET": "desk_door.show_sent"},
    "/desk/enter/{token}": {"GET": "desk_door.show_enter", "POST": "desk_door.come_in"},
}
# For contact persons with a session.
DESK: Views = {
    "/desk/leave": {"POST": "desk_door.leave"},
    "/desk/overview": {"GET": "desk_overview.show_overview"},
    "/desk/kitchen": {"GET": "desk_overview.show_kitchen"},
    "/desk/send": {"GET": "desk_overview.ask_send", "POST": "desk_overview.send"},
    "/desk/close": {"GET": "desk_overview.ask_close", "POST": "desk_overview.close"},
    "/desk/reopen": {"GET": "desk_overview.ask_reopen", "POST": "desk_overview.reopen"},
    "/desk/list": {"GET": "desk_list.show_list", "POST": "desk_list.search_list"},
    "/desk/new": {"GET": "desk_list.show_new", "POST": "desk_list.submit_new"},
    "/desk/registrations/{key}": {"GET": "desk_list.show_one"},
    "/desk/registrations/{key}/edit": {
        "GET": "desk_list.show_edit",
        "POST": "desk_list.submit_edit",
    },
    "/desk/registrations/{key}/remove": {
        "GET": "desk_removal.ask_remove",
        "POST": "desk_removal.submit_remove",
    },
    "/desk/registrations/{key}/extract": {"GET": "desk_extract.show_extract"},
    "/desk/registrations/{key}/extract.json": {"GET": "desk_extract.send_extract"},
    "/desk/doubles": {"GET": "desk_list.show_doubles"},
    "/desk/doubles/keep/{key}/{other}": {"GET": "desk_list.ask_keep", "POST": "desk_list.keep"},
    "/desk/marked": {"POST": "desk_removal.ask_marked"},
    "/desk/marked/remove": {"POST": "desk_removal.remove_marked"},
    "/desk/matching": {"POST": "desk_removal.ask_matching"},
    "/desk/matching/remove": {"POST": "desk_removal.remove_matching"},
    "/desk/blocks": {"GET": "desk_blocks.show_blocks", "POST": "desk_blocks.lift_block"},
    "/desk/papers": {"GET": "desk_papers.show_papers"},
    "/desk/list.xlsx": {"GET": "desk_papers.send_xlsx"},
    "/desk/list.csv": {"GET": "desk_papers.send_csv"},
    "/desk/labels": {"GET": "desk_papers.show_labels"},
    "/desk/attendance": {"GET": "desk_papers.show_attendance"},
    "/desk/log": {"GET": "desk_papers.show_log"},
}
# Who stands before the views: it answers what is no visit of theirs, and what goes wrong.
_GUARDED = (
    ("visit.for_visitors", PUBLIC),
    ("desk_session.at_the_door", DOOR),
    ("desk_session.for_officers", DESK),
)


def register(app: Chalice, *, with_other_methods: bool) -> None:
    """Declares every address to Chalice; with the other methods, so that they are answered 405
    with a page. API Gateway must know of those; in the app Chalice refuses them.
    """
    for guard, views in _GUARDED:
        for path, by_method in views.items():
            for method, view in by_method.items():
                _route(app, path, _with_head(method, path), guard, view)
            others = [method for method in METHODS if method not in app.routes[path]]
            if others and with_other_methods:
                _route(app, path, others, "visit.for_visitors", "public.refuse_method")


def allowed(path: str) -> str:
    """The methods of an address, as the header Allow tells them (RFC 9110, 10.2.1)."""
    by_method = next(views[path] for _, views in _GUARDED if path in views)
    return ", ".join(sorted(one for method in by_method for one in _with_head(method, path)))


def _route(app: Chalice, path: str, methods: list[str], guard: str, view: str) -> None:
    """A body may only be of a type that is named; where none is sent, Chalice takes it for JSON."""
    types = _ANY_TYPE
    if path != _ELSEWHERE and methods == ["POST"]:
        types = [FORM, JSON] if path == "/registration" else [FORM]
    app.route(path, methods=methods, content_types=types, name=view)(_handler(app, guard, view))


def _with_head(method: str, path: str) -> list[str]:
    """HEAD is not implied by GET."""
    return ["GET", "HEAD"] if method == "GET" and path != _ELSEWHERE else [method]


def _handler(app: Chalice, guard: str, view: str) -> Callable[..., Response]:
    def handle(**parameters: str) -> Response:
        answer: Response = _found(guard)(app.current_request, _found(view), parameters)
        return answer

    return handle


@cache
def _found(name: str) -> Any:
    module, _, function = name.partition(".")
    return getattr(import_module(f"chalicelib.views.{module}"), function)
