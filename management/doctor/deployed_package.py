"""Check of the package that the functions run, compared with this folder."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from botocore.exceptions import ClientError

from management.deploy import bundle
from management.doctor.facts import CheckFailed, StageFacts
from management.stage.aws import code_of


@dataclass(frozen=True)
class PackageFaults:
    """The faulty files of the deployed package; bundle.py defines each kind of fault."""

    unreadable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


class PackageFacts(StageFacts):
    """The deployed package."""

    @cached_property
    def package_faults(self) -> PackageFaults | None:
        """How the deployed package differs from this folder, or None if nothing is deployed."""
        try:
            found = self._aws.client("lambda").get_function(FunctionName=self.stage.service)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        address = found["Code"]["Location"]
        with urlopen(address, timeout=60) as answer:  # noqa: S310 - AWS names the address
            content = answer.read()
        with TemporaryDirectory() as folder:
            path = Path(folder) / "deployed.zip"
            path.write_bytes(content)
            project = self.stage.project
            return PackageFaults(
                tuple(bundle.unreadable(path)),
                tuple(bundle.missing(path, project)),
                tuple(bundle.stale(path, project)),
            )


def check_package(deployed: PackageFacts) -> str:
    """The deployed package has this folder's code, and Lambda can read every file."""
    faults = deployed.package_faults
    if faults is None:
        raise CheckFailed("nothing is deployed", deployed.redeploy_commands)
    for files, words in (
        (faults.missing, "lacks"),
        (faults.stale, "differs from this folder in"),
        (faults.unreadable, "has files that Lambda can't read:"),
    ):
        if files:
            raise CheckFailed(
                f"the deployed package {words} {_first_three(files)}", deployed.redeploy_commands
            )
    return "the deployed package has this folder's code, readable for Lambda"


def _first_three(files: tuple[str, ...]) -> str:
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    return ", ".join(files[:3]) + more
