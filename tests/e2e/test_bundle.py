"""The zip that `chalice package` makes, unzipped alone with boto3 beside it, as on Lambda."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from chalice.cli.factory import CLIFactory
from chalice.deploy.validate import validate_configuration

from app import app
from chalicelib.control import BETWEEN_SNAPSHOTS
from chalicelib.event import Event
from chalicelib.repository import Repository
from management.clock import SetClock
from management.gateway import Gateway
from management.local_aws import ENVIRONMENT, TABLE, local_aws, sent_mails
from management.local_service import scheduled_event
from tests.e2e.pages import VALID, encoded
from tests.examples import FORM_HEADERS
from tests.ses import ses_event, sns_event

ROOT = Path(__file__).parents[2]
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3")

# Runs in the bundle: calls handlers by name, one JSON line in and one out.
DRIVER = """
import importlib, json, sys
for line in sys.stdin:
    handler, event = json.loads(line)
    module, name = handler.rsplit(".", 1)
    answer = getattr(importlib.import_module(module), name)(event, None)
    print("answer:" + json.dumps(answer), flush=True)
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unzipped deployment package of a copy of the project."""
    work = tmp_path_factory.mktemp("bundle")
    project, out = work / "project", work / "out"
    project.mkdir()
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, project)
    ignored = shutil.ignore_patterns("__pycache__", "deployments", "venv", "deployed")
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / name, project / name, ignore=ignored)
    subprocess.run(
        [Path(sys.executable).with_name("chalice"), "package", "--stage", "dev", out],
        cwd=project,
        env={**os.environ, "AWS_DEFAULT_REGION": "eu-north-1"},
        check=True,
        capture_output=True,
    )
    unzipped = work / "task"
    with zipfile.ZipFile(out / "deployment.zip") as archive:
        archive.extractall(unzipped)
    return unzipped


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with boto3 and what it needs, and nothing else of this environment."""
    folder = tmp_path_factory.mktemp("runtime")
    packages = Path(sysconfig.get_path("purelib"))
    for name in RUNTIME:
        (folder / name).symlink_to(packages / name)
    return folder


class Lambda:
    """A Python process that has only the bundle and the runtime on its path."""

    def __init__(self, bundle: Path, runtime: Path) -> None:
        paths = f"import sys; sys.path[:0] = {[str(bundle), str(runtime)]!r}\n"
        keep = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", paths + DRIVER],
            env={**keep, **ENVIRONMENT},
            cwd=bundle,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, handler: str, event: dict[str, Any]) -> Any:
        """What the handler answers; fails with what the process said if it doesn't."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([handler, event]) + "\n")
        self._process.stdin.flush()
        said = []
        for line in self._process.stdout:
            if line.startswith("answer:"):
                return json.loads(line.removeprefix("answer:"))
            said.append(line)
        raise AssertionError("".join(said))

    def stop(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@contextmanager
def function_in(year: int, bundle: Path, runtime: Path) -> Iterator[Lambda]:
    """The bundle with its event in a year, since its clock is the real one, and a local AWS."""
    file = bundle / "chalicelib/event.toml"
    shipped = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"\b2027-05-", f"{year}-05-", shipped), encoding="utf-8")
    try:
        with local_aws():
            process = Lambda(bundle, runtime)
            try:
                yield process
            finally:
                process.stop()
    finally:
        os.environ.pop("AWS_ENDPOINT_URL", None)
        file.write_text(shipped, encoding="utf-8")


def test_the_bundle_holds_templates_catalogues_and_the_event_file(bundle: Path) -> None:
    wanted = {
        path.relative_to(ROOT)
        for folder in ("templates", "translations")
        for path in (ROOT / "chalicelib" / folder).rglob("*")
        if path.is_file()
    }
    assert Path("chalicelib/templates/pages/agenda.html") in wanted
    assert Path("chalicelib/translations/en/LC_MESSAGES/messages.mo") in wanted
    for path in {*wanted, Path("chalicelib/event.toml")}:
        assert (bundle / path).is_file()


def test_the_bundle_holds_nothing_that_is_not_deployed(bundle: Path) -> None:
    top = {path.name for path in bundle.iterdir() if not path.name.endswith(".dist-info")}
    ours = {"app.py", "chalicelib", "chalice"}
    libraries = {"dateutil", "icalendar", "jinja2", "markupsafe", "six.py", "tzdata"}
    assert top == ours | libraries


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_chalice_accepts_the_app_for_a_deploy(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`chalice package` doesn't look as closely as `chalice deploy` does."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    config = CLIFactory(str(ROOT), environ=dict(os.environ)).create_config_obj(stage)
    validate_configuration(config)


def test_the_bundle_alone_serves_pages_and_takes_a_registration(
    bundle: Path, runtime: Path, clock: SetClock
) -> None:
    gateway = Gateway(app, clock, stage="api")
    with function_in(2099, bundle, runtime) as function:

        def request(method: str, path: str, body: bytes = b"") -> Any:
            headers = {"Accept": "text/html", **(FORM_HEADERS if body else {})}
            return function.call("app.app", gateway.event(method, path, headers, body, clock()))

        agenda = request("GET", "/")
        assert agenda["statusCode"] == 200
        assert "Säker och trygg kommun" in agenda["body"]
        assert "Register a special diet" in request("GET", "/?lang=en")["body"]
        assert 'action="/api/registration"' in request("GET", "/registration")["body"]

        sent = request("POST", "/registration", encoded(**VALID, nonce=["a-nonce-of-the-tests"]))
        assert sent["statusCode"] == 303
        receipt = sent["headers"]["Location"].removeprefix("/api")
        assert "Åsa Öström" in request("GET", receipt)["body"]


def test_the_bundles_schedules_close_and_mail_the_summary(
    bundle: Path, runtime: Path, event: Event
) -> None:
    with function_in(2020, bundle, runtime) as function:
        function.call("app.close_registration", scheduled_event(event.closes_at))
        store = Repository(boto3.client("dynamodb"), TABLE, event.id)
        seen = store.control()
        assert seen.snapshot
        assert sent_mails() == []
        earlier = replace(seen.snapshot, taken_at=seen.snapshot.taken_at - BETWEEN_SNAPSHOTS)
        store.save_control(replace(seen, snapshot=earlier))
        function.call("app.tick", scheduled_event(event.closes_at))
        function.call("app.tick", scheduled_event(event.closes_at))
        assert len(sent_mails()) == len(event.contacts)


def test_the_bundle_keeps_what_ses_tells_of_a_mail(
    bundle: Path, runtime: Path, event: Event
) -> None:
    with function_in(2020, bundle, runtime) as function:
        text = ses_event("Delivery", "summary-1-1", to=event.contacts[0].email)
        function.call("app.record_mail_event", sns_event(text))
        (record,) = Repository(boto3.client("dynamodb"), TABLE, event.id).contact_mails()
        assert (record.id, record.state) == ("summary-1-1", "delivered")
