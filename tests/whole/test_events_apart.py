"""Several events in one deployment: nothing of one is reached through another."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from app import app
from chalicelib import bootstrap
from chalicelib.event.event import Contact, Event
from chalicelib.event.events import Events
from chalicelib.registration.tokens import hash_token
from chalicelib.routes import DESK
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.examples import EVENT, FORM_HEADERS
from tests.fakes import installed_composition, sent_mails
from tests.whole.contact_person import ContactPerson, tick
from tests.whole.forms import read_forms
from tests.whole.pages import encoded, nonce_of, text_of

ANNA = Contact("Anna Berg", "Kansliet", "anna@boras.example", ("033-35 70 00",))
BO = Contact("Bo Ek", "Kansliet", "bo@boras.example", ("033-35 70 01",))
BOTH = Contact("Lo Dahl", "Kansliet", "lo@boras.example", ("033-35 70 02",))
FIRST = replace(EVENT, id="dag", title="Den första dagen", contacts=(ANNA, BOTH))
# One id is the beginning of the other.
SECOND = replace(EVENT, id="dag-2", title="Den andra dagen", contacts=(BOTH, BO))


def serve(*events: Event) -> None:
    parts = installed_composition()
    parts.events = Events(None, events)


@pytest.fixture
def two(gateway: Gateway) -> Gateway:
    serve(FIRST, SECOND)
    return gateway


def registered(gateway: Gateway, event: Event, name: str, email: str = "") -> str:
    """The path of the receipt of a new registration."""
    form = f"/{event.id}/registration"
    nonce = nonce_of(gateway.request("GET", form).text)
    fields = {"name": [name], "meal": ["lunch"], "diet": ["vegan"], "nonce": [nonce]}
    fields["email"] = [email]
    answer = gateway.request("POST", form, FORM_HEADERS, encoded(**fields))
    assert answer.status == 303
    return str(answer.headers["location"])


def stored_items() -> list[object]:
    return [
        item
        for item in installed_composition().database.all_items()
        if item["sk"]["S"] != "CONTROL"
    ]


def desk_requests(event: Event, key: str) -> list[tuple[str, str]]:
    return [
        (
            method,
            path.format(event=event.id, key=key, other=key, row=key, proxy="x").replace(
                "{proxy+}", "x"
            ),
        )
        for path, views in DESK.items()
        if "{proxy+}" not in path
        for method in views
    ]


def test_a_contact_person_of_one_event_reaches_no_page_of_another(two: Gateway) -> None:
    receipt = registered(two, SECOND, "Åsa Öström")
    key = hash_token(receipt.rpartition("/")[2])
    anna = ContactPerson(two).enter(ANNA.email)
    assert anna.get("/desk/dag/overview").status == 200
    before = stored_items()
    for method, path in desk_requests(SECOND, key):
        answer = anna.get(path) if method == "GET" else anna.post(path, answer=["yes"])
        assert answer.status == (303 if method == "GET" else 401), path
        assert answer.headers.get("location", "/desk") == "/desk", path
        assert "Åsa" not in answer.text
    assert stored_items() == before


def test_the_keys_of_one_event_open_nothing_at_the_desk_of_another(two: Gateway) -> None:
    key = hash_token(registered(two, SECOND, "Åsa Öström").rpartition("/")[2])
    both = ContactPerson(two).enter(BOTH.email)
    assert "Den första dagen" in text_of(both.get("/desk"))
    assert "Den andra dagen" in text_of(both.get("/desk"))
    assert "Åsa Öström" in text_of(both.get(f"/desk/dag-2/registrations/{key}"))
    for method, path in desk_requests(FIRST, key):
        if key in path:
            answer = both.get(path) if method == "GET" else both.post(path, answer=["yes"])
            assert "Åsa" not in answer.text, path
            assert answer.status != 200, path
    assert "Åsa Öström" in text_of(both.get(f"/desk/dag-2/registrations/{key}"))


def test_a_private_link_of_one_event_opens_nothing_of_another(two: Gateway) -> None:
    receipt = registered(two, FIRST, "Åsa Öström")
    token = receipt.rpartition("/")[2]
    for rest in ("", "/edit", "/cancel"):
        assert two.request("GET", f"/dag/registration/{token}{rest}").status == 200
        answer = two.request("GET", f"/dag-2/registration/{token}{rest}")
        assert (answer.status, "Åsa" in answer.text) == (404, False)
        if rest:
            form = read_forms(two.request("GET", f"/dag/registration/{token}{rest}").text)[0]
            body = encoded(**{**form.fields, "name": ["Bo"]})
            path = f"/dag-2/registration/{token}{rest}"
            assert two.request("POST", path, FORM_HEADERS, body).status in {404, 303}
    assert "Åsa Öström" in text_of(two.request("GET", receipt))


def test_a_lost_link_is_looked_up_only_in_the_event_whose_page_was_asked(two: Gateway) -> None:
    address = "asa@elsewhere.example"
    registered(two, SECOND, "Åsa Öström", address)
    tick()
    sent = len(sent_mails())
    for event, mails in ((FIRST, 0), (SECOND, 1)):
        form = encoded(email=[address], nonce=["a-nonce-of-lost-links"])
        answer = two.request("POST", f"/{event.id}/link", FORM_HEADERS, form)
        assert answer.headers["location"] == f"/{event.id}/link/sent"
        tick()
        assert len(sent_mails()) == sent + mails
    serve(replace(FIRST, published=False), SECOND)
    assert two.request("GET", "/dag/link").status == 404


def test_rights_are_looked_up_at_each_request(two: Gateway) -> None:
    both = ContactPerson(two).enter(BOTH.email)
    serve(replace(FIRST, contacts=(ANNA,)), SECOND)
    assert both.get("/desk/dag/overview").headers["location"] == "/desk"
    assert both.get("/desk").headers["location"] == "/desk/dag-2/overview"
    assert both.get("/desk/dag-2/overview").status == 200
    serve(SECOND)
    assert both.get("/desk/dag/overview").status == 404
    assert both.get("/desk/dag-2/overview").status == 200
    serve(replace(SECOND, contacts=(BO,)), replace(FIRST, published=False))
    assert both.get("/desk/dag-2/overview").status == 303
    assert both.get("/desk/dag/overview").status == 200


def test_a_key_of_one_event_is_free_in_another(two: Gateway) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k" * 36}
    for event, name in ((FIRST, "Åsa"), (SECOND, "Bo")):
        body = f'{{"name": "{name}", "meal": ["lunch"], "diet": ["vegan"]}}'.encode()
        answer = two.request("POST", f"/{event.id}/registration", headers, body)
        assert answer.status == 201, answer.text


def styles_are_allowed(answer: Answer) -> bool:
    styles = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digests = [b64encode(sha256(one.encode()).digest()).decode() for one in styles]
    policy = answer.headers["content-security-policy"]
    return bool(styles) and all(f"'sha256-{digest}'" in policy for digest in digests)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("prefix", ["/dag", "/dag-2", "/desk/dag", "/desk/dag-2", "/nothing", ""])
@pytest.mark.parametrize(
    "path", ["", "/registration", "/registration/x", "/privacy", "/x", "/list"]
)
def test_each_page_allows_its_own_style(
    gateway: Gateway, method: str, prefix: str, path: str
) -> None:
    serve(replace(FIRST, theme=replace(FIRST.theme, accent="#005a30")), SECOND)
    answer = gateway.request(method, f"{prefix}{path}" or "/", FORM_HEADERS)
    if answer.status != 303:
        assert styles_are_allowed(answer), (answer.status, answer.text[:200])


@pytest.mark.parametrize("own_domain", [True, False])
@pytest.mark.parametrize("stage", ["prod", "dag"])
def test_an_event_may_be_called_as_the_stage(
    two: Gateway, clock: SetClock, stage: str, *, own_domain: bool
) -> None:
    named = Gateway(app, clock, stage, own_domain=own_domain)
    prefix = "" if own_domain else f"/{stage}"
    for path in ("/dag", "/dag/registration", "/dag/privacy", "/dag-2/registration"):
        page = named.request("GET", path)
        assert page.status == 200
        event_id = path.split("/")[1]
        links = set(re.findall(r'(?:href|action)="(/[^"?#]*)', page.text))
        assert links
        for link in links:
            assert link.startswith((f"{prefix}/{event_id}", f"{prefix}/desk")), (path, link)
            assert not link.startswith(f"{prefix}/dag/dag"), (path, link)
    door = ContactPerson(named).get("/desk/dag/overview")
    assert door.headers["location"] == f"{prefix}/desk"


def test_nothing_happens_because_of_mail_events_of_unknown_events(two: Gateway) -> None:
    tick()
    assert bootstrap.composition().context_of("") is None
    assert bootstrap.composition().context_of("nothing") is None
    found = bootstrap.composition().context_of("dag-2")
    assert found
    assert found.event is SECOND
