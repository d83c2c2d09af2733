"""The page with the kitchen's list, to print."""

from chalice.app import Response

from chalicelib.desk.limits import ROWS_IN_ONE_COLUMN
from chalicelib.desk.overview import kitchen_list
from chalicelib.desk.request import Desk
from chalicelib.lifecycle.deadline import is_open
from chalicelib.web.submission import whole_number


def show_kitchen(desk: Desk) -> Response:
    """Show the kitchen's list: the content of the summary mail, with current numbers."""
    state = desk.work.state()
    listed = kitchen_list(desk.work, state, whole_number(desk.query("part"), 1))
    return desk.page(
        "kitchen.html",
        summary=listed.summary,
        part=listed.part,
        meals=listed.meals,
        rows_in_one_column=ROWS_IN_ONE_COLUMN,
        version=state.version,
        is_as_mailed=listed.is_as_mailed,
        is_open=is_open(desk.request.now, desk.event.deadline(state.closes_at)),
    )
