"""API Gateway's own answers: the pages and their headers."""

import re
from dataclasses import replace

import pytest
from markupsafe import escape

from chalicelib.event.event import Event
from chalicelib.web.headers import security_headers
from management.deploy.gateway_responses import PAGES, description_of, gateway_responses
from tests.examples import only

URL = "https://abc.execute-api.eu-north-1.amazonaws.com/prod"


def body(event: Event, kind: str) -> str:
    return gateway_responses(only(event), URL)[kind]["responseTemplates"]["application/json"]


def headers(event: Event, kind: str) -> dict[str, str]:
    """The headers as API Gateway sends them: it removes the quotes around each value."""
    found = gateway_responses(only(event), URL)[kind]["responseParameters"]
    for name, value in found.items():
        assert re.fullmatch(r"gatewayresponse\.header\.[A-Za-z-]+", name)
        assert re.fullmatch(r"'[^']+'", value)  # AWS does not say how to write a quote in a value
    return {name.rpartition(".")[2]: value[1:-1] for name, value in found.items()}


@pytest.mark.parametrize("kind", PAGES)
def test_each_page_says_in_both_languages_what_to_do_and_whom_to_ring(
    event: Event, kind: str
) -> None:
    html = body(event, kind)
    swedish, english = html.split('<div lang="en">')
    assert f"<h1>{PAGES[kind].sv.title}</h1>" in swedish
    assert "inte sparad" in swedish
    assert "not saved" in english or "not be saved" in english
    assert f'href="{URL}/"' in swedish
    assert f'href="{URL}/?lang=en"' in english
    for contact in event.contacts:
        for phone in contact.phones:
            assert f">{phone}</a>" in html
        assert contact.email not in html


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_of_an_event_in_english_only_has_no_swedish(event: Event, kind: str) -> None:
    english = replace(event, languages=("en",))
    html = body(english, kind)
    assert '<html lang="en">' in html
    assert f"<h1>{escape(PAGES[kind].en.title)}</h1>" in html
    assert f'href="{URL}/"' in html
    for swedish in (PAGES[kind].sv.title, "Kontaktpersoner", "Till programmet", 'lang="sv"'):
        assert swedish not in html
    assert headers(english, kind)["Content-Language"] == "en"


@pytest.mark.parametrize("kind", PAGES)
def test_each_page_is_small_static_and_loads_nothing(event: Event, kind: str) -> None:
    html = body(event, kind)
    assert not re.search(r"<(script|style|link|img|iframe|form|base)\b|\bstyle=|\bon\w+=", html)
    assert len(html.encode()) < 4096


@pytest.mark.parametrize("kind", PAGES)
def test_the_gateways_pages_have_the_security_headers_of_every_page(
    event: Event, kind: str
) -> None:
    sent = headers(event, kind)
    policy = sent.pop("Content-Security-Policy").split("; ")
    assert policy == ["default-src", "base-uri", "form-action", "frame-ancestors"]
    others = dict(security_headers(event.theme))
    del others["Content-Security-Policy"]
    assert sent.items() >= others.items()
    assert sent["Content-Type"] == "text/html; charset=utf-8"
    assert sent["Cache-Control"] == "no-store"


def test_a_refusal_that_passes_says_when_to_try_again(event: Event) -> None:
    waits = {kind: headers(event, kind).get("Retry-After") for kind in PAGES}
    assert waits == {
        "THROTTLED": "5",
        "REQUEST_TOO_LARGE": None,
        "DEFAULT_4XX": None,
        "DEFAULT_5XX": "30",
    }


def test_what_the_event_file_says_is_text_and_no_variable_of_the_gateway(event: Event) -> None:
    odd = replace(event, organiser="<b>$context.identity.sourceIp & Co</b>")
    html = body(odd, "THROTTLED")
    assert "$" not in html
    assert "&lt;b&gt;&#36;context.identity.sourceIp &amp; Co&lt;/b&gt;" in html


def test_a_deployment_tells_which_responses_it_contains(event: Event) -> None:
    wanted = gateway_responses(only(event), URL)
    assert description_of(wanted) == description_of(gateway_responses(only(event), URL))
    assert description_of(wanted) != description_of(gateway_responses(only(event), f"{URL}x"))
    assert description_of(wanted) != description_of({})
