"""The mailer that sends through SES v2, and what SES's errors mean."""

from __future__ import annotations

from collections.abc import Mapping
from email.header import Header
from email.utils import formataddr
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
)

from chalicelib.event.mail_address import ascii_address, named_address
from chalicelib.mail.faults import Fault
from chalicelib.mail.letter import Letter
from chalicelib.mail.mailer import MailInDoubt, MailNotAccepted
from chalicelib.mail.mime import as_mime
from chalicelib.mail.outbox import TO_ATTENDEES

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

_NEVER_CONNECTED = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)
# The errors of SES v2's SendEmail, and those common to all AWS services.
_FAULTS = {
    "TooManyRequestsException": Fault.THROTTLED,
    "ThrottlingException": Fault.THROTTLED,
    "Throttling": Fault.THROTTLED,
    "RequestTimeout": Fault.NETWORK,
    "LimitExceededException": Fault.LIMIT,
    "SendingPausedException": Fault.PAUSED,
    "AccountSuspendedException": Fault.SUSPENDED,
    "MailFromDomainNotVerifiedException": Fault.UNVERIFIED,
    "MessageRejected": Fault.REJECTED,
    "BadRequestException": Fault.BAD_REQUEST,
    "ValidationException": Fault.BAD_REQUEST,
    "NotFoundException": Fault.NOT_ALLOWED,
}


class SesMailer:
    """Sends letters through SES v2. `client` must not retry, since SES cannot de-duplicate.

    With configuration sets, SES publishes events about the mails. `receipt_set` is that of mails to
    attendees, whose addresses strangers type: what they spoil must not touch other mails.
    """

    def __init__(
        self, client: SESV2Client, sender: str, configuration_set: str = "", receipt_set: str = ""
    ) -> None:
        self._client = client
        self._name, self._address = named_address(sender)
        self._sets = configuration_set, receipt_set

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        """Send as `Mailer.send` promises; the message id is SES's."""
        recipient = ascii_address(recipient)
        sender = from_header(letter.sender_name or self._name, self._address)
        name = self._sets[tags.get("kind") in TO_ATTENDEES]
        options: Any = {"ConfigurationSetName": name} if name else {}
        try:
            answer = self._client.send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": [recipient]},
                Content={"Raw": {"Data": as_mime(sender, recipient, letter)}},
                EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
                **options,
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise MailNotAccepted(_fault_of(error), code) from None
        except ParamValidationError as error:
            raise MailNotAccepted(Fault.BAD_REQUEST, type(error).__name__) from None
        except _NEVER_CONNECTED as error:
            raise MailNotAccepted(Fault.NETWORK, type(error).__name__) from None
        except _NO_CREDENTIALS as error:
            raise MailNotAccepted(Fault.NOT_ALLOWED, type(error).__name__) from None
        except BotoCoreError as error:  # perhaps after SES has accepted the mail
            raise MailInDoubt(type(error).__name__) from None
        return answer["MessageId"]


def from_header(name: str, address: str) -> str:
    """The value of a header From, in ASCII: the name quoted (RFC 5322) or encoded (RFC 2047)."""
    if name.isascii():
        return formataddr((name, address))
    # Not formataddr, whose single encoded word may be longer than the 75 characters that are legal.
    return f"{Header(name, 'utf-8', 75).encode(linesep='')} <{address}>"


def _fault_of(error: ClientError) -> Fault:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    other = Fault.SERVICE if status >= 500 else Fault.NOT_ALLOWED
    return _FAULTS.get(error.response["Error"]["Code"], other)
