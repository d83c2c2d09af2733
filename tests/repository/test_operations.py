"""docs/operations.md explains every state and every alarm."""

import re
from pathlib import Path

import pytest

from chalicelib.lifecycle.state import Phase
from chalicelib.mail.faults import FINAL, TRANSIENT, Fault
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.records import MailState
from chalicelib.mail.retry import is_final
from tests.examples import NOW

TEXT = (Path(__file__).parents[2] / "docs/operations.md").read_text("utf-8")
ROWS = {
    row[0].strip("` "): [cell.strip() for cell in row[1:]]
    for row in (line.strip("|").split("|") for line in TEXT.splitlines() if line.startswith("|"))
}


@pytest.mark.parametrize("fault", Fault)
def test_every_alarm_is_explained(fault: Fault) -> None:
    _, when, goes_on, remedy = ROWS[fault]
    mail = OutboxMail("summary-1-1", MailKind.SUMMARY, "a@b.example", NOW)
    is_from_ses = when in {"when SES reports", "an hour after sending"}
    assert goes_on == ("no" if is_from_ses or is_final(mail, fault) else "yes")
    assert (when == "after an hour") is (fault in TRANSIENT)
    assert remedy
    assert not (is_from_ses and fault in FINAL)


@pytest.mark.parametrize("state", [*Phase, *MailState])
def test_every_state_is_explained(state: str) -> None:
    explained = {name for row in ROWS for name in re.split(", | ", row)}
    assert state in explained
