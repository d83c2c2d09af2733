"""A deployed stage, as the organiser's commands reach it: its settings, and AWS as configured."""

import json
import os
from pathlib import Path

from chalicelib.bootstrap import Composition

CONFIG = Path(__file__).parents[1] / ".chalice/config.json"


class UnknownStage(Exception):
    """The stage is not in .chalice/config.json; the text names those that are."""


def composition_of(stage: str, config: Path = CONFIG) -> Composition:
    """The stage's event, table and clock; raises UnknownStage."""
    stages = json.loads(config.read_text(encoding="utf-8"))["stages"]
    if stage not in stages:
        raise UnknownStage(f'There is no stage "{stage}"; there is {" and ".join(sorted(stages))}.')
    os.environ.update(stages[stage]["environment_variables"])
    return Composition()
