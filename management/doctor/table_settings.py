"""Checks of the DynamoDB table: its settings, and copies of its items outside the table."""

from dataclasses import dataclass
from functools import cached_property

from management.doctor.facts import CheckFailed, StageFacts
from management.stage.table import RECREATE_TABLE, TABLE_HAS_INDEXES, StageTable


@dataclass(frozen=True)
class TableSettings:
    """A table's settings; `backup_days` is 0 without point-in-time recovery.

    `expires_by` is the attribute with an item's expiry time, or empty if items do not expire.
    """

    on_demand: bool = True
    encrypted: bool = True
    protected: bool = True
    backup_days: int = 35
    expires_by: str = "expires_at"
    has_indexes: bool = False


class TableFacts(StageFacts):
    """The stage's table."""

    @cached_property
    def table(self) -> TableSettings | None:
        """The table's settings, or None if there is no table."""
        described = StageTable(self.stage, self._aws).described()
        if described is None:
            return None
        client, name = self._aws.client("dynamodb"), self.stage.service
        backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = backups.get("PointInTimeRecoveryDescription", {})
        enabled = recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
        expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        expires = expiry.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
        return TableSettings(
            on_demand=described.get("BillingModeSummary", {}).get("BillingMode")
            == "PAY_PER_REQUEST",
            encrypted=described.get("SSEDescription", {}).get("Status") in {"ENABLED", "ENABLING"},
            protected=bool(described.get("DeletionProtectionEnabled")),
            # AWS omits the days when they are the default.
            backup_days=int(recovery.get("RecoveryPeriodInDays", 35)) if enabled else 0,
            expires_by=str(expiry.get("AttributeName", "")) if expires else "",
            has_indexes=bool(described.get("LocalSecondaryIndexes")),
        )

    @cached_property
    def table_copies(self) -> list[str]:
        """Descriptions of replicas, streams and backups: copies that outlive a deleted item.

        Omits the backups that AWS makes of a removed table: AWS deletes them after 35 days.
        """
        described = StageTable(self.stage, self._aws).described()
        if described is None:
            return []
        pages = self._aws.client("dynamodb").get_paginator("list_backups")
        backups = [
            one
            for page in pages.paginate(TableName=self.stage.service, BackupType="ALL")
            for one in page["BackupSummaries"]
        ]
        return [
            *(f"a replica in {one['RegionName']}" for one in described.get("Replicas", ())),
            *["a stream"] * bool(described.get("StreamSpecification", {}).get("StreamEnabled")),
            *(
                f"the backup {one['BackupName']}"
                for one in backups
                if one["BackupType"] != "SYSTEM"
            ),
        ]


def check_table(deployed: TableFacts) -> str:
    """The table has the settings of infrastructure.json and of the privacy notice."""
    table = deployed.table
    if table is None:
        raise CheckFailed("there is no table", deployed.provision_command)
    if table.has_indexes:
        raise CheckFailed(TABLE_HAS_INDEXES, RECREATE_TABLE)
    days = deployed.organisation.backup_days
    faults = [
        words
        for words, holds in {
            "not billed on demand": table.on_demand,
            "not encrypted with a KMS key of the account": table.encrypted,
            "not protected from deletion": table.protected,
            f"can be restored {table.backup_days} days back, but the privacy notice says {days}": (
                table.backup_days == days
            ),
            "expired items are not deleted": table.expires_by == "expires_at",
        }.items()
        if not holds
    ]
    if faults:
        raise CheckFailed("; ".join(faults), f"manage.py doctor {deployed.stage_option} --fix")
    return f"protected, encrypted, {table.backup_days} days of backups"


def check_copies(deployed: TableFacts) -> str:
    """No copy of the items exists that the privacy notice does not name."""
    if deployed.table_copies:
        raise CheckFailed(
            f"the privacy notice does not name {', '.join(deployed.table_copies)}",
            "Delete the copy in DynamoDB's console, and turn off what makes it.",
        )
    return "the table has none beside its point-in-time recovery"
