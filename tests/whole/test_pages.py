"""The public pages and the registration form, through the app."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from chalice.test import Client

from app import app
from chalicelib import bootstrap
from chalicelib.event.event import Event
from chalicelib.media_types import JSON, XLSX
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.examples import FORM_HEADERS
from tests.fakes import items_in_the_table
from tests.whole.contact_person import ContactPerson
from tests.whole.pages import VALID, encoded, nonce_of, submit, text_of


@pytest.fixture
def client(gateway: Gateway) -> Iterator[Client]:
    """Chalice's own test client, with the app and composition of `gateway`."""
    with Client(app) as client:
        yield client


def test_chalices_own_client_sees_agenda_form_and_receipt(client: Client) -> None:
    assert "Säker och trygg kommun" in client.http.get("/").body.decode()
    form = client.http.get("/dag/registration").body.decode()
    body = encoded(**VALID, nonce=[nonce_of(form)])
    answer = client.http.post("/dag/registration", headers=FORM_HEADERS, body=body)
    assert answer.status_code == 303
    receipt = client.http.get(answer.headers["Location"])
    assert receipt.status_code == 200
    assert "Anmälan är mottagen" in receipt.body.decode()


def test_the_agenda_page_shows_everything_in_the_event_file(gateway: Gateway, event: Event) -> None:
    page = gateway.request("GET", "/")
    text = text_of(page)
    assert page.status == 200
    for session in event.agenda:
        for words in (session.title, session.description, *session.bullets, *session.speakers):
            assert words in text
    for contact in event.contacts:
        for words in (contact.name, contact.office, *contact.phones):
            assert words in text
    assert "måndag 31 maj 2027" in text
    assert "8.30 – 16.00" in text
    assert "senast måndag 24 maj kl. 24.00" in text
    assert f'href="{event.links[0].url}"' in page.text


def test_a_cached_agenda_page_is_the_same_as_a_fresh_one(
    gateway: Gateway, event: Event, capsys: pytest.CaptureFixture[str]
) -> None:
    tag = gateway.request("GET", "/").headers["etag"]
    headers: list[dict[str, str]] = [
        {}, {"Accept-Language": "en"}, {"If-None-Match": tag}, {"Host": "kost.boras.example"},
    ]  # fmt: skip
    requests = [
        (method, target, request_headers)
        for method in ("GET", "HEAD")
        for target in ("/", "/?lang=en")
        for request_headers in headers
    ]
    instants = (event.closes_at - timedelta(days=1), event.closes_at, event.ends_at)
    fresh = {}
    for at in instants:
        for number, (method, target, request_headers) in enumerate(requests):
            bootstrap.composition()._agenda_pages.clear()
            fresh[at, number] = gateway.request(method, target, request_headers, at=at)
    capsys.readouterr()
    cached = []
    for number, (method, target, request_headers) in (*enumerate(requests),) * 2:
        for at in instants:
            cached.append(gateway.request(method, target, request_headers, at=at))
            assert cached[-1] == fresh[at, number]
    assert {answer.status for answer in cached} == {200, 304}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logged = [(line["status"], line["route"]) for line in lines if line.get("what") == "request"]
    assert logged == [(answer.status, "/") for answer in cached]


def test_telephone_numbers_on_the_agenda_are_links(gateway: Gateway) -> None:
    page = gateway.request("GET", "/").text
    assert re.findall(r'href="(tel:[^"]+)"', page) == [
        "tel:+46734328730",
        "tel:+4633357219",
        "tel:+4633358297",
    ]


def test_the_form_has_every_field_and_code_and_only_the_meals_of_the_day_are_ticked(
    gateway: Gateway,
) -> None:
    page = gateway.request("GET", "/dag/registration").text
    names = set(re.findall(r'<(?:input|textarea)[^>]* name="(\w+)"', page))
    assert names == {
        "name", "organisation", "email", "meal", "diet", "allergen", "traces", "severe", "note",
        "nonce", "website",
    }  # fmt: skip
    assert re.findall(r'value="(\w+)" checked', page) == ["lunch", "fika"]
    assert page.count(" checked") == 2
    assert len(re.findall(r'name="allergen"', page)) == 16
    assert len(re.findall(r'name="traces"', page)) == 15
    assert "traces-lactose" not in page
    assert len(re.findall(r'name="diet"', page)) == 8


def test_every_form_page_has_its_own_nonce(gateway: Gateway) -> None:
    nonces = {nonce_of(gateway.request("GET", "/dag/registration").text) for _ in range(5)}
    assert len(nonces) == 5
    assert {len(nonce) for nonce in nonces} == {22}, "128 bits in base64url"


def test_a_registration_is_stored_as_one_item_and_leads_to_its_receipt(gateway: Gateway) -> None:
    answer = submit(gateway, allergen=["nuts"], traces=["nuts"], severe=["yes"])
    assert answer.status == 303
    receipt = gateway.request("GET", answer.headers["location"])
    text = text_of(receipt)
    assert receipt.status == 200
    assert "Åsa Öström" in text
    assert "Lunch kl. 11.45: Vegansk + utan nötter (inte ens spår)" in text
    assert "Fika kl. 14.40: Vegansk + utan nötter (inte ens spår)" in text
    assert "Anmälan stänger måndag 24 maj kl. 24.00." in text
    assert "Ja, vi ber köket att laga och märka portionen för sig" in text
    registrations = [i for i in items_in_the_table() if i["sk"]["S"].startswith("REG#")]
    assert len(registrations) == 1


def test_traces_alone_are_registered_with_their_allergen_from_form_json_and_desk(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    fields = {"name": ["Bo"], "meal": ["lunch"], "traces": ["nuts", "fish"]}
    form = gateway.request("POST", "/dag/registration", FORM_HEADERS, encoded(**fields))
    headers = {"content-type": JSON}
    document = gateway.request("POST", "/dag/registration", headers, json.dumps(fields).encode())
    desk = contact_person.post("/desk/dag/new", **fields)
    for answer in (form, document):
        receipt = gateway.request("GET", answer.headers["location"])
        assert "Utan nötter (inte ens spår) + utan fisk (inte ens spår)" in text_of(receipt)
    shown = text_of(contact_person.get(desk.headers["location"]))
    assert "Utan nötter (inte ens spår) + utan fisk (inte ens spår)" in shown


def test_the_receipt_tells_which_allergen_the_note_names_without_being_ticked(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    note = ["Hasselnöt och mjölk, inte kiwi."]
    address = submit(gateway, allergen=["fish"], note=note).headers["location"]
    receipt = gateway.request("GET", address)
    named = "i listan: Laktos (laktosintolerans) eller mjölkprotein (mjölkallergi) Nötter Köket"
    assert named in text_of(receipt)
    assert "Köket räknar bara det som är ikryssat." in text_of(receipt)
    link = f'href="{address}/edit#allergen"'
    assert link in receipt.text
    assert 'id="allergen"' in gateway.request("GET", f"{address}/edit").text
    english = text_of(gateway.request("GET", f"{address}?lang=en"))
    assert "Lactose (lactose intolerance) or milk protein (milk allergy) Tree nuts" in english
    late = gateway.request("GET", address, at=event.closes_at)
    assert named in text_of(late)
    assert "#allergen" not in late.text
    ticked = submit(gateway, allergen=["nuts", "lactose"], note=note).headers["location"]
    assert "Köket räknar bara" not in text_of(gateway.request("GET", ticked))


def test_every_hint_of_the_form_describes_its_field(gateway: Gateway) -> None:
    page = gateway.request("GET", "/dag/registration").text
    hints = re.findall(r'<p class="hint"([^>]*)>', page)
    described = re.findall(r'aria-describedby="([^"]+)"', page)
    assert sorted(hints) == sorted(f' id="{names}"' for names in described)


def test_a_form_sent_again_gets_the_same_receipt_and_with_another_name_a_new_one(
    gateway: Gateway,
) -> None:
    first = submit(gateway)
    assert submit(gateway) == submit(gateway) == first
    names = [submit(gateway, name=[f"Person {n}"]).headers["location"] for n in range(5)]
    assert len({first.headers["location"], *names}) == 6


def test_a_form_with_errors_is_shown_with_everything_typed_and_nothing_is_stored(
    gateway: Gateway,
) -> None:
    answer = submit(
        gateway,
        nonce="keep-me-as-i-was",
        name=[""],
        organisation=["Kulturförvaltningen & Co"],
        email=["asa@"],
        meal=["fika"],
        diet=["halal"],
        allergen=["nuts", "lupin"],
        traces=["nuts"],
        severe=["yes"],
        note=["Inte kiwi.\nInte lök."],
    )
    page = answer.text
    assert answer.status == 422
    assert "<title>Fel: " in page
    assert "2 fel att rätta" in page
    assert '<a href="#name">Skriv namnet på den som anmälan gäller.</a>' in page
    assert 'value="Kulturförvaltningen &amp; Co"' in page
    assert 'value="asa@"' in page
    assert "Inte kiwi.\nInte lök.</textarea>" in page
    assert set(re.findall(r'value="(\w+)" checked', page)) == {
        "fika", "halal", "nuts", "lupin", "yes",
    }  # fmt: skip
    assert nonce_of(page) == "keep-me-as-i-was"
    assert items_in_the_table() == []


@pytest.mark.parametrize(
    "name",
    [
        "Åsa Ärlig Öström",
        "Siân-Noël O’Brien d'Été",
        "محمد الحسن",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "{% raw %}",
        '"><img src=x onerror=alert(1)>',
        "%(name)s %s 100%",
    ],
)
def test_any_name_is_stored_unchanged_and_shown_escaped(gateway: Gateway, name: str) -> None:
    refused = submit(gateway, name=[name], note=[name], diet=["unknown"])
    assert f'value="{name}"' in unescape(refused.text)
    receipt = gateway.request("GET", submit(gateway, name=[name], note=[name]).headers["location"])
    assert name in unescape(receipt.text)
    for page in (refused.text, receipt.text):
        assert "<script" not in page
        assert "<img" not in page
        assert "7*7" in page or "{{" not in name
    assert name in {item["name"]["S"] for item in items_in_the_table() if "name" in item}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nope", 404),
        ("GET", "/openapi.yaml", 404),
        ("GET", "/nope/deeper/still", 404),
        ("HEAD", "/nope", 404),
        ("POST", "/nope", 404),
        ("POST", "/dag/registration/abc", 405),
        ("GET", "/dag/registration/", 200),
    ],
)
def test_unknown_paths_and_methods_get_a_page_of_the_service(
    gateway: Gateway, method: str, path: str, status: int
) -> None:
    answer = gateway.request(method, path)
    assert answer.status == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    if method != "HEAD":
        assert "Kontaktpersoner" in answer.text


@pytest.mark.parametrize("path", ["/", "/dag/registration", "/dag/registration/unknown", "/nope"])
def test_head_gets_the_answer_of_get_without_a_body(gateway: Gateway, path: str) -> None:
    got, head = gateway.request("GET", path), gateway.request("HEAD", path)
    assert (head.status, head.headers) == (got.status, got.headers)
    assert head.body == b""


@pytest.mark.parametrize("path", ["/", "/dag/registration", "/dag/registration/unknown", "/nope"])
def test_every_answer_carries_the_security_headers(gateway: Gateway, path: str) -> None:
    headers = gateway.request("GET", path).headers
    policy = re.sub(r"'sha256-[\w+/=]{44}'", "HASH", headers["content-security-policy"])
    assert policy == (
        "default-src 'none'; style-src HASH HASH; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] in ("no-store", "private, no-cache", "public, max-age=60")


def test_receipts_are_never_cached_and_forms_only_for_the_way_back(gateway: Gateway) -> None:
    receipt = submit(gateway).headers["location"]
    for path in (receipt, f"{receipt}/cancel"):
        assert gateway.request("GET", path).headers["cache-control"] == "no-store"
    forms = [gateway.request("GET", path) for path in ("/dag/registration", f"{receipt}/edit")]
    for form in (*forms, submit(gateway, name=[""])):
        assert form.headers["cache-control"] == "private, no-cache"
        assert "etag" not in form.headers, "a second visit must not get the first one's nonce"


def test_pages_have_no_script_and_load_no_other_resource(gateway: Gateway) -> None:
    receipt = submit(gateway).headers["location"]
    for path in ("/", "/dag/registration", receipt, "/nope"):
        page = gateway.request("GET", path).text
        assert not re.search(r"<script|<img|@import|url\(|<iframe", page)
        assert set(re.findall(r'<link rel="(\w+)" href="(\w+):', page)) == {("icon", "data")}


def test_pages_are_in_the_requested_language_and_their_links_keep_it(gateway: Gateway) -> None:
    english = gateway.request("GET", "/dag/registration?lang=en").text
    assert '<html lang="en">' in english
    assert "Coffee at 14:40" in english
    assert "Fika" not in english
    assert "Which diet do you want?" in english
    assert 'action="/dag/registration?lang=en&amp;send=yes"' in english
    assert 'formaction="/dag/registration?lang=sv"' in english


def test_the_browsers_language_is_used_when_none_is_chosen(gateway: Gateway) -> None:
    english = gateway.request("GET", "/", {"Accept-Language": "en-GB"})
    swedish = gateway.request("GET", "/", {"Accept-Language": "de"})
    assert "Monday 31 May 2027" in english.text
    assert "måndag 31 maj 2027" in swedish.text
    assert english.headers["vary"] == "Accept-Language, Accept-Encoding"


def test_a_form_can_be_read_as_text_or_as_base64_from_api_gateway(
    gateway: Gateway, clock: SetClock
) -> None:
    """API Gateway treats every type as binary, so that workbooks are not damaged."""
    body = encoded(**VALID, nonce=["a-nonce-of-the-tests"])
    event = gateway.event("POST", "/dag/registration", FORM_HEADERS, body, clock.now)
    assert (event["body"], event["isBase64Encoded"]) == (b64encode(body).decode(), True)
    as_text = {**event, "body": body.decode(), "isBase64Encoded": False}
    assert [app(form, None)["statusCode"] for form in (event, as_text)] == [303, 303]


def test_the_content_type_of_a_get_request_is_ignored(gateway: Gateway) -> None:
    for content_type in ("application/x-www-form-urlencoded", "text/html", "nonsense"):
        for path, status in (("/", 200), ("/dag/registration", 200), ("/nowhere", 404)):
            answer = gateway.request("GET", path, {"Content-Type": content_type})
            assert answer.status == status


def test_api_gateway_treats_every_type_as_binary_and_the_function_only_workbooks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert app.api.binary_types == [XLSX]
    monkeypatch.setenv("AWS_CHALICE_CLI_MODE", "true")
    assert bootstrap.gateway_binary_types([XLSX]) == ["*/*"]
