"""The desk's pages about floods: they need more registrations than the other browser tests have."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from management.local.clock import SetClock
from management.local.gateway import Answer
from tests.browser.navigation import needs_chromium
from tests.browser.page_checks import (
    axe_finds_nothing,
    controls_are_large_enough,
    needs_java,
    nothing_scrolls_sideways,
    nu_finds_no_error,
)
from tests.dynamodb import DynamoDB
from tests.fakes import installed_composition
from tests.whole.contact_person import ContactPerson
from tests.whole.forms import form_for
from tests.whole.test_flood_clearing import (
    REMOVE,
    SELECTION,
    asked,
    database,
    let_each_request_go_through,
)
from tests.whole.test_large_answers import fill, wide

__all__ = ["database"]  # a fixture
pytestmark = [*needs_chromium, pytest.mark.soak]


@needs_java
def test_the_pages_about_floods_are_accessible_and_valid(
    contact_person: ContactPerson,
    clock: SetClock,
    database: DynamoDB,
    window: Page,
    tmp_path: Path,
) -> None:
    pages = flood_pages(contact_person, clock, database)
    for page in pages:
        window.goto("about:blank")
        window.set_content(page.text)
        axe_finds_nothing(window)
        nothing_scrolls_sideways(window)
        controls_are_large_enough(window)
    nu_finds_no_error([page.body for page in pages], tmp_path)


def flood_pages(contact_person: ContactPerson, clock: SetClock, database: DynamoDB) -> list[Answer]:
    """The progress of a removal, its question and the list when time runs out, blocks, the log, a
    page that was not made in time, and a list in parts.
    """
    fields = asked(contact_person)
    let_each_request_go_through(150)
    question = contact_person.show("/desk/dag/matching", **SELECTION)
    progress = contact_person.post(REMOVE, **fields)
    uncounted = form_for(question, REMOVE).fields
    typed = {**uncounted, "typed": uncounted["asked"]}
    pages = [question, progress, contact_person.post(REMOVE, **typed)]
    pages.append(contact_person.get("/desk/dag/list?since=2027-05-20+10.00&until=2027-05-20+10.59"))
    installed_composition().use(seconds=iter([0.0] * 3 + [99.0] * 999).__next__)
    pages.append(contact_person.get("/desk/dag/duplicates"))
    installed_composition().use(seconds=lambda: 0.0)
    contact_person.get("/desk/dag/attendance")  # 250 codes for the log
    pages += [contact_person.get(f"/desk/dag/{path}") for path in ("blocks", "log")]
    for key in database.keys("REG#"):
        database.delete(key)
    fill(800, wide, clock)
    pages.append(contact_person.get("/desk/dag/list.csv"))
    assert [page.status for page in pages] == [200, 200, 200, 200, 503, 200, 200, 422]
    return pages
