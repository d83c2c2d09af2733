"""Copies of the project, a stage deployed to another account, and template parameters."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from management.stage.stages import ROOT, Stage
from tests.examples import EVENT, FOLDER

_NOT_COPIED = shutil.ignore_patterns("__pycache__", "deployments", "venv", "deployed")


def project_in(folder: Path) -> Path:
    """Copy the files that Chalice and provisioning use to `folder`, with the tests' event and
    without required libraries.
    """
    folder.mkdir()
    for name in ("app.py", "infrastructure.json"):
        shutil.copy(ROOT / name, folder)
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / name, folder / name, ignore=_NOT_COPIED)
    shutil.rmtree(folder / "chalicelib/events")
    (folder / "chalicelib/events").mkdir()
    shutil.copy(FOLDER / f"events/{EVENT.id}.toml", folder / "chalicelib/events")
    shutil.copy(FOLDER / "organisation.toml", folder / "chalicelib")
    (folder / "requirements.txt").touch()
    return folder


def whole_project_in(folder: Path) -> Path:
    """Copy the project with the management commands and all required libraries."""
    project_in(folder)
    for name in ("manage.py", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "management", folder / "management", ignore=_NOT_COPIED)
    return folder


def keep_pages(project: Path) -> None:
    """Do what `make pages` does, without leaving compiled code beside the sources."""
    keep = "from management.deploy.kept_pages import keep_in_own_process as keep; keep()"
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", keep], cwd=project, env=environment, check=True)


def deploy_to_other_account(stage: Stage) -> None:
    """Write the state file as if Chalice had deployed the stage to another AWS account."""
    arn = f"arn:aws:lambda:eu-north-1:210987654321:function:{stage.service}"
    resources = [{"name": "rest_api"}, {"name": "api_handler", "lambda_arn": arn}]
    stage.state_file.parent.mkdir()
    stage.state_file.write_text(json.dumps({"resources": resources}), encoding="utf-8")


def resolved(value: Any, **parameters: str) -> Any:
    """A template value with `parameters` inserted; other references stay unchanged."""
    if isinstance(value, list):
        return [resolved(one, **parameters) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"} and value["Ref"] in parameters:
        return parameters[value["Ref"]]
    if value.keys() == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
        text: str = value["Fn::Sub"]
        for name, known in parameters.items():
            text = text.replace(f"${{{name}}}", known)
        return text
    return {key: resolved(one, **parameters) for key, one in value.items()}
