"""The functions' log: one JSON object on each line, and no text of libraries' records."""

import json
import logging
import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from chalice.app import Request, Response
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib import bootstrap
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.event.event import Event
from chalicelib.lifecycle.state import Phase
from chalicelib.lifecycle.steps import Outcome, Step, log_step
from chalicelib.logs.json_lines import JsonLines, call_id, event_id, log_facts, log_fault
from chalicelib.logs.requests import request_logger
from chalicelib.web.request import language_of
from management.local.clock import SetClock
from tests.fakes import InMemoryComposition

MARK = 'MARKNAME\n{"what": "forged"}'
# With lone surrogates, which no encoding can write.
ANY_TEXT = st.text(st.characters())
ANY_FACT = ANY_TEXT | st.integers() | st.floats() | st.booleans() | st.none()


@pytest.fixture(autouse=True)
def no_call_id() -> Iterator[None]:
    """Clear the id of the call before and after each test."""
    call_id.set("")
    event_id.set("")
    yield
    call_id.set("")


def record(message: str = "", *values: object, **more: Any) -> logging.LogRecord:
    """A log record like a logger's; `more` can have `facts` and an `error`."""
    facts, error = more.get("facts"), more.get("error")
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("chalice.x", logging.ERROR, "/x/app.py", 12, message, values, info)
    if facts is not None:
        made.facts = facts
    return made


def logged_object(made: logging.LogRecord) -> dict[str, Any]:
    """The object in the record's line; fails unless the line is one line of JSON."""
    line = JsonLines().format(made)
    assert line.isascii()
    assert line.isprintable()
    logged: dict[str, Any] = json.loads(line)
    return logged


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


# Lines


@example({"about": "\ud800x\udc00", "why": '\u2028\x85\r\n"\\', "count": float("nan")})
@given(st.dictionaries(st.sampled_from(["about", "why", "route", "count"]), ANY_FACT))
def test_any_facts_become_one_line_of_json_with_the_same_values(facts: dict[str, Any]) -> None:
    line = logged_object(record(MARK, facts={"what": "step", **facts}))
    assert line.keys() - {"time", "level", "what"} == {
        name for name, fact in facts.items() if fact not in (None, "")
    }
    for name in line.keys() & facts.keys():
        assert line[name] == json_value(facts[name])


def json_value(fact: Any) -> Any:
    """The same fact, with infinity and NaN as strings, and lone surrogates replaced."""
    if isinstance(fact, float) and not math.isfinite(fact):
        return str(fact)
    if isinstance(fact, str) and any("\ud800" <= character <= "\udfff" for character in fact):
        return fact.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return fact


@given(ANY_TEXT, ANY_TEXT)
def test_records_of_libraries_are_logged_by_place_without_their_text(
    message: str, value: str
) -> None:
    line = logged_object(record(message, value))
    line.pop("time")
    assert line == {
        "level": "ERROR", "what": "other", "logger": "chalice.x", "place": "app.py:12",
    }  # fmt: skip


def test_an_error_is_logged_by_type_and_place_without_its_text() -> None:
    line = logged_object(record("Caught %s", MARK, error=raised(KeyError(MARK))))
    assert (line["what"], line["type"], line["logger"]) == ("fault", "KeyError", "chalice.x")
    assert line["place"].startswith("test_json_lines.py:")
    assert "MARK" not in str(line)


def test_a_value_that_json_cannot_represent_is_logged_by_its_type() -> None:
    assert logged_object(record(facts={"what": {MARK}}))["what"] == "set"


def test_a_line_has_the_id_of_the_call_and_the_time_in_utc() -> None:
    made = record(facts={"what": "step"})
    made.created = 1_800_000_000.25
    call_id.set("id-of-the-call")
    event_id.set("dag")
    assert logged_object(made) == {
        "time": "2027-01-15T08:00:00.250Z", "level": "ERROR", "request_id": "id-of-the-call",
        "event": "dag", "what": "step",
    }  # fmt: skip
    call_id.set("")
    event_id.set("")
    assert not {"request_id", "event"} & logged_object(made).keys()


def test_setting_up_the_log_twice_does_not_log_twice(capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.set_up_log()
    bootstrap.set_up_log()
    logging.getLogger("dukat").info("tick: closed", extra=log_facts(what="step"))
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["what"] == "step"


# Steps and faults


def facts(logged: list[logging.LogRecord]) -> list[dict[str, Any]]:
    return [
        {name: fact for name, fact in one.facts.items() if fact not in (None, "")}  # type: ignore[attr-defined]
        for one in logged
    ]


def test_a_step_is_logged_with_its_outcome_its_subject_and_the_phase(
    logged: list[logging.LogRecord],
) -> None:
    log_step(Step(Outcome.FAILED, "summary-1-2", "bad_request", alarming=True))
    moved = (Phase.CLOSED, Phase.SUMMARISED)
    log_step(Step(Outcome.ISSUED, "summary-1", moved=moved, registrations=40))
    assert facts(logged) == [
        {"what": "step", "who": "tick", "outcome": "failed", "about": "summary-1-2",
         "why": "bad_request", "alarming": True},
        {"what": "step", "who": "tick", "outcome": "issued", "about": "summary-1",
         "alarming": False, "phase_before": "closed", "phase": "summarised", "registrations": 40},
    ]  # fmt: skip
    assert [one.levelname for one in logged] == ["ERROR", "INFO"]


def test_the_text_of_an_error_is_logged_only_if_the_error_is_loggable(
    logged: list[logging.LogRecord],
) -> None:
    log_fault(raised(ValueError(MARK)))
    log_fault(raised(StoreUnavailable("ThrottlingException")))
    unknown, known = facts(logged)
    assert (unknown["type"], unknown.get("why")) == ("ValueError", None)
    assert (known["type"], known["why"]) == ("StoreUnavailable", "ThrottlingException")
    assert "MARK" not in " ".join(one.getMessage() for one in logged)


# Requests


def test_a_request_is_logged_by_route_status_and_duration_even_if_it_fails(
    event: Event, clock: SetClock, logged: list[logging.LogRecord]
) -> None:
    context = {
        "httpMethod": "GET", "resourcePath": "/dag/registration/{token}", "requestId": MARK,
        "path": "/prod/registration/MARKNAME", "extendedRequestId": "c6AHGHPwFiAFR7g=",
    }  # fmt: skip
    asked = Request(
        {
            "multiValueQueryStringParameters": {"lang": ["sv"], "name": [MARK]},
            "headers": {"accept-language": "en", "cookie": MARK},
            "pathParameters": {"token": MARK},
            "stageVariables": None,
            "body": None,
            "requestContext": context,
        },
        SimpleNamespace(aws_request_id="call-1"),
    )

    def fail(_: Request) -> Response:
        raise RuntimeError(MARK)

    answer, parts = Response("", {}, 404), InMemoryComposition(event, clock)
    parts.use(seconds=iter([100.0, 100.0123, 101.0, 102.5]).__next__)
    log_request = request_logger(parts.seconds, language_of)
    with parts.installed():  # the language is that of the events
        assert log_request(asked, lambda _: answer) is answer
        with pytest.raises(RuntimeError):
            log_request(asked, fail)
    with_error_pages, failed = facts(logged)
    assert with_error_pages == {
        "what": "request", "gateway_id": "c6AHGHPwFiAFR7g=", "method": "GET",
        "route": "/dag/registration/{token}", "status": 404, "ms": 12.3, "language": "sv",
    }  # fmt: skip
    assert failed == {**with_error_pages, "status": 500, "ms": 1500.0}
    assert logged_object(logged[0])["request_id"] == "call-1"
