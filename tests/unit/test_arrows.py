"""Dependencies point inward; see docs/architecture.md."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL = {
    "language", "diet", "event", "registration", "summary", "control", "outbox", "config",
    "mail_faults", "mail_record", "desk", "roll", "deadline", "instants", "deletion", "totals",
    "count",
}  # fmt: skip

# What each module of chalicelib may import of chalicelib.
ALLOWED = {
    "language": set(),
    "config": set(),
    "deadline": set(),
    "instants": set(),
    "dynamodb": set(),
    "dynamodb_endpoint": set(),
    "writes": {"dynamodb"},
    "table": {"dynamodb", "writes"},
    "own_deadline": {"instants", "table"},
    "mail_address": set(),
    "log_lines": set(),
    "desk": set(),
    "roll": {"registration"},
    "look": set(),
    "notices": {"language"},
    "event": {"language", "look", "mail_address", "notices"},
    "diet": {"language"},
    "registration": {"diet"},
    "deletion": set(),
    "control": {"deadline", "deletion"},
    "totals": {"registration", "summary"},
    "mail_faults": set(),
    "outbox": {"language", "mail_faults"},
    "mail_record": {"mail_faults", "outbox"},
    "summary": {"diet", "event", "registration"},
    "count": {"instants", "summary"},
    "stores": (MODEL - {"event"}) | {"dynamodb", "own_deadline", "stores", "table", "writes"},
    "ses_events": {"mail_faults", "mail_record", "outbox"},
    "event_file": {"event", "language", "look", "notices"},
    "dates": {"language"},
    "doubles": {"roll"},
    "calendar_feed": {"event", "language"},
    "forms": {"diet", "event", "language", "mail_address", "registration"},
    "rendering": {
        "dates", "deletion", "desk", "diet", "event", "language", "mail_faults",
        "mail_record", "outbox", "registration", "summary", "totals",
    },
    "agenda_page": {"event", "language", "rendering"},
    "exports": {"diet", "event", "registration"},
    "extract": {
        "desk", "event", "exports", "language", "mail_record", "outbox", "registration",
        "rendering",
    },
    "services": MODEL
    | {
        "calendar_feed", "dates", "log_lines", "mail_address", "rendering", "services", "stores",
        "table", "writes",
    },
    "mailer": {"mail_faults", "outbox"},
    "bootstrap": {
        "agenda_page", "config", "dynamodb", "dynamodb_endpoint", "event", "event_file",
        "log_lines", "mail_faults", "mailer", "outbox", "own_deadline", "services", "table",
    },
    "runs": {"log_lines", "services", "table"},
    "routes": set(),  # it imports a view when it is asked for
    "views": MODEL
    | {
        "agenda_page", "bootstrap", "calendar_feed", "dates", "doubles", "exports", "extract",
        "forms", "log_lines", "look", "mail_address", "rendering", "routes",
        "services", "stores", "table", "views",
    },
    "app": {
        "bootstrap", "deadline", "event", "log_lines", "routes", "runs", "services", "ses_events",
        "views",
    },
}  # fmt: skip
AWS = {"boto3", "botocore"}
MAY_USE_AWS = {"mailer", "bootstrap"}
MAY_READ_CLOCK_OR_ENVIRONMENT = {"bootstrap"}


def modules() -> dict[str, list[Path]]:
    house = ROOT / "chalicelib"
    found = {path.stem: [path] for path in house.glob("*.py") if path.stem != "__init__"}
    packages = {name: [*(house / name).glob("*.py")] for name in ("services", "stores", "views")}
    return {**found, **packages, "app": [ROOT / "app.py"]}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_module_has_its_place_in_the_house() -> None:
    assert set(modules()) == set(ALLOWED)


@pytest.mark.parametrize("module", sorted(ALLOWED))
def test_a_module_imports_only_what_lies_further_in(module: str) -> None:
    for path in modules()[module]:
        inside = {name.split(".")[1] for name in imports(path) if name.startswith("chalicelib.")}
        assert inside & set(ALLOWED) <= ALLOWED[module]


@pytest.mark.parametrize("module", sorted(ALLOWED.keys() - MAY_USE_AWS))
def test_only_the_adapters_know_aws(module: str) -> None:
    for path in modules()[module]:
        assert not {name.split(".")[0] for name in imports(path)} & AWS


FORBIDDEN_NAMES = {
    "environ", "getenv", "datetime.now", "datetime.utcnow", "date.today", "datetime.today",
    "time.time", "time.monotonic",
}  # fmt: skip


@pytest.mark.parametrize("module", sorted(ALLOWED.keys() - MAY_READ_CLOCK_OR_ENVIRONMENT))
def test_only_the_composition_root_reads_the_clock_and_the_environment(module: str) -> None:
    for path in modules()[module]:
        used = {
            f"{ast.unparse(node.value).split('.')[-1]}.{node.attr}"
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Attribute)
        } | imports(path)
        found = {
            name for name in used for bad in FORBIDDEN_NAMES
            if name == bad or name.endswith(f".{bad}")
        }  # fmt: skip
        assert not found


# What runs commands or code, reads what could be more than data, or calls somewhere.
DANGEROUS = {
    "subprocess", "pty", "pickle", "marshal", "shelve", "code", "ctypes", "xml", "yaml", "socket",
    "ssl", "http", "urllib.request", "urllib3", "requests", "ftplib", "smtplib", "tempfile",
}  # fmt: skip
STAYS_AT_HOME = {"management", "manage", "tests", "moto"}
MAY_CALL_AWS = {"dynamodb": {"http"}, "dynamodb_endpoint": {"http", "ssl"}}
EVALUATES = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.exec"}


@pytest.mark.parametrize("module", sorted(ALLOWED))
def test_nothing_deployed_runs_commands_or_code_or_calls_anybody_but_aws(module: str) -> None:
    for path in modules()[module]:
        names = imports(path)
        bad_here = (DANGEROUS | STAYS_AT_HOME) - MAY_CALL_AWS.get(module, set())
        assert not [one for one in names for bad in bad_here if f"{one}.".startswith(f"{bad}.")]
        called = {
            ast.unparse(node.func)
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call)
        }
        assert not called & EVALUATES
