"""Checks of the sender of mails: SES may send from the sender, and signs with DKIM."""

from dataclasses import dataclass
from functools import cached_property

from management.deploy.provisioning import dns_records, identity, sender_identity
from management.doctor.facts import CheckFailed, StageFacts, ToDo

# Statuses of an identity that signs, whose DNS records are missing or were removed.
_DKIM_WITHOUT_RECORDS = {"PENDING", "FAILED", "TEMPORARY_FAILURE"}


@dataclass(frozen=True)
class SenderIdentity:
    """SES's identity of the sender: `name` is its domain, or one address."""

    name: str
    verified: bool = True
    signing: bool = True
    dkim: str = "SUCCESS"
    records: tuple[str, ...] = ()


class SenderFacts(StageFacts):
    """The sender."""

    @cached_property
    def sender(self) -> SenderIdentity | None:
        """SES's identity of the sender, or None if SES does not know the sender."""
        name = sender_identity(self.stage, self._aws)
        found = identity(name, self._aws)
        if found is None:
            return None
        dkim = found.get("DkimAttributes", {})
        return SenderIdentity(
            name,
            bool(found.get("VerifiedForSendingStatus")),
            bool(dkim.get("SigningEnabled")),
            str(dkim.get("Status", "")),
            tuple(dns_records(name, found)),
        )


def check_sender(deployed: SenderFacts) -> str:
    """SES has verified the sender."""
    sender = deployed.sender
    if sender is None:
        raise CheckFailed("SES does not know the sender", deployed.provision_command)
    if not sender.verified:
        raise ToDo(f"SES may not send from {sender.name} yet", _how_to_verify(deployed, sender))
    return f"SES may send from {sender.name}"


def check_dkim(deployed: SenderFacts) -> str:
    """The sender's domain signs its mails with DKIM (RFC 6376)."""
    sender = deployed.sender
    if sender is None or "@" in sender.name:
        raise CheckFailed(
            "mails are not signed by the sender's domain, and may end up as junk",
            "Have the domain verified in SES rather than one address.",
        )
    if not sender.signing:
        raise CheckFailed(f"DKIM is off for {sender.name}", "Turn Easy DKIM on in SES's console.")
    if sender.dkim in _DKIM_WITHOUT_RECORDS:
        failed = ToDo if sender.dkim == "PENDING" else CheckFailed
        raise failed(
            f"DKIM is {sender.dkim.lower()} for {sender.name}", _how_to_verify(deployed, sender)
        )
    return f"{sender.name} signs the mails"


def _how_to_verify(deployed: SenderFacts, sender: SenderIdentity) -> str:
    if "@" in sender.name:
        return f"Follow the link in the mail that AWS sent to {sender.name}."
    if not sender.records:
        return "SES's console shows the DNS records to add."
    lines = ["Have these records added to the domain's DNS:", *sender.records]
    if sender.dkim == "FAILED":
        lines.append(
            "SES has stopped checking for them. When they are in place: "
            f"{deployed.ask_again_command}"
        )
    return "\n".join(lines)
