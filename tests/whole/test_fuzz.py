"""Random requests: no server error, no input as markup, nothing stored by a refused request."""

import json
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import pytest
from hypothesis import Phase, example, given, note, settings
from hypothesis import strategies as st

import app as application
from chalicelib import bootstrap
from chalicelib.desk import session_store as access_tokens
from chalicelib.desk.request import COOKIE
from chalicelib.desk.sessions import session_token
from chalicelib.event.context import ALL_EVENTS, Context
from chalicelib.media_types import CSV, FORM, JSON, XLSX
from chalicelib.registration import registering
from chalicelib.registration.tokens import hash_token
from chalicelib.routes import METHODS
from chalicelib.texts.language import SWEDISH
from chalicelib.web.headers import security_headers
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.examples import EVENT, NOW, VEGAN_WITHOUT_NUTS
from tests.fakes import InMemoryComposition, RecordingMailer, TableInMemory
from tests.whole.markup import MarkupReader
from tests.whole.pages import VALID, encoded

T = TypeVar("T")
DAY = timedelta(days=1)
STAGE, HOST = "api", "abc123.execute-api.example"
SESSION = "a-session-of-the-tests"
PLACEHOLDER = "TOKEN"
# Any input may contain this: unescaped, it would be an element or an attribute.
INJECTION = """'"><qx qx='"/><script>qx</script>"""
FIELDS = (
    "name", "organisation", "email", "meal", "diet", "allergen", "traces", "severe", "note",
    "nonce", "website", "revision", "kept_revision", "reason", "text", "page", "to", "shown",
    "day", "clock",
)  # fmt: skip
PARAMETERS = (
    "lang", "meal", "diet", "allergen", "severe", "noted", "sort", "page", "part", "before",
    "names", "saved", "removed", "sent",
)  # fmt: skip
VALID_TEXTS = (
    "Åsa", "lunch", "fika", "vegan", "nuts", "yes", "asa@boras.example", "1", "2", "all", "sv",
    "en", "newest", "2027-05-26", "12.00", "a-nonce-of-sixteen", EVENT.contacts[0].email,
)  # fmt: skip
OTHER_TYPES = (
    "application/json; charset=latin-1", "Application/JSON", "multipart/form-data; boundary=x",
    "text/plain", "text/xml", "*/*", "", ";", ",",
)  # fmt: skip
TOO_LARGE = (b"note=" + b"n" * 17_000, b"[" * 9_000)
HEADERS = (
    "Accept", "Accept-Language", "Cookie", "Origin", "Host", "If-None-Match", "Idempotency-Key",
    "X-Forwarded-Proto", "Referer", "User-Agent", "Content-Length", "Range", "Expect",
)  # fmt: skip
TEXTS = ("name", "organisation", "note", "text", "reason")
LONG = "å" * 600
LONG_QUERY = urlencode(dict.fromkeys(PARAMETERS, LONG))
INJECTION_QUERY = urlencode(dict.fromkeys(PARAMETERS, INJECTION))
AT_THE_DESK = {"Cookie": f"{COOKIE}={SESSION}", "Origin": f"https://{HOST}"}
KNOWN_VALUES = (*AT_THE_DESK.values(), "null", "*", "http", XLSX, "en;q=nan, sv;q=1e999")
DELAYS = st.sampled_from((timedelta(0), timedelta(0), 5 * DAY, 30 * DAY))
PATHS = sorted(set(application.app.routes) - {"/{proxy+}"})
DECLARED = [
    (method, path) for path in PATHS for method, route in application.app.routes[path].items()
    if route.view_function.__name__ != "refuse"
]  # fmt: skip


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    later: timedelta


def texts(least: int = 0) -> st.SearchStrategy[str]:
    """Valid values, random text, injected markup, and text that is too long."""
    anything = st.text(st.characters(codec="utf-8"), min_size=least, max_size=40)
    return st.one_of(
        st.sampled_from(VALID_TEXTS), anything, anything.map(INJECTION.__add__), st.just(LONG)
    )


def fields() -> st.SearchStrategy[dict[str, list[str]]]:
    """A valid form with any of its fields changed."""
    changes = st.fixed_dictionaries(
        {}, optional={name: st.lists(texts(), max_size=2) for name in FIELDS}
    )
    return changes.map(lambda changed: {**VALID, "revision": ["1"], **changed})


def queries() -> st.SearchStrategy[str]:
    known = st.fixed_dictionaries({}, optional=dict.fromkeys(PARAMETERS, texts()))
    raw = st.binary(max_size=40).map(lambda octets: quote(octets, safe="&=;+%"))
    return often(known.map(urlencode), raw)


def headers() -> st.SearchStrategy[dict[str, str]]:
    visible = st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")
    typed = st.text(visible, max_size=60)
    values = st.one_of(st.sampled_from(KNOWN_VALUES), typed, typed.map(INJECTION.__add__))
    return st.dictionaries(st.sampled_from(HEADERS), values, max_size=5)


def documents() -> st.SearchStrategy[Any]:
    values = st.recursive(
        st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), texts()),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts(), inner)),
        max_leaves=6,
    )
    return st.one_of(values, st.dictionaries(st.sampled_from(FIELDS), values))


def contents() -> st.SearchStrategy[tuple[bytes, str]]:
    """A body and a content type, which may not match the body."""
    forms = fields().map(lambda form: encoded(**form))
    written = st.one_of(fields(), documents()).map(json.dumps).map(str.encode)
    octets = st.one_of(st.binary(max_size=200), st.sampled_from(TOO_LARGE))
    types = st.one_of(st.sampled_from(OTHER_TYPES), st.text(string.printable, max_size=20))
    return st.tuples(st.one_of(forms, written, octets), often(st.sampled_from((FORM, JSON)), types))


def often(usual: st.SearchStrategy[T], other: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """`usual` in two of three cases, otherwise `other`."""
    return st.integers(0, 2).flatmap(lambda third: usual if third else other)


def paths() -> st.SearchStrategy[str]:
    """Paths of the app's routes with any values as their parameters, or random paths."""
    octets = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#")
    parts = st.one_of(
        st.just(PLACEHOLDER),
        texts(1).map(lambda text: quote(text, safe="")),
        texts(1).map(lambda text: re.sub("[/?#]", "", text)),  # as API Gateway decodes them
    )
    known = st.tuples(st.sampled_from(PATHS), parts).map(
        lambda pair: re.sub(r"\{\w+\}", lambda _: pair[1], pair[0])
    )
    return often(known, st.text(octets, max_size=60).map("/".__add__))


@st.composite
def anything(draw: st.DrawFn) -> Request:
    body, content_type = draw(contents())
    session = draw(st.sampled_from(({}, AT_THE_DESK)))
    return Request(
        method=draw(st.sampled_from(METHODS)),
        path=draw(paths()),
        query=draw(queries()),
        headers={"Host": HOST, **draw(headers()), **session, "Content-Type": content_type},
        body=body,
        later=draw(DELAYS),
    )


IGNORED_KEYS = ("ACCESS#", "DESK#")


class SeededStage:
    """A stage in memory with one registration and one logged-in contact person."""

    def __init__(self) -> None:
        self.clock = SetClock(NOW)
        self.table = TableInMemory(EVENT)
        parts = InMemoryComposition(EVENT, self.clock, self.table, RecordingMailer())
        bootstrap.install(parts)
        receipt = registering.register(
            Context(NOW, EVENT, self.table), VEGAN_WITHOUT_NUTS, "n" * 16, SWEDISH
        )
        self.token = receipt.token
        self.gateway = Gateway(application.app, self.clock, STAGE)

    def send(self, request: Request) -> Answer:
        self.clock.now = NOW + request.later
        admitted = session_token(EVENT.contacts[0].email, self.clock.now)
        self.table.beside(ALL_EVENTS).apply(access_tokens.save_write(hash_token(SESSION), admitted))
        secret = hash_token(self.token) if request.path.startswith("/desk") else self.token
        target = f"{request.path.replace(PLACEHOLDER, secret)}?{request.query}"
        return self.gateway.request(request.method, target, request.headers, request.body)

    def follow(self, answer: Answer) -> Answer:
        """Request the URL of a redirect, with the contact person's session."""
        target = answer.headers["location"].removeprefix(f"/{STAGE}")
        return self.gateway.request("GET", target, {"Cookie": f"{COOKIE}={SESSION}"})

    def stored(self) -> str:
        """All items except audit entries, which every view adds, and sessions."""
        items = self.table.database.all_items()
        return str([item for item in items if not item["sk"]["S"].startswith(IGNORED_KEYS)])


@pytest.fixture(autouse=True, scope="module")
def _restored_composition() -> Iterator[None]:
    before = bootstrap.composition()
    yield
    bootstrap.install(before)


@settings(max_examples=settings().max_examples // 2)
@given(anything())
def test_no_random_request_does_harm(request: Request) -> None:
    check_request(request)


# Each example sends some sixty requests, so there are fewer examples.
@settings(max_examples=settings().max_examples // 40 or 1, phases=(Phase.explicit, Phase.generate))
@given(fields(), documents(), queries(), headers(), DELAYS)
@example({name: [INJECTION] for name in FIELDS}, INJECTION, INJECTION_QUERY, {}, timedelta(0))
@example(VALID, {}, LONG_QUERY, {}, timedelta(0))
@example(
    {**VALID, **{name: [INJECTION] for name in TEXTS}},
    [INJECTION],
    INJECTION_QUERY,
    {},
    timedelta(0),
)
def test_no_form_input_does_harm_on_any_route(
    typed: dict[str, list[str]], document: Any, query: str, sent: dict[str, str], later: timedelta
) -> None:
    sent = {"Host": HOST, **sent, **AT_THE_DESK}
    for method, path in DECLARED:
        filled_in = re.sub(r"\{\w+\}", PLACEHOLDER, path)
        form_sent = {**sent, "Content-Type": FORM}
        check_request(Request(method, filled_in, query, form_sent, encoded(**typed), later))
    for content in (typed, document):
        body, json_sent = json.dumps(content).encode(), {**sent, "Content-Type": JSON}
        check_request(Request("POST", "/dag/registration", query, json_sent, body, later))


def check_request(request: Request) -> None:
    """Check the answer, and the page to which a redirect leads; refused requests store nothing."""
    note(repr(request))
    stage = SeededStage()
    before = stage.stored()
    answer = stage.send(request)
    check_answer(answer, request.method)
    if answer.status >= 400 or request.method in ("GET", "HEAD"):
        assert stage.stored() == before
    elif answer.status == 303:
        check_answer(stage.follow(answer), "GET")


def check_answer(answer: Answer, method: str) -> None:
    assert answer.status < 500
    assert all_input_is_escaped(answer)
    assert has_security_headers(answer)
    assert is_well_formed(answer, method)


def all_input_is_escaped(answer: Answer) -> bool:
    text = answer.body.decode("utf-8", "replace")
    if not answer.headers["content-type"].startswith("text/html"):
        return "<qx" not in str(answer.headers)
    page = MarkupReader(text)
    return not {"qx", "script"} & page.elements and "qx" not in page.attributes


def has_security_headers(answer: Answer) -> bool:
    expected = {name.lower(): value for name, value in security_headers(EVENT.theme).items()}
    if answer.headers["referrer-policy"] == "same-origin":  # needed by the desk's forms
        del expected["referrer-policy"]
    return expected.items() <= answer.headers.items() and bool(answer.headers["cache-control"])


def is_well_formed(answer: Answer, method: str) -> bool:
    media_type = answer.headers["content-type"].partition(";")[0]
    if method == "HEAD" or answer.status in (303, 304):
        return answer.body == b""
    match media_type:
        case "text/html":
            return MarkupReader(answer.text).errors == []
        case "application/json":
            return isinstance(json.loads(answer.text), dict)
    return media_type in ("text/calendar", CSV, XLSX)
