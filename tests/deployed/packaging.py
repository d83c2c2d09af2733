"""A project that Chalice packages quickly."""

import json
from pathlib import Path

_SMALL_APP = """
from chalice.app import Chalice

app = Chalice(app_name="small")


@app.route("/")
def show_agenda():
    return "Agenda"
"""


def small_project(folder: Path) -> Path:
    """Create a project in `folder` with one page and one template, which requires only Chalice."""
    (folder / ".chalice").mkdir(parents=True)
    config = {"version": "2.0", "app_name": "small"}
    (folder / ".chalice/config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "app.py").write_text(_SMALL_APP, encoding="utf-8")
    (folder / "chalicelib/templates").mkdir(parents=True)
    (folder / "chalicelib/templates/agenda.html").write_text("<h1>Agenda</h1>", encoding="utf-8")
    return folder
