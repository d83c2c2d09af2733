"""The deployment package, packed by Chalice, compiled by `make deploy`, run by AWS's client."""

import gzip
import json
import os
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from chalice.cli.factory import CLIFactory
from chalice.deploy.validate import validate_configuration

from app import app
from bench import bundles
from bench.bundles import ROOT, chalice_package
from bench.process import run
from chalicelib.bootstrap import Clock, system_clock
from chalicelib.deletion import store
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.timing import BETWEEN_SNAPSHOTS
from chalicelib.mail import base_url
from chalicelib.mail import record_store as mail_records
from chalicelib.registration import store as registrations
from chalicelib.texts.language import LANGUAGES
from management.deploy.bundle import missing, stale, unreadable
from management.deploy.packing import compile_in_own_process
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.moto_aws import ENVIRONMENT, local_aws, sent_mails
from management.local.service import scheduled_event
from management.stage.stages import compresses_from
from tests.deployed.lambda_runtime import NO_TIMEOUTS, REQUEST_ID, Function, FunctionFailed
from tests.deployed.link_client import HOST, STAGE, LinkClient
from tests.examples import EVENT, FORM_HEADERS, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import TableOnWire
from tests.ses import ses_event, sns_event
from tests.staging import keep_pages, whole_project_in
from tests.whole.pages import VALID, encoded, submit
from tests.wire import Moto

WEB, TICK, CLOSING = "app.app", "app.tick", "app.close_registration"
MAIL_EVENT = "app.record_mail_event"
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Bundle:
    """A project's deployment package: `zip` as Chalice makes the package, `uploaded` as
    `make deploy` uploads the package, `task` unzipped. `variables` are each handler's environment,
    `api` the settings of API Gateway.
    """

    project: Path
    zip: Path
    uploaded: Path
    task: Path
    variables: dict[str, dict[str, str]]
    api: dict[str, Any]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The deployment package of a copy of the project with the tests' event."""
    work = tmp_path_factory.mktemp("bundle")
    project = whole_project_in(work / "project")
    keep_pages(project)
    out = chalice_package(project)
    uploaded = Path(shutil.copy(out / "deployment.zip", work / "uploaded.zip"))
    compile_in_own_process(uploaded, ["Europe/Stockholm"])
    with zipfile.ZipFile(uploaded) as archive:
        archive.extractall(work / "task")
    resources = json.loads((out / "sam.json").read_text("utf-8"))["Resources"].values()
    (api,) = [one["Properties"] for one in resources if one["Type"] == "AWS::Serverless::Api"]
    functions = [
        resource["Properties"]
        for resource in resources
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    variables = {one["Handler"]: one["Environment"]["Variables"] for one in functions}
    return Bundle(project, out / "deployment.zip", uploaded, work / "task", variables, api)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages that Lambda provides in addition to the bundle."""
    return bundles.runtime(tmp_path_factory.mktemp("beside"))


class Functions:
    """The bundle's functions on a simulated AWS. The first call of a function starts a process."""

    def __init__(self, bundle: Bundle, runtime: Path, running: ExitStack) -> None:
        self._bundle = bundle
        self._runtime = runtime
        self._running = running
        self._started: dict[str, Function] = {}
        self.calls = Counter[str]()

    def call(self, handler: str, event: dict[str, Any]) -> Any:
        """The function's answer to the event; raises FunctionFailed."""
        if handler not in self._started:
            variables = self._variables(handler)
            function = Function(handler, self._bundle.task, self._runtime, variables)
            self._started[handler] = self._running.enter_context(function)
        self.calls[handler] += 1
        return self._started[handler].invoke(event)

    def check_logs(self) -> None:
        """Check the ended functions' output: each line is JSON, and each request logs one line."""
        for handler, function in self._started.items():
            lines = [
                json.loads(line)
                for line in function.output.split("\n")
                if line and not line.startswith("[ERROR] ")  # the runtime's report of an exception
            ]
            assert all(line["request_id"] == REQUEST_ID for line in lines if "_aws" not in line)
            requests = [line for line in lines if line.get("what") == "request"]
            assert len(requests) == (self.calls[handler] if handler == WEB else 0)

    def _variables(self, handler: str) -> dict[str, str]:
        """The variables that Lambda and the stage set, with values of the simulated AWS."""
        lambdas = {name: ENVIRONMENT[name] for name in ENVIRONMENT if name.startswith("AWS_")}
        stages = self._bundle.variables[handler]
        local = {name: ENVIRONMENT.get(name, value) for name, value in stages.items()}
        return {**lambdas, **local, "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"]}


@contextmanager
def deployed(
    bundle: Bundle, runtime: Path, year: int, days_kept: int = 36_500
) -> Iterator[Functions]:
    """The bundle on a simulated AWS, with the event in `year` because the clock is the real one."""
    folder = bundle.task / "chalicelib"
    changes = {
        folder / f"events/{EVENT.id}.toml": (r"\b2027-05-", f"{year}-05-"),
        folder / "organisation.toml": (r"(delete_after_days) = \d+", rf"\1 = {days_kept}"),
    }
    shipped = {file: file.read_text(encoding="utf-8") for file in changes}
    for file, change in changes.items():
        file.write_text(re.sub(*change, shipped[file]), encoding="utf-8")
    try:
        with local_aws():
            with ExitStack() as running:
                functions = Functions(bundle, runtime, running)
                yield functions
            functions.check_logs()
    finally:
        os.environ.pop("AWS_ENDPOINT_URL", None)
        for file, text in shipped.items():
            file.write_text(text, encoding="utf-8")


def pages_of(
    functions: Functions,
    clock: Clock,
    *,
    own_domain: bool = False,
    compresses_from: int | None = None,
) -> Gateway:
    """The web function behind a simulated API Gateway."""
    call = partial(functions.call, WEB)
    return Gateway(
        app, clock, STAGE, own_domain=own_domain, function=call, compresses_from=compresses_from
    )


def test_the_bundle_contains_the_current_project_and_lambda_can_read_it(
    bundle: Bundle,
) -> None:
    assert (bundle.task / "chalicelib/templates/pages/agenda.html").is_file()
    assert (bundle.task / "chalicelib/translations/en/LC_MESSAGES/messages.mo").is_file()
    for package in (bundle.zip, bundle.uploaded):
        assert missing(package, bundle.project) == []
        assert stale(package, bundle.project) == []
        # Fails in a checkout or .venv created under umask 077: Lambda could not read that bundle.
        assert unreadable(package) == []


def test_the_bundle_contains_only_deployed_code_and_is_small(bundle: Bundle) -> None:
    top = {path.name for path in bundle.task.iterdir()}
    ours = {"app.py", "chalicelib", "chalice", "__pycache__"}
    libraries = {"icalendar", "jinja2", "markupsafe", "tzdata", "xlsxwriter"}
    assert top == ours | libraries
    assert bundle.uploaded.stat().st_size < MAX_BYTES


# Our modules that a cold start imports before `GET /` is answered; each takes 0.3 ms.
IMPORTED_FOR_THE_AGENDA = {
    "bootstrap", "dynamo", "dynamo.attributes", "dynamo.client", "dynamo.connection",
    "dynamo.errors", "dynamo.retry", "dynamo.signing", "dynamo.table", "timeouts",
    "event", "event.agenda", "event.agenda_pages", "event.checks", "event.event", "event.events",
    "event.file", "event.legal_statements", "event.mail_address", "event.organisation",
    "event.phone", "event.problems", "event.public_pages", "event.schedule_checks", "event.style",
    "event.theme", "event.toml_table", "lifecycle", "lifecycle.deadline", "lifecycle.timing",
    "logs", "logs.json_lines", "logs.requests", "logs.runs", "media_types", "routes", "settings",
    "texts", "texts.language", "web", "web.responses", "web.error_pages", "web.headers",
    "web.request",
}  # fmt: skip
IMPORTED_FOR_A_REGISTRATION = IMPORTED_FOR_THE_AGENDA - {"event.public_pages"} | {
    "dynamo.writes", "event.context", "lifecycle.deletion_progress", "lifecycle.state",
    "lifecycle.store", "mail", "mail.allowance", "mail.blocks", "mail.caps", "mail.faults",
    "mail.limits", "mail.outbox",
    "mail.outbox_store", "mail.record_store", "mail.records", "registration",
    "registration.answers", "registration.diet", "registration.form",
    "registration.form_pages", "registration.items", "registration.limits",
    "registration.link_store", "registration.note",
    "registration.receipt", "registration.registering", "registration.registration",
    "registration.store",
    "registration.tokens", "texts.folding", "web.submission",
}  # fmt: skip


def test_a_cold_start_imports_only_the_modules_that_the_request_needs(
    bundle: Bundle, runtime: Path, event: Event
) -> None:
    at = event.closes_at - timedelta(days=14)
    gateway = Gateway(app, SetClock(at), STAGE)
    get_agenda = gateway.event("GET", "/", {}, b"", at)
    register = gateway.event("POST", "/dag/registration", FORM_HEADERS, encoded(**VALID), at)
    with local_aws():
        for request, expected in (
            (get_agenda, IMPORTED_FOR_THE_AGENDA),
            (register, IMPORTED_FOR_A_REGISTRATION),
        ):
            imported = set(run(bundle.task, runtime, [request], prelude=NO_TIMEOUTS).modules)
            assert not imported & {"boto3", "botocore", "jinja2", "markupsafe"}
            ours = {name for name in imported if name.startswith("chalicelib.")}
            assert {name.removeprefix("chalicelib.") for name in ours} == expected
    os.environ.pop("AWS_ENDPOINT_URL", None)


def test_an_idle_tick_does_not_import_boto3(bundle: Bundle, runtime: Path) -> None:
    with deployed(bundle, runtime, 2099):
        idle = run(
            bundle.task,
            runtime,
            [scheduled_event(system_clock())],
            handler="tick",
            prelude=NO_TIMEOUTS,
        )
    assert not set(idle.modules) & {"boto3", "botocore"}


def test_there_are_functions_for_the_pages_the_schedules_and_the_mail_events(
    bundle: Bundle,
) -> None:
    assert set(bundle.variables) == {WEB, TICK, CLOSING, MAIL_EVENT}


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_chalice_accepts_the_app_for_a_deploy(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`chalice deploy` validates more than `chalice package` does."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    config = CLIFactory(str(ROOT), environ=dict(os.environ)).create_config_obj(stage)
    validate_configuration(config)


@pytest.mark.parametrize("module", ["moto", "pytest", "chalice.cli", "management"])
def test_functions_can_import_only_the_bundle_and_lambdas_own_packages(
    bundle: Bundle, runtime: Path, module: str
) -> None:
    with (
        Function(f"{module}.main", bundle.task, runtime, {}) as function,
        pytest.raises(FunctionFailed, match=f"ImportModuleError: .* No module named '{module}'"),
    ):
        function.invoke({})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("raise ValueError('in short')", r"^ValueError: in short\n.*task\.py"),
        ("return object()", "MarshalError"),
        ("print('last words', flush=True); os._exit(0)", "^the process ended: last words"),
    ],
)
def test_a_failing_function_reports_the_error(
    runtime: Path, tmp_path: Path, body: str, error: str
) -> None:
    (tmp_path / "task.py").write_text(f"import os\ndef handler(*_): {body}\n", encoding="utf-8")
    with (
        Function("task.handler", tmp_path, runtime, {}) as function,
        pytest.raises(FunctionFailed, match=error),
    ):
        function.invoke({})


def test_the_bundle_alone_serves_pages_and_accepts_a_registration(
    bundle: Bundle, runtime: Path, clock: SetClock
) -> None:
    with deployed(bundle, runtime, 2099) as functions:
        pages = pages_of(functions, clock)
        agenda = pages.request("GET", "/")
        assert agenda.status == 200
        assert "Säker och trygg kommun" in agenda.text
        assert "Register a special diet" in pages.request("GET", "/?lang=en").text
        assert (
            'action="/api/dag/registration?send=yes"'
            in pages.request("GET", "/dag/registration").text
        )
        sent = submit(pages)
        assert sent.status == 303
        receipt = sent.headers["location"].removeprefix("/api")
        assert "Åsa Öström" in pages.request("GET", receipt).text


def test_api_gateway_compresses_the_agenda_and_passes_files_on_as_they_are(
    bundle: Bundle, runtime: Path, clock: SetClock
) -> None:
    assert bundle.api["DefinitionBody"]["x-amazon-apigateway-binary-media-types"] == ["*/*"]
    smallest = bundle.api["MinimumCompressionSize"]
    assert smallest == compresses_from(bundle.project)
    browser = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    with deployed(bundle, runtime, 2027) as functions:
        gateway = pages_of(functions, clock, compresses_from=smallest)
        whole, sent = gateway.request("GET", "/"), gateway.request("GET", "/", browser)
    assert sent.headers["content-encoding"] == "gzip"
    assert gzip.decompress(sent.body) == whole.body
    assert len(sent.body) < 6_500 < 17_000 < len(whole.body)


@pytest.mark.soak
@pytest.mark.parametrize("prefix", ["/api", ""])
def test_every_url_has_the_stage_prefix_unless_the_service_has_its_own_domain(
    bundle: Bundle, runtime: Path, event: Event, prefix: str
) -> None:
    with deployed(bundle, runtime, 2099) as functions:
        clock = SetClock(system_clock())
        base_url.save(TableOnWire(event, Moto()), f"https://{HOST}{prefix}")
        pages = pages_of(functions, clock, own_domain=not prefix)
        visitors = [LinkClient(pages, prefix, language) for language in LANGUAGES]
        receipts = [walk_while_open(visitor) for visitor in visitors]
        functions.call(TICK, scheduled_event(clock()))
        for visitor, mail in zip(visitors, sent_mails(), strict=True):
            (link,) = re.findall(r"https://\S+", mail.part("plain"))
            assert link.startswith(f"https://{HOST}{prefix}/dag/registration/")
            assert visitor.get(link).status == 200
        clock.now = datetime(2100, 1, 1, tzinfo=UTC)
        for visitor, receipt in zip(visitors, receipts, strict=True):
            walk_when_closed(visitor, receipt)


def walk_while_open(visitor: LinkClient) -> str:
    """Request every kind of page and answer before the deadline; return a receipt's URL."""
    start, form, nowhere = map(visitor.address, ("/", "/dag/registration", "/nothing/here"))
    assert visitor.fill_in(form, name=[""]).status == 422
    mailed = {**VALID, "email": ["asa@boras.example"]}
    receipt = visitor.fill_in(form, **mailed).headers["location"]
    statuses = visitor.get_all(start, form, receipt, nowhere)
    pages = {
        visitor.address(f"/dag/{name}")
        for name in ("agenda.ics", "sessions.ics", "privacy", "accessibility")
    }
    assert statuses.keys() >= pages | {subpage(receipt, "edit"), subpage(receipt, "cancel")}
    missing_pages = {urlsplit(one).path for one, status in statuses.items() if status == 404}
    in_other_language = visitor.address("/dag/nothing/here")
    assert missing_pages == {urlsplit(one).path for one in (nowhere, in_other_language)}
    redirected = {urlsplit(one).path for one, status in statuses.items() if status == 303}
    assert redirected == set()
    assert visitor.post(start, VALID).status == 405
    assert visitor.fill_in(subpage(receipt, "edit"), name=[""]).status == 422
    assert visitor.fill_in(subpage(receipt, "edit"), diet=["halal"]).status == 303
    assert visitor.fill_in(subpage(receipt, "edit"), diet=["vegan"], revision=["1"]).status == 409
    second = visitor.fill_in(form, **VALID).headers["location"]
    assert visitor.fill_in(subpage(second, "cancel"), revision=["2"]).status == 409
    cancelled = visitor.fill_in(subpage(second, "cancel"))
    assert visitor.get(cancelled.headers["location"]).status == 200
    return receipt


def walk_when_closed(visitor: LinkClient, receipt: str) -> None:
    """Request every kind of page and answer after the deadline."""
    visitor.get_all(visitor.address("/"), receipt, subpage(receipt, "edit"))
    assert visitor.post(visitor.address("/dag/registration"), VALID).status == 409
    for page in ("edit", "cancel"):
        assert visitor.post(subpage(receipt, page), {**VALID, "revision": ["2"]}).status == 409


def subpage(receipt: str, page: str) -> str:
    """The URL of the page `edit` or `cancel` of a receipt."""
    return receipt.replace("?", f"/{page}?")


def test_the_bundles_schedules_close_registration_and_mail_the_summary(
    bundle: Bundle, runtime: Path, event: Event
) -> None:
    with deployed(bundle, runtime, 2020) as functions:
        functions.call(CLOSING, scheduled_event(event.closes_at))
        table = TableOnWire(event, Moto())
        state = event_state.read(table)
        assert state.snapshot
        assert sent_mails() == []
        earlier = replace(state.snapshot, taken_at=state.snapshot.taken_at - BETWEEN_SNAPSHOTS)
        event_state.save(table, replace(state, snapshot=earlier))
        functions.call(TICK, scheduled_event(event.closes_at))
        functions.call(TICK, scheduled_event(event.closes_at))
        assert len(sent_mails()) == len(event.contacts)


def test_the_bundles_tick_deletes_registrations_after_the_retention_period(
    bundle: Bundle, runtime: Path, event: Event
) -> None:
    with deployed(bundle, runtime, 2020, days_kept=7) as functions:
        table = TableOnWire(event, Moto())
        registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
        functions.call(TICK, scheduled_event(event.closes_at))
        assert registrations.find(table, "hash") is None
        assert store.read_totals(table)
        assert len(sent_mails()) == len(event.contacts)


def test_the_bundle_stores_mail_events_from_ses(
    bundle: Bundle, runtime: Path, event: Event
) -> None:
    with deployed(bundle, runtime, 2020) as functions:
        text = ses_event("Delivery", "summary-1-1", to=event.contacts[0].email)
        functions.call(MAIL_EVENT, sns_event(text))
        (record,) = mail_records.to_contacts(TableOnWire(event, Moto()))
        assert (record.id, record.state) == ("summary-1-1", "delivered")
        with pytest.raises(FunctionFailed, match=r"^RunFailed: RecursionError at \w+\.py:\d+\n"):
            functions.call(MAIL_EVENT, sns_event("[" * 100_000))
