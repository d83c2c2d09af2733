"""What `manage.py doctor --fix` corrects: only what loses no data and costs nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from management.deploy.deployment import NotDeployed
from management.deploy.post_deploy import apply_post_deploy_settings
from management.deploy.provisioning import write_policies
from management.doctor.deployed_stage import DeployedStage
from management.stage.aws import Aws

if TYPE_CHECKING:
    from mypy_boto3_sesv2.literals import SuppressionListReasonType


def autofix(deployed: DeployedStage, aws: Aws, say: Callable[[str], None]) -> None:
    """Correct what is safe to correct, and report each correction with `say`."""
    for path in deployed.unreadable_files:
        path.chmod(path.stat().st_mode | 0o044)
        say(f"{path.name}: made readable for Lambda")
    for name in write_policies(deployed.stage, aws):
        say(f"{name}: written; deploy to apply it")
    packages = deployed.stage.project / ".chalice" / "deployments"
    if packages.exists():
        shutil.rmtree(packages)
        say("old packages removed: the next deploy builds a new one")
    autofix_table(deployed, aws, say)
    autofix_mails(deployed, aws, say)
    try:
        apply_post_deploy_settings(deployed.stage, deployed.events, aws, lambda _: None)
    except NotDeployed:
        return
    say("finish: settings applied again")


def autofix_mails(deployed: DeployedStage, aws: Aws, say: Callable[[str], None]) -> None:
    """Restore the settings of the configuration sets; report each change with `say`."""
    client, stage = aws.client("sesv2"), deployed.stage
    none: list[SuppressionListReasonType] = []
    sets = (
        ("mails", stage.service, deployed.configuration_set, none),
        ("receipts", stage.receipt_set, deployed.receipt_set, ["BOUNCE", "COMPLAINT"]),
    )
    for mails, name, found, reasons in sets:
        if found and not found.requires_tls:
            client.put_configuration_set_delivery_options(
                ConfigurationSetName=name, TlsPolicy="REQUIRE"
            )
            say(f"{mails} are sent over TLS only")
        if found and found.suppresses is not bool(reasons):
            client.put_configuration_set_suppression_options(
                ConfigurationSetName=name, SuppressedReasons=reasons
            )
            sent, too = ("no longer sent", "") if reasons else ("sent", ", too")
            say(f"{mails} are {sent} to addresses that bounced{too}")


def autofix_table(deployed: DeployedStage, aws: Aws, say: Callable[[str], None]) -> None:
    """Restore the table's settings; report each change with `say`.

    CloudFormation does not notice a change made by hand.
    """
    table, client, name = deployed.table, aws.client("dynamodb"), deployed.stage.service
    if table is None:
        return
    changes: list[tuple[bool, dict[str, Any], str]] = [
        (table.protected, {"DeletionProtectionEnabled": True}, "is protected from deletion"),
        (
            table.encrypted,
            {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}},
            "is encrypted with a KMS key of the account",
        ),
        (table.on_demand, {"BillingMode": "PAY_PER_REQUEST"}, "is billed on demand"),
    ]
    for holds, change, words in changes:
        if not holds:
            client.update_table(TableName=name, **change)
            # DynamoDB accepts one change at a time.
            client.get_waiter("table_exists").wait(TableName=name)
            say(f"the table {words}")
    days = deployed.organisation.backup_days
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
        say("expired items are deleted")
