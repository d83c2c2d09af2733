"""Deployment packages to measure: this project's and the peers', unzipped as Lambda has them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import asdict
from pathlib import Path

from chalicelib.diet import ALLERGENS, DIETS
from chalicelib.event_file import read_event

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).with_name("peers")
CHALICE_PEER = "chalice"
# What each peer asks for by name; bench/peers/requirements.txt says in which versions.
_ASKED = {
    CHALICE_PEER: ["jinja2", "markupsafe"],
    "flask": ["flask", "apig-wsgi"],
    "fastapi": ["fastapi", "mangum", "jinja2", "python-multipart"],
}
_RUNTIME = (
    *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3"),
    *("awslambdaric", "runtime_client*", "simplejson", "snapshot_restore_py.py"),
)


def packaged(work: Path) -> Path:
    """This project's package as `chalice package` makes it, of a copy, unzipped."""
    return unzipped(_chalice_package(copied(work / "project")), work / "packaged")


def copied(project: Path) -> Path:
    """A copy of all that Chalice reads of this project."""
    project.mkdir(parents=True)
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, project)
    ignored = shutil.ignore_patterns("__pycache__", "deployments", "venv", "deployed")
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / name, project / name, ignore=ignored)
    return project


def peer(name: str, work: Path) -> Path:
    """A peer's package, unzipped: the plain Chalice one's by `chalice package`, others' by pip."""
    if name == CHALICE_PEER:
        return unzipped(_chalice_package(_chalice_peer(work / name)), work / f"{name}-task")
    task = work / f"{name}-task"
    shutil.copytree(PEERS / name, task)
    _share(task / "shared")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    how = ["--no-compile", "--target", str(task), "--constraint", str(PEERS / "requirements.txt")]
    subprocess.run([*pip, *how, *_ASKED[name]], check=True)
    return task


def runtime(work: Path) -> Path:
    """A folder with what the Lambda runtime has, and nothing else of this environment."""
    folder = work / "runtime"
    folder.mkdir()
    packages = Path(sysconfig.get_path("purelib"))
    for pattern in _RUNTIME:
        for path in packages.glob(pattern):
            (folder / path.name).symlink_to(path)
    return folder


def unzipped(package: Path, task: Path) -> Path:
    """The folder into which a package is unzipped."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(task)
    return task


def _chalice_package(project: Path) -> Path:
    out = project.with_name(f"{project.name}-out")
    subprocess.run(
        [Path(sys.executable).with_name("chalice"), "package", out],
        cwd=project,
        env={**os.environ, "AWS_DEFAULT_REGION": "eu-north-1"},
        check=True,
        capture_output=True,
    )
    return out / "deployment.zip"


def _chalice_peer(project: Path) -> Path:
    shutil.copytree(PEERS / CHALICE_PEER, project)
    _share(project / "vendor/shared")
    pinned = (PEERS / "requirements.txt").read_text("utf-8").splitlines()
    wanted = [line for line in pinned if line.partition("==")[0] in _ASKED[CHALICE_PEER]]
    (project / "requirements.txt").write_text("\n".join(wanted), encoding="utf-8")
    (project / ".chalice").mkdir()
    config = {"version": "2.0", "app_name": "peer"}
    (project / ".chalice/config.json").write_text(json.dumps(config), encoding="utf-8")
    return project


def _share(folder: Path) -> None:
    """The peers' common part, with the same event and style sheet as ours."""
    shutil.copytree(PEERS / "shared", folder)
    shutil.copy(ROOT / "chalicelib/templates/pages/style.css", folder)
    event = read_event()
    about = {
        **asdict(event),
        "logo": event.look.logo,
        "meals": [meal.id for meal in event.meals],
        "diets": list(DIETS),
        "allergens": list(ALLERGENS),
    }
    (folder / "event.json").write_text(json.dumps(about, default=str), encoding="utf-8")
