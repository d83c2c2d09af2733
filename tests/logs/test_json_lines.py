"""What the functions log: one JSON object a line, whatever is in it, and of others no text."""

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
from chalicelib.logs.json_lines import JsonLines, call_id, log_facts, log_fault
from chalicelib.logs.requests import request_logger
from chalicelib.web.request import language_of
from management.local.clock import SetClock
from tests.fakes import InMemoryComposition

MARK = 'MARKNAME\n{"what": "forged"}'
# Also half characters, which no encoding can write.
ANY_TEXT = st.text(st.characters())
ANY_FACT = ANY_TEXT | st.integers() | st.floats() | st.booleans() | st.none()


@pytest.fixture(autouse=True)
def no_call() -> Iterator[None]:
    """Whatever ran before in this process, and whatever runs here."""
    call_id.set("")
    yield
    call_id.set("")


def record(message: str = "", *values: object, **more: Any) -> logging.LogRecord:
    """As loggers make them; `more` is what they are given beside the message."""
    facts, error = more.get("facts"), more.get("error")
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("chalice.x", logging.ERROR, "/x/app.py", 12, message, values, info)
    if facts is not None:
        made.facts = facts
    return made


def told(made: logging.LogRecord) -> dict[str, Any]:
    """What the record's line says, if it is one line of JSON."""
    line = JsonLines().format(made)
    assert line.isascii()
    assert line.isprintable()
    said: dict[str, Any] = json.loads(line)
    return said


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


# Lines


@example({"about": "\ud800x\udc00", "why": '\u2028\x85\r\n"\\', "count": float("nan")})
@given(st.dictionaries(st.sampled_from(["about", "why", "route", "count"]), ANY_FACT))
def test_any_facts_are_one_line_of_json_that_says_them(facts: dict[str, Any]) -> None:
    said = told(record(MARK, facts={"what": "step", **facts}))
    assert said.keys() - {"time", "level", "what"} == {
        name for name, fact in facts.items() if fact not in (None, "")
    }
    for name in said.keys() & facts.keys():
        assert said[name] == as_json_can_have_it(facts[name])


def as_json_can_have_it(fact: Any) -> Any:
    """The same but for infinity, what is not a number, and half characters."""
    if isinstance(fact, float) and not math.isfinite(fact):
        return str(fact)
    if isinstance(fact, str) and any("\ud800" <= character <= "\udfff" for character in fact):
        return fact.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return fact


@given(ANY_TEXT, ANY_TEXT)
def test_what_others_log_is_told_by_its_place_alone(message: str, value: str) -> None:
    said = told(record(message, value))
    said.pop("time")
    assert said == {
        "level": "ERROR", "what": "other", "logger": "chalice.x", "place": "app.py:12",
    }  # fmt: skip


def test_an_error_is_told_by_its_kind_and_place_and_never_by_its_words() -> None:
    said = told(record("Caught %s", MARK, error=raised(KeyError(MARK))))
    assert (said["what"], said["type"], said["logger"]) == ("fault", "KeyError", "chalice.x")
    assert said["place"].startswith("test_json_lines.py:")
    assert "MARK" not in str(said)


def test_a_value_that_json_does_not_know_is_told_by_its_type() -> None:
    assert told(record(facts={"what": {MARK}}))["what"] == "set"


def test_a_line_carries_the_id_of_its_call_and_the_moment_in_utc() -> None:
    made = record(facts={"what": "step"})
    made.created = 1_800_000_000.25
    call_id.set("id-of-the-call")
    assert told(made) == {
        "time": "2027-01-15T08:00:00.250Z", "level": "ERROR", "request_id": "id-of-the-call",
        "what": "step",
    }  # fmt: skip
    call_id.set("")
    assert "request_id" not in told(made)


def test_it_is_set_up_once_however_often(capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.set_up_log()
    bootstrap.set_up_log()
    logging.getLogger("dukat").info("tend: closed", extra=log_facts(what="step"))
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["what"] == "step"


# Steps and faults


def facts(logged: list[logging.LogRecord]) -> list[dict[str, Any]]:
    return [
        {name: fact for name, fact in one.facts.items() if fact not in (None, "")}  # type: ignore[attr-defined]
        for one in logged
    ]


def test_a_step_tells_what_came_of_what_and_where_the_event_stands(
    logged: list[logging.LogRecord],
) -> None:
    log_step(Step(Outcome.FAILED, "summary-1-2", "bad_request", alarming=True))
    moved = (Phase.CLOSED, Phase.SUMMARISED)
    log_step(Step(Outcome.ISSUED, "summary-1", moved=moved, registrations=40))
    assert facts(logged) == [
        {"what": "step", "who": "tend", "outcome": "failed", "about": "summary-1-2",
         "why": "bad_request", "alarming": True},
        {"what": "step", "who": "tend", "outcome": "issued", "about": "summary-1",
         "alarming": False, "state_before": "closed", "state": "summarised", "registrations": 40},
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


def test_a_request_is_told_by_its_route_its_status_and_how_long_it_took_also_if_none_answers(
    event: Event, clock: SetClock, logged: list[logging.LogRecord]
) -> None:
    context = {
        "httpMethod": "GET", "resourcePath": "/registration/{token}", "requestId": MARK,
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
    assert log_request(asked, lambda _: answer) is answer
    with pytest.raises(RuntimeError):
        log_request(asked, fail)
    answered, failed = facts(logged)
    assert answered == {
        "what": "request", "gateway_id": "c6AHGHPwFiAFR7g=", "method": "GET",
        "route": "/registration/{token}", "status": 404, "ms": 12.3, "language": "sv",
    }  # fmt: skip
    assert failed == {**answered, "status": 500, "ms": 1500.0}
    assert told(logged[0])["request_id"] == "call-1"
