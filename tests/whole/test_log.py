"""What goes into the log on Lambda beside what the functions themselves say."""

import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import bootstrap
from management.local.gateway import Gateway

MARK = 'MARKNAME\n{"what": "forged"}'


@pytest.fixture
def on_lambda(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The loggers as Lambda's Python leaves them, then as the app sets them up."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "dukat-dev")
    root = logging.getLogger()
    handlers = root.handlers[:]
    root.addHandler(logging.StreamHandler())
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        bootstrap.set_up_log()
        yield
    root.handlers[:] = handlers


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    printed = capsys.readouterr()
    assert printed.err == ""
    return [json.loads(line) for line in printed.out.splitlines()]


def test_what_libraries_log_and_warn_of_is_told_without_their_words(
    on_lambda: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("botocore.endpoint").warning("retrying %s", MARK)
    logging.getLogger("dukat").error(MARK)
    warnings.warn(MARK, UserWarning, stacklevel=1)
    lines = told(capsys)
    assert [(line["what"], line["level"]) for line in lines] == [
        ("other", "WARNING"), ("other", "ERROR"), ("warning", "WARNING"),
    ]  # fmt: skip
    assert lines[2]["type"] == "UserWarning"
    assert all(line["place"].startswith("test_log.py:") for line in lines)
    assert "MARK" not in str(lines)


def test_what_chalice_logs_of_a_page_without_guard_is_a_fault_without_its_words(
    on_lambda: None, gateway: Gateway, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def fail(*_: object) -> None:
        raise RuntimeError(MARK)

    monkeypatch.setattr(bootstrap.Composition, "deadline_to_show", fail)
    assert gateway.request("GET", "/").status == 500
    fault, request = told(capsys)
    assert (fault["what"], fault["type"], fault["level"]) == ("fault", "RuntimeError", "ERROR")
    assert fault["place"].startswith("test_log.py:")
    assert (request["what"], request["route"], request["status"]) == ("request", "/", 500)
    assert "MARK" not in str(fault)


def test_an_event_that_is_no_request_is_answered_500_and_logged(
    on_lambda: None, gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    from app import app

    assert app({"name": MARK}, None)["statusCode"] == 500
    (fault,) = told(capsys)
    assert fault["what"] == "fault"
