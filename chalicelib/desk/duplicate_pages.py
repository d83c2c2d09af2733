"""The pages with likely duplicates, side by side, and removing one of two."""

from dataclasses import replace

from chalice.app import Response

from chalicelib.desk.merging import merge
from chalicelib.desk.reading import only_one_of, read_duplicates, read_pair
from chalicelib.desk.request import Desk
from chalicelib.desk.union import are_comparable, lost_with, together
from chalicelib.event.mail_address import is_same_address
from chalicelib.registration.form import YES
from chalicelib.registration.registration import StaleRevision
from chalicelib.web.error_pages import found_or_404
from chalicelib.web.responses import redirect
from chalicelib.web.submission import first_value, whole_number


def show_duplicates(desk: Desk) -> Response:
    """Show, side by side, registrations that are likely of one person."""
    shown, groups = read_duplicates(desk.work, whole_number(desk.query("page"), 1))
    removed = desk.query("removed")
    return desk.page("duplicates.html", groups=groups, part=shown, removed=removed)


def ask_keep(desk: Desk, key: str, other: str) -> Response:
    """Ask before the registration `other` is removed as a duplicate of `key`."""
    return _keep_page(desk, key, other)


def keep(desk: Desk, key: str, other: str) -> Response:
    """Remove the registration `other` as a duplicate of `key`, unless one is removed already."""
    fields = desk.fields()
    revision, kept_revision = (
        whole_number(first_value(fields, name)) for name in ("revision", "kept_revision")
    )
    adding, linking = (first_value(fields, name) == YES for name in ("adding", "linking"))
    kept, gone = (key, kept_revision), (other, revision)
    try:
        removed = merge(desk.work, kept, gone, adding=adding, linking=linking)
    except StaleRevision:
        return _keep_page(desk, key, other, changed=True)
    if not removed:
        return _keep_page(desk, key, other)
    return redirect(f"{desk.request.link('/desk/duplicates')}?removed=yes")


def _keep_page(desk: Desk, key: str, other: str, *, changed: bool = False) -> Response:
    """The question, or the one registration that is left, for example after a double click."""
    pair = read_pair(desk.work, key, other)
    if pair is None:
        left = found_or_404(only_one_of(desk.work, key, other))
        return redirect(desk.request.link(f"/desk/registrations/{left}") + "?saved=alone")
    kept, gone = pair
    foods = {replace(one.answers.plate, noted=False) for one in (kept, gone)}
    status = 409 if changed else 200
    return desk.form(
        "keep.html",
        status,
        key=key,
        other=other,
        kept=kept,
        gone=gone,
        together=together(kept.answers, gone.answers, desk.event),
        other_food=len(foods) > 1,
        lost=lost_with(gone.answers, kept.answers),
        diets_clash=not are_comparable(kept.answers.diet, gone.answers.diet),
        same_address=is_same_address(kept.answers.email, gone.answers.email),
        kept_is_mailed=desk.work.is_mailed(kept),
        gone_is_mailed=desk.work.is_mailed(gone),
        changed=changed,
    )
