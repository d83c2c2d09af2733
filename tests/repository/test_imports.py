"""Packages import in one direction only; see docs/architecture.md."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "chalicelib"

# The packages of chalicelib. Each imports only itself and the packages before it in this list; page
# modules also import web.
PACKAGES = (
    "texts", "logs", "dynamo", "lifecycle", "event", "web", "mail", "audit", "registration",
    "catering", "deletion", "closing", "desk",
)  # fmt: skip
# The modules outside the packages, each with the packages that may import the module.
TOP_LEVEL = {
    "app": set(),
    "bootstrap": {"event", "web", "desk"},
    "filters": {"texts"},
    "letters": {"mail"},
    "media_types": {"event", "web", "registration", "catering", "desk"},
    "routes": {"web"},
    "settings": set(),
    "timeouts": {"desk"},
}
LISTED = {*PACKAGES, *TOP_LEVEL}
# Only page modules, and the request module shared by all desk pages, may import web.
MAY_IMPORT_WEB = re.compile(r"web/\w+\.py|\w+/\w+_pages\.py|desk/request\.py")
# Page modules must not import stores, so that every read at the desk is preceded by an audit entry.
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


def test_every_package_and_module_is_listed() -> None:
    assert set(modules()) == set(LISTED)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_itself_and_packages_before_it(package: str) -> None:
    known = set(PACKAGES[: PACKAGES.index(package) + 1])
    known |= {name for name, users in TOP_LEVEL.items() if package in users}
    for path in modules()[package]:
        inside = {name.split(".")[1] for name in imports(path) if name.startswith("chalicelib.")}
        web = {"web"} if _may_import_web(path) else set()
        assert inside & LISTED <= known | web, path


def pages_and_others() -> tuple[list[Path], list[Path]]:
    files = [path for package in PACKAGES for path in modules()[package]]
    return [one for one in files if _may_import_web(one)], [
        one for one in files if not _may_import_web(one)
    ]


def _may_import_web(path: Path) -> bool:
    return bool(MAY_IMPORT_WEB.fullmatch(path.relative_to(PACKAGE).as_posix()))


def test_only_page_modules_import_web() -> None:
    pages, others = pages_and_others()
    assert len(pages) > 15
    for path in others:
        names = imports(path)
        assert not [one for one in names if one.startswith(("chalicelib.web", "chalicelib.boot"))]


def test_no_page_module_imports_a_store() -> None:
    pages, _ = pages_and_others()
    for path in pages:
        assert not [name for name in imports(path) if STORES.match(name)], path


@pytest.mark.parametrize("module", sorted(LISTED - MAY_USE_AWS))
def test_only_the_adapters_import_aws_libraries(module: str) -> None:
    for path in modules()[module]:
        assert not {name.split(".")[0] for name in imports(path)} & AWS


FORBIDDEN_NAMES = {
    "environ", "getenv", "datetime.now", "datetime.utcnow", "date.today", "datetime.today",
    "time.time", "time.monotonic",
}  # fmt: skip


@pytest.mark.parametrize("module", sorted(LISTED - MAY_READ_CLOCK_OR_ENVIRONMENT))
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


# Modules that run commands or code, parse formats that can be more than data, or call other hosts.
DANGEROUS = {
    "subprocess", "pty", "pickle", "marshal", "shelve", "code", "ctypes", "xml", "yaml", "socket",
    "ssl", "http", "urllib.request", "urllib3", "requests", "ftplib", "smtplib", "tempfile",
}  # fmt: skip
NOT_DEPLOYED = {"management", "manage", "tests", "moto"}
MAY_CALL_AWS = {"dynamo": {"http", "ssl"}}
EVALUATES = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.exec"}


@pytest.mark.parametrize("module", sorted(LISTED))
def test_deployed_code_runs_no_commands_evaluates_no_code_and_calls_only_aws(module: str) -> None:
    for path in modules()[module]:
        names = imports(path)
        bad_here = (DANGEROUS | NOT_DEPLOYED) - MAY_CALL_AWS.get(module, set())
        assert not [one for one in names for bad in bad_here if f"{one}.".startswith(f"{bad}.")]
        called = {
            ast.unparse(node.func)
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call)
        }
        assert not called & EVALUATES
