"""Projects as Chalice packages them, in folders of their own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SMALL_APP = """
from chalice.app import Chalice

app = Chalice(app_name="small")


@app.route("/")
def show_agenda():
    return "Agenda"
"""


def copy_project(folder: Path) -> Path:
    """A copy of all that Chalice reads of this project; the files keep their modes."""
    folder.mkdir()
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    ignored = shutil.ignore_patterns("__pycache__", "deployments", "venv", "deployed")
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    return folder


def small_project(folder: Path) -> Path:
    """A project with one template, packaged quickly since it needs nothing but Chalice."""
    (folder / ".chalice").mkdir(parents=True)
    config = {"version": "2.0", "app_name": "small"}
    (folder / ".chalice/config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "app.py").write_text(_SMALL_APP, encoding="utf-8")
    (folder / "chalicelib/templates").mkdir(parents=True)
    (folder / "chalicelib/templates/agenda.html").write_text("<h1>Agenda</h1>", encoding="utf-8")
    return folder


def chalice_package(project: Path, umask: int = -1) -> Path:
    """The folder where Chalice put deployment.zip and sam.json; by default under our own umask."""
    out = project.with_name(f"{project.name}-package")
    subprocess.run(
        [Path(sys.executable).with_name("chalice"), "package", "--stage", "dev", out],
        cwd=project,
        env={**os.environ, "AWS_DEFAULT_REGION": "eu-north-1"},
        umask=umask,
        check=True,
        capture_output=True,
    )
    return out
