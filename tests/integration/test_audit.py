"""pip-audit itself, where nothing answers."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from management.audit import main


def test_pip_audit_gives_no_answer_when_nothing_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, nobody: str
) -> None:
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", nobody)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    found = CliRunner().invoke(main, [])
    assert (found.exit_code, found.output[:12]) == (0, "NOT AUDITED:")
