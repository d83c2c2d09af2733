"""A letter as a MIME message (RFC 5322, RFC 2045)."""

from __future__ import annotations

from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from typing import Any

from chalicelib.mail.letter import Attachment, Letter
from chalicelib.texts.wrapping import wrapped


def as_mime(sender: str, recipient: str, letter: Letter) -> bytes:
    """The letter as a MIME message. `sender` is the value of its From, in ASCII."""
    # Not EmailMessage, which doubles a space when it folds a subject before an encoded word.
    content = _content(letter)
    message = content
    if letter.attachments:
        message = MIMEMultipart("mixed")
        message.attach(content)
    for file in letter.attachments:
        message.attach(_attached(file))
    message["From"] = sender
    message["To"] = recipient
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message["Subject"] = Header(letter.subject, "utf-8", header_name="Subject")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    # Exchange and Outlook, which do not all heed that (MS-OXCMAIL). Without NDR: bounces must come.
    message["X-Auto-Response-Suppress"] = "DR, RN, NRN, OOF, AutoReply"
    return message.as_bytes(policy=compat32.clone(linesep="\r\n"))


def _content(letter: Letter) -> Message[Any, Any]:
    content = MIMEMultipart("alternative")
    content.attach(MIMEText(wrapped(letter.text), "plain", "utf-8"))
    content.attach(MIMEText(letter.html, "html", "utf-8"))
    return content


def _attached(file: Attachment) -> Message[Any, Any]:
    part = MIMEText(file.content.decode(), file.media_type.removeprefix("text/"), "utf-8")
    part.add_header("Content-Disposition", "attachment", filename=file.name)
    return part
