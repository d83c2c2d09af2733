"""What a stage sets from outside: names of its AWS resources, and who the mails come from."""

from collections.abc import Mapping
from typing import NamedTuple


class Settings(NamedTuple):
    """Settings of one stage."""

    table: str
    sender: str
    configuration_set: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Settings from environment variables; a missing one raises KeyError with its name."""
        return cls(
            table=environment["TABLE_NAME"],
            sender=environment["MAIL_SENDER"],
            configuration_set=environment["MAIL_CONFIGURATION_SET"],
        )
