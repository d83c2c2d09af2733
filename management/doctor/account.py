"""Checks of the credentials, the account and the region that this machine's commands use."""

from functools import cached_property

from botocore.exceptions import BotoCoreError, ClientError

from management.deploy.deployment import deployed_account, deployment_of
from management.doctor.facts import CheckFailed
from management.doctor.project_files import ProjectFileFacts


class AccountFacts(ProjectFileFacts):
    """Where commands are sent from this machine, and where the stage was deployed."""

    @property
    def account(self) -> str:
        """The account's number."""
        return self._aws.account

    @property
    def deployed_account(self) -> str:
        """The account that the stage was deployed to, or empty if unknown."""
        return deployed_account(self.stage)

    @property
    def region(self) -> str:
        """The region that this machine's commands are sent to."""
        return self._aws.region

    @cached_property
    def deployed_region(self) -> str:
        """The region that the stage was deployed to; raises NotDeployed."""
        return deployment_of(self.stage, self._aws).region


class NoCredentials(CheckFailed):
    """AWS accepts no request of this machine's."""

    ends_examination = True


def check_credentials(deployed: AccountFacts) -> str:
    """AWS accepts this machine's credentials."""
    try:
        return f"account {deployed.account}"
    except (ClientError, BotoCoreError) as error:
        raise NoCredentials(
            f"AWS does not accept the credentials: {error}", "See the README, Run an event, step 2."
        ) from None


def check_account(deployed: AccountFacts) -> str:
    """The stage is not deployed in another account."""
    if deployed.deployed_account not in {"", deployed.account}:
        raise CheckFailed(
            f"the stage was deployed to account {deployed.deployed_account}, not to this one",
            "Use that account's credentials: see the README, Run an event, step 2.",
        )
    return "the stage is not deployed in another account"


def check_region(deployed: AccountFacts) -> str:
    """The privacy notice, this machine and the deployed stage name the same region."""
    if deployed.region != deployed.organisation.region:
        raise CheckFailed(
            f"this machine uses {deployed.region}, but the privacy notice names "
            f"{deployed.organisation.region}",
            "Set the region in ~/.aws/config, or correct region and storage under [privacy] in "
            "chalicelib/organisation.toml.",
        )
    if deployed.state_file.exists and deployed.deployed_region != deployed.region:
        raise CheckFailed(
            f"the stage was deployed to {deployed.deployed_region}, but this machine uses "
            f"{deployed.region}",
            "Set the region in ~/.aws/config to the stage's.",
        )
    return deployed.region
