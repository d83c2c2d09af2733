"""What the doctor mends by itself, and what it leaves alone."""

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
from tests.management.deployed import (
    FreshStage,
    changes_asked_of,
    deploy,
    encrypt_as_aws_does,
    make_logs,
    make_table,
)

RESTORABLE, EXPIRING = "the table can be restored 35 days back", "expired items go"
CHANGED_BY = {RESTORABLE: "UpdateContinuousBackups", EXPIRING: "UpdateTimeToLive"}


class Spoilt(NamedTuple):
    """Settings with which a table is made, and calls that change it; how it is seen and mended."""

    settings: dict[str, Any]
    calls: dict[str, dict[str, Any]]
    facts: dict[str, Any]
    words: str


def recovery(**wanted: Any) -> dict[str, dict[str, Any]]:
    return {"update_continuous_backups": {"PointInTimeRecoverySpecification": wanted}}


PROVISIONED = {
    "BillingMode": "PROVISIONED",
    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
}
NO_BACKUPS = recovery(PointInTimeRecoveryEnabled=False)
A_WEEK = recovery(PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=7)
NO_EXPIRY = {"Enabled": False, "AttributeName": "expires_at"}
UNPROTECTED = Spoilt(
    {"DeletionProtectionEnabled": False},
    {},
    {"protected": False},
    "the table is protected from deletion",
)
UNENCRYPTED = Spoilt(
    {"SSESpecification": {"Enabled": False}},
    {},
    {"encrypted": False},
    "the table is encrypted with a key of the account's",
)
PAID_AHEAD = Spoilt(PROVISIONED, {}, {"on_demand": False}, "the table is billed on demand")
LOST = Spoilt({}, NO_BACKUPS, {"backup_days": 0}, RESTORABLE)
FOR_A_WEEK = Spoilt({}, A_WEEK, {"backup_days": 7}, RESTORABLE)
FOR_EVER = Spoilt(
    {},
    {"update_time_to_live": {"TimeToLiveSpecification": NO_EXPIRY}},
    {"expires_by": ""},
    EXPIRING,
)


@pytest.fixture
def mended(fresh_stage: FreshStage, cloud: Aws) -> Callable[[], list[str]]:
    """Mends the stage as it is, and hands out what was said."""
    encrypt_as_aws_does(cloud)

    def mend_now() -> list[str]:
        said: list[str] = []
        autofix(fresh_stage(), cloud, said.append)
        return said

    return mend_now


@pytest.fixture
def healthy(stage: Stage, event: Event, cloud: Aws) -> None:
    """All is well as far as it can be before a deploy."""
    make_table(stage, cloud)
    write_policies(stage, event, cloud)


def test_where_all_is_well_nothing_is_mended(
    healthy: None, mended: Callable[[], list[str]], cloud: Aws
) -> None:
    asked = changes_asked_of(cloud)
    assert mended() == []
    assert asked == []


def test_before_anything_is_made_only_policies_are_written(
    deployed: DeployedStage, cloud: Aws, mended: Callable[[], list[str]]
) -> None:
    asked, missing = changes_asked_of(cloud), deployed.outdated_policies
    assert mended() == [f"{name}: written; deploy it" for name in missing]
    assert len(missing) == 4
    assert asked == []


@pytest.mark.parametrize(
    "spoilt",
    [
        *([one] for one in (UNPROTECTED, UNENCRYPTED, PAID_AHEAD, LOST, FOR_A_WEEK, FOR_EVER)),
        [UNPROTECTED, UNENCRYPTED, PAID_AHEAD, LOST, FOR_EVER],
    ],
    ids=lambda spoilt: " ".join(name for one in spoilt for name in one.facts),
)
def test_a_table_that_is_otherwise_is_seen_so_and_mended_and_what_it_holds_stays(
    fresh_stage: FreshStage,
    stage: Stage,
    event: Event,
    cloud: Aws,
    mended: Callable[[], list[str]],
    spoilt: list[Spoilt],
) -> None:
    write_policies(stage, event, cloud)
    client, item = cloud.client("dynamodb"), {"pk": {"S": "an-event"}, "sk": {"S": "CONTROL"}}
    make_table(stage, cloud, **{name: of for one in spoilt for name, of in one.settings.items()})
    client.put_item(TableName=stage.service, Item=item)
    for one in spoilt:
        for call, how in one.calls.items():
            getattr(client, call)(TableName=stage.service, **how)
    facts = {name: fact for one in spoilt for name, fact in one.facts.items()}
    assert fresh_stage().table == TableSettings(**facts)
    asked = changes_asked_of(cloud)
    assert mended() == [one.words for one in spoilt]
    assert asked == [CHANGED_BY.get(one.words, "UpdateTable") for one in spoilt]
    assert fresh_stage().table == TableSettings()
    assert client.scan(TableName=stage.service)["Items"] == [item]
    assert mended() == []


def test_the_table_is_restorable_as_long_as_the_privacy_notice_says(
    healthy: None, stage: Stage, event: Event, cloud: Aws, deployed: DeployedStage
) -> None:
    shorter = replace(event, privacy=replace(event.privacy, backup_days=7))
    said: list[str] = []
    autofix_table(DeployedStage(stage, shorter, cloud, deployed.now), cloud, said.append)
    assert said == ["the table can be restored 7 days back"]
    assert deployed.table == TableSettings(backup_days=7)


def test_only_files_that_lambda_could_not_read_get_other_modes(
    healthy: None, stage: Stage, mended: Callable[[], list[str]]
) -> None:
    app, file = stage.project / "app.py", stage.project / "chalicelib/event.toml"
    app.chmod(0o700)
    file.chmod(0o604)
    (stage.project / ".chalice/notes.txt").touch(mode=0o600)
    text = app.read_text()
    assert mended() == ["app.py: others may read it now"]
    assert app.stat().st_mode & 0o777 == 0o744
    assert file.stat().st_mode & 0o777 == 0o604
    assert (stage.project / ".chalice/notes.txt").stat().st_mode & 0o777 == 0o600
    assert app.read_text() == text
    assert mended() == []


def test_policies_are_written_as_the_code_calls_aws(
    healthy: None, fresh_stage: FreshStage, stage: Stage, mended: Callable[[], list[str]]
) -> None:
    (stage.policy_folder / "policy-tick-prod.json").unlink()
    (stage.policy_folder / "policy-web-prod.json").write_text("{}")
    names = ["policy-web-prod.json", "policy-tick-prod.json"]
    assert fresh_stage().outdated_policies == names
    assert mended() == [f"{name}: written; deploy it" for name in names]
    assert fresh_stage().outdated_policies == []
    assert mended() == []


def test_old_packages_are_removed_and_nothing_beside_them(
    healthy: None, stage: Stage, mended: Callable[[], list[str]]
) -> None:
    stage.state_file.parent.mkdir()
    stage.state_file.write_text('{"resources": []}')
    before = {path for path in stage.project.rglob("*") if path.is_file()}
    packages = stage.project / ".chalice/deployments"
    packages.mkdir()
    (packages / "old.zip").touch()
    assert mended() == ["old packages removed: the next deploy makes a new one"]
    assert {path for path in stage.project.rglob("*") if path.is_file()} == before
    assert not packages.exists()
    assert mended() == []


@pytest.fixture
def ses(cloud: Aws) -> Iterator[Stubber]:
    with Stubber(cloud.client("sesv2")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def has_policy(ses: Stubber, tls: str) -> None:
    asked = {"ConfigurationSetName": "dukat-prod"}
    ses.add_response("get_configuration_set", {"DeliveryOptions": {"TlsPolicy": tls}}, asked)
    ses.add_response("get_configuration_set_event_destinations", {"EventDestinations": []}, asked)


def test_mails_that_might_go_unencrypted_do_so_no_more(
    healthy: None, mended: Callable[[], list[str]], ses: Stubber
) -> None:
    has_policy(ses, "OPTIONAL")
    ses.add_response(
        "put_configuration_set_delivery_options",
        {},
        {"ConfigurationSetName": "dukat-prod", "TlsPolicy": "REQUIRE"},
    )
    has_policy(ses, "REQUIRE")
    assert mended() == ["mails go encrypted, or not at all"]
    assert mended() == []


def test_after_a_deploy_finish_is_done_again(
    healthy: None,
    deployed: DeployedStage,
    stage: Stage,
    event: Event,
    cloud: Aws,
    mended: Callable[[], list[str]],
) -> None:
    make_logs(stage, cloud)
    deploy(stage, event, cloud)
    assert [mended(), mended()] == [["finish: done again"]] * 2
    assert [deployed.log_days(function) for function in deployed.functions] == [30] * 4
    assert deployed.failed_event_settings("tick") is not None
