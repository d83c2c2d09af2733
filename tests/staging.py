"""A stage in a folder of its own, and what its template calls things."""

import json
import shutil
from pathlib import Path
from typing import Any

from management.stages import ROOT, Stage

_LEFT_ASIDE = shutil.ignore_patterns("__pycache__", "deployments", "venv", "deployed")


def project_in(folder: Path) -> Path:
    """A copy of what Chalice and provisioning read and write, that needs no library packed."""
    folder.mkdir()
    for name in ("app.py", "infrastructure.json"):
        shutil.copy(ROOT / name, folder)
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / name, folder / name, ignore=_LEFT_ASIDE)
    (folder / "requirements.txt").touch()
    return folder


def deployed_elsewhere(stage: Stage) -> None:
    """Chalice deployed the stage to another account."""
    arn = f"arn:aws:lambda:eu-north-1:210987654321:function:{stage.service}"
    resources = [{"name": "rest_api"}, {"name": "api_handler", "lambda_arn": arn}]
    stage.state_file.parent.mkdir()
    stage.state_file.write_text(json.dumps({"resources": resources}), encoding="utf-8")


def resolved(value: Any, **parameters: str) -> Any:
    """A value of the template with its parameters in place; other references stay as they are."""
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
