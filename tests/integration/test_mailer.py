from email.header import decode_header
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from chalicelib import bootstrap
from chalicelib.mailer import SesMailer
from chalicelib.outbox import Letter, MailInDoubt, PermanentMailError, TransientMailError
from management.local_aws import SENDER, sent_mails

LETTER = Letter(
    "Specialkost 31 maj: 38 portioner till lunch, 34 till fika, 5 svåra allergier",
    "Hej Åsa,\nlunch 38 – å ä ö é اسم\n",
    "<!DOCTYPE html><html lang='sv'><p>lunch 38 – å ä ö é اسم</p></html>",
)
RECIPIENT = "asa@boras.example"


@pytest.fixture
def mailer(aws: None) -> SesMailer:
    return SesMailer(boto3.client("sesv2"), SENDER)


def test_a_letter_arrives_as_it_was_written_in_text_and_html(mailer: SesMailer) -> None:
    message_id = mailer.send(RECIPIENT, LETTER)
    (mail,) = sent_mails()
    assert message_id
    assert mail.message["Subject"] == LETTER.subject
    assert mail.part("plain") == LETTER.text
    assert mail.part("html") == LETTER.html
    assert set(mail.recipients) == {RECIPIENT}


def test_a_letter_says_who_it_is_from_and_that_no_person_wrote_it(mailer: SesMailer) -> None:
    mailer.send(RECIPIENT, LETTER)
    (mail,) = sent_mails()
    assert mail.message["From"] == SENDER
    assert mail.message["Auto-Submitted"] == "auto-generated"


def test_every_line_on_the_wire_is_as_the_standards_want_it(mailer: SesMailer) -> None:
    mailer.send(RECIPIENT, LETTER)
    (mail,) = sent_mails()
    assert b"\n" not in mail.source.replace(b"\r\n", b"")
    assert mail.source.isascii()
    assert max(map(len, mail.source.split(b"\r\n"))) <= 78
    subject = str(mail.source.split(b"Subject: ")[1].split(b"\r\nAuto")[0], "ascii")
    parts = [str(text, charset or "ascii") if isinstance(text, bytes) else text
             for text, charset in decode_header(subject)]  # fmt: skip
    assert "".join(parts) == LETTER.subject


def test_an_unverified_sender_is_a_permanent_error_that_names_no_address(aws: None) -> None:
    mailer = SesMailer(boto3.client("sesv2"), "nobody@elsewhere.example")
    with pytest.raises(PermanentMailError) as error:
        mailer.send(RECIPIENT, LETTER)
    assert "@" not in str(error.value)


def answering(status: int, code: str) -> SesMailer:
    """A mailer whose HTTP answers are made up: moto has no throttling to ask for."""
    client = boto3.client("sesv2", region_name="eu-north-1")

    def answer(**_: object) -> tuple[object, dict[str, object]]:
        error = {"Error": {"Code": code, "Message": RECIPIENT}}
        return type("Answer", (), {"status_code": status})(), {
            **error, "ResponseMetadata": {"HTTPStatusCode": status},
        }  # fmt: skip

    client.meta.events.register("before-call.sesv2.SendEmail", answer)
    return SesMailer(client, SENDER)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "TooManyRequestsException"),
        (400, "LimitExceededException"),
        (500, "InternalFailure"),
        (503, "SomethingNew"),
    ],
)
def test_throttling_and_faults_of_ses_are_transient(aws: None, status: int, code: str) -> None:
    with pytest.raises(TransientMailError) as error:
        answering(status, code).send(RECIPIENT, LETTER)
    assert str(error.value) == code


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (EndpointConnectionError(endpoint_url="x"), TransientMailError),
        (ConnectTimeoutError(endpoint_url="x"), TransientMailError),
        (NoCredentialsError(), TransientMailError),
        (ParamValidationError(report="x"), PermanentMailError),
        (ReadTimeoutError(endpoint_url="x"), MailInDoubt),
        (ConnectionClosedError(endpoint_url="x"), MailInDoubt),
    ],
)
def test_a_mail_is_in_doubt_only_if_it_may_have_been_taken(
    aws: None, error: Exception, kind: type[Exception]
) -> None:
    client = boto3.client("sesv2")

    def fail(**_: object) -> None:
        raise error

    client.meta.events.register("before-call.sesv2.SendEmail", fail)
    with pytest.raises(kind) as raised:
        SesMailer(client, SENDER).send(RECIPIENT, LETTER)
    assert str(raised.value) == type(error).__name__


def test_a_mail_is_sent_once_however_ses_answers(aws: None) -> None:
    config: Any = bootstrap.Composition().mailer._client.meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}


def test_a_sender_with_a_swedish_name_is_encoded_for_ses(aws: None) -> None:
    mailer = SesMailer(boto3.client("sesv2"), "Borås Stad <dukat@boras.example>")
    mailer.send(RECIPIENT, LETTER)
    (mail,) = sent_mails()
    assert mailer._from.isascii()
    assert str(mail.message["From"]) == "Borås Stad <dukat@boras.example>"


@pytest.mark.parametrize("code", ["MessageRejected", "AccountSuspendedException"])
def test_refusals_of_ses_are_permanent(aws: None, code: str) -> None:
    with pytest.raises(PermanentMailError):
        answering(400, code).send(RECIPIENT, LETTER)
