"""Dependencies point inward; see docs/architecture.md."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "chalicelib"

# The packages of chalicelib, each of which imports only itself and packages before it; pages
# import web too.
PACKAGES = (
    "texts", "logs", "dynamo", "lifecycle", "event", "web", "mail", "audit", "registration",
    "catering", "deletion", "closing", "desk",
)  # fmt: skip
# The modules beside the packages, each with the packages that import it.
ALONE = {
    "app": set(),
    "bootstrap": {"event", "web", "desk"},
    "filters": {"texts"},
    "letters": {"mail"},
    "media_types": {"event", "web", "registration", "desk"},
    "routes": {"web"},
    "settings": set(),
}
ALLOWED = {*PACKAGES, *ALONE}
# HTTP is for pages, and for what all pages of the desk share.
MAY_KNOW_HTTP = re.compile(r"web/\w+\.py|\w+/\w+_pages\.py|desk/request\.py")
# What the table holds is read behind the pages: at the desk the audit log comes first.
STORES = re.compile(r"chalicelib\.(\w+\.store|mail\.(\w+_store|blocks|caps)|desk\.session_store)\b")
AWS = {"boto3", "botocore"}
MAY_USE_AWS = {"mail", "bootstrap"}
MAY_READ_CLOCK_OR_ENVIRONMENT = {"bootstrap"}


def modules() -> dict[str, list[Path]]:
    found = {path.stem: [path] for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
    packages = {path.parent.name: path.parent for path in PACKAGE.glob("*/__init__.py")}
    inside = {name: [*folder.rglob("*.py")] for name, folder in packages.items()}
    return {**found, **inside, "app": [ROOT / "app.py"]}


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


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_packages_before_it(package: str) -> None:
    known = set(PACKAGES[: PACKAGES.index(package) + 1])
    known |= {name for name, users in ALONE.items() if package in users}
    for path in modules()[package]:
        inside = {name.split(".")[1] for name in imports(path) if name.startswith("chalicelib.")}
        web = {"web"} if _knows_http(path) else set()
        assert inside & ALLOWED <= known | web, path


def pages_and_others() -> tuple[list[Path], list[Path]]:
    files = [path for package in PACKAGES for path in modules()[package]]
    return [one for one in files if _knows_http(one)], [
        one for one in files if not _knows_http(one)
    ]


def _knows_http(path: Path) -> bool:
    return bool(MAY_KNOW_HTTP.fullmatch(path.relative_to(PACKAGE).as_posix()))


def test_only_pages_know_http() -> None:
    pages, others = pages_and_others()
    assert len(pages) > 15
    for path in others:
        names = imports(path)
        assert not [one for one in names if one.startswith(("chalicelib.web", "chalicelib.boot"))]


def test_no_page_reads_the_table_past_the_audit_log() -> None:
    pages, _ = pages_and_others()
    for path in pages:
        assert not [name for name in imports(path) if STORES.match(name)], path


@pytest.mark.parametrize("module", sorted(ALLOWED - MAY_USE_AWS))
def test_only_the_adapters_know_aws(module: str) -> None:
    for path in modules()[module]:
        assert not {name.split(".")[0] for name in imports(path)} & AWS


FORBIDDEN_NAMES = {
    "environ", "getenv", "datetime.now", "datetime.utcnow", "date.today", "datetime.today",
    "time.time", "time.monotonic",
}  # fmt: skip


@pytest.mark.parametrize("module", sorted(ALLOWED - MAY_READ_CLOCK_OR_ENVIRONMENT))
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
MAY_CALL_AWS = {"dynamo": {"http", "ssl"}}
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
