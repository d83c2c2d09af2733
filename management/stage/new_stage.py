"""Adds a stage: a deployment of its own."""

import json
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from chalicelib.event.mail_address import is_mail_address
from management.stage.functions import (
    BACKGROUND_MEMORY,
    SCHEDULED_MEMORY,
    SCHEDULED_TIMEOUT,
    functions_of,
)
from management.stage.policies import Place, policy_files
from management.stage.stages import APP, ROOT, Stage, stage_named

_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")


class BadStageName(ValueError):
    """The name is not valid for a new stage; the text says why."""


def add_stage(name: str, sender: str, project: Path = ROOT) -> Stage:
    """Add a stage to .chalice/config.json and write its policy files; raises BadStageName."""
    path = project / ".chalice/config.json"
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if not _NAME.fullmatch(name):
        raise BadStageName(
            "a stage's name is at most 20 of a-z, 0-9 and -, and begins with a letter"
        )
    if not is_mail_address(parseaddr(sender)[1]):
        raise BadStageName(f'"{sender}" has no mail address; write it like Dukat <dukat@boras.se>')
    if name in config["stages"]:
        raise BadStageName(f"there is already a stage {name}")
    config["stages"][name] = stage_settings(name, sender)
    path.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    stage = stage_named(name, project)
    for file, text in policy_files(functions_of(stage), stage, Place()).items():
        file.write_text(text, encoding="utf-8")
    return stage


def stage_settings(name: str, sender: str) -> dict[str, Any]:
    """The stage's settings in .chalice/config.json."""
    service = f"{APP}-{name}"
    return {
        "api_gateway_stage": name,
        "environment_variables": {
            "TABLE_NAME": service,
            "MAIL_SENDER": sender,
            "MAIL_CONFIGURATION_SET": service,
            "MAIL_EVENTS_TOPIC": f"{service}-mail-events",
        },
        "iam_policy_file": f"policy-web-{name}.json",
        "lambda_functions": {
            "close_registration": {
                "iam_policy_file": f"policy-close-registration-{name}.json",
                "lambda_timeout": SCHEDULED_TIMEOUT,
                "lambda_memory_size": SCHEDULED_MEMORY,
            },
            "tick": {
                "iam_policy_file": f"policy-tick-{name}.json",
                "lambda_timeout": SCHEDULED_TIMEOUT,
                "lambda_memory_size": SCHEDULED_MEMORY,
            },
            "record_mail_event": {
                "iam_policy_file": f"policy-record-mail-event-{name}.json",
                "lambda_memory_size": BACKGROUND_MEMORY,
            },
        },
    }
