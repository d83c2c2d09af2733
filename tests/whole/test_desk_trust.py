"""The desk's security: login, sessions, what visitors without one see, and the audit log."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest

import app as application
from chalicelib import bootstrap
from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.desk import session_store as access_tokens
from chalicelib.desk.limits import LINK_LASTS, SESSION_LASTS
from chalicelib.desk.sessions import session_token
from chalicelib.event.changes import row_key
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.event import Event
from chalicelib.mail.caps import A_LINK_EVERY, LINKS_AT_ONCE
from chalicelib.registration.tokens import hash_token, token_of_form
from chalicelib.routes import ELSEWHERE_AT_DESK
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.examples import EVENT, FORM_HEADERS
from tests.fakes import (
    InMemoryComposition,
    installed_composition,
    installed_table,
    items_in_the_table,
    sent_mails,
)
from tests.whole.contact_person import HOST, ContactPerson, key_of, newest_link, stored, tick
from tests.whole.forms import read_form, read_forms
from tests.whole.pages import encoded, submit, text_of
from tests.wire import no_answer, refusing

MILLISECOND = timedelta(milliseconds=1)
ORIGIN = f"https://{HOST}"
NAME, MAILBOX, NOTE = "Märkvärdig Öst", "markvardig@elsewhere.example", "Inte märkkiwi."
SECRETS = ("Märkvärdig", "MARKVARDIG OST", MAILBOX, "märkkiwi", "Märkenheten")
UNLISTED = "stranger@elsewhere.example"
UNKNOWN = "0" * 64


def stored_items() -> dict[str, Any]:
    return {item["sk"]["S"]: item for item in items_in_the_table()}


def changed_kinds(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """The kinds (first part of the key) of all items that were added, removed or changed."""
    keys = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return {key.partition("#")[0] for key in keys}


def audit_entries() -> list[AuditEntry]:
    """The audit log, newest first."""
    return audit_log.latest(installed_table(), "", 1000)


@pytest.fixture
def keys(gateway: Gateway, clock: SetClock) -> list[str]:
    """The keys of a person's two registrations, the earlier one first."""
    receipts = [
        submit(gateway, nonce, name=[name], organisation=["Märkenheten"], note=[NOTE], email=[mail])
        for name, mail, nonce in DUPLICATES
    ]
    clock.move(timedelta(minutes=1))
    keys = [key_of(answer) for answer in receipts]
    assert keys == KEYS
    return keys


DUPLICATES = ((NAME, MAILBOX, "the-nonce-of-one"), ("MARKVARDIG OST", "", "the-nonce-of-another"))
# The key depends only on the name and the form's nonce.
KEYS = [hash_token(token_of_form(name, nonce)) for name, _, nonce in DUPLICATES]


# A walk over every route of the desk, with values for all form fields


FORM = {
    "name": ["Ny Person"], "meal": ["lunch"], "diet": ["vegan"], "nonce": ["a-nonce-of-the-walk"],
    "revision": ["1"], "text": ["mark"], "to": ["all"], "day": ["2027-05-26"], "clock": ["12.00"],
    "email": ["bo@elsewhere.example"], "reason": ["dubbel"], "block": ["yes"],
    "marked": KEYS, "item": [f"{key}:1" for key in KEYS], "since": ["2027-05-20"],
    "until": ["2027-05-21"], "as_of": ["2027-05-20T08:00:30+00:00"], "asked": ["2"], "typed": ["2"],
    "shown": ["2027-05-24T22:00:00+00:00 open"],
}  # fmt: skip
# Ask before the removal of what their query chooses.
QUESTIONS = ("/desk/dag/marked", "/desk/dag/matching")
LOGIN_ROUTES = {"/desk", "/desk/sent", "/desk/enter/{token}"}


def desk_routes(*methods: str) -> list[tuple[str, str]]:
    """(method, route) of the desk's routes, for those of `methods` that a route supports."""
    return [
        (method, route)
        for route, views in application.app.routes.items()
        if route.startswith("/desk")
        for method in methods
        if views[method].view_name != "web.error_pages.refuse_method"
    ]


def path_of(route: str, keys: list[str], link: str = "unknown") -> str:
    filled = route.replace("{token}", link).replace("{other}", keys[1])
    filled = filled.replace("{event}", "dag").replace("{proxy+}", "nothing")
    filled = filled.replace("{key}", keys[0]).replace("{row}", row_key(EVENT.agenda[0]))
    if filled in QUESTIONS:
        asked = encoded(marked=keys, since=FORM["since"], until=FORM["until"])
        filled = f"{filled}?{asked.decode()}"
    return filled


def send(
    gateway: Gateway, method: str, path: str, cookie: str = "", origin: str | None = ORIGIN
) -> Answer:
    headers = {"Host": HOST, "Accept": "*/*", "Cookie": cookie}
    if method == "POST":
        headers |= FORM_HEADERS | ({} if origin is None else {"Origin": origin})
    body = encoded(**FORM) if method == "POST" else b""
    return gateway.request(method, path, headers, body)


def full_text(answer: Answer) -> str:
    """The headers and the text of an answer; of a workbook, the text of its parts."""
    packed = answer.body if answer.body.startswith(b"PK") else b""
    headers = unquote(" ".join(answer.headers.values()))
    return headers + (unpacked(packed) if packed else answer.text)


def unpacked(workbook: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return " ".join(parts.read(name).decode("utf-8") for name in parts.namelist())


def has_personal_data(answer: Answer) -> bool:
    return any(secret in full_text(answer) for secret in SECRETS)


def test_the_walk_covers_every_page_and_every_form_of_the_desk() -> None:
    routes = desk_routes("GET", "POST")
    assert len([route for method, route in routes if method == "GET"]) >= 20
    assert len([route for method, route in routes if method == "POST"]) >= 10
    open_to_all = [("HEAD", route) for method, route in routes if method == "GET"
                   and route in LOGIN_ROUTES]  # fmt: skip
    assert desk_routes("HEAD") == [*open_to_all, ("HEAD", ELSEWHERE_AT_DESK)]


def assert_leads_to_login(answer: Answer, method: str, route: str) -> None:
    # The answer to a form must leave the form in the browser's history.
    if method == "POST" and route != "/desk/leave":
        assert answer.status == 401
        assert 'href="/desk"' in answer.text
        return
    assert (answer.status, answer.headers["location"], answer.body) == (303, "/desk", b"")


@pytest.mark.parametrize(
    "cookie", ["none", "garbage", "expired", "logged out", "of a link", "under another name"]
)
def test_without_a_session_every_desk_url_leads_to_login_shows_nothing_and_changes_nothing(
    gateway: Gateway, clock: SetClock, keys: list[str], contact_person: ContactPerson, cookie: str
) -> None:
    sent = {
        "none": "",
        "garbage": "__Host-dukat=garbage; a=b",
        "of a link": f"__Host-dukat={newest_link().rpartition('/')[2]}",
        "under another name": contact_person.cookie.replace("__Host-dukat", "dukat"),
    }.get(cookie, contact_person.cookie)
    if cookie == "expired":
        clock.move(SESSION_LASTS)
    if cookie == "logged out":
        assert contact_person.post("/desk/leave").status == 303
    before = stored_items()
    for method, route in desk_routes("GET", "POST"):
        answer = send(gateway, method, path_of(route, keys), sent)
        if route not in LOGIN_ROUTES:
            assert_leads_to_login(answer, method, route)
        assert not has_personal_data(answer), route
        assert "set-cookie" not in answer.headers, route
        if (method, route) == ("POST", "/desk"):
            assert changed_kinds(before, stored_items()) == {"CAP", "NOBODY"}
            before = stored_items()
        assert stored_items() == before, (method, route)


def test_a_removed_contact_persons_session_opens_nothing_and_is_deleted_at_its_next_use(
    gateway: Gateway,
    event: Event,
    clock: SetClock,
    keys: list[str],
    colleague: ContactPerson,
    contact_person: ContactPerson,
) -> None:
    token = contact_person.cookie.partition("=")[2]
    later = replace(event, contacts=event.contacts[1:])
    parts = InMemoryComposition(later, clock, installed_composition())
    parts.use(ses=installed_composition().ses)
    bootstrap.install(parts)
    for method, route in desk_routes("GET", "POST"):
        if route in LOGIN_ROUTES:
            continue
        admitted = session_token(event.contacts[0].email, clock.now)
        shared = installed_table().beside(ALL_EVENTS)
        shared.apply(access_tokens.save_write(hash_token(token), admitted))
        before = stored_items()
        answer = send(gateway, method, path_of(route, keys), contact_person.cookie)
        assert_leads_to_login(answer, method, route)
        assert before.keys() - stored_items().keys() == {f"DESK#{hash_token(token)}"}, route
        assert stored_items().items() <= before.items()
    assert colleague.get("/desk/dag/overview").status == 200
    link = newest_link()
    assert send(gateway, "GET", link).status == 404
    assert send(gateway, "POST", link).status == 404
    assert (
        access_tokens.find(
            installed_table().beside(ALL_EVENTS), hash_token(link.rpartition("/")[2])
        )
        is None
    )


@pytest.mark.parametrize(
    "origin",
    [
        None, "", "null", "https://evil.example", f"https://{HOST}.evil.example", HOST,
        f"https://evil.example/{HOST}", f"http://{HOST}", f"{ORIGIN}:8443", "http://[",
        f"{ORIGIN}/",
    ],
)  # fmt: skip
def test_a_form_from_another_origin_is_refused_and_changes_nothing(
    gateway: Gateway,
    event: Event,
    keys: list[str],
    contact_person: ContactPerson,
    origin: str | None,
) -> None:
    link, before = newest_link(), stored_items()
    for method, route in desk_routes("POST"):
        path = path_of(route, keys, link.rpartition("/")[2])
        answer = send(gateway, method, path, contact_person.cookie, origin)
        assert answer.status == 403, route
        assert not has_personal_data(answer)
        assert "set-cookie" not in answer.headers
        assert "Formuläret kom från en annan sida" in text_of(answer)
        assert stored_items() == before, route
    assert contact_person.get("/desk/dag/overview").status == 200


def test_the_origin_matches_the_host_header_regardless_of_case(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    headers = {
        **FORM_HEADERS,
        "Host": HOST.upper(),
        "Origin": ORIGIN,
        "Cookie": contact_person.cookie,
    }
    assert gateway.request("POST", "/desk/leave", headers, b"").status == 303


# The audit log


# These forms remove or close what the earlier requests need, so they come last.
LATE_ROUTES = ("edit", "keep", "links", "/remove", "close", "leave")


def rank(request: tuple[str, str]) -> int:
    method, route = request
    if method == "GET":
        return 0
    return next((n for n, word in enumerate(LATE_ROUTES, 2) if word in route), 1)


def walk(keys: list[str], link: str) -> Iterator[tuple[str, str]]:
    """Every (method, path) of the desk, ordered so that each finds the registrations it needs."""
    for method, route in sorted(desk_routes("GET", "POST"), key=rank):
        yield method, path_of(route, keys, link.rpartition("/")[2])


def test_every_answer_with_personal_data_has_an_audit_entry_for_the_right_contact_person(
    gateway: Gateway, event: Event, keys: list[str], contact_person: ContactPerson, clock: SetClock
) -> None:
    logged_actions: dict[str, AuditAction] = {}
    for method, path in walk(keys, newest_link()):
        clock.move(MILLISECOND)
        known = len(audit_entries())
        answer = send(gateway, method, path, contact_person.cookie)
        if path == newest_link() and method == "POST":  # a browser uses the new cookie
            contact_person.cookie = answer.headers["set-cookie"].partition(";")[0]
        if has_personal_data(answer):
            entry = audit_entries()[0]
            assert len(audit_entries()) == known + 1, path
            assert (entry.contact, entry.at) == (event.contacts[0].email, clock.now), path
            assert len(entry.id) == 12
            page = path.partition("?")[0]
            logged_actions[f"{method} {page}".replace(keys[0], "1").replace(keys[1], "2")] = (
                entry.action
            )
    assert logged_actions == {
        "GET /desk/dag/list": AuditAction.SAW_LIST,
        "GET /desk/dag/registrations/1": AuditAction.SAW_ONE,
        "GET /desk/dag/registrations/1/edit": AuditAction.SAW_ONE,
        "GET /desk/dag/registrations/1/remove": AuditAction.SAW_ONE,
        "GET /desk/dag/duplicates": AuditAction.SAW_DUPLICATES,
        "GET /desk/dag/duplicates/keep/1/2": AuditAction.SAW_DUPLICATES,
        # The form without a revision is shown again.
        "POST /desk/dag/duplicates/keep/1/2": AuditAction.SAW_DUPLICATES,
        "GET /desk/dag/list.xlsx": AuditAction.TOOK_XLSX,
        "GET /desk/dag/list.csv": AuditAction.TOOK_CSV,
        "GET /desk/dag/attendance": AuditAction.PRINTED_ATTENDANCE,
        "GET /desk/dag/notes": AuditAction.PRINTED_NOTES,
        "GET /desk/dag/registrations/1/extract": AuditAction.SAW_EXTRACT,
        "GET /desk/dag/registrations/1/extract.json": AuditAction.TOOK_EXTRACT,
        "GET /desk/dag/marked": AuditAction.SAW_SELECTION,
        "GET /desk/dag/matching": AuditAction.SAW_SELECTION,
    }
    for secret in (*SECRETS, "Ny Person", "bo@elsewhere.example", "egan"):
        assert secret not in str(audit_entries())


@pytest.mark.parametrize(
    ("path", "action", "about"),
    [
        (
            "/desk/dag/labels?meal=fika&names=yes",
            AuditAction.PRINTED_LABELS,
            "Fika, med namn, del 1",
        ),
        ("/desk/dag/labels?meal=lunch", AuditAction.PRINTED_LABELS, "Lunch, utan namn, del 1"),
        (
            "/desk/dag/attendance",
            AuditAction.PRINTED_ATTENDANCE,
            "efter namn, portioner bara där namnen är lika, del 1",
        ),
        (
            "/desk/dag/attendance?sort=code&plates=yes",
            AuditAction.PRINTED_ATTENDANCE,
            "efter kod, med portioner, del 1",
        ),
        ("/desk/dag/list?diet=vegan", AuditAction.SAW_LIST, "sida 1 av 1"),
        ("/desk/dag/list?page=7", AuditAction.SAW_LIST, "sida 1 av 1"),
    ],
)
def test_the_audit_entry_describes_what_was_shown(
    contact_person: ContactPerson,
    clock: SetClock,
    keys: list[str],
    path: str,
    action: AuditAction,
    about: str,
) -> None:
    clock.move(MILLISECOND)
    answer = contact_person.get(path)
    assert ("Märkvärdig" in answer.text) == ("utan namn" not in about)
    entry = audit_entries()[0]
    assert (entry.action, entry.details) == (action, about)
    assert sorted(entry.codes) == sorted(stored(key).plate_code for key in keys)


@pytest.fixture
def without_audit_log(contact_person: ContactPerson, keys: list[str]) -> None:
    """A table that refuses every write to the audit log."""
    installed_composition().database.on("", "ACCESS#", refusing("ThrottlingException"), times=1000)


def stored_but_counters() -> dict[str, Any]:
    """All items but the counters against misuse, and the words of searches, which show nothing."""
    others = ("CAP#", "SEARCH#")
    return {key: item for key, item in stored_items().items() if not key.startswith(others)}


def test_when_the_audit_log_cannot_be_written_nothing_is_shown_and_nothing_is_changed(
    gateway: Gateway,
    event: Event,
    contact_person: ContactPerson,
    keys: list[str],
    without_audit_log: None,
) -> None:
    refused = set()
    before = stored_but_counters()
    passed_over = {
        *("/desk", "/desk/leave", "/desk/dag/log", "/desk/dag/nothing"),
        "/desk/dag/blocks/lift",  # lifts nothing without times; test_desk_blocks.py does
        f"/desk/dag/registrations/{keys[0]}/receipt",  # the first waits; test_desk_links.py does
    }
    harmless = {
        ("POST", "/desk/dag/notes"),  # ticks nothing without hashes; tests/whole/test_notes.py does
        ("POST", "/desk/dag/list"),  # shows nothing: it leads to the page that does
    }
    for method, path in walk(keys, newest_link()):
        if path in passed_over or (method, path) in harmless:
            continue
        if path.startswith("/desk/dag/programme"):
            continue  # shows nobody who has registered; refused as a whole in test_programme.py
        answer = send(gateway, method, path, contact_person.cookie)
        assert not has_personal_data(answer), path
        assert stored_but_counters() == before, path
        if answer.status != 200:
            assert "Ny Person" not in answer.text
            assert "set-cookie" not in answer.headers
            page = path.partition("?")[0]
            refused.add((method, page.replace(keys[0], "1").replace(keys[1], "2")))
            assert answer.status == (409 if path == "/desk/dag/send" else 503), path
    assert refused >= {
        ("POST", newest_link()),
        ("GET", "/desk/dag/list"), ("GET", "/desk/dag/duplicates"),
        ("GET", "/desk/dag/registrations/1"), ("GET", "/desk/dag/registrations/1/edit"),
        ("POST", "/desk/dag/registrations/1/edit"), ("POST", "/desk/dag/registrations/1/remove"),
        ("POST", "/desk/dag/registrations/1/links"),
        ("POST", "/desk/dag/duplicates/keep/1/2"), ("POST", "/desk/dag/new"),
        ("GET", "/desk/dag/list.xlsx"), ("GET", "/desk/dag/list.csv"),
        ("GET", "/desk/dag/labels"), ("GET", "/desk/dag/attendance"), ("GET", "/desk/dag/notes"),
        ("POST", "/desk/dag/blocks"),
        ("GET", "/desk/dag/registrations/1/extract"),
        ("GET", "/desk/dag/registrations/1/extract.json"),
        ("GET", "/desk/dag/marked"), ("POST", "/desk/dag/marked/remove"),
        ("GET", "/desk/dag/matching"), ("POST", "/desk/dag/matching/remove"),
    }  # fmt: skip


def test_logging_out_works_even_when_the_audit_log_cannot_be_written(
    contact_person: ContactPerson, without_audit_log: None
) -> None:
    contact_person.post("/desk/leave")
    assert contact_person.get("/desk/dag/overview").status == 303
    assert contact_person.get(newest_link()).status == 404


def test_when_the_table_does_not_answer_every_desk_page_is_an_error_page(
    contact_person: ContactPerson, keys: list[str]
) -> None:
    installed_composition().database.on("", "", no_answer, times=1000)
    for path in (
        "/desk/dag/overview",
        "/desk/dag/list",
        "/desk/dag/list.xlsx",
        f"/desk/enter/{UNKNOWN}",
    ):
        answer = contact_person.get(path)
        assert answer.status == 503
        assert "Något gick fel hos oss" in text_of(answer)


# URLs, stored tokens and caches


def test_no_url_on_any_desk_page_contains_a_name_an_answer_or_a_token(
    gateway: Gateway, keys: list[str], contact_person: ContactPerson
) -> None:
    """In a link, in `Location`, or in a form with the method GET."""
    link = newest_link()
    tokens = {link.rpartition("/")[2], contact_person.cookie.partition("=")[2]}
    addresses: set[str] = set()
    query_fields: set[str] = set()
    for method, path in walk(keys, link):
        answer = send(gateway, method, path, contact_person.cookie)
        addresses.add(answer.headers.get("location", ""))
        addresses.update(re.findall(r'(?:href|src)="([^"]*)"', full_text(answer)))
        for form in re.findall(r"<form.*?</form>", full_text(answer), re.DOTALL):
            if 'method="post"' not in form.partition(">")[0]:
                addresses.add(read_form(form).action)
                query_fields.update(re.findall(r'name="(\w+)"', form))
    assert addresses >= {f"/desk/dag/registrations/{keys[0]}", "/desk/dag/list.xlsx"}
    assert query_fields == {
        "meal",
        "diet",
        "allergen",
        "severe",
        "noted",
        "since",
        "until",
        "sort",
        "marked",
    }
    for address in map(unquote, addresses):
        for secret in (*SECRETS, "bo@elsewhere.example", "Ny Person", *tokens):
            assert secret not in address


def test_nothing_in_a_stolen_copy_of_the_table_opens_a_page(
    gateway: Gateway, event: Event, keys: list[str], contact_person: ContactPerson
) -> None:
    assert contact_person.ask(event.contacts[1].email).status == 303
    stolen = [stored_items()]
    tick()
    stolen.append(stored_items())
    contact_person.get("/desk/dag/list")
    link, session = newest_link().rpartition("/")[2], contact_person.cookie.partition("=")[2]
    assert send(gateway, "GET", f"/desk/enter/{link}").status == 200
    texts = set(re.findall("'([^']*)'", str(stolen)))
    parts = texts | {part for text in texts for part in re.split(r"[#|]", text)}
    assert len(parts) > 50
    assert not {token for token in (link, session) if any(token in text for text in texts)}
    for text in parts:
        answer = contact_person.gateway.request(
            "GET", "/desk/dag/overview", {"Cookie": f"__Host-dukat={text}"}
        )
        assert answer.status == 303, text
        if text and text.isascii() and text.isprintable() and not set(text) & set("/?#%"):
            assert send(gateway, "GET", f"/desk/enter/{text}").status in (404, 405), text
            assert send(gateway, "POST", f"/desk/enter/{text}").status in (404, 405), text
            assert gateway.request("GET", f"/dag/registration/{text}").status == 404, text


# Back shows these again with what was typed; each is about one person at most.
KEPT_FOR_BACK = (
    "/desk/dag/new", "/desk/dag/registrations/1/edit", "/desk/dag/registrations/1/remove",
    "/desk/dag/duplicates/keep/1/2", "/desk/dag/reopen", "/desk/dag/close", "/desk/dag/send",
    "/desk/dag/blocks", "/desk/dag/programme",
)  # fmt: skip


def test_no_answer_but_a_form_about_one_person_is_cached_and_all_have_the_security_headers(
    gateway: Gateway, event: Event, keys: list[str], contact_person: ContactPerson
) -> None:
    """A page with a form needs `same-origin`: under `no-referrer` a browser sends
    `Origin: null` (Fetch, 3.2).
    """
    link = newest_link()
    for method, path in walk(keys, link):
        for cookie in ("", contact_person.cookie) if path != "/desk/leave" else ("",):
            answer = send(gateway, method, path, cookie)
            headers = answer.headers
            page = path.replace(keys[0], "1").replace(keys[1], "2")
            is_form = bool(cookie) and page.startswith(KEPT_FOR_BACK)
            kept = is_form and answer.status not in (303, 401, 404)
            assert headers["cache-control"] == ("private, no-cache" if kept else "no-store"), path
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; style-src 'sha256-")
            assert "form-action 'self'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            same = {"same-origin"} if b"<form" in answer.body else {"same-origin", "no-referrer"}
            assert headers["referrer-policy"] in same, path
            assert headers["strict-transport-security"].startswith("max-age=63072000")
            assert ("set-cookie" in headers) == (path == link and method == "POST")
            if method == "GET" and path in ("/desk", "/desk/sent", link):
                head = send(gateway, "HEAD", path, cookie)
                assert (head.status, head.body) == (answer.status, b""), path
                assert head.headers["content-type"] == headers["content-type"]
    assert contact_person.post("/desk/leave").headers["cache-control"] == "no-store"


# Login, sessions and logging out


def test_every_page_of_the_desk_has_a_button_to_log_out(
    gateway: Gateway, keys: list[str], contact_person: ContactPerson
) -> None:
    others = {*LOGIN_ROUTES, ELSEWHERE_AT_DESK}
    routes = [route for _, route in desk_routes("GET") if route not in others]
    answers = [
        send(gateway, "GET", path_of(route, keys), contact_person.cookie) for route in routes
    ]
    pages = [one for one in answers if one.headers["content-type"].startswith("text/html")]
    assert len(pages) >= len(routes) - 3, "all but the files"
    for page in pages:
        assert page.status == 200
        assert "/desk/leave" in {form.action for form in read_forms(page.text)}


def test_the_session_cookie_has_every_protective_attribute_and_lasts_eight_hours(
    gateway: Gateway, event: Event
) -> None:
    browser = ContactPerson(gateway)
    browser.ask(event.contacts[0].email)
    tick()
    answer = browser.post(newest_link())
    assert (answer.status, answer.headers["location"]) == (303, "/desk/dag/overview")
    pair, *attributes = answer.headers["set-cookie"].split("; ")
    name, _, token = pair.partition("=")
    assert name == "__Host-dukat"
    assert set(attributes) == {"Max-Age=28800", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"}
    assert re.fullmatch(r"[\w-]{43}", token), "256 bits in base64url"


def test_each_use_of_a_link_starts_a_new_session_and_ends_only_that_browsers_old_one(
    gateway: Gateway, clock: SetClock, contact_person: ContactPerson
) -> None:
    link, before = newest_link(), replace(contact_person)
    elsewhere = [ContactPerson(gateway).log_in(link) for _ in range(3)]
    clock.move(LINK_LASTS - MILLISECOND)
    assert contact_person.post(f"/desk/enter/{UNKNOWN}").status == 404
    assert contact_person.get("/desk/dag/overview").status == 200
    contact_person.log_in(link)
    assert before.get("/desk/dag/overview").status == 303
    sessions = [contact_person, *elsewhere]
    assert [session.get("/desk/dag/overview").status for session in sessions] == [200] * 4
    assert len({session.cookie for session in (before, *sessions)}) == 5


def test_opening_a_mailed_link_changes_nothing_and_its_button_logs_in(
    gateway: Gateway, event: Event, clock: SetClock
) -> None:
    contact, browser = event.contacts[0], ContactPerson(gateway)
    browser.ask(contact.email)
    clock.move(timedelta(minutes=20))
    tick()
    (mail,), link, before = sent_mails(), newest_link(), stored_items()
    assert mail.recipients == (contact.email,)
    assert "30 minuter" in mail.part("plain")
    assert link in mail.part("html")
    for known in (contact.name, contact.email):
        assert known not in f"{mail.message['Subject']} {mail.part('plain')} {mail.part('html')}"
    for number in range(20):
        answer = send(gateway, "HEAD" if number % 2 else "GET", link)
        assert (answer.status, "set-cookie" in answer.headers) == (200, False)
    assert stored_items() == before
    assert read_form(browser.get(link).text).action == link
    clock.move(LINK_LASTS - MILLISECOND)  # counted from the sending
    assert browser.log_in(link).get("/desk/dag/overview").status == 200
    session = browser.cookie.partition("=")[2]
    assert browser.post(f"/desk/enter/{session}").status == 404
    clock.move(MILLISECOND)
    assert browser.get(link).status == browser.post(link).status == 404
    assert "Länken gäller inte längre" in text_of(browser.get(link))


def test_a_session_ends_exactly_eight_hours_after_login_even_if_it_is_used(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    for part in (SESSION_LASTS / 2, SESSION_LASTS / 2 - MILLISECOND):
        clock.move(part)
        assert contact_person.get("/desk/dag/overview").status == 200
    clock.move(MILLISECOND)
    assert contact_person.get("/desk/dag/overview").status == 303


def test_logging_out_ends_the_session_and_its_link_and_clears_the_browsers_cache(
    gateway: Gateway, event: Event, clock: SetClock, contact_person: ContactPerson
) -> None:
    link = newest_link()
    elsewhere = ContactPerson(gateway).log_in(link)
    clock.move(MILLISECOND)
    answer = contact_person.post("/desk/leave")
    assert (answer.status, answer.headers["location"]) == (303, "/desk")
    assert answer.headers["set-cookie"].startswith("__Host-dukat=; Max-Age=0; Path=/; Secure")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert (
        access_tokens.find(
            installed_table().beside(ALL_EVENTS),
            hash_token(contact_person.cookie.partition("=")[2]),
        )
        is None
    )
    for again in (contact_person.post("/desk/leave"), contact_person.get("/desk/dag/list")):
        assert again.headers["location"] == "/desk"
    assert elsewhere.get(link).status == 404
    assert elsewhere.get("/desk/dag/overview").status == 200
    assert [entry.action for entry in audit_entries()] == [
        AuditAction.LOGGED_OUT,
        AuditAction.LOGGED_IN,
        AuditAction.LOGGED_IN,
    ]
    assert {(entry.contact, entry.about) for entry in audit_entries()} == {
        (event.contacts[0].email, "")
    }


def test_listed_unlisted_and_rate_limited_addresses_get_the_same_answer_and_table_calls(
    gateway: Gateway, event: Event, clock: SetClock
) -> None:
    contact, other = (person.email for person in event.contacts[:2])
    database = installed_composition().database

    def request_link(address: str) -> tuple[object, ...]:
        database.calls.clear()
        answer = ContactPerson(gateway).ask(address)
        return answer.status, dict(answer.headers), answer.body, tuple(database.calls)

    listed = request_link(contact)
    assert (listed[0], *listed[3:]) == (303, ("PutItem", "UpdateItem"))
    similar = (contact.replace("@", "+tag@"), f"{contact[0]}.{contact[1:]}")
    for address in (UNLISTED, *similar, *[contact.upper()] * (LINKS_AT_ONCE + 3), UNLISTED, other):
        assert request_link(address) == listed
        clock.move(timedelta(minutes=1))
        tick()
    mailed = [mail.recipients[0] for mail in sent_mails()]
    assert Counter(mailed) == {contact: LINKS_AT_ONCE, other: 1}
    clock.move(A_LINK_EVERY)
    assert request_link(contact) == listed
    tick()
    assert len(sent_mails()) == len(mailed) + 1


@pytest.mark.parametrize(
    "address", ["", "a", "a@b", "a b@c.example", "å@b.example", "a" * 250 + "@b.se"]
)
def test_an_invalid_address_is_refused_without_a_call_to_the_table(
    gateway: Gateway, address: str
) -> None:
    answer = ContactPerson(gateway).ask(address)
    assert answer.status == 422
    assert "Skriv en hel e-postadress" in text_of(answer)
    assert read_form(answer.text).fields["email"] == [address]
    assert stored_items() == {}


def test_a_form_that_is_too_large_or_unreadable_is_refused(
    gateway: Gateway, contact_person: ContactPerson, keys: list[str]
) -> None:
    before = stored_items()
    headers = {**FORM_HEADERS, "Host": HOST, "Origin": ORIGIN, "Cookie": contact_person.cookie}
    for _, route in desk_routes("POST"):
        # These routes read no body.
        if route not in ("/desk/leave", "/desk/enter/{token}", ELSEWHERE_AT_DESK):
            path = path_of(route, keys)
            assert contact_person.post(path, email=["x" * 20_000]).status == 413, path
            assert gateway.request("POST", path, headers, b"email=%ff").status == 400, path
            assert stored_items() == before


@pytest.mark.parametrize(
    "key", [UNKNOWN, "unknown", "%2e%2e", "x" * 3000, "å", "A" * 64, UNKNOWN + "%0a"]
)
def test_an_unknown_registration_gets_a_404_page_and_changes_nothing(
    gateway: Gateway, contact_person: ContactPerson, keys: list[str], key: str
) -> None:
    known, before = keys[0], stored_items()
    for method, path in [
        *[(method, f"registrations/{key}/{page}") for method in ("GET", "POST")
          for page in ("edit", "remove")],
        *[(method, f"duplicates/keep/{one}/{other}") for method in ("GET", "POST")
          for one, other in ((known, key), (key, known), (known, known))],
        ("GET", f"registrations/{key}"),
    ]:  # fmt: skip
        answer = send(gateway, method, f"/desk/dag/{path}", contact_person.cookie)
        # Removing twice succeeds; removing a duplicate twice leads to the one that is left.
        is_removed = (method, path) == ("POST", f"registrations/{UNKNOWN}/remove") or (
            path.startswith("duplicates") and UNKNOWN in path.split("/")
        )
        assert answer.status == (303 if is_removed else 404), path
        assert not has_personal_data(answer)
    assert contact_person.post(f"/desk/dag/registrations/{key}/edit", name=[""]).status == 404
    assert stored_items() == before
