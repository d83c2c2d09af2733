"""The pages for removing one registration, marked ones, or all that match a filter."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.desk.bulk_removal import (
    BulkRemoval,
    Found,
    IsAsShown,
    marked,
    matching,
    remove_many,
)
from chalicelib.desk.changing import remove
from chalicelib.desk.filter_fields import filter_of, instant_of, parameters_of
from chalicelib.desk.limits import REASON_AT_MOST, REGISTRATIONS_ON_A_PAGE, SHOWN_OF_MANY
from chalicelib.desk.reading import (
    Sample,
    read_chosen,
    read_one,
    read_sample,
)
from chalicelib.desk.registration_list import ListFilter
from chalicelib.desk.request import KEY, Desk, has_time_to_read
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
    return desk.form("remove.html", key=key, registration=found, mailed=mailed)


def submit_remove(desk: Desk, key: str) -> Response:
    """Remove a registration for good, or show it again if it has changed since it was shown."""
    fields = desk.fields()
    reason, block = _reason(fields), _is_blocking(fields)
    revision = revision_of(fields)
    try:
        remove(desk.work, key, revision, reason, block=block)  # no error if it is gone
    except StaleRevision as stale:
        return desk.form(
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
    fields = desk.query_fields()
    return _marked_page(desk, fields, _keys(fields, "marked")[:REGISTRATIONS_ON_A_PAGE])


def remove_marked(desk: Desk) -> Response:
    """Remove the marked registrations that are as they were shown; show the others again."""
    has_time, fields = has_time_to_read(), desk.fields()
    shown, chosen = _shown_revisions(fields), _form_values(desk, fields)["chosen"]
    keys = list(shown)

    def is_as_shown(key: str, stored: Registration) -> bool:
        return stored.revision == shown[key]

    found = marked(desk.work, keys)
    result = _remove(desk, fields, found, is_as_shown, has_time, desk.request.now)
    left = [] if result.is_done else keys[keys.index(result.last) + 1 :]
    if result.changed or left:
        return _marked_page(desk, fields, [*result.changed, *left], result)
    parameters = {"removed": str(result.removed), **chosen}
    return redirect(f"{desk.request.link('/desk/list')}?{urlencode(parameters)}")


def ask_matching(desk: Desk) -> Response:
    """Ask before removing all registrations that match a filter with a first and last time."""
    return _matching_page(desk, desk.query_fields())


def remove_matching(desk: Desk) -> Response:
    """While there is time, remove matching registrations, but none added or changed since shown."""
    has_time, fields = has_time_to_read(), desk.fields()
    list_filter, as_of = _list_filter(desk, fields), instant_of(first_value(fields, "as_of"))
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

    after = next(iter(_keys(fields, "after")), "")
    found = matching(desk.work, list_filter, as_of, after)
    result = _remove(desk, fields, found, is_as_shown, has_time, as_of)
    removed = whole_number(first_value(fields, "sofar")) + result.removed
    kept = whole_number(first_value(fields, "kept")) + len(result.changed)
    if kept or not result.is_done:
        return _result_page(desk, fields, result, removed, kept)
    return redirect(f"{desk.request.link('/desk/list')}?removed={removed}")


def _remove(
    desk: Desk,
    fields: Fields,
    found: Found,
    is_as_shown: IsAsShown,
    has_time: Callable[[], bool],
    as_of: datetime,
) -> BulkRemoval:
    until = as_of if _is_blocking(fields) else None
    return remove_many(
        desk.work, found, is_as_shown, _reason(fields), block_until=until, has_time=has_time
    )


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
    sample = Sample()
    if is_bounded:
        sample = read_sample(desk.work, list_filter, as_of, has_time_to_read())
    return desk.page(
        "matching.html",
        422 if wrong or not sample.total else 200,
        **_form_values(desk, fields),
        some=sample.entries,
        total=sample.total,
        is_whole=sample.is_whole,
        is_bounded=is_bounded,
        as_of=as_of,
        wrong=wrong,
    )


def _result_page(
    desk: Desk, fields: Fields, result: BulkRemoval, removed: int, kept: int
) -> Response:
    """Show the progress, with a button to continue; at the end, the changed ones that stay."""
    changed = [*_keys(fields, "changed"), *result.changed][:SHOWN_OF_MANY]
    return desk.page(
        "bulk_removal.html",
        **_form_values(desk, fields),
        as_of=instant_of(first_value(fields, "as_of")),
        asked=whole_number(first_value(fields, "asked")),
        is_whole=first_value(fields, "whole") == "yes",
        removed=removed,
        kept=kept,
        result=result,
        changed_keys=changed,
        changed_ones=read_chosen(desk.work, changed) if result.is_done else {},
    )


def _form_values(desk: Desk, fields: Fields) -> dict[str, Any]:
    """Values that the next form repeats: filter, reason, and whether to block the addresses."""
    list_filter = _list_filter(desk, fields)
    return {
        "list_filter": list_filter,
        "chosen": parameters_of(list_filter, desk.event),
        "reason": _reason(fields),
        "block": _is_blocking(fields),
    }


def _list_filter(desk: Desk, fields: Fields) -> ListFilter:
    field = partial(first_value, fields)
    return filter_of(field, desk.event, desk.searched_text(field("search")))


def _is_bounded(list_filter: ListFilter) -> bool:
    """Whether both times are given: only then may all matching registrations be removed."""
    return list_filter.since is not None and list_filter.until is not None


def _shown_revisions(fields: Fields) -> dict[str, int]:
    """The revision of each shown registration, by key."""
    parts = [item.partition(":") for item in fields.get("item", ())[:REGISTRATIONS_ON_A_PAGE]]
    return {key: whole_number(number) for key, _, number in parts if KEY.fullmatch(key)}


def _keys(fields: Fields, name: str) -> list[str]:
    """The keys of registrations in the fields with this name."""
    return [key for key in fields.get(name, ()) if KEY.fullmatch(key)]


def _reason(fields: Fields) -> str:
    return " ".join(first_value(fields, "reason").split())[:REASON_AT_MOST]


def _is_blocking(fields: Fields) -> bool:
    return first_value(fields, "block") == "yes"
