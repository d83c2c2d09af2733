"""Provisioning: on moto, and on an in-memory CloudFormation for what moto lacks."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.event.event import Event
from chalicelib.event.organisation import Organisation
from management.deploy.deployment import WrongAccount
from management.deploy.provisioning import (
    parameters,
    provision,
    report_dns_records,
    sender_identity,
)
from management.deploy.stack import Stack, StackFailed, template_to_apply
from management.local.moto_aws import KEYS
from management.stage.aws import Aws
from management.stage.policies import Place
from management.stage.stages import Stage, stage_named
from management.stage.table import StageTable
from tests.cloudformation import AwsWithStandIns, CloudFormation
from tests.staging import deploy_to_other_account, project_in

# Moto's CloudFormation does not create alarms, subscriptions and mail settings.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS.*not supported by moto")
PARAMETERS = {
    "Stage": "dev",
    "SenderIdentityName": "boras.example",
    "MakeSenderIdentity": "yes",
    "OperatorEmail": "dukat@boras.example",
    "BackupDays": "35",
}


@pytest.fixture(autouse=True)
def moto(empty_aws: None) -> None:
    """An empty AWS in this process."""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stage_named("dev", project_in(tmp_path / "project"))


@pytest.fixture
def messages() -> list[str]:
    return []


@pytest.fixture
def aws() -> AwsWithStandIns:
    """AWS with an empty in-memory CloudFormation."""
    return AwsWithStandIns(cloudformation=CloudFormation())


def stack_on(cloud: CloudFormation, stage: Stage, pauses: list[float] | None = None) -> Stack:
    waited = [] if pauses is None else pauses
    return Stack(stage, AwsWithStandIns(cloudformation=cloud), waited.append)


def put_registration() -> None:
    item = {"pk": {"S": "event"}, "sk": {"S": "REG#1"}}
    boto3.client("dynamodb").put_item(TableName="dukat-dev", Item=item)


def change(stage: Stage) -> None:
    """Change the template: the alarm no-tick becomes active later."""
    path = stage.project / "infrastructure.json"
    template = json.loads(path.read_text("utf-8"))
    template["Resources"]["NoTick"]["Properties"]["EvaluationPeriods"] = 4
    path.write_text(json.dumps(template), "utf-8")


# On moto


def test_applying_creates_the_resources_and_records_the_parameters(
    stage: Stage, messages: list[str]
) -> None:
    stack = Stack(stage, Aws())
    assert (stack.status(), stack.resources()) == ("", {})
    stack.apply(lambda: PARAMETERS, messages.append)
    assert stack.status() == "CREATE_COMPLETE"
    resources = stack.resources()
    assert resources["Table"] == "dukat-dev"
    assert resources["AlarmTopic"].endswith(":dukat-dev-alarms")
    table = boto3.client("dynamodb").describe_table(TableName="dukat-dev")["Table"]
    assert table["DeletionProtectionEnabled"] is True
    logs = boto3.client("logs").describe_log_groups()["logGroups"]
    assert [log["retentionInDays"] for log in logs] == [30] * 4
    template, known = stack.applied()
    assert template == template_to_apply(stage.project)
    assert known.items() >= PARAMETERS.items()


# On an in-memory CloudFormation


def complete(cloud: CloudFormation, stage: Stage) -> Stack:
    """A stack that was created without a failure."""
    stack = stack_on(cloud, stage)
    stack.apply(lambda: PARAMETERS, lambda _: None)
    return stack


def broken(cloud: CloudFormation, stage: Stage) -> Stack:
    """A stack of which a resource could not be created."""
    stack = stack_on(cloud, stage)
    with pytest.raises(StackFailed):
        stack.apply(lambda: PARAMETERS, lambda _: None)
    return stack


def test_each_created_resource_is_reported_once_in_order(stage: Stage, messages: list[str]) -> None:
    pauses: list[float] = []
    stack = stack_on(CloudFormation(polls_in_progress=2), stage, pauses)
    stack.apply(lambda: PARAMETERS, messages.append)
    resources = template_to_apply(stage.project)["Resources"]
    assert messages == [f"  {name}: create complete" for name in [*resources, "dukat-dev"]]
    assert pauses == [3.0, 3.0]
    assert stack.resources().keys() == resources.keys()  # read from several pages


def test_applying_again_changes_nothing(stage: Stage, messages: list[str]) -> None:
    cloud = CloudFormation()
    complete(cloud, stage).apply(lambda: PARAMETERS, messages.append)
    assert messages == ["  nothing to change"]
    assert cloud.calls == ["create", "update"]


def test_a_table_of_an_earlier_version_stays_and_the_error_says_what_to_do(
    stage: Stage, messages: list[str]
) -> None:
    """CloudFormation can't remove the indexes: it would try to replace the table."""
    by_name = [*KEYS["KeySchema"][:1], {"AttributeName": "name", "KeyType": "RANGE"}]
    index = {"IndexName": "name", "KeySchema": by_name, "Projection": {"ProjectionType": "ALL"}}
    name = {"AttributeName": "name", "AttributeType": "S"}
    boto3.client("dynamodb").create_table(
        TableName="dukat-dev",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[*KEYS["AttributeDefinitions"], name],
        KeySchema=KEYS["KeySchema"],
        LocalSecondaryIndexes=[index],
    )
    with pytest.raises(
        StackFailed, match=r"created by an earlier version.*\(manage\.py add-stage\)"
    ):
        Stack(stage, Aws()).apply(lambda: PARAMETERS, messages.append)
    assert messages == []
    assert Stack(stage, Aws()).status() == ""


def test_only_changed_resources_are_updated_and_reported(stage: Stage, messages: list[str]) -> None:
    stack = complete(CloudFormation(), stage)
    change(stage)
    put_registration()
    stack.apply(lambda: PARAMETERS, messages.append)
    assert messages == ["  NoTick: update complete", "  dukat-dev: update complete"]
    assert not StageTable(stage, Aws()).is_empty()


def test_a_failure_is_reported_with_its_reason_and_created_resources_stay(
    stage: Stage, messages: list[str]
) -> None:
    cloud = CloudFormation(AlarmTopic="Invalid parameter")
    stack = stack_on(cloud, stage)
    with pytest.raises(StackFailed, match=r"^AlarmTopic: Invalid parameter") as failed:
        stack.apply(lambda: PARAMETERS, messages.append)
    assert "dukat-dev: " in str(failed.value)
    assert messages[-2:] == ["  AlarmTopic: create failed", "  dukat-dev: create failed"]
    assert stack.status() == "CREATE_FAILED"
    assert StageTable(stage, Aws()).described()
    created = stack.resources()
    assert created["Table"] == "dukat-dev"
    assert not {"AlarmTopic", "dukat-dev"} & created.keys()


def test_the_next_attempt_continues_after_a_failure(stage: Stage, messages: list[str]) -> None:
    cloud = CloudFormation(AlarmTopic="Invalid parameter")
    stack = broken(cloud, stage)
    put_registration()
    cloud.failing.clear()
    stack.apply(lambda: PARAMETERS, messages.append)
    assert stack.status() == "UPDATE_COMPLETE"
    assert not [line for line in messages if line.startswith("  Table:")]
    assert not StageTable(stage, Aws()).is_empty()
    assert cloud.calls == ["create", "update"]


def test_a_failed_update_reports_its_own_failure_and_not_an_earlier_one(
    stage: Stage, messages: list[str]
) -> None:
    cloud = CloudFormation(AlarmTopic="Invalid parameter")
    stack = broken(cloud, stage)
    cloud.failing = {"NoTick": "Limit exceeded"}
    with pytest.raises(StackFailed) as failed:
        stack.apply(lambda: PARAMETERS, messages.append)
    assert "NoTick: Limit exceeded" in str(failed.value)
    assert "AlarmTopic" not in str(failed.value)
    assert stack.status() == "UPDATE_FAILED"


def test_another_operator_replaces_the_subscription(stage: Stage, messages: list[str]) -> None:
    stack = complete(CloudFormation(), stage)
    another = {**PARAMETERS, "OperatorEmail": "other@boras.example"}
    stack.apply(lambda: another, messages.append)
    assert messages == ["  AlarmSubscription: update complete", "  dukat-dev: update complete"]


def test_a_failed_update_of_a_complete_stack_is_rolled_back_and_can_be_retried(
    stage: Stage, messages: list[str]
) -> None:
    cloud = CloudFormation()
    stack = complete(cloud, stage)
    applied = stack.applied()
    change(stage)
    cloud.failing = {"NoTick": "Limit exceeded"}
    with pytest.raises(StackFailed, match="NoTick: Limit exceeded"):
        stack.apply(lambda: PARAMETERS, messages.append)
    assert (stack.status(), stack.applied()) == ("UPDATE_ROLLBACK_COMPLETE", applied)
    cloud.failing.clear()
    stack.apply(lambda: PARAMETERS, messages.append)
    assert stack.status() == "UPDATE_COMPLETE"


def test_a_failed_stack_without_updates_is_an_error(stage: Stage, messages: list[str]) -> None:
    cloud = CloudFormation()
    stack = complete(cloud, stage)
    cloud.set_status("UPDATE_FAILED")
    with pytest.raises(StackFailed, match="UPDATE_FAILED, and CloudFormation finds nothing"):
        stack.apply(lambda: PARAMETERS, messages.append)
    assert messages == []


# The relevant part of what `aws cloudformation package` writes.
PACKAGED = """
Resources:
  Table: {Type: "AWS::SNS::Topic", Properties: {TopicName: "dukat-dev-alarms"}}
  Tick: {Type: "%s", Properties: {Name: "x"}}
"""


@pytest.mark.parametrize("kind", ["AWS::Lambda::Function", "AWS::ApiGateway::RestApi"])
@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "ROLLBACK_COMPLETE"])
def test_a_stack_of_the_packaged_template_is_not_changed(
    stage: Stage, messages: list[str], kind: str, status: str
) -> None:
    cloud = packaged_stack(PACKAGED % kind)
    cloud.set_status(status)
    with pytest.raises(StackFailed, match="make stack STAGE=dev"):
        stack_on(cloud, stage).apply(lambda: PARAMETERS, messages.append)
    assert cloud.calls == ["create"]


def test_a_yaml_template_is_read_without_functions_and_one_with_tags_is_empty(
    stage: Stage,
) -> None:
    found, _ = stack_on(packaged_stack(PACKAGED % "AWS::Lambda::Function"), stage).applied()
    assert found["Resources"].keys() == {"Table"}
    tags = CloudFormation()
    tags.get_template = lambda **_: {"TemplateBody": "A: !Ref B"}  # type: ignore[method-assign]
    assert stack_on(tags, stage).applied()[0]["Resources"] == {}


def packaged_stack(body: str) -> CloudFormation:
    cloud = CloudFormation()
    cloud.create_stack(
        StackName="dukat-dev", TemplateBody=body, Parameters=[], DisableRollback=True
    )
    return cloud


def never_complete(stage: Stage, status: str) -> CloudFormation:
    """A stack with a `status` after a failed creation, whose table was created."""
    cloud = CloudFormation(FailedEvents="Throttled")
    broken(cloud, stage)
    cloud.failing.clear()
    cloud.calls.clear()
    cloud.accepts_updates_after_failure = False
    cloud.set_status(status)
    return cloud


NEVER_COMPLETE = ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"]


@pytest.mark.parametrize("status", NEVER_COMPLETE)
def test_a_stack_that_was_never_complete_is_deleted_and_created_again(
    stage: Stage, messages: list[str], event: Event, status: str
) -> None:
    """SES kept the identity that the first stack created: it is used, not created again."""
    cloud = never_complete(stage, status)
    aws = AwsWithStandIns(cloudformation=cloud)
    provision(stage, Organisation.of(event), aws, messages.append)
    assert Stack(stage, aws).status() == "CREATE_COMPLETE"
    assert [call for call in cloud.calls if call != "update"] == ["delete", "create"]
    assert messages.index("  Table: delete complete") < messages.index("  Table: create complete")
    assert "  dukat-dev: create complete" in messages


@pytest.mark.parametrize("status", NEVER_COMPLETE)
def test_a_stack_whose_table_has_items_is_never_deleted_to_start_over(
    stage: Stage, messages: list[str], status: str
) -> None:
    cloud = never_complete(stage, status)
    put_registration()
    with pytest.raises(StackFailed, match=f"{status}, and the table holds registrations"):
        stack_on(cloud, stage).apply(lambda: PARAMETERS, messages.append)
    assert "delete" not in cloud.calls
    table = StageTable(stage, Aws())
    assert (table.described() or {})["DeletionProtectionEnabled"]
    assert not table.is_empty()


def test_an_error_of_cloudformation_for_a_complete_stack_is_raised_unchanged(
    stage: Stage, messages: list[str]
) -> None:
    cloud = CloudFormation()
    stack = complete(cloud, stage)
    cloud.set_status("UPDATE_ROLLBACK_FAILED")
    with pytest.raises(ClientError, match="UPDATE_ROLLBACK_FAILED"):
        stack.apply(lambda: PARAMETERS, messages.append)
    assert cloud.calls == ["create", "update"]


# Provisioning


def make_identity(name: str) -> None:
    boto3.client("sesv2").create_email_identity(EmailIdentity=name)


def test_an_identity_that_ses_does_not_know_is_created(
    stage: Stage, event: Event, aws: Aws
) -> None:
    another = replace(event, privacy=replace(event.privacy, backup_days=7, log_days=14))
    assert parameters(stage, Organisation.of(another), aws, Stack(stage, aws)) == {
        "Stage": "dev",
        "SenderIdentityName": stage.sender_domain,
        "MakeSenderIdentity": "yes",
        "OperatorEmail": event.operator,
        "BackupDays": "7",
        "LogDays": "14",
    }


def test_an_identity_created_outside_the_stack_is_used_and_not_created(
    stage: Stage, event: Event, aws: Aws
) -> None:
    make_identity(stage.sender_domain)
    provision(stage, Organisation.of(event), aws, lambda _: None)
    stack = Stack(stage, aws)
    assert parameters(stage, Organisation.of(event), aws, stack)["MakeSenderIdentity"] == "no"
    assert "SenderIdentity" not in stack.resources()


def test_an_identity_of_the_stack_stays_in_the_stack(stage: Stage, event: Event, aws: Aws) -> None:
    for _ in range(2):
        provision(stage, Organisation.of(event), aws, lambda _: None)
        assert (
            parameters(stage, Organisation.of(event), aws, Stack(stage, aws))["MakeSenderIdentity"]
            == "yes"
        )
    assert Stack(stage, aws).resources()["SenderIdentity"] == stage.sender_domain


def test_the_sender_is_the_address_if_ses_knows_only_the_address(
    stage: Stage, event: Event, aws: Aws
) -> None:
    assert sender_identity(stage, aws) == stage.sender_domain
    make_identity(stage.sender)
    assert sender_identity(stage, aws) == stage.sender
    wanted = parameters(stage, Organisation.of(event), aws, Stack(stage, aws))
    assert wanted["SenderIdentityName"] == stage.sender
    assert wanted["MakeSenderIdentity"] == "no"
    make_identity(stage.sender_domain)
    assert sender_identity(stage, aws) == stage.sender_domain


def test_after_failing_to_create_an_existing_identity_the_identity_is_used(
    stage: Stage, event: Event, aws: Aws
) -> None:
    """Another person verified the identity: the stack must not try to create it for ever."""
    before = parameters(stage, Organisation.of(event), aws, Stack(stage, aws))
    make_identity(stage.sender_domain)
    with pytest.raises(StackFailed, match="SenderIdentity"):
        Stack(stage, aws).apply(lambda: before, lambda _: None)
    provision(stage, Organisation.of(event), aws, lambda _: None)
    assert Stack(stage, aws).status() == "UPDATE_COMPLETE"


def test_the_policy_files_are_written_with_the_account(
    stage: Stage, event: Event, aws: Aws, messages: list[str]
) -> None:
    provision(stage, Organisation.of(event), aws, messages.append)
    assert messages[0] == "Account 123456789012, region eu-north-1."
    names = ["web", "close-registration", "tick", "record-mail-event"]
    assert messages[1:5] == [f"  policy-{name}-dev.json: written" for name in names]
    for name in names:
        text = (stage.policy_folder / f"policy-{name}-dev.json").read_text("utf-8")
        assert Place().account not in text
        assert "arn:aws:dynamodb:eu-north-1:123456789012:table/dukat-dev" in text
    messages.clear()
    provision(stage, Organisation.of(event), aws, messages.append)
    assert not [line for line in messages if "written" in line]


NOT_YET = "SES may not send from {} yet."
STOPPED = "SES had stopped checking the DNS of {}. For 72 hours it checks again for:"
RECORDS = [
    "  one._domainkey.boras.example  CNAME  one.dkim.amazonses.com",
    "  two._domainkey.boras.example  CNAME  two.dkim.amazonses.com",
]


@pytest.mark.parametrize(
    ("name", "dkim", "message", "records", "status"),
    [
        (
            "boras.example",
            "PENDING",
            f"{NOT_YET} Have the domain's DNS administrator add:",
            RECORDS,
            "PENDING",
        ),
        ("boras.example", "FAILED", STOPPED, RECORDS, "PENDING"),
        (
            "dukat@boras.example",
            "FAILED",
            f"{NOT_YET} Follow the link that AWS mailed to that address.",
            [],
            "FAILED",
        ),
    ],
)
def test_provisioning_reports_what_to_do_before_ses_may_send(
    stage: Stage,
    messages: list[str],
    name: str,
    dkim: str,
    message: str,
    records: list[str],
    status: str,
) -> None:
    ses = SesWithTokens(name, dkim)
    report_dns_records(stage, AwsWithStandIns(sesv2=ses), messages.append)
    assert (messages, ses.dkim) == ([message.format(name), *records], status)
    messages.clear()
    report_dns_records(
        stage, AwsWithStandIns(sesv2=SesWithTokens(name, "SUCCESS")), messages.append
    )
    assert messages == []


def test_an_operator_who_has_not_confirmed_gets_a_new_link(
    stage: Stage, event: Event, aws: Aws, messages: list[str]
) -> None:
    provision(stage, Organisation.of(event), aws, messages.append)
    assert messages[-1].startswith(f"AWS mails {event.operator} a link")
    topic = aws.place.arn("sns", "dukat-dev-alarms")
    subscribed = boto3.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [one["Endpoint"] for one in subscribed] == [event.operator]
    messages.clear()
    provision(
        stage, Organisation.of(event), aws, messages.append
    )  # moto confirms every subscription at once
    assert not [line for line in messages if "a link" in line]


def test_in_another_account_nothing_is_provisioned(
    stage: Stage, event: Event, messages: list[str]
) -> None:
    cloud = CloudFormation()
    deploy_to_other_account(stage)
    with pytest.raises(WrongAccount, match="deployed to account 210987654321"):
        provision(
            stage, Organisation.of(event), AwsWithStandIns(cloudformation=cloud), messages.append
        )
    assert (cloud.calls, messages) == ([], [])


class SesWithTokens:
    """SES with one identity, and with DKIM tokens, which moto lacks."""

    def __init__(self, name: str, dkim: str) -> None:
        self._name = name
        self.dkim = dkim

    def get_email_identity(self, EmailIdentity: str) -> dict[str, Any]:  # noqa: N803
        if EmailIdentity != self._name:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, "GetEmailIdentity")
        tokens = [] if "@" in self._name else ["one", "two"]
        dkim = {"Status": self.dkim, "Tokens": tokens}
        return {"VerifiedForSendingStatus": self.dkim == "SUCCESS", "DkimAttributes": dkim}

    def put_email_identity_dkim_signing_attributes(self, **asked: str) -> None:
        assert asked == {"EmailIdentity": self._name, "SigningAttributesOrigin": "AWS_SES"}
        self.dkim = "PENDING"
