"""What the doctor fixes by itself, and what it leaves unchanged."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from botocore.stub import Stubber

from chalicelib.event.event import Event
from management.deploy.provisioning import write_policies
from management.doctor.autofix import autofix, autofix_table
from management.doctor.deployed_stage import DeployedStage
from management.doctor.table_settings import TableSettings
from management.stage.aws import Aws
from management.stage.stages import Stage
from tests.examples import only
from tests.management.deployed import (
    FreshStage,
    deploy,
    encrypt_as_aws_does,
    make_logs,
    make_table,
    record_changes,
)

RESTORABLE, EXPIRING = "the table can be restored 35 days back", "expired items are deleted"
CHANGED_BY = {RESTORABLE: "UpdateContinuousBackups", EXPIRING: "UpdateTimeToLive"}


class Damage(NamedTuple):
    """Settings and later calls that damage a table; the facts then, and the fix's message."""

    settings: dict[str, Any]
    calls: dict[str, dict[str, Any]]
    facts: dict[str, Any]
    message: str


def recovery(**wanted: Any) -> dict[str, dict[str, Any]]:
    return {"update_continuous_backups": {"PointInTimeRecoverySpecification": wanted}}


PROVISIONED = {
    "BillingMode": "PROVISIONED",
    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
}
NO_BACKUPS = recovery(PointInTimeRecoveryEnabled=False)
A_WEEK = recovery(PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=7)
NO_EXPIRY = {"Enabled": False, "AttributeName": "expires_at"}
UNPROTECTED = Damage(
    {"DeletionProtectionEnabled": False},
    {},
    {"protected": False},
    "the table is protected from deletion",
)
UNENCRYPTED = Damage(
    {"SSESpecification": {"Enabled": False}},
    {},
    {"encrypted": False},
    "the table is encrypted with a KMS key of the account",
)
PROVISIONED_CAPACITY = Damage(
    PROVISIONED, {}, {"on_demand": False}, "the table is billed on demand"
)
WITHOUT_BACKUPS = Damage({}, NO_BACKUPS, {"backup_days": 0}, RESTORABLE)
WEEK_OF_BACKUPS = Damage({}, A_WEEK, {"backup_days": 7}, RESTORABLE)
WITHOUT_EXPIRY = Damage(
    {},
    {"update_time_to_live": {"TimeToLiveSpecification": NO_EXPIRY}},
    {"expires_by": ""},
    EXPIRING,
)


@pytest.fixture
def fix(fresh_stage: FreshStage, cloud: Aws) -> Callable[[], list[str]]:
    """Fix the stage as it is, and return the messages."""
    encrypt_as_aws_does(cloud)

    def fix_now() -> list[str]:
        messages: list[str] = []
        autofix(fresh_stage(), cloud, messages.append)
        return messages

    return fix_now


@pytest.fixture
def healthy(stage: Stage, event: Event, cloud: Aws) -> None:
    """A table and policy files that need no fix, before a deploy."""
    make_table(stage, cloud)
    write_policies(stage, cloud)


def test_a_healthy_stage_is_left_unchanged(
    healthy: None, fix: Callable[[], list[str]], cloud: Aws
) -> None:
    calls = record_changes(cloud)
    assert fix() == []
    assert calls == []


def test_before_provisioning_only_policy_files_are_written(
    deployed: DeployedStage, cloud: Aws, fix: Callable[[], list[str]]
) -> None:
    calls, missing = record_changes(cloud), deployed.outdated_policies
    assert fix() == [f"{name}: written; deploy to apply it" for name in missing]
    assert len(missing) == 4
    assert calls == []


@pytest.mark.parametrize(
    "damages",
    [
        *(
            [one]
            for one in (
                UNPROTECTED,
                UNENCRYPTED,
                PROVISIONED_CAPACITY,
                WITHOUT_BACKUPS,
                WEEK_OF_BACKUPS,
                WITHOUT_EXPIRY,
            )
        ),
        [UNPROTECTED, UNENCRYPTED, PROVISIONED_CAPACITY, WITHOUT_BACKUPS, WITHOUT_EXPIRY],
    ],
    ids=lambda damages: " ".join(name for one in damages for name in one.facts),
)
def test_changed_table_settings_are_detected_and_fixed_and_the_items_stay(
    fresh_stage: FreshStage,
    stage: Stage,
    event: Event,
    cloud: Aws,
    fix: Callable[[], list[str]],
    damages: list[Damage],
) -> None:
    write_policies(stage, cloud)
    client, item = cloud.client("dynamodb"), {"pk": {"S": "an-event"}, "sk": {"S": "CONTROL"}}
    make_table(stage, cloud, **{name: of for one in damages for name, of in one.settings.items()})
    client.put_item(TableName=stage.service, Item=item)
    for one in damages:
        for call, how in one.calls.items():
            getattr(client, call)(TableName=stage.service, **how)
    facts = {name: fact for one in damages for name, fact in one.facts.items()}
    assert fresh_stage().table == TableSettings(**facts)
    calls = record_changes(cloud)
    assert fix() == [one.message for one in damages]
    assert calls == [CHANGED_BY.get(one.message, "UpdateTable") for one in damages]
    assert fresh_stage().table == TableSettings()
    assert client.scan(TableName=stage.service)["Items"] == [item]
    assert fix() == []


def test_backups_are_set_to_the_days_of_the_privacy_notice(
    healthy: None, stage: Stage, event: Event, cloud: Aws, deployed: DeployedStage
) -> None:
    shorter = replace(event, privacy=replace(event.privacy, backup_days=7))
    messages: list[str] = []
    autofix_table(DeployedStage(stage, only(shorter), cloud, deployed.now), cloud, messages.append)
    assert messages == ["the table can be restored 7 days back"]
    assert deployed.table == TableSettings(backup_days=7)


def test_only_files_that_lambda_could_not_read_get_a_new_mode(
    healthy: None, stage: Stage, fix: Callable[[], list[str]]
) -> None:
    app, file = stage.project / "app.py", stage.project / "chalicelib/organisation.toml"
    app.chmod(0o700)
    file.chmod(0o604)
    (stage.project / ".chalice/notes.txt").touch(mode=0o600)
    text = app.read_text()
    assert fix() == ["app.py: made readable for Lambda"]
    assert app.stat().st_mode & 0o777 == 0o744
    assert file.stat().st_mode & 0o777 == 0o604
    assert (stage.project / ".chalice/notes.txt").stat().st_mode & 0o777 == 0o600
    assert app.read_text() == text
    assert fix() == []


def test_missing_and_outdated_policy_files_are_written(
    healthy: None, fresh_stage: FreshStage, stage: Stage, fix: Callable[[], list[str]]
) -> None:
    (stage.policy_folder / "policy-tick-prod.json").unlink()
    (stage.policy_folder / "policy-web-prod.json").write_text("{}")
    names = ["policy-web-prod.json", "policy-tick-prod.json"]
    assert fresh_stage().outdated_policies == names
    assert fix() == [f"{name}: written; deploy to apply it" for name in names]
    assert fresh_stage().outdated_policies == []
    assert fix() == []


def test_only_old_packages_are_removed(
    healthy: None, stage: Stage, fix: Callable[[], list[str]]
) -> None:
    stage.state_file.parent.mkdir()
    stage.state_file.write_text('{"resources": []}')
    before = {path for path in stage.project.rglob("*") if path.is_file()}
    packages = stage.project / ".chalice/deployments"
    packages.mkdir()
    (packages / "old.zip").touch()
    assert fix() == ["old packages removed: the next deploy builds a new one"]
    assert {path for path in stage.project.rglob("*") if path.is_file()} == before
    assert not packages.exists()
    assert fix() == []


@pytest.fixture
def ses(cloud: Aws) -> Iterator[Stubber]:
    with Stubber(cloud.client("sesv2")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


RECEIPT_REASONS = ["BOUNCE", "COMPLAINT"]


def has_sets(ses: Stubber, tls: str, mails: list[str], receipts: list[str]) -> None:
    """Let both configuration sets have this TLS policy, and these reasons for suppression."""
    for name, reasons in (("dukat-prod", mails), ("dukat-prod-receipts", receipts)):
        asked = {"ConfigurationSetName": name}
        found = {
            "DeliveryOptions": {"TlsPolicy": tls},
            "SuppressionOptions": {"SuppressedReasons": reasons},
        }
        ses.add_response("get_configuration_set", found, asked)
        ses.add_response(
            "get_configuration_set_event_destinations", {"EventDestinations": []}, asked
        )


@pytest.fixture
def sets_are_right(ses: Stubber) -> Callable[[], None]:
    return lambda: has_sets(ses, "REQUIRE", [], RECEIPT_REASONS)


def test_tls_becomes_required_for_mails(
    healthy: None,
    fix: Callable[[], list[str]],
    ses: Stubber,
    sets_are_right: Callable[[], None],
) -> None:
    has_sets(ses, "OPTIONAL", [], RECEIPT_REASONS)
    for name in ("dukat-prod", "dukat-prod-receipts"):
        ses.add_response(
            "put_configuration_set_delivery_options",
            {},
            {"ConfigurationSetName": name, "TlsPolicy": "REQUIRE"},
        )
    sets_are_right()
    assert fix() == ["mails are sent over TLS only", "receipts are sent over TLS only"]
    assert fix() == []


def test_only_receipts_are_kept_from_addresses_that_bounced(
    healthy: None,
    fix: Callable[[], list[str]],
    ses: Stubber,
    sets_are_right: Callable[[], None],
) -> None:
    has_sets(ses, "REQUIRE", ["BOUNCE"], [])
    for name, reasons in (("dukat-prod", []), ("dukat-prod-receipts", RECEIPT_REASONS)):
        ses.add_response(
            "put_configuration_set_suppression_options",
            {},
            {"ConfigurationSetName": name, "SuppressedReasons": reasons},
        )
    sets_are_right()
    assert fix() == [
        "mails are sent to addresses that bounced, too",
        "receipts are no longer sent to addresses that bounced",
    ]
    assert fix() == []


def test_after_a_deploy_the_post_deploy_settings_are_applied_again(
    healthy: None,
    deployed: DeployedStage,
    stage: Stage,
    event: Event,
    cloud: Aws,
    fix: Callable[[], list[str]],
) -> None:
    make_logs(stage, cloud)
    deploy(stage, event, cloud)
    assert [fix(), fix()] == [["finish: settings applied again"]] * 2
    assert [deployed.log_days(function) for function in deployed.functions] == [30] * 4
    assert deployed.failed_event_settings("tick") is not None
