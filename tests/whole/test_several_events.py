"""Several events in one deployment: the list at `/`, and events that are not published."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app import app
from chalicelib import bootstrap
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from management.local.clock import SetClock
from management.local.composition import LocalComposition
from management.local.gateway import Gateway
from tests.examples import FORM_HEADERS, found_event
from tests.fakes import InMemoryComposition, TableInMemory
from tests.whole.contact_person import ContactPerson
from tests.whole.forms import form_for
from tests.whole.pages import encoded, nonce_of, text_of

OTHER = found_event("miljomal")


def serving(clock: SetClock, *events: Event, shows_unpublished: bool = False) -> Gateway:
    """The pages of these events."""
    parts = InMemoryComposition(events[0], clock)
    parts.use(events=Events(None, events), shows_unpublished=shows_unpublished)
    bootstrap.install(parts)
    return Gateway(app, clock)


def draft(event: Event) -> Event:
    return replace(event, published=False)


def test_the_list_shows_each_published_event_with_a_link(clock: SetClock, event: Event) -> None:
    gateway = serving(clock, OTHER, event, draft(found_event("frukost")))
    answer = gateway.request("GET", "/")
    assert text_of(answer).index(event.title) < text_of(answer).index(OTHER.title)
    assert 'href="/dag"' in answer.text
    assert 'href="/miljomal"' in answer.text
    assert "frukost" not in answer.text
    assert "public, max-age=60" in answer.headers["cache-control"]
    assert "A safe and secure municipality" in text_of(gateway.request("GET", "/?lang=en"))
    clock.now = event.ends_at
    later = gateway.request("GET", "/", {"If-None-Match": answer.headers["etag"]})
    assert later.status == 200
    assert text_of(later).index(event.title) > text_of(later).index(OTHER.title)
    again = gateway.request("GET", "/", {"If-None-Match": later.headers["etag"]})
    assert again.status == 304


def test_the_only_published_event_is_shown_at_the_root(clock: SetClock, event: Event) -> None:
    gateway = serving(clock, draft(OTHER), event)
    assert f"<h1>{event.title}</h1>" in gateway.request("GET", "/").text


@pytest.mark.parametrize("path", ["", "/registration", "/agenda.ics", "/privacy", "/accessibility"])
def test_an_event_that_is_not_published_is_unknown(
    clock: SetClock, event: Event, path: str
) -> None:
    gateway = serving(clock, event, draft(OTHER))
    answer = gateway.request("GET", f"/{OTHER.id}{path}")
    unknown = gateway.request("GET", f"/nothing{path}")
    assert (answer.status, answer.text) == (
        404,
        unknown.text.replace("/nothing", f"/{OTHER.id}"),
    )


def test_on_this_machine_it_is_shown_with_a_mark(clock: SetClock, event: Event) -> None:
    shows = LocalComposition.shows_unpublished
    gateway = serving(clock, event, draft(OTHER), shows_unpublished=shows)
    assert text_of(gateway.request("GET", "/")).count("Inte publicerad") == 1
    assert "Inte publicerad" in text_of(gateway.request("GET", "/miljomal"))
    assert "Not published" in text_of(gateway.request("GET", "/?lang=en"))
    assert "Inte publicerad" not in text_of(gateway.request("GET", "/dag"))


def test_links_of_registrations_work_while_the_event_is_not_published(
    clock: SetClock, event: Event, table: TableInMemory
) -> None:
    gateway = Gateway(app, clock)
    with InMemoryComposition(event, clock, table).installed() as parts:
        nonce = nonce_of(gateway.request("GET", "/dag/registration").text)
        fields = {"name": ["Åsa Öström"], "meal": ["lunch"], "diet": ["vegan"], "nonce": [nonce]}
        receipt = gateway.request("POST", "/dag/registration", FORM_HEADERS, encoded(**fields))
        link = receipt.headers["location"]
        parts.events = Events(None, [draft(event), OTHER])
        assert gateway.request("GET", "/dag/registration").status == 404
        assert "Åsa Öström" in text_of(gateway.request("GET", link))
        page = gateway.request("GET", f"{link}/cancel")
        form = form_for(page, f"{link}/cancel")
        done = gateway.request("POST", form.action, FORM_HEADERS, encoded(**form.fields))
        assert done.status == 303
        assert gateway.request("GET", done.headers["location"]).status == 200
        clock.move(timedelta(minutes=1))
        assert gateway.request("GET", "/desk/dag/overview").headers["location"] == "/desk"


def test_addresses_without_an_event_lead_to_the_only_one_and_with_several_to_none(
    clock: SetClock, event: Event
) -> None:
    for path in ("/registration", "/registration/token/edit", "/agenda.ics", "/privacy?lang=en"):
        answer = serving(clock, event, draft(OTHER)).request("GET", path)
        assert (answer.status, answer.headers["location"]) == (308, f"/dag{path}")
        assert serving(clock, event, OTHER).request("GET", path).status == 404


def test_a_session_opens_the_events_of_which_the_person_is_a_contact_person_and_no_other(
    clock: SetClock, event: Event, table: TableInMemory
) -> None:
    mine = replace(found_event("frukost"), contacts=event.contacts)
    parts = InMemoryComposition(event, clock, table)
    parts.events = Events(None, [event, mine, OTHER])
    with parts.installed():
        person = ContactPerson(Gateway(app, clock)).enter(event.contacts[0].email)
        door = person.get("/desk").text
        for one in (event, mine):
            assert f'href="/desk/{one.id}/overview"' in door
            assert person.get(f"/desk/{one.id}/overview").status == 200
        assert OTHER.id not in door
        for page in ("overview", "list", "log", "list.csv"):
            refused = person.get(f"/desk/{OTHER.id}/{page}")
            assert (refused.status, refused.headers["location"]) == (303, "/desk")
        form = {"name": ["Åsa Öström"], "meal": ["lunch"], "diet": ["vegan"]}
        assert person.post(f"/desk/{OTHER.id}/new", **form).status == 401
