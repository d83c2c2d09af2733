"""What visitors without a token cannot do, and what faults cannot break."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from chalice.app import Request

import app as application
from chalicelib import timeouts
from chalicelib.mail import base_url
from chalicelib.web.request import page_request
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.driving import tick
from tests.examples import FORM_HEADERS
from tests.fakes import installed_composition, installed_table, items_in_the_table, sent_mails
from tests.whole.forms import read_form
from tests.whole.pages import VALID, encoded, submit, text_of
from tests.wire import no_answer


def stored_items() -> list[dict[str, Any]]:
    return sorted(items_in_the_table(), key=str)


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)
    elif isinstance(value, str):
        yield value


def test_nothing_in_a_dump_of_the_table_opens_a_registration(
    gateway: Gateway, clock: SetClock
) -> None:
    receipt = submit(gateway, email=["asa@boras.example"]).headers["location"]
    dumps = [stored_items()]
    tick(clock)
    dumps.append(stored_items())
    (mail,) = sent_mails()
    mailed = re.search(r"/dag/registration/([\w-]+)", mail.part("plain"))
    assert mailed
    assert gateway.request("GET", f"/dag/registration/{mailed[1]}").status == 200
    texts = {part for dump in dumps for text in texts_in(dump) for part in re.split(r"[#|]", text)}
    assert len(texts) > 10
    for text in texts:
        if text and text.isascii() and text.isprintable() and "/" not in text and "?" not in text:
            assert gateway.request("GET", f"/dag/registration/{text}").status == 404
    for private in (receipt.rpartition("/")[2], mailed[1], "a-nonce-of-the-tests"):
        assert private not in str(dumps)


def test_fifty_gets_and_heads_on_every_link_change_nothing(
    gateway: Gateway, clock: SetClock
) -> None:
    receipt = submit(gateway, email=["asa@boras.example"]).headers["location"]
    tick(clock)
    before, sent = stored_items(), len(sent_mails())
    visited, unvisited = (
        set(),
        {"/", "/dag/registration", receipt, "/dag/registration/cancelled"},
    )
    while unvisited:
        path = unvisited.pop()
        visited.add(path)
        page = gateway.request("GET", path)
        links = {unescape(link) for link in re.findall(r'href="(/[^"]*)"', page.text)}
        unvisited |= links - visited
    assert {f"{receipt}/edit", f"{receipt}/cancel"} <= visited
    assert len(visited) >= 10
    for path in sorted(visited):
        for number in range(50):
            gateway.request("HEAD" if number % 2 else "GET", path)
    assert stored_items() == before
    assert len(sent_mails()) == sent


def without_secrets(answer: Answer) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an answer, with each token, nonce and plate code as `*`."""
    hide = re.compile(r"(?<=/dag/registration/)[\w-]{43}|(?<=name=\"nonce\" value=\")[\w-]+|"
                      r"(?<=class=\"code\">)\w+|(?<=kod%20)\w+")  # fmt: skip
    headers = {name: hide.sub("*", value) for name, value in answer.headers.items()}
    return answer.status, headers, hide.sub("*", answer.text)


@pytest.mark.parametrize(
    "known",
    [
        {"name": ["Åsa Öström"]},
        {"email": ["asa@boras.example"]},
        {"name": ["Åsa Öström"], "email": ["asa@boras.example"]},
    ],
)
def test_no_answer_reveals_whether_a_name_or_an_address_is_registered(
    gateway: Gateway, known: dict[str, list[str]]
) -> None:
    for changes in ({}, {"diet": ["unknown"]}):
        unknown_first = without_secrets(
            submit(gateway, nonce="first-form-of-all-1", **{**known, **changes})
        )
        known_then = without_secrets(
            submit(gateway, nonce="another-form-later1", **{**known, **changes})
        )
        assert known_then == unknown_first
    receipts = [
        without_secrets(
            gateway.request("GET", submit(gateway, nonce=nonce, **known).headers["location"])
        )
        for nonce in ("third-form-of-them", "fourth-form-of-them")
    ]
    assert receipts[0] == receipts[1]


# As Mozilla's HTTP Observatory scores (2024): 100, plus a bonus for each better header. A header
# that would lower the score fails an assertion instead.
def observatory_score(headers: dict[str, str]) -> int:
    policy = dict(
        part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";")
    )
    score = 100
    assert not any(
        "unsafe" in value or "*" in value or "http" in value for value in policy.values()
    )
    score += 10 * (policy["default-src"] == "'none'")  # with-no-unsafe-default-src-none
    assert headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    assert headers["x-content-type-options"] == "nosniff"
    score += 5 * (policy["frame-ancestors"] == "'none'")  # x-frame-options-implemented-via-csp
    score += 5 * (
        headers["referrer-policy"] in {"no-referrer", "same-origin"}
    )  # referrer-policy-private
    score += 10 * (headers["cross-origin-resource-policy"] == "same-origin")
    assert "set-cookie" not in headers
    assert "access-control-allow-origin" not in headers
    return score


def test_every_route_and_method_scores_130_or_better(gateway: Gateway) -> None:
    token = submit(gateway).headers["location"].rpartition("/")[2]
    scores, answers = {}, 0
    for route, methods in application.app.routes.items():
        path = route.replace("{token}", token).replace("{proxy+}", "nope/deeper")
        for method in methods:
            answer = gateway.request(method, path, FORM_HEADERS if method == "POST" else {})
            scores[method, route] = observatory_score(dict(answer.headers))
            for name in ("cross-origin-opener-policy", "cross-origin-embedder-policy",
                         "permissions-policy", "x-frame-options", "cache-control"):  # fmt: skip
                assert answer.headers[name]
            answers += 1
    assert min(scores.values()) >= 130
    assert answers == 7 * len(application.app.routes)


def test_every_undeclared_method_gets_a_405_page_and_the_allowed_methods(
    gateway: Gateway,
) -> None:
    for path in (
        "/",
        "/dag/registration",
        "/dag/registration/x",
        "/dag/registration/x/edit",
    ):
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = gateway.request(method, path, {"content-type": "text/plain"}, b"x")
            assert answer.status == 405
            assert "GET" in answer.headers["allow"]
            assert method not in answer.headers["allow"]
            assert "Så kan sidan inte användas" in text_of(answer)


@pytest.mark.parametrize(
    ("page", "operation", "changes", "words", "status"),
    [
        ("", "TransactWriteItems", {"note": ["Inte kiwi."]}, "Din anmälan är inte sparad", 303),
        ("/edit", "TransactWriteItems", {"diet": ["halal"]}, "Ändringen är inte sparad", 303),
        ("/edit", "GetItem", {"name": [""], "note": ["Inte lök."]}, "Ändringen är inte", 422),
        ("/cancel", "TransactWriteItems", {}, "Vi vet inte om anmälan är borttagen", 303),
    ],
)
def test_a_write_whose_answer_was_lost_is_recovered_by_sending_the_form_again(
    gateway: Gateway, page: str, operation: str, changes: dict[str, list[str]], words: str,
    status: int,
) -> None:  # fmt: skip
    address = f"{submit(gateway).headers['location']}{page}" if page else "/dag/registration"
    form = read_form(gateway.request("GET", address).text)
    fields = {**form.fields, **({} if page else VALID), **changes}
    installed_composition().database.on(operation, "", no_answer, is_after=True)
    failed = gateway.request("POST", form.action, FORM_HEADERS, encoded(**fields))
    assert failed.status == 503
    assert words in text_of(failed)
    kept = read_form(failed.text)
    assert (kept.action, {**form.fields, **kept.fields}) == (form.action, fields)
    again = gateway.request("POST", kept.action, FORM_HEADERS, encoded(**kept.fields))
    assert again.status == status
    assert sum(item["sk"]["S"].startswith("REG#") for item in stored_items()) == (page != "/cancel")


@pytest.fixture
def gateway_without_table(gateway: Gateway) -> Gateway:
    """The app with a table that never answers."""
    installed_composition().database.on("", "", no_answer, times=1000)
    return gateway


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/dag/registration"),
        ("GET", "/dag/registration/token"),
        ("GET", "/dag/registration/token/edit"),
        ("GET", "/dag/registration/token/cancel"),
        ("POST", "/dag/registration/token/cancel"),
        ("POST", "/dag/registration/token/edit"),
        ("POST", "/dag/registration"),
    ],
)
def test_when_the_table_is_unreachable_every_route_gets_an_error_page(
    gateway_without_table: Gateway, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> None:
    body = b"name=Hemlig&meal=lunch&diet=vegan&revision=1" if method == "POST" else b""
    answer = gateway_without_table.request(method, path, FORM_HEADERS if body else {}, body)
    assert answer.status == 503
    assert re.search("inte sparad|Något gick fel hos oss|Vi vet inte", text_of(answer))
    assert "Kontaktpersoner" in answer.text
    assert "Hemlig" not in caplog.text


@pytest.mark.parametrize(
    ("reads_for", "calls", "seconds"),
    [
        (timeouts.VISITOR_READS_FOR, timeouts.VISITOR_CALLS, 8),
        (timeouts.DESK_READS_FOR, timeouts.DESK_CALLS, 9),
    ],
)
def test_the_calls_of_a_visitor_end_within_eight_seconds_and_those_of_the_desk_within_nine(
    reads_for: timedelta, calls: timeouts.CallLimits, seconds: int
) -> None:
    longest_backoff = sum(2.0**n for n in range(calls.attempts - 1))
    last_call = calls.attempts * (calls.connect_timeout + calls.read_timeout) + longest_backoff
    assert reads_for + timedelta(seconds=last_call) <= timedelta(seconds=seconds)


def test_all_table_calls_of_a_request_share_one_time_limit(gateway: Gateway) -> None:
    parts, request = installed_composition(), page_request(request_with({}))
    assert request.context.table is request.context.table
    assert parts.table is not parts.table


def request_with(context: dict[str, object], **headers: str) -> Request:
    return Request(
        {
            "multiValueQueryStringParameters": None,
            "headers": headers,
            "pathParameters": None,
            "stageVariables": None,
            "body": None,
            "requestContext": {"httpMethod": "GET", "resourcePath": "/", "path": "/", **context},
        }
    )


@pytest.mark.parametrize(
    ("context", "headers", "shown"),
    [
        ({"domainName": "a.example"}, {"host": "evil.example"}, "https://a.example"),
        ({"domainName": "a.example"}, {"x-forwarded-proto": "javascript"}, "https://a.example"),
        ({"domainName": "a.example"}, {"x-forwarded-proto": "http"}, "https://a.example"),
        ({"domainName": "localhost.example"}, {"x-forwarded-proto": "http"}, "https://localhost.example"),
        ({"domainName": "localhost:8000"}, {"x-forwarded-proto": "http"}, "http://localhost:8000"),
        ({}, {"host": "127.0.0.1:8000", "x-forwarded-proto": "http"}, "http://127.0.0.1:8000"),
        ({"domainName": "a.example"}, {"x-forwarded-host": "evil.example"}, "https://a.example"),
        (
            {"domainName": "a.example", "stage": "api", "path": "/api/dag/registration"},
            {},
            "https://a.example/api",
        ),
        ({"domainName": "a.example", "stage": "api", "path": "/dag/registration"}, {}, "https://a.example"),
    ],
)  # fmt: skip
def test_an_address_on_a_page_has_the_gateways_own_host(
    context: dict[str, object], headers: dict[str, str], shown: str
) -> None:
    request = page_request(request_with(context, **headers))
    assert request.origin + request.prefix == shown


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "/\\evil.example", "/\t/evil.example", "/%2f"]
)
def test_no_link_on_a_page_leads_to_another_host(gateway: Gateway, path: str) -> None:
    request = page_request(request_with({"path": path}))
    address = request.link(request.path, "en")
    assert re.match(r"/[^/\\\s]", address)


def test_links_in_pages_and_receipt_mails_keep_the_stage_and_the_language(
    gateway: Gateway, clock: SetClock
) -> None:
    staged = Gateway(application.app, clock, stage="api")
    page = staged.request("GET", "/dag/registration?lang=en").text
    assert 'action="/api/dag/registration?lang=en&amp;send=yes"' in page
    assert not re.search(r'(?:href|action)="/(?!api)', page)
    body = b"name=A&meal=lunch&diet=vegan&email=a@b.example"
    base_url.save(installed_table(), "https://h.example/api")
    sent = staged.request("POST", "/dag/registration?lang=en", FORM_HEADERS, body)
    assert re.fullmatch(r"/api/dag/registration/[\w-]+\?lang=en", sent.headers["location"])
    tick(clock)
    (mail,) = sent_mails()
    assert re.fullmatch(
        r"Registration received, code \w+: A safe and secure municipality, 31 May",
        mail.message["Subject"],
    )
    assert "Monday 31 May 2027" in mail.part("plain")
    link = re.search(
        r"https://h\.example/api(/dag/registration/[\w-]{43}\?lang=en)", mail.part("plain")
    )
    assert link
    assert "Change the registration" in staged.request("GET", link[1]).text


def test_an_unexpected_exception_gets_an_error_page_and_its_text_is_not_logged(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise RuntimeError("Hemlig Hemligsson tål inte nötter")

    installed_composition().database.on("TransactWriteItems", "REG#", fail)
    answer = submit(gateway)
    assert answer.status == 500
    assert "Något gick fel hos oss" in text_of(answer)
    printed = capsys.readouterr()
    assert "Hemlig" not in printed.out + printed.err + answer.text
