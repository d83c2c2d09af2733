"""DeployedStage reads its facts from AWS (moto): healthy ones and others."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from chalicelib.dynamo.errors import Conflict
from chalicelib.event.event import Event
from chalicelib.event.file import parse_event
from chalicelib.event.organisation import Organisation
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import EventState, closed
from chalicelib.logs.metrics import metric_line
from chalicelib.registration import store as registrations
from management.deploy.deployment import NotDeployed
from management.deploy.post_deploy import apply_post_deploy_settings
from management.deploy.provisioning import provision
from management.doctor.autofix import autofix_table
from management.doctor.deployed_functions import DeployedFunction
from management.doctor.deployed_package import PackageFaults
from management.doctor.deployed_stage import DeployedStage
from management.doctor.doctor import CHECKS, examine
from management.doctor.mail_delivery import ConfigurationSet, SendingStatus
from management.doctor.post_deploy_settings import FailedEventSettings
from management.doctor.project_files import StateFile
from management.doctor.sender_identity import SenderIdentity
from management.doctor.table_settings import TableSettings
from management.local.gateway import Gateway
from management.stage.aws import Aws
from management.stage.functions import Function
from management.stage.stages import Stage
from management.stage.table import open_table
from tests.examples import EVENT, VEGAN_WITHOUT_NUTS, only, registered
from tests.management.answering import (
    answer,
    destination,
    let_ses_send,
    locate,
    log,
    run_the_app,
)
from tests.management.deployed import (
    FreshStage,
    chalice_resources,
    deploy,
    encrypt_as_aws_does,
    make_table,
    zipped,
)
from tests.management.healthy_stage import STAGE, WHOLE_FILE

MOTO_CLOUDFORMATION = "ignore:Tried to parse AWS:UserWarning"


@pytest.fixture
def ses(cloud: Aws) -> Iterator[Stubber]:
    """SES's answers, which moto lacks; botocore validates each against SES's model."""
    with Stubber(cloud.client("sesv2")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def tick(deployed: DeployedStage) -> Function:
    (tick,) = (function for function in deployed.functions if function.name == "tick")
    return tick


def test_the_account_and_the_region_are_those_of_the_credentials(deployed: DeployedStage) -> None:
    assert (deployed.account, deployed.region) == ("123456789012", "eu-north-1")


def test_lambda_has_a_runtime_for_this_python(deployed: DeployedStage) -> None:
    assert deployed.runtime == deployed.python


def test_on_an_empty_aws_every_fact_is_missing(
    deployed: DeployedStage, tick: Function, event: Event
) -> None:
    assert deployed.state_of(event) == EventState()
    assert deployed.table is None
    assert deployed.table_copies == []
    assert deployed.sender is None
    assert deployed.configuration_set is None
    assert deployed.alarm_recipients == {}
    assert deployed.stack_status == ""
    assert deployed.deployed_function(tick) is None
    assert deployed.deployed_policy(tick) is None
    assert deployed.package_faults is None
    assert deployed.deployed_schedule("tick") == ""
    assert deployed.failed_event_settings("tick") is None
    assert deployed.log_days(tick) is None
    for fact in ("api_stage", "deployed_region"):
        with pytest.raises(NotDeployed, match="run chalice deploy --stage prod"):
            getattr(deployed, fact)


def test_the_state_of_the_event_is_read_from_the_table(
    fresh_stage: FreshStage, stage: Stage, event: Event, cloud: Aws
) -> None:
    make_table(stage, cloud)
    assert fresh_stage().state_of(event) == EventState()
    table = open_table(stage.service, event, cloud)
    event_state.save(table, closed(EventState(), event.closes_at))
    assert fresh_stage().state_of(event).closes_at == event.closes_at
    with pytest.raises(Conflict):
        event_state.save(table, EventState())
    first, again = (registered(VEGAN_WITHOUT_NUTS, code) for code in ("CDFG", "CDFH"))
    registrations.add(table, "hash", first)
    assert registrations.add(table, "hash", again) == first


def test_backups_without_a_number_of_days_are_of_35_days(
    deployed: DeployedStage, stage: Stage, cloud: Aws
) -> None:
    make_table(stage, cloud)

    def leave_out(parsed: dict[str, Any], **_: object) -> None:
        description = parsed["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        del description["RecoveryPeriodInDays"]

    cloud.client("dynamodb").meta.events.register(
        "after-call.dynamodb.DescribeContinuousBackups", leave_out
    )
    assert deployed.table == TableSettings(backup_days=35)


def test_another_expiry_attribute_is_detected(
    deployed: DeployedStage, stage: Stage, cloud: Aws
) -> None:
    make_table(stage, cloud)
    cloud.client("dynamodb").update_time_to_live(
        TableName=stage.service,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "x"},
    )
    assert deployed.table == TableSettings(expires_by="x")


@pytest.mark.parametrize(
    ("verified", "dkim", "expected"),
    [
        (True, {"SigningEnabled": True, "Status": "SUCCESS"}, SenderIdentity("boras.example")),
        (
            False,
            {"SigningEnabled": True, "Status": "PENDING", "Tokens": ["a", "b"]},
            SenderIdentity(
                "boras.example",
                verified=False,
                dkim="PENDING",
                records=(
                    "a._domainkey.boras.example  CNAME  a.dkim.amazonses.com",
                    "b._domainkey.boras.example  CNAME  b.dkim.amazonses.com",
                ),
            ),
        ),
        (
            True,
            {"SigningEnabled": False, "Status": "NOT_STARTED"},
            SenderIdentity("dukat@boras.example", signing=False, dkim="NOT_STARTED"),
        ),
    ],
)
def test_the_sender_is_sess_identity_of_the_domain_or_else_of_the_address(
    deployed: DeployedStage,
    ses: Stubber,
    *,
    verified: bool,
    dkim: dict[str, Any],
    expected: SenderIdentity,
) -> None:
    if expected.name != "boras.example":
        unknown = {"EmailIdentity": "boras.example"}
        ses.add_client_error("get_email_identity", "NotFoundException", expected_params=unknown)
    for _ in range(2):
        found = {"VerifiedForSendingStatus": verified, "DkimAttributes": dkim}
        ses.add_response("get_email_identity", found, {"EmailIdentity": expected.name})
    assert deployed.sender == expected


@pytest.mark.parametrize("production", [True, False])
@pytest.mark.parametrize("enabled", [True, False])
def test_sandbox_and_paused_sending_are_detected(
    deployed: DeployedStage, ses: Stubber, *, production: bool, enabled: bool
) -> None:
    answer = {"ProductionAccessEnabled": production, "SendingEnabled": enabled}
    ses.add_response("get_account", answer, {})
    assert deployed.sending == SendingStatus(production, enabled)


@pytest.mark.parametrize(
    ("fact", "name"),
    [("configuration_set", "dukat-prod"), ("receipt_set", "dukat-prod-receipts")],
)
@pytest.mark.parametrize(
    ("options", "suppresses"),
    [
        ({}, True),
        ({"SuppressionOptions": {"SuppressedReasons": []}}, False),
        ({"SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]}}, True),
    ],
)
@pytest.mark.parametrize("policy", ["REQUIRE", "OPTIONAL"])
def test_the_settings_of_the_configuration_sets_are_read(
    deployed: DeployedStage,
    ses: Stubber,
    policy: str,
    fact: str,
    name: str,
    options: dict[str, Any],
    *,
    suppresses: bool,
) -> None:
    asked = {"ConfigurationSetName": name}
    arn = "arn:aws:sns:eu-north-1:123456789012:"
    destinations = [
        destination("mail-events", SnsDestination={"TopicArn": f"{arn}dukat-prod-mail-events"}),
        destination("off", enabled=False, SnsDestination={"TopicArn": f"{arn}off"}),
        destination("metrics", CloudWatchDestination={"DimensionConfigurations": []}),
    ]
    found = {"DeliveryOptions": {"TlsPolicy": policy}, **options}
    ses.add_response("get_configuration_set", found, asked)
    ses.add_response(
        "get_configuration_set_event_destinations", {"EventDestinations": destinations}, asked
    )
    assert getattr(deployed, fact) == ConfigurationSet(
        policy == "REQUIRE", ("dukat-prod-mail-events",), suppresses
    )


def test_an_address_on_the_suppression_list_is_detected(
    deployed: DeployedStage, ses: Stubber
) -> None:
    ses.add_response(
        "get_suppressed_destination",
        {
            "SuppressedDestination": {
                "EmailAddress": "a@boras.se",
                "Reason": "BOUNCE",
                "LastUpdateTime": datetime(2027, 5, 1, tzinfo=UTC),
            }
        },
        {"EmailAddress": "a@boras.se"},
    )
    ses.add_client_error("get_suppressed_destination", "NotFoundException")
    assert deployed.is_suppressed("a@boras.se")
    assert not deployed.is_suppressed("b@boras.se")


def test_confirmed_and_pending_alarm_subscriptions_are_distinguished(
    fresh_stage: FreshStage, cloud: Aws
) -> None:
    client = cloud.client("sns")
    topic = client.create_topic(Name="dukat-prod-alarms")["TopicArn"]
    assert fresh_stage().alarm_recipients == {}
    client.subscribe(TopicArn=topic, Protocol="email", Endpoint="dukat@boras.example")
    assert fresh_stage().alarm_recipients == {"dukat@boras.example": True}
    # Moto confirms every subscription at once.
    with Stubber(client) as sns:
        pending = {"Endpoint": "dukat@boras.example", "SubscriptionArn": "PendingConfirmation"}
        answer = {"Subscriptions": [pending]}
        sns.add_response("list_subscriptions_by_topic", answer, {"TopicArn": topic})
        assert fresh_stage().alarm_recipients == {"dukat@boras.example": False}


def git(project: Path, *arguments: str | Path) -> None:
    settings = ("-c", "user.name=Test", "-c", "user.email=t@boras.se", "-c", "commit.gpgsign=false")
    command = ["git", "-C", project, *settings, *arguments]
    subprocess.run(command, check=True, capture_output=True)


def test_a_state_file_counts_as_committed_only_without_changes(
    fresh_stage: FreshStage, stage: Stage
) -> None:
    path = stage.state_file
    assert fresh_stage().state_file == StateFile(exists=False, committed=False)
    path.parent.mkdir()
    path.write_text("{}")
    assert fresh_stage().state_file == StateFile(committed=False)
    git(stage.project, "init")
    git(stage.project, "add", "app.py")
    git(stage.project, "commit", "-m", "All but the state file")
    assert fresh_stage().state_file == StateFile(committed=False)
    git(stage.project, "add", path)
    assert fresh_stage().state_file == StateFile(committed=False)
    git(stage.project, "commit", "-m", "Deployed")
    assert fresh_stage().state_file == StateFile()
    path.write_text('{"resources": []}')
    assert fresh_stage().state_file == StateFile(committed=False)
    git(stage.project, "add", path)
    assert fresh_stage().state_file == StateFile(committed=False)


def test_without_git_the_state_file_is_not_committed(
    deployed: DeployedStage, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.state_file.parent.mkdir()
    stage.state_file.write_text("{}")
    monkeypatch.setenv("PATH", "")
    assert deployed.state_file == StateFile(committed=False)


def test_the_handler_runtime_and_environment_of_a_function_are_read(
    deployed: DeployedStage, stage: Stage, event: Event, cloud: Aws, tick: Function
) -> None:
    for resource in chalice_resources("prod"):
        assert resource.lambda_function.environment_variables == stage.environment
    deploy(stage, event, cloud)
    cloud.client("lambda").update_function_configuration(
        FunctionName="dukat-prod-tick",
        Handler="app.tock",
        Runtime="python3.13",
        Environment={"Variables": {"TABLE_NAME": "dukat-dev"}},
    )
    seen = deployed.deployed_function(tick)
    assert seen == DeployedFunction("app.tock", "python3.13", {"TABLE_NAME": "dukat-dev"})


def test_changed_and_added_policies_are_detected(
    deployed: DeployedStage, stage: Stage, event: Event, cloud: Aws, tick: Function
) -> None:
    deploy(stage, event, cloud)
    iam, role = cloud.client("iam"), "dukat-prod-tick"
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    other = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName=role, PolicyName="a-first-one", PolicyDocument=other)
    made = iam.create_policy(PolicyName="Everything", PolicyDocument=other)["Policy"]
    iam.attach_role_policy(RoleName=role, PolicyArn=made["Arn"])
    assert deployed.deployed_policy(tick) == deployed.wanted_policy(tick)
    assert deployed.other_policies(tick) == ["a-first-one", "Everything"]
    iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=other)
    assert deployed.deployed_policy(tick) == json.loads(other)


def test_a_schedule_that_is_off_is_detected(
    deployed: DeployedStage, stage: Stage, event: Event, cloud: Aws
) -> None:
    deploy(stage, event, cloud)
    cloud.client("events").disable_rule(Name="dukat-prod-tick-event")
    assert deployed.deployed_schedule("tick") == ""
    assert (
        deployed.deployed_schedule("close_registration") == deployed.schedules["close_registration"]
    )


def test_reserved_runs_are_read_from_lambda(
    deployed: DeployedStage, stage: Stage, event: Event, cloud: Aws
) -> None:
    assert deployed.reserved_runs("tick") == 0
    deploy(stage, event, cloud)
    assert deployed.reserved_runs("tick") == 0
    cloud.client("lambda").put_function_concurrency(
        FunctionName="dukat-prod-tick", ReservedConcurrentExecutions=3
    )
    assert deployed.reserved_runs("tick") == 3
    with Stubber(cloud.client("lambda")) as stubber:
        limits = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 7}
        stubber.add_response("get_account_settings", {"AccountLimit": limits})
        assert deployed.unreserved_runs == 7


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {
                "MaximumRetryAttempts": 0,
                "MaximumEventAgeInSeconds": 120,
                "DestinationConfig": {
                    "OnFailure": {"Destination": "arn:aws:sqs:eu-north-1:123456789012:failed"}
                },
            },
            FailedEventSettings("failed", 0, 120),
        ),
        ({"MaximumRetryAttempts": 1}, FailedEventSettings("", 1, 21600)),
        ({"MaximumEventAgeInSeconds": 60}, FailedEventSettings("", 2, 60)),
    ],
)
def test_the_settings_for_failed_events_are_read(
    deployed: DeployedStage, cloud: Aws, settings: dict[str, Any], expected: FailedEventSettings
) -> None:
    answer = {"FunctionArn": "arn:aws:lambda:eu-north-1:123456789012:function:x", **settings}
    with Stubber(cloud.client("lambda")) as client:
        asked = {"FunctionName": "dukat-prod-tick"}
        client.add_response("get_function_event_invoke_config", answer, asked)
        assert deployed.failed_event_settings("tick") == expected


def test_the_retention_of_logs_is_read(deployed: DeployedStage, cloud: Aws) -> None:
    web, closing, tick, _ = deployed.functions
    logs = cloud.client("logs")
    for function in (closing, tick):
        logs.create_log_group(logGroupName=function.log_group)
    logs.put_retention_policy(logGroupName=tick.log_group, retentionInDays=30)
    # The name of the web function's log group is a prefix of the others.
    assert [deployed.log_days(one) for one in (web, closing, tick)] == [None, 0, 30]


def test_the_deployed_package_is_compared_with_the_folder(
    fresh_stage: FreshStage, stage: Stage, event: Event, cloud: Aws
) -> None:
    deploy(stage, event, cloud)
    locate(cloud, zipped(stage.project))
    assert fresh_stage().package_faults == PackageFaults()
    app, file = stage.project / "app.py", stage.project / "chalicelib/organisation.toml"
    app.write_text("# otherwise\n")
    (stage.project / "chalicelib/new.py").touch()
    assert fresh_stage().package_faults == PackageFaults(
        missing=("chalicelib/new.py",), stale=("app.py",)
    )
    file.chmod(0o600)
    locate(cloud, zipped(stage.project))
    assert fresh_stage().package_faults == PackageFaults(
        unreadable=("chalicelib/organisation.toml",)
    )
    assert fresh_stage().unreadable_files == [file]


def test_the_last_tick_within_fifteen_minutes_is_read_from_the_log(
    fresh_stage: FreshStage, cloud: Aws
) -> None:
    now = fresh_stage().now.replace(microsecond=0)
    old, tick, later, last = (now - timedelta(minutes=n) for n in (16, 14, 13, 12))
    log(cloud, (old, metric_line(old, "dukat-prod", {"Ticks": 1})))
    assert fresh_stage().ticked_at is None
    log(
        cloud,
        (tick, metric_line(tick, "dukat-prod", {"Ticks": 1})),
        (later, metric_line(later, "dukat-prod", {"Ticks": 1})),
        (last, metric_line(last, "dukat-prod", {"Mails": 1})),
    )
    assert fresh_stage().ticked_at == later


def test_failed_events_in_the_queue_are_counted(fresh_stage: FreshStage, cloud: Aws) -> None:
    client = cloud.client("sqs")
    url = client.create_queue(QueueName="dukat-prod-failed-events")["QueueUrl"]
    for _ in range(2):
        client.send_message(QueueUrl=url, MessageBody="{}")
    assert fresh_stage().failed_events == 2


def test_only_the_stages_own_active_alarms_are_read(fresh_stage: FreshStage, cloud: Aws) -> None:
    client = cloud.client("cloudwatch")
    names = [
        "dukat-prod-web-5xx",
        "dukat-prod-no-tick",
        "dukat-prod-2-no-tick",
        "dukat-dev-no-tick",
    ]
    for name in names:
        client.put_metric_alarm(
            AlarmName=name,
            MetricName="Ticks",
            Namespace="Dukat",
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=3,
            Threshold=1,
            ComparisonOperator="LessThanThreshold",
        )
        client.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="test")
    assert fresh_stage().active_alarms == []
    for name in names:
        client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert fresh_stage().active_alarms == ["dukat-prod-no-tick", "dukat-prod-web-5xx"]


def test_a_function_that_fails_counts_as_status_500(deployed: DeployedStage, cloud: Aws) -> None:
    with Stubber(cloud.client("lambda")) as client:
        failed = {
            "StatusCode": 200,
            "FunctionError": "Unhandled",
            "Payload": b'{"statusCode": 200}',
        }
        client.add_response("invoke", failed)
        assert deployed.page_status("/") == 500


@pytest.mark.filterwarnings(MOTO_CLOUDFORMATION)
def test_changes_since_the_stack_was_applied_are_named(
    fresh_stage: FreshStage, stage: Stage, event: Event, cloud: Aws
) -> None:
    provision(stage, Organisation.of(event), cloud, lambda _: None)
    assert fresh_stage().stack_status == "CREATE_COMPLETE"
    assert fresh_stage().stack_differences == []
    path = stage.project / "infrastructure.json"
    template = json.loads(path.read_text())
    template["Resources"]["Table"]["Properties"]["TableName"] = "other"
    template["Resources"]["Extra"] = template["Resources"].pop("FailedEvents")
    template["Parameters"]["Extra"] = {"Type": "String", "Default": ""}
    del template["Conditions"]["MakesSenderIdentity"]
    path.write_text(json.dumps(template))
    parameters, conditions = ["Extra"], ["MakesSenderIdentity"]
    resources = ["Extra", "FailedEvents", "Table"]
    assert fresh_stage().stack_differences == parameters + conditions + resources
    privacy = replace(event.privacy, backup_days=7, log_days=14)
    other = replace(event, operator="other@boras.se", privacy=privacy)
    values = ["OperatorEmail", "BackupDays", "LogDays"]
    deployed = DeployedStage(stage, only(other), cloud, datetime.now(UTC))
    assert deployed.stack_differences == values + parameters + conditions + resources


def test_manual_backups_replicas_and_streams_are_copies(
    fresh_stage: FreshStage, stage: Stage, cloud: Aws
) -> None:
    make_table(stage, cloud)
    assert fresh_stage().table_copies == []
    client, name = cloud.client("dynamodb"), stage.service
    client.create_backup(TableName=name, BackupName="before")
    client.update_table(
        TableName=name,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )

    def add_replica(parsed: dict[str, Any], **_: object) -> None:
        parsed["Table"]["Replicas"] = [{"RegionName": "eu-west-1"}]  # moto has no replicas

    client.meta.events.register("after-call.dynamodb.DescribeTable", add_replica)
    assert fresh_stage().table_copies == ["a replica in eu-west-1", "a stream", "the backup before"]


def test_awss_backup_of_a_removed_table_is_not_a_copy(
    fresh_stage: FreshStage, stage: Stage, cloud: Aws
) -> None:
    make_table(stage, cloud)
    left = {"BackupName": f"{stage.service}$DeletedTableBackup", "BackupType": "SYSTEM"}
    answer(cloud, "dynamodb", "ListBackups", {"BackupSummaries": [left]}, 200)
    assert fresh_stage().table_copies == []


# The call behind each fact for which "not found" is a valid answer.
CALLS_THAT_MAY_FIND_NOTHING: dict[str, tuple[str, str]] = {
    "table": ("dynamodb", "DescribeTable"),
    "table_copies": ("dynamodb", "DescribeTable"),
    "sender": ("sesv2", "GetEmailIdentity"),
    "configuration_set": ("sesv2", "GetConfigurationSet"),
    "alarm_recipients": ("sns", "ListSubscriptionsByTopic"),
    "stack_status": ("cloudformation", "DescribeStacks"),
    "package_faults": ("lambda", "GetFunction"),
    "is_suppressed": ("sesv2", "GetSuppressedDestination"),
    "failed_event_settings": ("lambda", "GetFunctionEventInvokeConfig"),
    "deployed_schedule": ("events", "ListRuleNamesByTarget"),
    "deployed_function": ("lambda", "GetFunctionConfiguration"),
    "deployed_policy": ("lambda", "GetFunctionConfiguration"),
}


@pytest.mark.parametrize("fact", CALLS_THAT_MAY_FIND_NOTHING)
def test_a_fact_that_aws_denies_access_to_is_not_taken_for_missing(
    deployed: DeployedStage, cloud: Aws, tick: Function, fact: str
) -> None:
    service, operation = CALLS_THAT_MAY_FIND_NOTHING[fact]
    error = {"Code": "AccessDeniedException", "Message": "No."}
    answer(cloud, service, operation, {"Error": error}, 403)
    with pytest.raises(ClientError, match="AccessDenied"):
        value_of(deployed, fact, tick)


def value_of(deployed: DeployedStage, fact: str, tick: Function) -> Any:
    """The value of `fact`; of the tick, if the fact takes a function."""
    read = getattr(deployed, fact)
    return read(tick if fact in {"deployed_function", "deployed_policy"} else tick.name)


@pytest.mark.filterwarnings(MOTO_CLOUDFORMATION)
def test_a_provisioned_and_deployed_stage_passes_every_check(
    gateway: Gateway, stage: Stage, cloud: Aws
) -> None:
    # Log events have the real time, so the event is far in the future.
    event = parse_event(EVENT.id, WHOLE_FILE.replace("2027-05-", "2099-05-"))
    stage, now = replace(stage, configuration=STAGE.configuration), datetime.now(UTC)

    def deployed() -> DeployedStage:
        return DeployedStage(stage, only(event), cloud, now)

    let_ses_send(stage, cloud)
    encrypt_as_aws_does(cloud)
    provision(stage, Organisation.of(event), cloud, lambda _: None)
    autofix_table(deployed(), cloud, lambda _: None)
    topic = cloud.place.arn("sns", "dukat-prod-alarms")
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint=event.operator)
    deploy(stage, event, cloud)
    apply_post_deploy_settings(stage, only(event), cloud, lambda _: None)
    git(stage.project, "init")
    git(stage.project, "add", ".")
    git(stage.project, "commit", "-m", "Deployed")
    locate(cloud, zipped(stage.project))
    run_the_app(cloud)
    assert deployed().page_status("/nowhere") == 404
    log(cloud, (now, metric_line(now, "dukat-prod", {"Ticks": 1})))
    findings = list(examine(deployed()))
    # No runtime is maintained until 2099.
    assert [finding.check for finding in findings if not finding.passed] == ["runtime's end"]
    assert [finding.check for finding in findings] == [check.name for check in CHECKS]
