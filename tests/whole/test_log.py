"""On Lambda, messages of libraries, warnings and Chalice are logged without their texts."""

import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import bootstrap
from management.local.gateway import Gateway

PRIVATE_TEXT = 'MARKNAME\n{"what": "forged"}'


@pytest.fixture
def on_lambda(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app's loggers, set up after Lambda's Python has added its own handler."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "dukat-dev")
    root = logging.getLogger()
    handlers = root.handlers[:]
    root.addHandler(logging.StreamHandler())
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        bootstrap.set_up_log()
        yield
    root.handlers[:] = handlers


def log_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    printed = capsys.readouterr()
    assert printed.err == ""
    return [json.loads(line) for line in printed.out.splitlines()]


def test_messages_and_warnings_of_libraries_are_logged_without_their_text(
    on_lambda: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("botocore.endpoint").warning("retrying %s", PRIVATE_TEXT)
    logging.getLogger("dukat").error(PRIVATE_TEXT)
    warnings.warn(PRIVATE_TEXT, UserWarning, stacklevel=1)
    lines = log_lines(capsys)
    assert [(line["what"], line["level"]) for line in lines] == [
        ("other", "WARNING"), ("other", "ERROR"), ("warning", "WARNING"),
    ]  # fmt: skip
    assert lines[2]["type"] == "UserWarning"
    assert all(line["place"].startswith("test_log.py:") for line in lines)
    assert "MARK" not in str(lines)


def test_an_exception_that_reaches_chalice_is_logged_as_a_fault_without_its_text(
    on_lambda: None, gateway: Gateway, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def fail(*_: object) -> None:
        raise RuntimeError(PRIVATE_TEXT)

    monkeypatch.setattr(bootstrap.Composition, "state_to_show", fail)
    assert gateway.request("GET", "/").status == 500
    fault, request = log_lines(capsys)
    assert (fault["what"], fault["type"], fault["level"]) == ("fault", "RuntimeError", "ERROR")
    assert fault["place"].startswith("test_log.py:")
    assert (request["what"], request["route"], request["status"]) == ("request", "/", 500)
    assert "MARK" not in str(fault)


def test_an_event_that_is_not_an_http_request_is_answered_500_and_logged(
    on_lambda: None, gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    from app import app

    assert app({"name": PRIVATE_TEXT}, None)["statusCode"] == 500
    (fault,) = log_lines(capsys)
    assert fault["what"] == "fault"
