"""Checks of the alarms: their mails reach the operator, none is active, no failed event waits."""

from functools import cached_property

from management.deploy.provisioning import alarm_recipients
from management.doctor.facts import CheckFailed, ToDo
from management.doctor.running_service import ServiceFacts


class AlarmFacts(ServiceFacts):
    """The stage's alarms on CloudWatch, their recipients, and the queue of failed events."""

    @cached_property
    def alarm_recipients(self) -> dict[str, bool]:
        """Each address subscribed to the alarms, and whether the address was confirmed."""
        return alarm_recipients(self.stage, self._aws)

    @cached_property
    def active_alarms(self) -> list[str]:
        """The names of the stage's alarms that are active now."""
        names = [
            resource["Properties"]["AlarmName"]["Fn::Sub"].replace("${Stage}", self.stage.name)
            for resource in self.template["Resources"].values()
            if resource["Type"] == "AWS::CloudWatch::Alarm"
        ]
        # By full name: the prefix dukat-prod- would match alarms of a stage prod-2 too.
        pages = (
            self._aws.client("cloudwatch")
            .get_paginator("describe_alarms")
            .paginate(AlarmNames=names)
        )
        alarms = [one for page in pages for one in page["MetricAlarms"]]
        return sorted(one["AlarmName"] for one in alarms if one["StateValue"] == "ALARM")

    @cached_property
    def failed_events(self) -> int:
        """Approximately how many failed events wait in the queue."""
        client = self._aws.client("sqs")
        queue = client.get_queue_url(QueueName=f"{self.stage.service}-failed-events")["QueueUrl"]
        found = client.get_queue_attributes(
            QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"])


def check_alarm_mails(deployed: AlarmFacts) -> str:
    """The operator has confirmed the subscription to the alarms."""
    if not deployed.alarm_recipients.get(deployed.organisation.operator):
        raise ToDo(
            "the operator has not confirmed the subscription to the alarms",
            "Follow the link in the mail from AWS Notifications; check the junk folder. If there "
            f"is none, or the link has expired, {deployed.ask_again_command} "
            "sends a new one.",
        )
    return "the operator gets them"


def check_alarms(deployed: AlarmFacts) -> str:
    """No alarm is active and no failed event waits."""
    # no-tick is active before the first deploy, and for up to 15 minutes after the first tick.
    ringing = [
        name
        for name in deployed.active_alarms
        if not (name.endswith("-no-tick") and deployed.ticked_at)
    ]
    if ringing or deployed.failed_events:
        faults = [*ringing, *(["failed events in the queue"] if deployed.failed_events else [])]
        raise CheckFailed(f"active: {', '.join(faults)}", "docs/operations.md says what to do.")
    return "no alarm is active, no failed event is waiting"
