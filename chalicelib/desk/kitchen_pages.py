"""The kitchen's list, to print."""

from chalice.app import Response

from chalicelib.desk.overview import kitchen_list
from chalicelib.desk.request import Desk
from chalicelib.lifecycle.deadline import is_open
from chalicelib.web.submission import whole_number


def show_kitchen(desk: Desk) -> Response:
    """The kitchen's list as it is now: what the summary mail says."""
    control = desk.officer.control()
    listed = kitchen_list(desk.officer, control, whole_number(desk.query("part"), 1))
    return desk.page(
        "kitchen.html",
        summary=listed.summary,
        sheet=listed.part,
        meals=listed.meals,
        version=control.version,
        is_as_told=listed.is_as_mailed,
        is_open=is_open(desk.visit.now, desk.event.deadline(control.closes_at)),
    )
