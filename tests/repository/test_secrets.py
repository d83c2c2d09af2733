"""There are no secrets in the repository, the bundle or the environment variables."""

import json
import os
import re
from pathlib import Path

import pytest

from management.deploy.bundle import project_files
from tests.management.test_stages import NAMES

ROOT = Path(__file__).parents[2]
# Folders that git ignores, and git's own.
_SKIPPED_FOLDERS = {
    ".git", ".venv", "venv", "__pycache__", "deployments", "rehearsal", "exports",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis",
}  # fmt: skip
_BINARY_FILES = {".png", ".mo"}
SECRETS = {
    "an access key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a secret key of AWS": r"(?i)secret_?(?:access_?)?key[\"']?\s*[:=]\s*[\"']?[\w/+]{40}\b",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a token of GitHub, GitLab or Slack": r"\b(?:gh[oprsu]_\w{30,}|github_pat_\w{30,}"
    r"|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,})",
    "a signed token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "a password in an address": r"\w://[^\s/:@\"'{}]+:[^\s/:@\"'{}]+@\w",
    "a password": r"(?i)\b(?:password|passwd|pwd|passphrase|api_?key|client_?secret)[\"']?\s*[:=]"
    r"\s*[\"'][^\"'\s]{8,}[\"']",
}
_PATTERNS = {what: re.compile(pattern) for what, pattern in SECRETS.items()}
# Each is split in two, so that no pattern matches this file.
EXAMPLES = {
    "an access key of AWS": "AKIA" + "IOSFODNN7EXAMPLE",
    "a secret key of AWS": "aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a token of GitHub, GitLab or Slack": "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz",
    "a signed token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVm",
    "a password in an address": "https://dukat:" + "hemligt@boras.example",
    "a password": "PASSWORD = " + '"correct-horse"',
}


def secrets_in(text: str) -> set[str]:
    return {what for what, pattern in _PATTERNS.items() if pattern.search(text)}


def files_of_the_repository() -> list[Path]:
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = set(folders) - _SKIPPED_FOLDERS
        found += [Path(folder) / name for name in names if name != ".git"]
    return [path for path in found if path.suffix not in _BINARY_FILES]


@pytest.mark.parametrize("what", SECRETS)
def test_each_kind_of_secret_is_detected(what: str) -> None:
    assert secrets_in(f"x = {EXAMPLES[what]}\n") == {what}


def test_no_file_of_the_repository_holds_a_secret() -> None:
    files = files_of_the_repository()
    found = {str(path.relative_to(ROOT)): secrets_in(path.read_text("utf-8")) for path in files}
    assert {name: what for name, what in found.items() if what} == {}
    assert {ROOT / "app.py", ROOT / ".chalice/config.json", ROOT / "README.md"} <= set(files)


def test_every_file_of_the_bundle_is_searched_for_secrets() -> None:
    searched = set(files_of_the_repository())
    unsearched = set(project_files(ROOT).values()) - searched
    assert {path.suffix for path in unsearched} <= {".mo"}


def test_four_settings_of_each_stage_are_the_only_environment_variables() -> None:
    config = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))
    places = dict(variables(config, ""))
    stages = {f"/stages/{stage}/environment_variables" for stage in config["stages"]}
    assert places.keys() == stages
    assert all(names == NAMES for names in places.values())


def variables(config: object, place: str) -> list[tuple[str, set[str]]]:
    """Each place where the configuration sets variables, with the variables' names."""
    if not isinstance(config, dict):
        return []
    found = [
        (f"{place}/{key}", set(value))
        for key, value in config.items()
        if key == "environment_variables"
    ]
    return found + [
        one for key, value in config.items() for one in variables(value, f"{place}/{key}")
    ]


def test_the_code_reads_no_other_environment_variables() -> None:
    # Only the composition root reads the environment: tests/repository/test_imports.py.
    code = "".join(
        (ROOT / "chalicelib" / name).read_text("utf-8") for name in ("bootstrap.py", "settings.py")
    )
    read = set(re.findall(r"environ(?:ment)?(?:\.get\(|\[)\"(\w+)\"", code))
    set_by_chalice_on_deploying = {"AWS_CHALICE_CLI_MODE"}
    # The function's region and temporary credentials; outside Lambda, boto3 finds them.
    set_by_lambda = {
        "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    }  # fmt: skip
    set_on_this_machine = {"AWS_ENDPOINT_URL"}
    others = set_by_chalice_on_deploying | set_by_lambda | set_on_this_machine
    assert read - others == NAMES
