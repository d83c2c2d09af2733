"""A deployed stage as AWS and this machine show it: one fact at a time, and only when asked."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from botocore.exceptions import BotoCoreError, ClientError
from chalice.config import Config

from chalicelib.dynamo.table import Table
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import EventState
from chalicelib.mail import base_url
from management.deploy import bundle
from management.deploy.post_deploy import api_stage, deployed, deployed_account, rest_api_id, url
from management.deploy.provisioning import (
    alarm_recipients,
    dns_records,
    identity,
    parameters,
    sender_identity,
)
from management.deploy.stack import Stack, template_to_apply
from management.stage.aws import Aws, code_of
from management.stage.functions import Function, functions_of, schedules
from management.stage.policies import policy, policy_files
from management.stage.stages import Stage
from management.stage.table import StageTable, open_table

_SEEN_WITHIN = timedelta(minutes=15)
_LOOKS, _BETWEEN_LOOKS = 36, 5.0


@dataclass(frozen=True)
class TableFacts:
    """A table's settings; `backup_days` is 0 without point-in-time recovery."""

    on_demand: bool = True
    encrypted: bool = True
    protected: bool = True
    backup_days: int = 35
    expires_by: str = "expires_at"
    has_indexes: bool = False


@dataclass(frozen=True)
class IdentityFacts:
    """What SES knows of the sender."""

    name: str
    verified: bool = True
    signing: bool = True
    dkim: str = "SUCCESS"
    records: tuple[str, ...] = ()


@dataclass(frozen=True)
class SendingFacts:
    """What SES lets the account send."""

    production: bool = True
    enabled: bool = True


@dataclass(frozen=True)
class MailSetFacts:
    """The configuration set: whether it insists on TLS, and where its events go."""

    requires_tls: bool = True
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class FunctionFacts:
    """A deployed function."""

    handler: str
    runtime: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BundleFacts:
    """What is wrong with the deployed package: files by name."""

    unreadable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


@dataclass(frozen=True)
class StateFile:
    """Chalice's record of what it deployed: whether it is here, and kept in git as it is."""

    here: bool = True
    committed: bool = True


@dataclass(frozen=True)
class RetryFacts:
    """What happens to a failed event: where it is kept, how often and how long it is tried."""

    queue: str
    retries: int
    seconds: int


class Site:
    """The facts. Each may raise ClientError, BotoCoreError or NotDeployed when it is asked."""

    def __init__(self, stage: Stage, event: Event, aws: Aws, now: datetime) -> None:
        self.stage = stage
        self.event = event
        self.now = now
        self._aws = aws

    @property
    def python(self) -> str:
        """This Python's version as Lambda names its runtimes."""
        return f"python{sys.version_info.major}.{sys.version_info.minor}"

    @property
    def runtime(self) -> str:
        """The runtime that Chalice would deploy from this Python."""
        return str(Config().lambda_python_version)

    @cached_property
    def state(self) -> EventState:
        """Where the event stands; as before the first registration if there is no table."""
        if StageTable(self.stage, self._aws).described() is None:
            return EventState()
        return event_state.read(self._items)

    @property
    def address(self) -> str:
        """Where the pages are, as Chalice deployed them; raises NotDeployed."""
        return url(self.stage)

    @cached_property
    def told_address(self) -> str:
        """Where the mails say that the pages are."""
        return base_url.read(self._items)

    @cached_property
    def _items(self) -> Table:
        return open_table(self.stage.service, self.event, self._aws)

    @property
    def account(self) -> str:
        """The account's number."""
        return self._aws.account

    @property
    def deployed_account(self) -> str:
        """The account that the stage was deployed to, empty if none is known."""
        return deployed_account(self.stage)

    @property
    def region(self) -> str:
        """The region that this machine's commands go to."""
        return self._aws.region

    @cached_property
    def functions(self) -> list[Function]:
        """The functions that the code has."""
        return functions_of(self.stage)

    @cached_property
    def schedules(self) -> dict[str, str]:
        """The schedules that the code has."""
        return schedules()

    @cached_property
    def template(self) -> dict[str, Any]:
        """infrastructure.json."""
        text = (self.stage.project / "infrastructure.json").read_text(encoding="utf-8")
        return dict(json.loads(text))

    @cached_property
    def unreadable_files(self) -> list[Path]:
        """Files of the project that Lambda could not read, since Chalice keeps their modes."""
        files = bundle.project_files(self.stage.project).values()
        return [path for path in files if not path.stat().st_mode & 0o004]

    @cached_property
    def outdated_policies(self) -> list[str]:
        """Policy files that differ from what the code calls."""
        wanted = policy_files(self.functions, self.stage, self.event.id, self._aws.place)
        return [
            path.name
            for path, text in wanted.items()
            if not path.exists() or path.read_text(encoding="utf-8") != text
        ]

    @cached_property
    def stack_status(self) -> str:
        """CloudFormation's word for the stack, empty if there is none."""
        return self._stack.status()

    @cached_property
    def stack_differences(self) -> list[str]:
        """What of the template or its parameters is not as it was applied."""
        was, had = self._stack.applied()
        wanted = parameters(self.stage, self.event, self._aws, self._stack)
        names = [name for name, value in wanted.items() if had.get(name) != value]
        template = template_to_apply(self.stage.project)
        for section in ("Parameters", "Conditions", "Resources"):
            before, now = was.get(section, {}), template.get(section, {})
            names += sorted(
                name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
            )
        return names

    @cached_property
    def table(self) -> TableFacts | None:
        """The table's settings, if it is there."""
        described = StageTable(self.stage, self._aws).described()
        if described is None:
            return None
        client, name = self._aws.client("dynamodb"), self.stage.service
        backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = backups.get("PointInTimeRecoveryDescription", {})
        enabled = recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
        expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        expires = expiry.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
        return TableFacts(
            on_demand=described.get("BillingModeSummary", {}).get("BillingMode")
            == "PAY_PER_REQUEST",
            encrypted=described.get("SSEDescription", {}).get("Status") in {"ENABLED", "ENABLING"},
            protected=bool(described.get("DeletionProtectionEnabled")),
            # AWS leaves the days out while they are the default.
            backup_days=int(recovery.get("RecoveryPeriodInDays", 35)) if enabled else 0,
            expires_by=str(expiry.get("AttributeName", "")) if expires else "",
            has_indexes=bool(described.get("LocalSecondaryIndexes")),
        )

    @cached_property
    def copies(self) -> list[str]:
        """Where else the table's items are, or stay when they are deleted, in words.

        Backups that AWS makes of a table that is removed are left aside: they end by themselves.
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

    @cached_property
    def identity(self) -> IdentityFacts | None:
        """The sender, if SES knows it."""
        name = sender_identity(self.stage, self._aws)
        found = identity(name, self._aws)
        if found is None:
            return None
        dkim = found.get("DkimAttributes", {})
        return IdentityFacts(
            name,
            bool(found.get("VerifiedForSendingStatus")),
            bool(dkim.get("SigningEnabled")),
            str(dkim.get("Status", "")),
            tuple(dns_records(name, found)),
        )

    @cached_property
    def sending(self) -> SendingFacts:
        """Whether the account may send, and to anybody."""
        account = self._aws.client("sesv2").get_account()
        return SendingFacts(
            bool(account.get("ProductionAccessEnabled")), bool(account.get("SendingEnabled"))
        )

    @cached_property
    def mail_set(self) -> MailSetFacts | None:
        """The configuration set, if it is there."""
        client, name = self._aws.client("sesv2"), self.stage.service
        try:
            found = client.get_configuration_set(ConfigurationSetName=name)
        except ClientError as error:
            if code_of(error) == "NotFoundException":
                return None
            raise
        destinations = client.get_configuration_set_event_destinations(ConfigurationSetName=name)
        return MailSetFacts(
            found.get("DeliveryOptions", {}).get("TlsPolicy") == "REQUIRE",
            tuple(
                one["SnsDestination"]["TopicArn"].rpartition(":")[2]
                for one in destinations.get("EventDestinations", ())
                if one.get("Enabled") and "SnsDestination" in one
            ),
        )

    def is_suppressed(self, address: str) -> bool:
        """Whether SES refuses to mail this address since it bounced or complained before."""
        try:
            self._aws.client("sesv2").get_suppressed_destination(EmailAddress=address)
        except ClientError as error:
            if code_of(error) == "NotFoundException":
                return False
            raise
        return True

    @cached_property
    def alarm_recipients(self) -> dict[str, bool]:
        """Who gets the alarms, and whether that was confirmed."""
        return alarm_recipients(self.stage, self._aws)

    @cached_property
    def state_file(self) -> StateFile:
        """Chalice's record, and whether git has it."""
        path = self.stage.state_file
        if not path.exists():
            return StateFile(here=False, committed=False)
        name = str(path.relative_to(self.stage.project))
        known = self._git("ls-files", "--error-unmatch", name)
        return StateFile(committed=known and self._git("diff", "--quiet", "HEAD", "--", name))

    @cached_property
    def deployed_region(self) -> str:
        """Where Chalice deployed to; raises NotDeployed."""
        address = str(deployed(self.stage)["rest_api"]["rest_api_url"])
        return (urlsplit(address).hostname or "").split(".")[2]

    def deployed_function(self, function: Function) -> FunctionFacts | None:
        """A function as it is deployed, if it is."""
        try:
            found = self._aws.client("lambda").get_function_configuration(
                FunctionName=function.deployed_as
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        variables = found.get("Environment", {}).get("Variables", {})
        return FunctionFacts(found["Handler"], found["Runtime"], variables)

    def deployed_policy(self, function: Function) -> dict[str, Any] | None:
        """The policy that Chalice gave a function's role, as it is deployed."""
        role = self._role(function)
        try:
            found = self._aws.client("iam").get_role_policy(RoleName=role, PolicyName=role)
        except ClientError as error:
            if code_of(error) in {"NoSuchEntity", "NoSuchEntityException"}:
                return None
            raise
        return dict(found["PolicyDocument"])

    def other_policies(self, function: Function) -> list[str]:
        """The other policies of a function's role, by name; there should be none."""
        role, client = self._role(function), self._aws.client("iam")
        inline = client.get_paginator("list_role_policies").paginate(RoleName=role)
        attached = client.get_paginator("list_attached_role_policies").paginate(RoleName=role)
        names = [name for page in inline for name in page["PolicyNames"]]
        names += [one["PolicyName"] for page in attached for one in page["AttachedPolicies"]]
        return [name for name in names if name != role]

    def wanted_policy(self, function: Function) -> dict[str, Any]:
        """The policy that the code needs."""
        return policy(function, self.stage, self.event.id, self._aws.place)

    @cached_property
    def bundle(self) -> BundleFacts | None:
        """What is wrong with the package that runs, against this folder; None if none runs."""
        try:
            found = self._aws.client("lambda").get_function(FunctionName=self.stage.service)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        with urlopen(found["Code"]["Location"], timeout=60) as answer:  # noqa: S310 - AWS says where
            content = answer.read()
        with TemporaryDirectory() as folder:
            path = Path(folder) / "deployed.zip"
            path.write_bytes(content)
            project = self.stage.project
            return BundleFacts(
                tuple(bundle.unreadable(path)),
                tuple(bundle.missing(path, project)),
                tuple(bundle.stale(path, project)),
            )

    def rule(self, function: str) -> str:
        """The schedule of a function as it is deployed, empty if there is none or it is off."""
        try:
            found = self._aws.client("events").describe_rule(
                Name=f"{self.stage.service}-{function}-event"
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return ""
            raise
        return str(found["ScheduleExpression"]) if found.get("State") == "ENABLED" else ""

    def retries(self, function: str) -> RetryFacts | None:
        """What happens to a function's failed events, if it was said."""
        try:
            found = self._aws.client("lambda").get_function_event_invoke_config(
                FunctionName=f"{self.stage.service}-{function}"
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        queue = found.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
        return RetryFacts(
            queue.rpartition(":")[2],
            int(found.get("MaximumRetryAttempts", 2)),
            int(found.get("MaximumEventAgeInSeconds", 21600)),
        )

    def log_days(self, function: Function) -> int | None:
        """How many days a function's log is kept: 0 for ever, None if there is no log group."""
        groups = self._aws.client("logs").describe_log_groups(logGroupNamePrefix=function.log_group)
        for group in groups["logGroups"]:
            if group["logGroupName"] == function.log_group:
                return int(group.get("retentionInDays", 0))
        return None

    @cached_property
    def api(self) -> dict[str, Any]:
        """API Gateway's settings of the stage; raises NotDeployed."""
        return api_stage(self.stage, rest_api_id(self.stage), self._aws)

    @cached_property
    def ticked_at(self) -> datetime | None:
        """When the last tick of the last 15 minutes ended well, by its log."""
        pages = (
            self._aws.client("logs")
            .get_paginator("filter_log_events")
            .paginate(
                logGroupName=f"/aws/lambda/{self.stage.service}-tick",
                startTime=round((self.now - _SEEN_WITHIN).timestamp() * 1000),
                filterPattern='"Ticks"',
            )
        )
        moments = [event["timestamp"] for page in pages for event in page["events"]]
        return datetime.fromtimestamp(max(moments) / 1000, UTC) if moments else None

    def answers(self, path: str) -> int:
        """The status with which the deployed web function answers a path; 500 if it fails."""
        from app import app
        from management.local.gateway import Gateway

        gateway = Gateway(app, lambda: self.now, self.stage.api_stage)
        event = gateway.event("GET", path, {"Accept": "text/html"}, b"", self.now)
        found = self._aws.client("lambda").invoke(
            FunctionName=self.stage.service, Payload=json.dumps(event)
        )
        if found.get("FunctionError"):
            return 500
        return int(json.loads(found["Payload"].read())["statusCode"])

    @cached_property
    def failed_events(self) -> int:
        """How many failed events wait, about."""
        client = self._aws.client("sqs")
        queue = client.get_queue_url(QueueName=f"{self.stage.service}-failed-events")["QueueUrl"]
        found = client.get_queue_attributes(
            QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"])

    @cached_property
    def ringing(self) -> list[str]:
        """The stage's alarms that ring now."""
        names = [
            resource["Properties"]["AlarmName"]["Fn::Sub"].replace("${Stage}", self.stage.name)
            for resource in self.template["Resources"].values()
            if resource["Type"] == "AWS::CloudWatch::Alarm"
        ]
        # By name: the prefix dukat-prod- would take in those of a stage prod-2.
        pages = (
            self._aws.client("cloudwatch")
            .get_paginator("describe_alarms")
            .paginate(AlarmNames=names)
        )
        alarms = [one for page in pages for one in page["MetricAlarms"]]
        return sorted(one["AlarmName"] for one in alarms if one["StateValue"] == "ALARM")

    def _role(self, function: Function) -> str:
        """What Chalice calls a function's role, and the policy in it."""
        return f"{self.stage.service}-{function.name}"

    def _git(self, *arguments: str) -> bool:
        command = ["git", "-C", str(self.stage.project), *arguments]
        try:
            found = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own
        except FileNotFoundError:  # without git, nothing is kept in it
            return False
        return found.returncode == 0

    @cached_property
    def _stack(self) -> Stack:
        return Stack(self.stage, self._aws)


def wait_for_tick(site_now: Callable[[], Site], pause: Callable[[float], None] = sleep) -> None:
    """Waits until a tick has ended well that came after the call, at most three minutes."""
    since = site_now().now
    for _ in range(_LOOKS):
        try:
            ticked_at = site_now().ticked_at
        except (ClientError, BotoCoreError):
            return
        if ticked_at and ticked_at >= since:
            return
        pause(_BETWEEN_LOOKS)
