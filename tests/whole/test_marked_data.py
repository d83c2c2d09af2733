"""Marked values in every input must not appear in logs, errors, alarms or others' mails."""

import io
import json
import logging
import re
import traceback
import warnings
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest

import app as application
from chalicelib import bootstrap
from chalicelib.event.event import Event
from chalicelib.logs.json_lines import call_id
from chalicelib.routes import ELSEWHERE, ELSEWHERE_AT_DESK
from chalicelib.texts.language import LANGUAGES
from management.local.clock import SetClock, parse_local_time
from management.local.moto_aws import SentMail
from tests.fakes import items_in_the_table, sent_mails
from tests.whole.marked_traffic import (
    ADDRESS,
    BROWSER,
    CONTACT,
    GATEWAY_ID,
    MARKED_VALUES,
    NAME,
    NOTE,
    ORGANISATION,
    REASON,
    REQUEST_CONTEXT,
    RUN_CONTEXT,
    SEARCHED,
    TOKEN,
    VISITOR_IP,
    MarkedComposition,
    Traffic,
    marked,
)
from tests.whole.marks import found
from tests.whole.markup import ShownText, shown_texts

_LINK = re.compile(r"""\b(?:href|src|action|formaction)="([^"]*)"|(https?://[^\s"<>]+)""")


@dataclass(frozen=True)
class Recording:
    """The traffic and its output: log lines, mails, and the items left in the table."""

    traffic: Traffic
    printed: str
    mails: list[SentMail]
    items: list[dict[str, Any]]

    @cached_property
    def private_values(self) -> set[str]:
        """The marked values, and every token and nonce on a page."""
        pages = "\n".join(self.pages)
        nonces = set(re.findall(r'name="nonce" value="([\w-]{16,})"', pages))
        tokens = set(re.findall(r"/dag/registration/([\w-]{43})", pages))
        assert len(tokens) > 10
        assert len(nonces) > 5
        return {*MARKED_VALUES, CONTACT} | nonces | tokens

    @cached_property
    def pages(self) -> list[str]:
        """The text of every answer but workbooks, with its `Location` as a link."""
        return [
            f'href="{answer.headers.get("location", "")}"\n{answer.text}'
            for _, _, answer in self.traffic.gateway.exchanges
            if not answer.body.startswith(b"PK")
        ]

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The log lines without metrics."""
        lines = [json.loads(line) for line in self.printed.splitlines()]
        return [line for line in lines if "_aws" not in line]

    def lines_of(self, what: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["what"] == what]


@pytest.fixture(scope="module")
def recording(event: Event) -> Recording:
    printed, before = io.StringIO(), bootstrap.composition()
    root = logging.getLogger()
    handlers = root.handlers[:]
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setenv("AWS_LAMBDA_FUNCTION_NAME", "dukat-dev")
        with redirect_stdout(printed), redirect_stderr(printed):
            clock = SetClock(parse_local_time("2027-05-20T10:00", event.timezone))
            parts = MarkedComposition(marked(event), clock)
            bootstrap.install(parts)
            bootstrap.set_up_log()
            traffic = Traffic(parts, clock)
            traffic.play()
            recorded = Recording(traffic, printed.getvalue(), sent_mails(), items_in_the_table())
    root.handlers[:] = handlers
    bootstrap.install(before)
    call_id.set("")
    return recorded


def full_text(mail: SentMail) -> str:
    """The decoded headers, texts and attachments of a mail."""
    files = [file.get_content() for file in mail.attachments()]
    texts = (file.decode() if isinstance(file, bytes) else str(file) for file in files)
    headers = (f"{name}: {value}" for name, value in mail.message.items())
    return "\n".join((*headers, mail.part("plain"), mail.part("html"), *texts))


def queries(texts: Iterable[str]) -> set[str]:
    """The query strings of all links and URLs in the texts."""
    links = {unescape(link) for text in texts for pair in _LINK.findall(text) for link in pair}
    # What a link puts into a mail of the reader's own is not asked of any server.
    asked = (link for link in links if not link.startswith("mailto:"))
    return {urlsplit(link).query for link in asked} - {""}


# The traffic


def test_the_traffic_covers_every_page_and_every_form(recording: Recording) -> None:
    taken = {
        (method, route) for method, route, answer in recording.traffic.gateway.exchanges
        if answer.status in (200, 201, 303) and answer.headers.get("location") != "/desk"
    }  # fmt: skip
    offered = {
        (method, route) for route, views in application.app.routes.items()
        for method in ("GET", "POST")
        if views[method].view_name != "web.error_pages.refuse_method"
    }  # fmt: skip
    never = {
        (method, path) for method in ("GET", "POST") for path in (ELSEWHERE, ELSEWHERE_AT_DESK)
    }
    # Logging out redirects to the login page, as a refused request does.
    assert offered - taken == {*never, ("POST", "/desk/leave")}


def test_the_search_finds_marked_values_where_they_are_expected(recording: Recording) -> None:
    everything = {NAME, ORGANISATION, ADDRESS, NOTE}
    assert found(everything, recording.traffic.receipt_page.text) == everything
    assert found(everything, recording.traffic.list_page.text) == everything
    assert found([REASON], recording.traffic.audit_log_page.text)
    assert found([SEARCHED], recording.traffic.search_page.text)
    receipt, *_ = (mail for mail in recording.mails if ADDRESS in mail.recipients[0])
    assert found([TOKEN, ADDRESS], full_text(receipt)) == {TOKEN, ADDRESS}


# Its output


def test_no_log_output_contains_personal_data(recording: Recording) -> None:
    assert '"_aws"' in recording.printed
    assert found(recording.private_values, recording.printed) == set()


def test_every_log_line_is_one_json_object_written_by_the_service(recording: Recording) -> None:
    assert recording.printed.isascii()
    assert len(recording.printed.splitlines()) == recording.printed.count("\n")
    for line in recording.lines:
        assert line["what"] in {"request", "step", "mail event", "fault"}
        assert line["request_id"] in {REQUEST_CONTEXT.aws_request_id, RUN_CONTEXT.aws_request_id}
        assert line["level"] in {"INFO", "WARNING", "ERROR"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])


def test_each_request_is_one_log_line_with_its_route_and_result(recording: Recording) -> None:
    lines = recording.lines_of("request")
    logged = [(line["method"], line["route"], line["status"]) for line in lines]
    assert logged == [
        (method, route, answer.status)
        for method, route, answer in recording.traffic.gateway.exchanges
    ]
    for line in lines:
        assert line.keys() == {
            "time", "level", "request_id", "event", "what", "gateway_id", "method", "route",
            "status", "ms",
            "language",
        }  # fmt: skip
        assert (line["gateway_id"], line["request_id"]) == (
            GATEWAY_ID,
            REQUEST_CONTEXT.aws_request_id,
        )
        assert line["ms"] >= 0
        assert line["language"] in LANGUAGES


def test_each_fault_is_one_log_line_with_its_type_and_place(recording: Recording) -> None:
    faults = recording.lines_of("fault")
    failed = [
        answer for _, _, answer in recording.traffic.gateway.exchanges if answer.status >= 500
    ]
    assert len(faults) == len(failed) + len(recording.traffic.errors)
    known = {"time", "level", "request_id", "event", "what", "type", "place", "why", "logger"}
    for line in faults:
        assert line["level"] == "ERROR"
        assert line.keys() <= known
        assert re.fullmatch(r"[\w<>.-]+:\d+", line["place"])
        assert ("why" in line) == (line["type"] in {"StoreUnavailable", "StepFailed"})
    kinds = {line["type"] for line in faults}
    assert kinds >= {"RuntimeError", "StoreUnavailable", "StepFailed", "ValueError"}


def test_step_lines_show_each_change_of_the_event_state(recording: Recording) -> None:
    steps = recording.lines_of("step")
    moved = [step for step in steps if "phase" in step]
    assert {step["request_id"] for step in moved if step["who"] == "tick"} == {
        RUN_CONTEXT.aws_request_id
    }
    moves = [(step["phase_before"], step["phase"], step["who"]) for step in moved]
    assert moves[:4] == [
        ("open", "closed", "person"), ("closed", "summarised", "tick"),
        ("summarised", "open", "person"), ("open", "closed", "tick"),
    ]  # fmt: skip
    assert {step["registrations"] for step in steps if step["outcome"] == "snapshot taken"}
    assert {step["level"] for step in steps if step["alarming"]} == {"ERROR"}
    reasons = " ".join(step.get("why", "") for step in steps)
    assert "unwritable RuntimeError at marked_traffic.py:" in reasons


def test_no_exception_raised_by_a_function_contains_personal_data(recording: Recording) -> None:
    kinds = {type(error).__name__ for error in recording.traffic.errors}
    assert kinds == {"StoreUnavailable", "StepFailed", "RunFailed"}
    texts = "".join(map("".join, map(traceback.format_exception, recording.traffic.errors)))
    assert re.search(r"RunFailed: RuntimeError at marked_traffic\.py:\d+\n", texts)
    assert found(recording.private_values, texts) == set()


def test_no_alarm_contains_personal_data(recording: Recording) -> None:
    alarms = [
        item
        for item in recording.traffic.items_before_deletion
        if item["sk"]["S"].startswith("ALARM#")
    ]
    assert len(alarms) > 3
    assert found(recording.private_values, json.dumps(alarms, ensure_ascii=False)) == set()
    operator = recording.traffic.event.operator
    mails = [full_text(mail) for mail in recording.mails if operator in mail.recipients]
    assert len(mails) > 3
    assert found(recording.private_values, "\n".join(mails)) == set()


def test_no_mail_to_a_contact_person_contains_data_of_others(recording: Recording) -> None:
    """Nor any token but the recipient's own login link."""
    contacts = {contact.email for contact in recording.traffic.event.contacts}
    mails = [full_text(mail) for mail in recording.mails if contacts & set(mail.recipients)]
    texts = re.sub(r"/desk/enter/[\w-]+", "", "\n".join(mails))
    for subject in ("Preliminärt", "Specialkost", "Kopia", "Ändrad", "Länk", "Raderat"):
        assert f"Subject: {subject}" in texts
    assert found(recording.private_values - {CONTACT}, texts) == set()


def test_a_mail_to_an_attendee_contains_no_personal_data_except_its_link_and_address(
    recording: Recording,
) -> None:
    mails = [full_text(mail) for mail in recording.mails if ADDRESS in mail.recipients[0]]
    assert len(mails) > 5
    texts = re.sub(r"/dag/registration/[\w-]+", "", "\n".join(mails))
    for subject in ("mottagen", "ändrad", "hör inte längre till", "borttagen"):
        assert re.search(rf"Subject: Anmälan (om specialkost )?(är )?{subject}", texts), subject
    assert "Subject: Två anmälningar om specialkost är nu en" in texts
    assert found(recording.private_values - {ADDRESS}, texts) == set()


def test_a_visitors_ip_address_and_browser_are_never_stored(recording: Recording) -> None:
    stored = json.dumps(
        [recording.traffic.items_before_deletion, recording.items], ensure_ascii=False, default=str
    )
    assert found([VISITOR_IP, BROWSER], stored) == set()


def test_after_the_deletion_marked_values_are_no_longer_stored(recording: Recording) -> None:
    before, after = (
        json.dumps(items, ensure_ascii=False, default=str)
        for items in (recording.traffic.items_before_deletion, recording.items)
    )
    assert {NAME, ADDRESS, NOTE, REASON, ORGANISATION} <= found(recording.private_values, before)
    assert found(recording.private_values - {CONTACT}, after) == set()


def test_no_query_string_contains_personal_data(recording: Recording) -> None:
    query_strings = queries([*recording.pages, *map(full_text, recording.mails)])
    assert {"lang=en", "saved=added", "removed=yes"} <= query_strings
    assert found(recording.private_values, "\n".join(query_strings)) == set()


# Direction and translation


@pytest.fixture(scope="module")
def shown(recording: Recording) -> list[ShownText]:
    """Every text that a page or an HTML mail shows."""
    answers = (answer for _, _, answer in recording.traffic.gateway.exchanges)
    pages = {
        answer.text for answer in answers
        if answer.headers.get("content-type", "").startswith("text/html") and answer.body
    }  # fmt: skip
    mails = {mail.part("html") for mail in recording.mails}
    return [text for page in pages | mails for text in shown_texts(page)]


def test_what_people_typed_is_isolated_and_names_are_not_translated(
    shown: list[ShownText],
) -> None:
    """In Arabic or Hebrew it would otherwise reorder the codes and words beside it."""
    names, texts = {NAME, ORGANISATION, ADDRESS, SEARCHED}, {NOTE, REASON}
    with_names = [one for one in shown if found(names, one.text)]
    with_texts = [one for one in shown if found(texts, one.text)]
    assert len(with_names) > 100
    assert len(with_texts) > 30
    assert [one for one in with_names + with_texts if not one.is_isolated] == []
    assert [one for one in with_names if not one.is_untranslated] == []


def test_plate_codes_are_not_translated(recording: Recording, shown: list[ShownText]) -> None:
    codes = {
        code for page in recording.pages for code in re.findall(r'class="codes?">(\w{4})<', page)
    }
    with_codes = [one for one in shown if codes & set(re.findall(r"\w+", one.text))]
    assert len(codes) > 5
    assert len(with_codes) > 100
    assert [one for one in with_codes if not one.is_untranslated] == []
