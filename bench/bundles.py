"""Builds and unzips the deployment packages to measure: this project's and its peers'."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from chalicelib.event.events import Events
from chalicelib.registration.diet import ALLERGENS, DIETS
from management.deploy.packing import pack
from management.stage.stages import stage_named

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).with_name("peers")
PACKAGED, DEPLOYED = OURS = ("packaged", "deployed")
CHALICE_PEER = "chalice"
# Direct dependencies of each peer; bench/peers/requirements.txt pins their versions.
_DEPENDENCIES = {
    CHALICE_PEER: ["jinja2", "markupsafe"],
    "flask": ["flask", "apig-wsgi"],
    "fastapi": ["fastapi", "mangum", "jinja2", "python-multipart"],
}
# Packages that Lambda's Python has installed: the runtime client and boto3, with dependencies.
_RUNTIME = (
    *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3"),
    *("awslambdaric", "runtime_client.*", "simplejson", "snapshot_restore_py.py"),
)
_COMPILED = shutil.ignore_patterns("__pycache__", "deployments", "venv", "deployed")


@dataclass(frozen=True)
class Bundle:
    """A package: `task` is the folder with its files, `zipped` the size of the zip in bytes."""

    task: Path
    zipped: int


def bundles(work: Path, peers: Sequence[str]) -> dict[str, Bundle]:
    """Build this project's packages and those of `peers` in `work`; return them by name."""
    ours = {PACKAGED: packaged(work), DEPLOYED: deployed(work)}
    return {**{name: peer(name, work) for name in peers}, **ours}


def packaged(work: Path) -> Bundle:
    """Build this project's package from a copy, as `make pages` and `chalice package` do."""
    package = chalice_package(_with_pages(copied(work / "project"))) / "deployment.zip"
    return _unzipped(package, work / PACKAGED)


def deployed(work: Path) -> Bundle:
    """Build this project's package from a copy, as `make deploy` does."""
    project = _with_pages(copied(work / "project-to-deploy"))
    return _unzipped(pack(stage_named("prod", project), Events()), work / DEPLOYED)


def deployed_with_events(work: Path, ids: Sequence[str]) -> Bundle:
    """Build the package that `make deploy` would make if the shipped event had these ids."""
    project = copied(work / "project")
    events, shipped = project / "chalicelib/events", Events().all()[0].id
    for event_id in ids:
        shutil.copy(ROOT / f"chalicelib/events/{shipped}.toml", events / f"{event_id}.toml")
    (events / f"{shipped}.toml").unlink()
    package = pack(stage_named("prod", _with_pages(project)), Events(events.parent))
    return _unzipped(package, work / "task")


def _with_pages(project: Path) -> Path:
    """Do what `make pages` does in the copy `project`, and return it."""
    shutil.copytree(ROOT / "management", project / "management", ignore=_COMPILED)
    keep = "from management.deploy.kept_pages import keep_in_own_process as keep; keep()"
    subprocess.run([sys.executable, "-B", "-c", keep], cwd=project, check=True)
    return project


def copied(project: Path) -> Path:
    """Copy what Chalice reads of this project to `project`, with file modes."""
    project.mkdir(parents=True)
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, project)
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / name, project / name, ignore=_COMPILED)
    return project


def peer(name: str, work: Path) -> Bundle:
    """Build a peer's package: with `chalice package` for plain Chalice, with pip for the others."""
    task = work / f"{name}-task"
    if name == CHALICE_PEER:
        package = chalice_package(_chalice_peer(work / name)) / "deployment.zip"
        return _unzipped(package, task)
    shutil.copytree(PEERS / name, task)
    _share(task / "shared")
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    options = [
        "--no-compile",
        "--target",
        str(task),
        "--constraint",
        str(PEERS / "requirements.txt"),
    ]
    subprocess.run([*pip, *options, *_DEPENDENCIES[name]], check=True)
    archive = shutil.make_archive(str(work / name), "zip", task)
    return Bundle(task, Path(archive).stat().st_size)


def versions(name: str) -> Mapping[str, str]:
    """Return the pinned versions of a peer's direct dependencies, by package."""
    pinned = dict(line.split("==") for line in _pinned())
    return {package: pinned[package] for package in _DEPENDENCIES[name]}


def _pinned() -> list[str]:
    lines = (PEERS / "requirements.txt").read_text("utf-8").splitlines()
    return [line for line in lines if "==" in line]


def runtime(work: Path) -> Path:
    """Link this environment's packages that the Lambda runtime has into a new folder in `work`."""
    folder = work / "runtime"
    folder.mkdir()
    packages = Path(sysconfig.get_path("purelib"))
    for pattern in _RUNTIME:
        (found,) = packages.glob(pattern)
        (folder / found.name).symlink_to(found)
    return folder


def _unzipped(package: Path, task: Path) -> Bundle:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(task)
    return Bundle(task, package.stat().st_size)


def chalice_package(project: Path) -> Path:
    """Run `chalice package`; return the folder that has deployment.zip and sam.json."""
    out = project.with_name(f"{project.name}-package")
    subprocess.run(
        [Path(sys.executable).with_name("chalice"), "package", "--stage", "dev", out],
        cwd=project,
        env={**os.environ, "AWS_DEFAULT_REGION": "eu-north-1"},
        check=True,
        capture_output=True,
    )
    return out


def _chalice_peer(project: Path) -> Path:
    shutil.copytree(PEERS / CHALICE_PEER, project)
    _share(project / "vendor/shared")
    wanted = [line for line in _pinned() if line.partition("==")[0] in _DEPENDENCIES[CHALICE_PEER]]
    (project / "requirements.txt").write_text("\n".join(wanted), encoding="utf-8")
    (project / ".chalice").mkdir()
    config = {"version": "2.0", "app_name": "peer"}
    (project / ".chalice/config.json").write_text(json.dumps(config), encoding="utf-8")
    return project


def _share(folder: Path) -> None:
    """Copy the peers' shared module to `folder`, with Dukat's event and style sheet."""
    shutil.copytree(PEERS / "shared", folder)
    shutil.copy(ROOT / "chalicelib/templates/pages/style.css", folder)
    event = Events().all()[0]
    details = {
        **asdict(event),
        "logo": event.theme.logo,
        "agenda": [{**asdict(row), "starts": row.starts, "ends": row.ends} for row in event.agenda],
        "meals": [meal.id for meal in event.meals],
        "diets": list(DIETS),
        "allergens": list(ALLERGENS),
    }
    (folder / "event.json").write_text(json.dumps(details, default=str), encoding="utf-8")
