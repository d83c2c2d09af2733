"""The settings of a stage: names of its AWS resources, and the sender of its mails."""

from collections.abc import Mapping
from typing import NamedTuple

BASE_URL = "BASE_URL"


class Settings(NamedTuple):
    """The settings of one stage."""

    table: str
    sender: str
    configuration_set: str
    base_url: str = ""  # of the pages, as CloudFormation knows it

    @property
    def receipt_set(self) -> str:
        """The configuration set of mails to attendees, apart from that of all other mails."""
        return f"{self.configuration_set}-receipts"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings from environment variables; KeyError names a missing variable."""
        return cls(
            table=environment["TABLE_NAME"],
            sender=environment["MAIL_SENDER"],
            configuration_set=environment["MAIL_CONFIGURATION_SET"],
            base_url=environment.get(BASE_URL, ""),
        )
