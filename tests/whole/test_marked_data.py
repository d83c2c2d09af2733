"""Marked data wherever somebody can write: none is where the service talks about itself."""

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
from chalicelib.texts.language import LANGUAGES
from management.local.clock import SetClock, parse_local_time
from management.local.moto_aws import SentMail
from tests.fakes import items_in_the_table, sent_mails
from tests.whole.marked_traffic import (
    ADDRESS,
    BROWSER,
    CONTEXT,
    GATEWAY_ID,
    MARKS,
    NAME,
    NOTE,
    OFFICER,
    ORGANISATION,
    REASON,
    RUN,
    SEARCHED,
    TOKEN,
    VISITOR_IP,
    MarkedComposition,
    Traffic,
    marked,
)
from tests.whole.marks import found

_LINK = re.compile(r"""\b(?:href|src|action|formaction)="([^"]*)"|(https?://[^\s"<>]+)""")


@dataclass(frozen=True)
class Left:
    """What the traffic left behind."""

    traffic: Traffic
    printed: str
    mails: list[SentMail]
    items: list[dict[str, Any]]

    @cached_property
    def marks(self) -> set[str]:
        """What was written, and every private token and nonce that was given out."""
        pages = "\n".join(self.pages)
        nonces = set(re.findall(r'name="nonce" value="([\w-]{16,})"', pages))
        tokens = set(re.findall(r"/registration/([\w-]{43})", pages))
        assert len(tokens) > 10
        assert len(nonces) > 5
        return {*MARKS, OFFICER} | nonces | tokens

    @cached_property
    def pages(self) -> list[str]:
        """What was answered, with where it sends on to."""
        return [
            f'href="{answer.headers.get("location", "")}"\n{answer.text}'
            for _, _, answer in self.traffic.gateway.met
            if not answer.body.startswith(b"PK")
        ]

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """What was logged, but the metrics."""
        told = [json.loads(line) for line in self.printed.splitlines()]
        return [line for line in told if "_aws" not in line]

    def lines_of(self, what: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["what"] == what]


@pytest.fixture(scope="module")
def left(event: Event) -> Left:
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
            left = Left(traffic, printed.getvalue(), sent_mails(), items_in_the_table())
    root.handlers[:] = handlers
    bootstrap.install(before)
    call_id.set("")
    return left


def whole(mail: SentMail) -> str:
    """All that its reader gets, decoded."""
    files = [file.get_content() for file in mail.attachments()]
    texts = (file.decode() if isinstance(file, bytes) else str(file) for file in files)
    headers = (f"{name}: {value}" for name, value in mail.message.items())
    return "\n".join((*headers, mail.part("plain"), mail.part("html"), *texts))


def queries(texts: Iterable[str]) -> set[str]:
    """The query strings of all the addresses in the texts."""
    links = {unescape(link) for text in texts for pair in _LINK.findall(text) for link in pair}
    return {urlsplit(link).query for link in links} - {""}


# What the traffic was


def test_every_page_was_seen_and_every_form_was_taken(left: Left) -> None:
    taken = {
        (method, route) for method, route, answer in left.traffic.gateway.met
        if answer.status in (200, 201, 303) and answer.headers.get("location") != "/desk"
    }  # fmt: skip
    offered = {
        (method, route) for route, views in application.app.routes.items()
        for method in ("GET", "POST")
        if views[method].view_name != "web.error_pages.refuse_method"
    }  # fmt: skip
    never = {("GET", "/{proxy+}"), ("POST", "/{proxy+}")}
    assert offered - taken == {*never, ("POST", "/desk/leave")}  # that leads to the door


def test_what_may_tell_of_somebody_does(left: Left) -> None:
    everything = {NAME, ORGANISATION, ADDRESS, NOTE}
    assert found(everything, left.traffic.receipt.text) == everything
    assert found(everything, left.traffic.list.text) == everything
    assert found([REASON], left.traffic.access_log.text)
    assert found([SEARCHED], left.traffic.searched.text)
    receipt, *_ = (mail for mail in left.mails if ADDRESS in mail.recipients[0])
    assert found([TOKEN, ADDRESS], whole(receipt)) == {TOKEN, ADDRESS}


# What it left behind


def test_nothing_that_is_printed_tells_of_anybody(left: Left) -> None:
    assert '"_aws"' in left.printed
    assert found(left.marks, left.printed) == set()


def test_every_line_is_one_json_object_that_only_the_service_has_written(left: Left) -> None:
    assert left.printed.isascii()
    assert len(left.printed.splitlines()) == left.printed.count("\n")
    for line in left.lines:
        assert line["what"] in {"request", "step", "mail event", "fault"}
        assert line["request_id"] in {CONTEXT.aws_request_id, RUN.aws_request_id}
        assert line["level"] in {"INFO", "WARNING", "ERROR"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])


def test_each_request_is_one_line_with_its_route_and_how_it_went(left: Left) -> None:
    lines = left.lines_of("request")
    told = [(line["method"], line["route"], line["status"]) for line in lines]
    assert told == [
        (method, route, answer.status) for method, route, answer in left.traffic.gateway.met
    ]
    for line in lines:
        assert line.keys() == {
            "time", "level", "request_id", "what", "gateway_id", "method", "route", "status", "ms",
            "language",
        }  # fmt: skip
        assert (line["gateway_id"], line["request_id"]) == (GATEWAY_ID, CONTEXT.aws_request_id)
        assert line["ms"] >= 0
        assert line["language"] in LANGUAGES


def test_each_fault_is_one_line_with_its_kind_and_place(left: Left) -> None:
    faults = left.lines_of("fault")
    failed = [answer for _, _, answer in left.traffic.gateway.met if answer.status >= 500]
    assert len(faults) == len(failed) + len(left.traffic.left)
    known = {"time", "level", "request_id", "what", "type", "place", "why", "logger"}
    for line in faults:
        assert line["level"] == "ERROR"
        assert line.keys() <= known
        assert re.fullmatch(r"[\w<>.-]+:\d+", line["place"])
        assert ("why" in line) == (line["type"] in {"StoreUnavailable", "CountFailed"})
    kinds = {line["type"] for line in faults}
    assert kinds >= {"RuntimeError", "StoreUnavailable", "CountFailed", "ValueError"}


def test_the_steps_tell_from_where_to_where_the_event_went(left: Left) -> None:
    steps = left.lines_of("step")
    moved = [step for step in steps if "state" in step]
    assert {step["request_id"] for step in moved if step["who"] == "tend"} == {RUN.aws_request_id}
    moves = [(step["state_before"], step["state"], step["who"]) for step in moved]
    assert moves[:4] == [
        ("open", "closed", "somebody"), ("closed", "summarised", "tend"),
        ("summarised", "open", "somebody"), ("open", "closed", "tend"),
    ]  # fmt: skip
    assert {step["registrations"] for step in steps if step["outcome"] == "snapshot taken"}
    assert {step["level"] for step in steps if step["alarming"]} == {"ERROR"}
    reasons = " ".join(step.get("why", "") for step in steps)
    assert "unwritable RuntimeError at marked_traffic.py:" in reasons


def test_no_exception_that_leaves_a_function_tells_of_anybody(left: Left) -> None:
    kinds = {type(error).__name__ for error in left.traffic.left}
    assert kinds == {"StoreUnavailable", "CountFailed", "RunFailed"}
    told = "".join(map("".join, map(traceback.format_exception, left.traffic.left)))
    assert re.search(r"RunFailed: RuntimeError at marked_traffic\.py:\d+\n", told)
    assert found(left.marks, told) == set()


def test_no_alarm_tells_of_anybody(left: Left) -> None:
    alarms = [item for item in left.traffic.items if item["sk"]["S"].startswith("ALARM#")]
    assert len(alarms) > 3
    assert found(left.marks, json.dumps(alarms, ensure_ascii=False)) == set()
    operator = left.traffic.event.operator
    mails = [whole(mail) for mail in left.mails if operator in mail.recipients]
    assert len(mails) > 3
    assert found(left.marks, "\n".join(mails)) == set()


def test_no_mail_to_a_contact_person_tells_of_anybody_else(left: Left) -> None:
    """Nor of a token, but the link to the desk, which is for whom it is mailed to."""
    contacts = {contact.email for contact in left.traffic.event.contacts}
    mails = [whole(mail) for mail in left.mails if contacts & set(mail.recipients)]
    told = re.sub(r"/desk/enter/[\w-]+", "", "\n".join(mails))
    for subject in ("Hittills", "Specialkost", "Kopia", "Ändrad", "Länk", "Raderat"):
        assert f"Subject: {subject}" in told
    assert found(left.marks - {OFFICER}, told) == set()


def test_a_receipt_mail_holds_its_link_and_its_address_and_nothing_more(left: Left) -> None:
    mails = [whole(mail) for mail in left.mails if ADDRESS in mail.recipients[0]]
    assert len(mails) > 5
    told = re.sub(r"/registration/[\w-]+", "", "\n".join(mails))
    assert found(left.marks - {ADDRESS}, told) == set()


def test_a_visitors_address_on_the_net_and_browser_are_never_in_the_table(left: Left) -> None:
    stored = json.dumps([left.traffic.items, left.items], ensure_ascii=False, default=str)
    assert found([VISITOR_IP, BROWSER], stored) == set()


def test_in_the_end_nothing_of_anybody_is_in_the_table(left: Left) -> None:
    before, after = (
        json.dumps(items, ensure_ascii=False, default=str)
        for items in (left.traffic.items, left.items)
    )
    assert {NAME, ADDRESS, NOTE, REASON, ORGANISATION} <= found(left.marks, before)
    assert found(left.marks - {OFFICER}, after) == set()


def test_no_query_string_tells_of_anybody(left: Left) -> None:
    asked = queries([*left.pages, *map(whole, left.mails)])
    assert {"lang=en", "saved=added", "removed=yes"} <= asked
    assert found(left.marks, "\n".join(asked)) == set()
