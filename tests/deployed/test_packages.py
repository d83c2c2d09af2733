"""Which files Chalice packs, and when Chalice reuses an old zip; deploy/bundle.py checks both."""

import shutil
from pathlib import Path

from bench.bundles import chalice_package
from chalicelib.event.event import Event
from management.deploy.bundle import missing, stale, unreadable
from management.deploy.packing import pack, was_replaced
from management.stage.stages import Stage
from tests.deployed.packaging import small_project
from tests.examples import only


def test_corrected_file_modes_are_packed_once_the_old_bundle_is_deleted(
    tmp_path: Path,
) -> None:
    project = small_project(tmp_path / "project")
    for path in project.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    ours = {"app.py", "chalicelib/templates/agenda.html"}
    assert ours <= set(unreadable(chalice_package(project) / "deployment.zip"))
    for name in ours:
        (project / name).chmod(0o644)
    assert ours <= set(unreadable(chalice_package(project) / "deployment.zip"))
    shutil.rmtree(project / ".chalice/deployments")
    assert not ours & set(unreadable(chalice_package(project) / "deployment.zip"))


def test_a_renamed_template_is_reported_when_chalice_reuses_the_old_bundle(
    tmp_path: Path,
) -> None:
    project = small_project(tmp_path / "project")
    bundle = chalice_package(project) / "deployment.zip"
    assert (missing(bundle, project), stale(bundle, project)) == ([], [])
    templates = project / "chalicelib/templates"
    (templates / "agenda.html").rename(templates / "programme.html")
    chalice_package(project)
    assert missing(bundle, project) == ["chalicelib/templates/programme.html"]
    assert stale(bundle, project) == ["chalicelib/templates/agenda.html"]


def test_chalice_reuses_our_package_and_packing_leaves_no_compiled_files(
    event: Event, tmp_path: Path
) -> None:
    project = small_project(tmp_path / "project")
    module = project / "chalicelib/deadline.py"
    module.write_text("TIME = 1\n", encoding="utf-8")
    cache = project / "chalicelib/__pycache__"
    cache.mkdir()
    (cache / "old.cpython-311.pyc").write_bytes(b"old")
    packed = pack(Stage("dev", {}, project), only(event))
    assert (chalice_package(project) / "deployment.zip").read_bytes() == packed.read_bytes()
    assert not [path for path in project.rglob("*.pyc") if ".chalice" not in path.parts]
    assert not was_replaced(Stage("dev", {}, project))
    assert (missing(packed, project), stale(packed, project)) == ([], [])
    module.write_text("TIME = 2\n", encoding="utf-8")
    assert stale(packed, project) == ["chalicelib/deadline.py"]
    module.write_text("TIME = 1\n", encoding="utf-8")
    (project / "app.py").write_text((project / "app.py").read_text("utf-8") + "# new\n", "utf-8")
    assert stale(chalice_package(project) / "deployment.zip", project) == []
    assert was_replaced(Stage("dev", {}, project))
