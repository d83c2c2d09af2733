"""What the doctor may mend by itself: nothing that is lost, and nothing that costs."""

import shutil
from collections.abc import Callable
from typing import Any

from management.deploy.post_deploy import NotDeployed, apply_post_deploy_settings
from management.deploy.provisioning import write_policies
from management.doctor.deployed_stage import DeployedStage
from management.stage.aws import Aws


def autofix(deployed: DeployedStage, aws: Aws, say: Callable[[str], None]) -> None:
    """Mends what is safe, and says what it did."""
    for path in deployed.unreadable_files:
        path.chmod(path.stat().st_mode | 0o044)
        say(f"{path.name}: others may read it now")
    for name in write_policies(deployed.stage, deployed.event, aws):
        say(f"{name}: written; deploy it")
    packages = deployed.stage.project / ".chalice" / "deployments"
    if packages.exists():
        shutil.rmtree(packages)
        say("old packages removed: the next deploy makes a new one")
    autofix_table(deployed, aws, say)
    if deployed.configuration_set and not deployed.configuration_set.requires_tls:
        aws.client("sesv2").put_configuration_set_delivery_options(
            ConfigurationSetName=deployed.stage.service, TlsPolicy="REQUIRE"
        )
        say("mails go encrypted, or not at all")
    try:
        apply_post_deploy_settings(deployed.stage, deployed.event, aws, lambda _: None)
    except NotDeployed:
        return
    say("finish: done again")


def autofix_table(deployed: DeployedStage, aws: Aws, say: Callable[[str], None]) -> None:
    """Sets what was changed by hand, which CloudFormation doesn't look at."""
    table, client, name = deployed.table, aws.client("dynamodb"), deployed.stage.service
    if table is None:
        return
    changes: list[tuple[bool, dict[str, Any], str]] = [
        (table.protected, {"DeletionProtectionEnabled": True}, "is protected from deletion"),
        (
            table.encrypted,
            {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}},
            "is encrypted with a key of the account's",
        ),
        (table.on_demand, {"BillingMode": "PAY_PER_REQUEST"}, "is billed on demand"),
    ]
    for holds, change, words in changes:
        if not holds:
            client.update_table(TableName=name, **change)
            client.get_waiter("table_exists").wait(TableName=name)  # one change at a time
            say(f"the table {words}")
    days = deployed.event.privacy.backup_days
    if table.backup_days != days:
        client.update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification={
                "PointInTimeRecoveryEnabled": True,
                "RecoveryPeriodInDays": days,
            },
        )
        say(f"the table can be restored {days} days back")
    if table.expires_by != "expires_at":
        client.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
        )
        say("expired items go")
