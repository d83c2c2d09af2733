"""Checks of SES except the sender: sending, delivery events, recipients that SES refuses."""

from dataclasses import dataclass
from functools import cached_property

from botocore.exceptions import ClientError

from management.doctor.facts import CheckFailed, StageFacts, ToDo
from management.stage.aws import code_of


@dataclass(frozen=True)
class SendingStatus:
    """Whether SES lets the account send (`enabled`), and to any recipient (`production`)."""

    production: bool = True
    enabled: bool = True


@dataclass(frozen=True)
class ConfigurationSet:
    """SES's configuration set: its TLS policy, the SNS topics that get delivery events, and whether
    it sends nothing to addresses that bounced or complained.
    """

    requires_tls: bool = True
    topics: tuple[str, ...] = ()
    suppresses: bool = False


class MailDeliveryFacts(StageFacts):
    """SES's settings of the account and of the stage."""

    @cached_property
    def sending(self) -> SendingStatus:
        """SES's sending status of the account."""
        account = self._aws.client("sesv2").get_account()
        return SendingStatus(
            bool(account.get("ProductionAccessEnabled")), bool(account.get("SendingEnabled"))
        )

    @cached_property
    def configuration_set(self) -> ConfigurationSet | None:
        """The stage's configuration set, or None if there is none."""
        return self._set_named(self.stage.service)

    @cached_property
    def receipt_set(self) -> ConfigurationSet | None:
        """The configuration set of mails to attendees, or None if there is none."""
        return self._set_named(self.stage.receipt_set)

    def _set_named(self, name: str) -> ConfigurationSet | None:
        client = self._aws.client("sesv2")
        try:
            found = client.get_configuration_set(ConfigurationSetName=name)
        except ClientError as error:
            if code_of(error) == "NotFoundException":
                return None
            raise
        destinations = client.get_configuration_set_event_destinations(ConfigurationSetName=name)
        return ConfigurationSet(
            found.get("DeliveryOptions", {}).get("TlsPolicy") == "REQUIRE",
            tuple(
                one["SnsDestination"]["TopicArn"].rpartition(":")[2]
                for one in destinations.get("EventDestinations", ())
                if one.get("Enabled") and "SnsDestination" in one
            ),
            # Without options of its own, it has the account's, which suppress.
            bool(found.get("SuppressionOptions", {}).get("SuppressedReasons", True)),
        )

    def is_suppressed(self, address: str) -> bool:
        """Whether SES refuses to mail `address` after an earlier bounce or complaint."""
        try:
            self._aws.client("sesv2").get_suppressed_destination(EmailAddress=address)
        except ClientError as error:
            if code_of(error) == "NotFoundException":
                return False
            raise
        return True


def check_sending(deployed: MailDeliveryFacts) -> str:
    """The account may send, and is out of SES's sandbox."""
    if not deployed.sending.enabled:
        raise CheckFailed(
            "sending is paused for the account", "Read AWS's message in SES's console."
        )
    if not deployed.sending.production:
        raise ToDo(
            "the account is in SES's sandbox: mails are sent to verified addresses only",
            "SES's console, Account dashboard, Request production access. It takes about a day.",
        )
    return "SES sends to any address"


def check_mail_events(deployed: MailDeliveryFacts) -> str:
    """SES reports delivery events to the stage's topic, and sends over TLS only."""
    _check_set(deployed, deployed.configuration_set, "mails")
    return "mails are sent over TLS only, and SES reports what happens to them"


def check_receipts(deployed: MailDeliveryFacts) -> str:
    """Mails to attendees have a configuration set of their own, and it alone suppresses."""
    found, others = deployed.receipt_set, deployed.configuration_set
    if found is None:
        raise CheckFailed(
            "receipts have no configuration set of their own, and are not sent",
            deployed.provision_command,
        )
    _check_set(deployed, found, "receipts")
    fix = f"manage.py doctor {deployed.stage_option} --fix"
    if not found.suppresses:
        raise CheckFailed("receipts are sent again to addresses that bounced", fix)
    if others and others.suppresses:
        raise CheckFailed("a bounced receipt keeps other mails from its address", fix)
    return "receipts have a configuration set of their own: no bounce of theirs stops other mails"


def _check_set(deployed: MailDeliveryFacts, found: ConfigurationSet | None, mails: str) -> None:
    topic = f"{deployed.stage.service}-mail-events"
    if found is None or topic not in found.topics:
        raise CheckFailed(
            f"SES does not report what happens to {mails}",
            deployed.provision_command,
        )
    if not found.requires_tls:
        raise CheckFailed(
            f"{mails} may be sent unencrypted", f"manage.py doctor {deployed.stage_option} --fix"
        )


def check_recipients(deployed: MailDeliveryFacts) -> str:
    """No earlier mail to a contact person, receiver or operator bounced or was unwanted."""
    people = {
        **{
            f"{event.id}: contact person {number}": contact.email
            for event in deployed.events.all()
            for number, contact in enumerate(event.contacts, 1)
        },
        **{
            f"{event.id}: receiver {number}": receiver.email
            for event in deployed.events.all()
            for number, receiver in enumerate(event.receivers, 1)
        },
        "the operator": deployed.organisation.operator,
    }
    refused = [who for who, address in people.items() if deployed.is_suppressed(address)]
    if refused:
        raise CheckFailed(
            f"on SES's suppression list, after a bounce or complaint: {', '.join(refused)}",
            "Correct the address, or remove it from the suppression list in SES's console.",
        )
    return "no contact person's, receiver's or operator's address is on SES's suppression list"
