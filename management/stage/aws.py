"""Access to AWS with this machine's credentials: one region, one client for each service."""

from functools import cache, cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from management.stage.policies import Place

# Stockholm, unless this machine's AWS configuration names a region.
HOME = "eu-north-1"
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5)
# A slow function (timeout: 60 seconds) must not be invoked twice.
_LAMBDA_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=5, read_timeout=70
)


class Aws:
    """One account in one region."""

    def __init__(self) -> None:
        session = boto3.Session()
        self.region = str(session.region_name or HOME)

        @cache
        def client(service: str) -> Any:
            make: Any = session.client  # typed by service name
            return make(
                service,
                region_name=self.region,
                config=_LAMBDA_CONFIG if service == "lambda" else _CONFIG,
            )

        self.client = client

    @cached_property
    def account(self) -> str:
        """The account's number; raises ClientError or BotoCoreError without valid credentials."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def place(self) -> Place:
        """This account and region, for ARNs."""
        return Place(self.region, self.account)


def code_of(error: ClientError) -> str:
    """AWS's error code."""
    return str(error.response.get("Error", {}).get("Code", ""))
