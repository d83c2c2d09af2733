"""AWS as this machine reaches it: its credentials, one region, and clients made once."""

from functools import cache, cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from management.stage.policies import Place

# Stockholm; another one only if this machine's AWS configuration says so.
HOME = "eu-north-1"
_ANY = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5)
# A function that is slow, up to its 60 seconds, must not be called twice.
_LAMBDA = Config(
    retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=5, read_timeout=70
)


class Aws:
    """One account in one region."""

    def __init__(self) -> None:
        session = boto3.Session()
        self.region = str(session.region_name or HOME)

        @cache
        def client(service: str) -> Any:
            make: Any = session.client  # typed by service name, and here any is asked for
            return make(
                service, region_name=self.region, config=_LAMBDA if service == "lambda" else _ANY
            )

        self.client = client

    @cached_property
    def account(self) -> str:
        """The account's number; raises ClientError or BotoCoreError without valid credentials."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def place(self) -> Place:
        """Where a stage is or will be."""
        return Place(self.region, self.account)


def code_of(error: ClientError) -> str:
    """AWS's name for what is wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))
