"""Provisioning: on moto as far as its CloudFormation goes, otherwise on one in memory."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.event.event import Event
from management.deploy.post_deploy import WrongAccount
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
from tests.cloudformation import CloudFormation, PlayedAws
from tests.staging import deployed_elsewhere, project_in

# Alarms, subscriptions and mail settings are left to the real one.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS.*not supported by moto")
PARAMETERS = {
    "Stage": "dev",
    "SenderIdentityName": "boras.example",
    "MakeSenderIdentity": "yes",
    "OperatorEmail": "dukat@boras.example",
    "BackupDays": "35",
}


@pytest.fixture(autouse=True)
def moto(bare_aws: None) -> None:
    """AWS in this process, with nothing in it."""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stage_named("dev", project_in(tmp_path / "project"))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def aws() -> PlayedAws:
    """AWS with a CloudFormation in memory, on which nothing has been made."""
    return PlayedAws(cloudformation=CloudFormation())


def stack_on(cloud: CloudFormation, stage: Stage, pauses: list[float] | None = None) -> Stack:
    waited = [] if pauses is None else pauses
    return Stack(stage, PlayedAws(cloudformation=cloud), waited.append)


def put_registration() -> None:
    item = {"pk": {"S": "event"}, "sk": {"S": "REG#1"}}
    boto3.client("dynamodb").put_item(TableName="dukat-dev", Item=item)


def change(stage: Stage) -> None:
    """The template, with an alarm that rings later."""
    path = stage.project / "infrastructure.json"
    template = json.loads(path.read_text("utf-8"))
    template["Resources"]["NoTick"]["Properties"]["EvaluationPeriods"] = 4
    path.write_text(json.dumps(template), "utf-8")


# On moto


def test_what_is_applied_is_there_and_known(stage: Stage, said: list[str]) -> None:
    stack = Stack(stage, Aws())
    assert (stack.status(), stack.resources()) == ("", {})
    stack.apply(lambda: PARAMETERS, said.append)
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


# On a CloudFormation in memory


def whole(cloud: CloudFormation, stage: Stage) -> Stack:
    """A stack that was made without a fault."""
    stack = stack_on(cloud, stage)
    stack.apply(lambda: PARAMETERS, lambda _: None)
    return stack


def broken(cloud: CloudFormation, stage: Stage) -> Stack:
    """A stack of which some resource could not be made."""
    stack = stack_on(cloud, stage)
    with pytest.raises(StackFailed):
        stack.apply(lambda: PARAMETERS, lambda _: None)
    return stack


def test_each_resource_that_is_made_is_told_once_in_order(stage: Stage, said: list[str]) -> None:
    pauses: list[float] = []
    stack = stack_on(CloudFormation(looks=2), stage, pauses)
    stack.apply(lambda: PARAMETERS, said.append)
    resources = template_to_apply(stage.project)["Resources"]
    assert said == [f"  {name}: create complete" for name in [*resources, "dukat-dev"]]
    assert pauses == [3.0, 3.0]
    assert stack.resources().keys() == resources.keys()  # on more pages than one


def test_applied_again_nothing_changes(stage: Stage, said: list[str]) -> None:
    cloud = CloudFormation()
    whole(cloud, stage).apply(lambda: PARAMETERS, said.append)
    assert said == ["  nothing to change"]
    assert cloud.calls == ["create", "update"]


def test_a_table_of_an_earlier_version_is_left_as_it_is_and_it_says_what_to_do(
    stage: Stage, said: list[str]
) -> None:
    """CloudFormation can't take its indexes away: it would want to make another table."""
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
    with pytest.raises(StackFailed, match=r"made by an earlier version.*\(manage\.py add-stage\)"):
        Stack(stage, Aws()).apply(lambda: PARAMETERS, said.append)
    assert said == []
    assert Stack(stage, Aws()).status() == ""


def test_a_change_is_applied_and_only_that_is_told(stage: Stage, said: list[str]) -> None:
    stack = whole(CloudFormation(), stage)
    change(stage)
    put_registration()
    stack.apply(lambda: PARAMETERS, said.append)
    assert said == ["  NoTick: update complete", "  dukat-dev: update complete"]
    assert not StageTable(stage, Aws()).is_empty()


def test_what_fails_is_named_with_its_reason_and_what_was_made_stays(
    stage: Stage, said: list[str]
) -> None:
    cloud = CloudFormation(AlarmTopic="Invalid parameter")
    stack = stack_on(cloud, stage)
    with pytest.raises(StackFailed, match=r"^AlarmTopic: Invalid parameter") as failed:
        stack.apply(lambda: PARAMETERS, said.append)
    assert "dukat-dev: " in str(failed.value)
    assert said[-2:] == ["  AlarmTopic: create failed", "  dukat-dev: create failed"]
    assert stack.status() == "CREATE_FAILED"
    assert StageTable(stage, Aws()).described()
    made = stack.resources()
    assert made["Table"] == "dukat-dev"
    assert not {"AlarmTopic", "dukat-dev"} & made.keys()


def test_the_next_attempt_goes_on_from_there(stage: Stage, said: list[str]) -> None:
    cloud = CloudFormation(AlarmTopic="Invalid parameter")
    stack = broken(cloud, stage)
    put_registration()
    cloud.failing.clear()
    stack.apply(lambda: PARAMETERS, said.append)
    assert stack.status() == "UPDATE_COMPLETE"
    assert not [line for line in said if line.startswith("  Table:")]
    assert not StageTable(stage, Aws()).is_empty()
    assert cloud.calls == ["create", "update"]


def test_an_update_that_fails_says_which_resource_and_why_and_not_what_failed_before(
    stage: Stage, said: list[str]
) -> None:
    cloud = CloudFormation(AlarmTopic="Invalid parameter")
    stack = broken(cloud, stage)
    cloud.failing = {"NoTick": "Limit exceeded"}
    with pytest.raises(StackFailed) as failed:
        stack.apply(lambda: PARAMETERS, said.append)
    assert "NoTick: Limit exceeded" in str(failed.value)
    assert "AlarmTopic" not in str(failed.value)
    assert stack.status() == "UPDATE_FAILED"


def test_another_operator_replaces_the_subscription(stage: Stage, said: list[str]) -> None:
    stack = whole(CloudFormation(), stage)
    another = {**PARAMETERS, "OperatorEmail": "other@boras.example"}
    stack.apply(lambda: another, said.append)
    assert said == ["  AlarmSubscription: update complete", "  dukat-dev: update complete"]


def test_an_update_of_a_whole_stack_that_fails_is_taken_back_and_can_be_tried_again(
    stage: Stage, said: list[str]
) -> None:
    cloud = CloudFormation()
    stack = whole(cloud, stage)
    applied = stack.applied()
    change(stage)
    cloud.failing = {"NoTick": "Limit exceeded"}
    with pytest.raises(StackFailed, match="NoTick: Limit exceeded"):
        stack.apply(lambda: PARAMETERS, said.append)
    assert (stack.status(), stack.applied()) == ("UPDATE_ROLLBACK_COMPLETE", applied)
    cloud.failing.clear()
    stack.apply(lambda: PARAMETERS, said.append)
    assert stack.status() == "UPDATE_COMPLETE"


def test_a_stack_that_failed_and_has_nothing_to_update_is_not_passed_over(
    stage: Stage, said: list[str]
) -> None:
    cloud = CloudFormation()
    stack = whole(cloud, stage)
    cloud.set_status("UPDATE_FAILED")
    with pytest.raises(StackFailed, match="UPDATE_FAILED, and CloudFormation finds nothing"):
        stack.apply(lambda: PARAMETERS, said.append)
    assert said == []


# What `aws cloudformation package` leaves, as far as it matters here.
PACKAGED = """
Resources:
  Table: {Type: "AWS::SNS::Topic", Properties: {TopicName: "dukat-dev-alarms"}}
  Tick: {Type: "%s", Properties: {Name: "x"}}
"""


@pytest.mark.parametrize("kind", ["AWS::Lambda::Function", "AWS::ApiGateway::RestApi"])
@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "ROLLBACK_COMPLETE"])
def test_a_stack_of_the_packaged_template_is_not_touched(
    stage: Stage, said: list[str], kind: str, status: str
) -> None:
    cloud = packaged_stack(PACKAGED % kind)
    cloud.set_status(status)
    with pytest.raises(StackFailed, match="provision would delete its functions"):
        stack_on(cloud, stage).apply(lambda: PARAMETERS, said.append)
    assert cloud.calls == ["create"]


def test_a_template_in_yaml_is_read_and_one_with_tags_is_empty(stage: Stage) -> None:
    found, _ = stack_on(packaged_stack(PACKAGED % "AWS::Lambda::Function"), stage).applied()
    assert found["Resources"].keys() == {"Table", "Tick"}
    tags = CloudFormation()
    tags.get_template = lambda **_: {"TemplateBody": "A: !Ref B"}  # type: ignore[method-assign]
    assert stack_on(tags, stage).applied() == ({}, {})


def packaged_stack(body: str) -> CloudFormation:
    cloud = CloudFormation()
    cloud.create_stack(
        StackName="dukat-dev", TemplateBody=body, Parameters=[], DisableRollback=True
    )
    return cloud


def never_whole(stage: Stage, status: str) -> CloudFormation:
    """A stack that stands at a status after it failed half-way, with its table made."""
    cloud = CloudFormation(FailedEvents="Throttled")
    broken(cloud, stage)
    cloud.failing.clear()
    cloud.calls.clear()
    cloud.takes_updates_of_what_failed = False
    cloud.set_status(status)
    return cloud


NEVER_WHOLE = ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"]


@pytest.mark.parametrize("status", NEVER_WHOLE)
def test_a_stack_that_was_never_whole_is_started_over(
    stage: Stage, said: list[str], event: Event, status: str
) -> None:
    """SES has kept the identity that it had made: it is used, and not made again."""
    cloud = never_whole(stage, status)
    aws = PlayedAws(cloudformation=cloud)
    provision(stage, event, aws, said.append)
    assert Stack(stage, aws).status() == "CREATE_COMPLETE"
    assert [call for call in cloud.calls if call != "update"] == ["delete", "create"]
    assert said.index("  Table: delete complete") < said.index("  Table: create complete")
    assert "  dukat-dev: create complete" in said


@pytest.mark.parametrize("status", NEVER_WHOLE)
def test_a_table_that_holds_something_is_never_started_over(
    stage: Stage, said: list[str], status: str
) -> None:
    cloud = never_whole(stage, status)
    put_registration()
    with pytest.raises(StackFailed, match=f"{status}, and the table holds registrations"):
        stack_on(cloud, stage).apply(lambda: PARAMETERS, said.append)
    assert "delete" not in cloud.calls
    table = StageTable(stage, Aws())
    assert (table.described() or {})["DeletionProtectionEnabled"]
    assert not table.is_empty()


def test_an_update_that_is_refused_of_a_whole_stack_is_told_as_it_is(
    stage: Stage, said: list[str]
) -> None:
    cloud = CloudFormation()
    stack = whole(cloud, stage)
    cloud.set_status("UPDATE_ROLLBACK_FAILED")
    with pytest.raises(ClientError, match="UPDATE_ROLLBACK_FAILED"):
        stack.apply(lambda: PARAMETERS, said.append)
    assert cloud.calls == ["create", "update"]


# Provisioning


def make_identity(name: str) -> None:
    boto3.client("sesv2").create_email_identity(EmailIdentity=name)


def test_an_identity_that_ses_does_not_know_is_made(stage: Stage, event: Event, aws: Aws) -> None:
    another = replace(event, privacy=replace(event.privacy, backup_days=7, log_days=14))
    assert parameters(stage, another, aws, Stack(stage, aws)) == {
        "Stage": "dev",
        "SenderIdentityName": stage.sender_domain,
        "MakeSenderIdentity": "yes",
        "OperatorEmail": event.operator,
        "BackupDays": "7",
        "LogDays": "14",
    }


def test_an_identity_that_somebody_else_made_is_used_and_not_made(
    stage: Stage, event: Event, aws: Aws
) -> None:
    make_identity(stage.sender_domain)
    provision(stage, event, aws, lambda _: None)
    stack = Stack(stage, aws)
    assert parameters(stage, event, aws, stack)["MakeSenderIdentity"] == "no"
    assert "SenderIdentity" not in stack.resources()


def test_an_identity_of_the_stack_stays_in_it(stage: Stage, event: Event, aws: Aws) -> None:
    for _ in range(2):
        provision(stage, event, aws, lambda _: None)
        assert parameters(stage, event, aws, Stack(stage, aws))["MakeSenderIdentity"] == "yes"
    assert Stack(stage, aws).resources()["SenderIdentity"] == stage.sender_domain


def test_an_address_that_alone_is_known_to_ses_is_sent_from(
    stage: Stage, event: Event, aws: Aws
) -> None:
    assert sender_identity(stage, aws) == stage.sender_domain
    make_identity(stage.sender)
    assert sender_identity(stage, aws) == stage.sender
    wanted = parameters(stage, event, aws, Stack(stage, aws))
    assert wanted["SenderIdentityName"] == stage.sender
    assert wanted["MakeSenderIdentity"] == "no"
    make_identity(stage.sender_domain)
    assert sender_identity(stage, aws) == stage.sender_domain


def test_an_identity_that_could_not_be_made_since_it_is_there_is_used(
    stage: Stage, event: Event, aws: Aws
) -> None:
    """Somebody verified it in the meantime: the stack must not try again for ever."""
    before = parameters(stage, event, aws, Stack(stage, aws))
    make_identity(stage.sender_domain)
    with pytest.raises(StackFailed, match="SenderIdentity"):
        Stack(stage, aws).apply(lambda: before, lambda _: None)
    provision(stage, event, aws, lambda _: None)
    assert Stack(stage, aws).status() == "UPDATE_COMPLETE"


def test_the_policies_are_written_with_the_account(
    stage: Stage, event: Event, aws: Aws, said: list[str]
) -> None:
    provision(stage, event, aws, said.append)
    assert said[0] == "Account 123456789012, region eu-north-1."
    names = ["web", "close-registration", "tick", "record-mail-event"]
    assert said[1:5] == [f"  policy-{name}-dev.json: written" for name in names]
    for name in names:
        text = (stage.policy_folder / f"policy-{name}-dev.json").read_text("utf-8")
        assert Place().account not in text
        assert "arn:aws:dynamodb:eu-north-1:123456789012:table/dukat-dev" in text
    said.clear()
    provision(stage, event, aws, said.append)
    assert not [line for line in said if "written" in line]


NOT_YET = "SES may not send from {} yet."
STOPPED = "SES had stopped looking for the DNS records of {}; it looks for 72 hours more for:"
RECORDS = [
    "  one._domainkey.boras.example  CNAME  one.dkim.amazonses.com",
    "  two._domainkey.boras.example  CNAME  two.dkim.amazonses.com",
]


@pytest.mark.parametrize(
    ("name", "dkim", "told", "records", "becomes"),
    [
        (
            "boras.example",
            "PENDING",
            f"{NOT_YET} Ask whoever runs its DNS to add:",
            RECORDS,
            "PENDING",
        ),
        ("boras.example", "FAILED", STOPPED, RECORDS, "PENDING"),
        (
            "dukat@boras.example",
            "FAILED",
            f"{NOT_YET} Follow the link that AWS mailed there.",
            [],
            "FAILED",
        ),
    ],
)
def test_it_is_told_what_to_do_so_that_ses_may_send(
    stage: Stage, said: list[str], name: str, dkim: str, told: str, records: list[str], becomes: str
) -> None:
    ses = SesWithTokens(name, dkim)
    report_dns_records(stage, PlayedAws(sesv2=ses), said.append)
    assert (said, ses.dkim) == ([told.format(name), *records], becomes)
    said.clear()
    report_dns_records(stage, PlayedAws(sesv2=SesWithTokens(name, "SUCCESS")), said.append)
    assert said == []


def test_an_operator_who_has_not_confirmed_gets_a_fresh_link(
    stage: Stage, event: Event, aws: Aws, said: list[str]
) -> None:
    provision(stage, event, aws, said.append)
    assert said[-1].startswith(f"AWS mails {event.operator} a link")
    topic = aws.place.arn("sns", "dukat-dev-alarms")
    subscribed = boto3.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [one["Endpoint"] for one in subscribed] == [event.operator]
    said.clear()
    provision(stage, event, aws, said.append)  # moto takes every subscription for confirmed
    assert not [line for line in said if "a link" in line]


def test_in_another_account_nothing_is_provisioned(
    stage: Stage, event: Event, said: list[str]
) -> None:
    cloud = CloudFormation()
    deployed_elsewhere(stage)
    with pytest.raises(WrongAccount, match="deployed to account 210987654321"):
        provision(stage, event, PlayedAws(cloudformation=cloud), said.append)
    assert (cloud.calls, said) == ([], [])


class SesWithTokens:
    """SES that knows one identity, with the tokens that moto doesn't make."""

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
