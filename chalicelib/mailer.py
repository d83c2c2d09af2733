"""Everything about SES, and nothing else."""

from __future__ import annotations

from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ParamValidationError,
    ReadTimeoutError,
)

from chalicelib.outbox import (
    Attachment,
    Letter,
    MailInDoubt,
    PermanentMailError,
    TransientMailError,
)

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

_TRANSIENT = frozenset(
    {
        "TooManyRequestsException",
        "LimitExceededException",
        "ThrottlingException",
        "Throttling",
        "InternalServiceErrorException",
        "InternalFailure",
        "ServiceUnavailable",
        "RequestTimeout",
    }
)


class SesMailer:
    """Sends letters through SES v2; its client must not retry, since SES can't de-duplicate."""

    def __init__(self, client: SESV2Client, sender: str) -> None:
        self._client = client
        self._from = formataddr(parseaddr(sender), "utf-8")

    def send(self, recipient: str, letter: Letter) -> str:
        """Sends one letter to one recipient, once, and returns SES's message id.

        Raises TransientMailError, PermanentMailError or MailInDoubt, which name no address.
        """
        try:
            answer = self._client.send_email(
                FromEmailAddress=self._from,
                Destination={"ToAddresses": [recipient]},
                Content={"Raw": {"Data": self._mime(recipient, letter)}},
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            kind = TransientMailError if code in _TRANSIENT or status >= 500 else PermanentMailError
            raise kind(code) from None
        except (ReadTimeoutError, ConnectionClosedError) as error:
            raise MailInDoubt(type(error).__name__) from None
        except ParamValidationError as error:
            raise PermanentMailError(type(error).__name__) from None
        except BotoCoreError as error:
            raise TransientMailError(type(error).__name__) from None
        return answer["MessageId"]

    def _mime(self, recipient: str, letter: Letter) -> bytes:
        # Not EmailMessage: it doubles a space where it folds a subject before an encoded word.
        content = _content(letter)
        message = content
        if letter.attachments:
            message = MIMEMultipart("mixed")
            message.attach(content)
        for file in letter.attachments:
            message.attach(_attached(file))
        message["From"] = self._from
        message["To"] = recipient
        message["Subject"] = Header(letter.subject, "utf-8", header_name="Subject")
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834
        return message.as_bytes(policy=compat32.clone(linesep="\r\n"))


def _content(letter: Letter) -> Message[Any, Any]:
    content = MIMEMultipart("alternative")
    content.attach(MIMEText(letter.text, "plain", "utf-8"))
    content.attach(MIMEText(letter.html, "html", "utf-8"))
    return content


def _attached(file: Attachment) -> Message[Any, Any]:
    kind, _, subtype = file.media_type.partition("/")
    part = MIMEBase(kind, subtype, charset="utf-8")
    part.set_payload(file.content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=file.name)
    return part
