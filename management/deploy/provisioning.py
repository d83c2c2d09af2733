"""Creates what a stage needs before `chalice deploy`: policies, table, mail, topics, alarms."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.event.organisation import Organisation
from management.deploy.deployment import require_same_account
from management.deploy.stack import Stack
from management.stage.aws import Aws, code_of
from management.stage.functions import (
    RESERVED_RUNS,
    UNRESERVED_AT_LEAST,
    functions_of,
    schedules,
)
from management.stage.policies import policy_files
from management.stage.stages import Stage


def provision(
    stage: Stage, organisation: Organisation, aws: Aws, say: Callable[[str], None]
) -> None:
    """Write the policy files and apply the stack, changing only what differs.

    Reports each change, and what must be done by hand, with `say`. Raises StackFailed or
    WrongAccount.
    """
    require_same_account(stage, aws)
    say(f"Account {aws.account}, region {aws.region}.")
    for name in write_policies(stage, aws):
        say(f"  {name}: written")
    say(f"Stack {stage.service}:")
    stack = Stack(stage, aws)
    stack.apply(lambda: parameters(stage, organisation, aws, stack), say)
    ask_for_what_is_left(stage, organisation.operator, aws, say)


def ask_for_what_is_left(stage: Stage, operator: str, aws: Aws, say: Callable[[str], None]) -> None:
    """Report the DNS records that mails need, and have AWS mail the operator a new link."""
    report_dns_records(stage, aws, say)
    _subscribe(stage, operator, aws, say)


def alarm_recipients(stage: Stage, aws: Aws) -> dict[str, bool]:
    """Each address subscribed to the alarms, and whether the address was confirmed."""
    pages = aws.client("sns").get_paginator("list_subscriptions_by_topic")
    try:
        found = [
            one
            for page in pages.paginate(TopicArn=_alarm_topic(stage, aws))
            for one in page["Subscriptions"]
        ]
    except ClientError as error:
        if code_of(error) in {"NotFound", "NotFoundException"}:
            return {}
        raise
    return {one["Endpoint"]: one["SubscriptionArn"].startswith("arn:") for one in found}


def _alarm_topic(stage: Stage, aws: Aws) -> str:
    return aws.place.arn("sns", f"{stage.service}-alarms")


def _subscribe(stage: Stage, operator: str, aws: Aws, say: Callable[[str], None]) -> None:
    """Have AWS mail a new link, valid for 48 hours, to an operator who has not confirmed."""
    if alarm_recipients(stage, aws).get(operator):
        return
    aws.client("sns").subscribe(
        TopicArn=_alarm_topic(stage, aws), Protocol="email", Endpoint=operator
    )
    say(f"AWS mails {operator} a link that confirms the alarms: open it.")


def write_policies(stage: Stage, aws: Aws) -> list[str]:
    """Write the policy files that differ from what the code needs; return their names."""
    written = []
    for path, text in policy_files(functions_of(stage), stage, aws.place).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            written.append(path.name)
    return written


def parameters(stage: Stage, organisation: Organisation, aws: Aws, stack: Stack) -> dict[str, str]:
    """The stack's parameters, from the configuration, organisation.toml and what SES knows."""
    name = sender_identity(stage, aws)
    is_of_stack = stack.resources().get("SenderIdentity") == name
    exists = identity(name, aws) is not None
    return {
        "Stage": stage.name,
        "SenderIdentityName": name,
        "MakeSenderIdentity": "yes" if is_of_stack or not exists else "no",
        "OperatorEmail": organisation.operator,
        "BackupDays": str(organisation.backup_days),
        "LogDays": str(organisation.log_days),
    }


def packaged_parameters(stage: Stage, organisation: Organisation, aws: Aws) -> dict[str, str]:
    """The parameters of a stack that has the functions, too."""
    limits = aws.client("lambda").get_account_settings()["AccountLimit"]
    needed = UNRESERVED_AT_LEAST + RESERVED_RUNS * len(schedules())
    reserves = int(limits["UnreservedConcurrentExecutions"]) >= needed
    return {
        **parameters(stage, organisation, aws, Stack(stage, aws)),
        "ReserveRuns": "yes" if reserves else "no",
    }


def sender_identity(stage: Stage, aws: Aws) -> str:
    """The name of the sender's identity: the domain, unless SES knows only the address."""
    if identity(stage.sender_domain, aws) is None and identity(stage.sender, aws) is not None:
        return stage.sender
    return stage.sender_domain


def identity(name: str, aws: Aws) -> dict[str, Any] | None:
    """SES's description of an identity, or None."""
    try:
        return dict(aws.client("sesv2").get_email_identity(EmailIdentity=name))
    except ClientError as error:
        if code_of(error) == "NotFoundException":
            return None
        raise


def dns_records(domain: str, found: dict[str, Any]) -> list[str]:
    """The DNS records that let SES sign the domain's mails (DKIM, RFC 6376)."""
    tokens = found.get("DkimAttributes", {}).get("Tokens", ())
    return [f"{token}._domainkey.{domain}  CNAME  {token}.dkim.amazonses.com" for token in tokens]


def report_dns_records(stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
    """Report with `say` what must be done before SES may send from the sender, if anything.

    Restarts SES's check of the domain's DNS records if SES has given up.
    """
    name = sender_identity(stage, aws)
    found = identity(name, aws)
    if found is None:
        return
    if "@" not in name and found.get("DkimAttributes", {}).get("Status") == "FAILED":
        _restart_dkim(name, found, aws, say)
        return
    if found.get("VerifiedForSendingStatus"):
        return
    if "@" in name:
        say(f"SES may not send from {name} yet. Follow the link that AWS mailed to that address.")
        return
    say(f"SES may not send from {name} yet. Have the domain's DNS administrator add:")
    for record in dns_records(name, found):
        say(f"  {record}")


def _restart_dkim(name: str, found: dict[str, Any], aws: Aws, say: Callable[[str], None]) -> None:
    """Restart SES's check for the DNS records, which SES ends after 72 hours."""
    aws.client("sesv2").put_email_identity_dkim_signing_attributes(
        EmailIdentity=name, SigningAttributesOrigin="AWS_SES"
    )
    say(f"SES had stopped checking the DNS of {name}. For 72 hours it checks again for:")
    for record in dns_records(name, identity(name, aws) or found):
        say(f"  {record}")
