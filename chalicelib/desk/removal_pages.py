"""The pages for removing one registration, marked ones, or all that match a filter."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from chalice.app import Response

from chalicelib import bootstrap, timeouts
from chalicelib.desk.bulk_removal import BulkRemoval, IsAsShown, remove_many
from chalicelib.desk.filter_fields import filter_of, parameters_of
from chalicelib.desk.limits import REASON_AT_MOST, REGISTRATIONS_ON_A_PAGE, SHOWN_OF_MANY
from chalicelib.desk.reading import (
    Sample,
    audit_chosen,
    matching,
    read_chosen,
    read_one,
    read_sample,
)
from chalicelib.desk.registration_list import ListFilter
from chalicelib.desk.request import KEY, Desk
from chalicelib.lifecycle.timing import REQUESTS_END_WITHIN
from chalicelib.registration.form import Fields
from chalicelib.registration.registration import Registration, StaleRevision
from chalicelib.web.error_pages import found_or_404
from chalicelib.web.responses import redirect
from chalicelib.web.submission import first_value, revision_of, whole_number


def ask_remove(desk: Desk, key: str) -> Response:
    """Ask before removing a registration."""
    found = found_or_404(read_one(desk.work, key))
    mailed = desk.work.is_mailed(found)
    return desk.page("remove.html", key=key, registration=found, mailed=mailed)


def submit_remove(desk: Desk, key: str) -> Response:
    """Remove a registration for good, or show it again if it has changed since it was shown."""
    fields = desk.fields()
    reason, block = _reason(fields), _is_blocking(fields)
    revision = revision_of(fields)
    try:
        desk.work.remove(key, revision, reason, block=block)  # no error if it is gone
    except StaleRevision as stale:
        return desk.page(
            "remove.html",
            409,
            key=key,
            registration=stale.stored,
            mailed=desk.work.is_mailed(stale.stored),
            reason=reason,
            block=block,
            changed=True,
        )
    return redirect(desk.request.link("/desk/list") + "?removed=yes")


def ask_marked(desk: Desk) -> Response:
    """Ask before removing the registrations that were marked on the list."""
    fields = desk.fields()
    marked = [key for key in fields.get("marked", ()) if KEY.fullmatch(key)]
    return _marked_page(desk, fields, marked[:REGISTRATIONS_ON_A_PAGE])


def remove_marked(desk: Desk) -> Response:
    """Remove the marked registrations that are as they were shown; show the others again."""
    has_time = bootstrap.composition().time_for(timeouts.BULK_WORK_FOR)
    fields = desk.fields()
    shown = _shown_revisions(fields)

    def is_as_shown(key: str, stored: Registration) -> bool:
        return stored.revision == shown[key]

    result = _remove(desk, fields, list(shown), is_as_shown, has_time)
    if result.changed or result.left:
        return _marked_page(desk, fields, [*result.changed, *result.left], result)
    parameters = {"removed": str(result.removed), **_form_values(desk, fields)["chosen"]}
    return redirect(f"{desk.request.link('/desk/list')}?{urlencode(parameters)}")


def ask_matching(desk: Desk) -> Response:
    """Ask before removing all registrations that match a filter with a first and last time."""
    return _matching_page(desk, desk.fields())


def remove_matching(desk: Desk) -> Response:
    """While there is time, remove matching registrations, but none added or changed since shown."""
    has_time = bootstrap.composition().time_for(timeouts.BULK_WORK_FOR)
    fields = desk.fields()
    list_filter, as_of = _list_filter(desk, fields), _instant(first_value(fields, "as_of"))
    if (
        as_of is None
        or as_of > desk.request.now - REQUESTS_END_WITHIN
        or not _is_bounded(list_filter)
    ):
        return _matching_page(desk, fields)
    asked = whole_number(first_value(fields, "asked"))
    if not asked or whole_number(first_value(fields, "typed").strip()) != asked:
        return _matching_page(desk, fields, wrong=True)

    def is_as_shown(_: str, stored: Registration) -> bool:
        return stored.changed_at <= as_of

    keys = [entry.key for entry in matching(desk.work, list_filter, as_of)]
    result = _remove(desk, fields, keys, is_as_shown, has_time)
    removed = whole_number(first_value(fields, "sofar")) + result.removed
    if result.changed or result.left:
        return _result_page(desk, fields, result, removed)
    return redirect(f"{desk.request.link('/desk/list')}?removed={removed}")


def _remove(
    desk: Desk,
    fields: Fields,
    keys: Sequence[str],
    is_as_shown: IsAsShown,
    has_time: Callable[[], bool],
) -> BulkRemoval:
    reason, block = _reason(fields), _is_blocking(fields)
    return remove_many(desk.work, keys, is_as_shown, reason, block=block, has_time=has_time)


def _marked_page(
    desk: Desk, fields: Fields, keys: Sequence[str], result: BulkRemoval | None = None
) -> Response:
    """Show the registrations and ask. With a `result`, `keys` are those not removed, for lack
    of time or because of a change.
    """
    found = read_chosen(desk.work, keys)
    status = 409 if result else (200 if found else 422)
    asked = _form_values(desk, fields)
    return desk.page("marked.html", status, **asked, found=found.items(), result=result)


def _matching_page(desk: Desk, fields: Fields, *, wrong: bool = False) -> Response:
    """Show how many registrations match, with a sample, and ask."""
    list_filter, as_of = _list_filter(desk, fields), desk.request.now - REQUESTS_END_WITHIN
    is_bounded = _is_bounded(list_filter)
    sample = read_sample(desk.work, list_filter, as_of) if is_bounded else Sample((), 0)
    return desk.page(
        "matching.html",
        422 if wrong or not sample.total else 200,
        **_form_values(desk, fields),
        some=sample.entries,
        total=sample.total,
        is_bounded=is_bounded,
        as_of=as_of,
        wrong=wrong,
    )


def _result_page(desk: Desk, fields: Fields, result: BulkRemoval, removed: int) -> Response:
    """Show the progress, with a button to continue; at the end, the changed ones that stay."""
    changed = [] if result.left else list(result.changed.items())[:SHOWN_OF_MANY]
    audit_chosen(desk.work, [stored for _, stored in changed])
    return desk.page(
        "bulk_removal.html",
        **_form_values(desk, fields),
        as_of=_instant(first_value(fields, "as_of")),
        asked=first_value(fields, "asked"),
        removed=removed,
        result=result,
        changed_ones=changed,
    )


def _form_values(desk: Desk, fields: Fields) -> dict[str, Any]:
    """Values that the next form repeats: filter, reason, and whether to block the addresses."""
    list_filter = _list_filter(desk, fields)
    return {
        "list_filter": list_filter,
        "chosen": parameters_of(list_filter, desk.event.timezone),
        "reason": _reason(fields),
        "block": _is_blocking(fields),
    }


def _list_filter(desk: Desk, fields: Fields) -> ListFilter:
    field = partial(first_value, fields)
    return filter_of(field, desk.event.timezone, field("text"))


def _is_bounded(list_filter: ListFilter) -> bool:
    """Whether both times are given: only then may all matching registrations be removed."""
    return list_filter.since is not None and list_filter.until is not None


def _shown_revisions(fields: Fields) -> dict[str, int]:
    """The revision of each shown registration, by key."""
    parts = [item.partition(":") for item in fields.get("item", ())[:REGISTRATIONS_ON_A_PAGE]]
    return {key: whole_number(number) for key, _, number in parts if KEY.fullmatch(key)}


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _reason(fields: Fields) -> str:
    return " ".join(first_value(fields, "reason").split())[:REASON_AT_MOST]


def _is_blocking(fields: Fields) -> bool:
    return first_value(fields, "block") == "yes"
