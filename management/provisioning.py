"""Making what a stage needs before `chalice deploy`: policies, table, mail, topics, alarms."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.event import Event
from management.aws import Aws, code_of
from management.functions import functions_of
from management.policies import policy_files
from management.stack import Stack
from management.stages import Stage


def provision(stage: Stage, event: Event, aws: Aws, say: Callable[[str], None]) -> None:
    """Writes the policies and applies the stack; run again it changes only what differs.

    Raises StackFailed.
    """
    say(f"Account {aws.account}, region {aws.region}.")
    for name in write_policies(stage, event, aws):
        say(f"  {name}: written")
    say(f"Stack {stage.service}:")
    stack = Stack(stage, aws)
    stack.apply(lambda: parameters(stage, event, aws, stack), say)
    tell_dns_records(stage, aws, say)
    say(f"AWS mails {event.operator} a link, so that its alarms may come there: follow it.")


def write_policies(stage: Stage, event: Event, aws: Aws) -> list[str]:
    """Writes the policy files that differ from what the code calls, and names them."""
    written = []
    for path, text in policy_files(functions_of(stage), stage, event.id, aws.place).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            written.append(path.name)
    return written


def parameters(stage: Stage, event: Event, aws: Aws, stack: Stack) -> dict[str, str]:
    """The stack's parameters, from the configuration and the event file."""
    name = sender_identity(stage, aws)
    is_ours = stack.resources().get("SenderIdentity") == name
    is_there = identity(name, aws) is not None
    return {
        "Stage": stage.name,
        "SenderIdentityName": name,
        "MakeSenderIdentity": "yes" if is_ours or not is_there else "no",
        "OperatorEmail": event.operator,
        "BackupDays": str(event.privacy.backup_days),
    }


def sender_identity(stage: Stage, aws: Aws) -> str:
    """What SES sends from: the address if it alone was verified, otherwise its domain."""
    if identity(stage.sender_domain, aws) is None and identity(stage.sender, aws) is not None:
        return stage.sender
    return stage.sender_domain


def identity(name: str, aws: Aws) -> dict[str, Any] | None:
    """What SES knows of an identity."""
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


def tell_dns_records(stage: Stage, aws: Aws, say: Callable[[str], None]) -> None:
    """Says what must be done so that SES may send, until it is done."""
    name = sender_identity(stage, aws)
    found = identity(name, aws)
    if found is None or found.get("VerifiedForSendingStatus"):
        return
    if "@" in name:
        say(f"SES may not send from {name} yet. Follow the link that AWS mailed there.")
        return
    say(f"SES may not send from {name} yet. Ask whoever runs its DNS to add:")
    for record in dns_records(name, found):
        say(f"  {record}")
