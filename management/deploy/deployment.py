"""What is deployed of a stage, by Chalice's record in this folder or by CloudFormation's stack."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from management.deploy.stack import Stack
from management.stage.aws import Aws
from management.stage.stages import Stage


class NotDeployed(Exception):
    """No deployment is recorded, here or by CloudFormation; the text says what to do."""


class WrongAccount(Exception):
    """The stage was deployed to another account than that of the credentials."""


@dataclass(frozen=True)
class Deployment:
    """A stage's API: its id, its own address without a slash at the end, and a domain of your own,
    if it has one.
    """

    api: str
    endpoint: str
    domain: str = ""

    @property
    def pages_url(self) -> str:
        """The base URL of the stage's pages, without a slash at the end."""
        return f"https://{self.domain}" if self.domain else self.endpoint

    @property
    def region(self) -> str:
        """The region of the API."""
        return (urlsplit(self.endpoint).hostname or "").split(".")[2]


def deployment_of(stage: Stage, aws: Aws) -> Deployment:
    """Where the stage is deployed, by Chalice's record or else by the stack; raises NotDeployed."""
    recorded = _recorded(stage)
    if "rest_api" in recorded:
        api, own = recorded["rest_api"], recorded.get("api_gateway_custom_domain", {})
        endpoint = str(api["rest_api_url"]).rstrip("/")
        return Deployment(str(api["rest_api_id"]), endpoint, own.get("domain_name", ""))
    found = Stack(stage, aws).resources()
    if "RestAPI" not in found:
        raise NotDeployed(
            f".chalice/deployed/{stage.name}.json records no deployment: "
            f"run chalice deploy --stage {stage.name} in this folder first."
        )
    host = f"{found['RestAPI']}.execute-api.{aws.region}.amazonaws.com"
    own_domain = found.get("ApiGatewayCustomDomain", "")
    return Deployment(found["RestAPI"], f"https://{host}/{stage.api_stage}", own_domain)


def is_packaged(stage: Stage, aws: Aws) -> bool:
    """Whether CloudFormation deployed the functions, too, from `chalice package`'s template."""
    return not stage.state_file.exists() and Stack(stage, aws).is_packaged()


def deployed_account(stage: Stage) -> str:
    """The account that Chalice deployed to; empty if Chalice's record names none."""
    try:
        found = _recorded(stage).values()
    except ValueError:
        return ""
    accounts = [one["lambda_arn"].split(":")[4] for one in found if "lambda_arn" in one]
    return accounts[0] if accounts else ""


def require_same_account(stage: Stage, aws: Aws) -> None:
    """Raise WrongAccount if the stage is deployed in another account."""
    account = deployed_account(stage)
    if account not in {"", aws.account}:
        raise WrongAccount(
            f"{stage.service} was deployed to account {account}, but these credentials belong to "
            f"{aws.account}. Nothing was changed."
        )


def _recorded(stage: Stage) -> dict[str, dict[str, Any]]:
    """The resources in Chalice's record, by name; none without a record."""
    if not stage.state_file.exists():
        return {}
    state = json.loads(stage.state_file.read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in state["resources"]}
