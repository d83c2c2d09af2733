"""Sending through SES, and the mail as MIME."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    ProxyConnectionError,
    ReadTimeoutError,
    ResponseStreamingError,
    SSLError,
)

from chalicelib import bootstrap
from chalicelib.event.mail_address import named_address
from chalicelib.mail.faults import Fault
from chalicelib.mail.letter import Letter
from chalicelib.mail.mailer import MailInDoubt, MailNotAccepted
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.ses import _FAULTS, SesMailer
from management.local.moto_aws import CONFIGURATION_SET, RECEIPT_SET, SENDER, sent_mails

LETTER = Letter(
    "Specialkost 31 maj, Säker och trygg kommun: 5 med allvarlig allergi, 38 portioner till lunch",
    "Hej Åsa,\nlunch 38 – å ä ö é اسم\n",
    "<!DOCTYPE html><html lang='sv'><p>lunch 38 – å ä ö é اسم</p></html>",
)
RECIPIENT = "asa@boras.example"
SENDER_ADDRESS = named_address(SENDER)[1]
TAGS = {"mail": "summary-1-1", "kind": "summary"}


@pytest.fixture
def mailer(aws: None) -> SesMailer:
    return SesMailer(boto3.client("sesv2"), SENDER)


def test_a_letter_arrives_as_it_was_written_in_text_and_html(mailer: SesMailer) -> None:
    message_id = mailer.send(RECIPIENT, LETTER, TAGS)
    (mail,) = sent_mails()
    assert message_id
    assert mail.message["Subject"] == LETTER.subject
    assert mail.part("plain") == LETTER.text
    assert mail.part("html") == LETTER.html
    assert set(mail.recipients) == {RECIPIENT}


def test_a_letter_names_its_sender_and_is_marked_as_auto_generated(mailer: SesMailer) -> None:
    mailer.send(RECIPIENT, LETTER, TAGS)
    (mail,) = sent_mails()
    assert mail.message["From"] == SENDER
    assert mail.message["Auto-Submitted"] == "auto-generated"
    suppressed = str(mail.message["X-Auto-Response-Suppress"]).split(", ")
    assert {"OOF", "AutoReply", "RN"} <= {*suppressed}
    assert "NDR" not in suppressed, "a mail that can't be delivered must come back"


def test_a_mail_is_ascii_with_crlf_and_lines_of_at_most_78_characters(mailer: SesMailer) -> None:
    mailer.send(RECIPIENT, LETTER, TAGS)
    (mail,) = sent_mails()
    assert b"\n" not in mail.source.replace(b"\r\n", b"")
    assert mail.source.isascii()
    assert max(map(len, mail.source.split(b"\r\n"))) <= 78
    subject = str(mail.source.split(b"Subject: ")[1].split(b"\r\nAuto")[0], "ascii")
    parts = [str(text, charset or "ascii") if isinstance(text, bytes) else text
             for text, charset in decode_header(subject)]  # fmt: skip
    assert "".join(parts) == LETTER.subject


def test_a_letters_reply_address_becomes_the_reply_to_header(mailer: SesMailer) -> None:
    mailer.send(RECIPIENT, replace(LETTER, reply_to="drift@boras.example"), TAGS)
    mailer.send(RECIPIENT, LETTER, TAGS)
    replies = [mail.message["Reply-To"] for mail in sent_mails()]
    assert replies == ["drift@boras.example", None]


def test_a_domain_with_swedish_letters_is_sent_to_in_punycode(mailer: SesMailer) -> None:
    mailer.send("asa@borås.example", LETTER, TAGS)
    (mail,) = sent_mails()
    assert set(mail.recipients) == {mail.message["To"]} == {"asa@xn--bors-soa.example"}
    assert mail.source.isascii()


def test_the_tags_and_the_configuration_set_are_passed_to_ses(aws: None) -> None:
    client, requests = boto3.client("sesv2"), []
    client.meta.events.register(
        "provide-client-params.sesv2.SendEmail", lambda params, **_: requests.append(params)
    )
    SesMailer(client, SENDER, CONFIGURATION_SET, RECEIPT_SET).send(RECIPIENT, LETTER, TAGS)
    SesMailer(client, SENDER).send(RECIPIENT, LETTER, TAGS)
    assert [request.get("ConfigurationSetName") for request in requests] == [
        CONFIGURATION_SET,
        None,
    ]
    assert requests[0]["EmailTags"] == [
        {"Name": "mail", "Value": "summary-1-1"},
        {"Name": "kind", "Value": "summary"},
    ]
    assert [request["Destination"] for request in requests] == [{"ToAddresses": [RECIPIENT]}] * 2


@pytest.mark.parametrize("kind", MailKind)
def test_mails_to_attendees_have_a_configuration_set_of_their_own(
    aws: None, kind: MailKind
) -> None:
    client, used = boto3.client("sesv2"), []
    client.meta.events.register(
        "provide-client-params.sesv2.SendEmail",
        lambda params, **_: used.append(params["ConfigurationSetName"]),
    )
    mailer = SesMailer(client, SENDER, CONFIGURATION_SET, RECEIPT_SET)
    mailer.send(RECIPIENT, LETTER, {"mail": "m", "kind": kind.value})
    assert used == [RECEIPT_SET if kind.audience == "attendee" else CONFIGURATION_SET]


def test_an_unverified_sender_is_an_error_that_names_no_address(aws: None) -> None:
    mailer = SesMailer(boto3.client("sesv2"), "nobody@elsewhere.example")
    with pytest.raises(MailNotAccepted) as error:
        mailer.send(RECIPIENT, LETTER, TAGS)
    assert error.value.fault is Fault.REJECTED
    assert "@" not in str(error.value)


def answering(status: int, code: str) -> SesMailer:
    """A mailer that gets this HTTP answer, since moto cannot simulate such errors."""
    client = boto3.client("sesv2", region_name="eu-north-1")

    def answer(**_: object) -> tuple[object, dict[str, object]]:
        error = {"Error": {"Code": code, "Message": RECIPIENT}}
        return type("Answer", (), {"status_code": status})(), {
            **error, "ResponseMetadata": {"HTTPStatusCode": status},
        }  # fmt: skip

    client.meta.events.register("before-call.sesv2.SendEmail", answer)
    return SesMailer(client, SENDER)


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (429, "TooManyRequestsException", Fault.THROTTLED),
        (400, "ThrottlingException", Fault.THROTTLED),
        (400, "LimitExceededException", Fault.LIMIT),
        (400, "SendingPausedException", Fault.PAUSED),
        (400, "AccountSuspendedException", Fault.SUSPENDED),
        (400, "MailFromDomainNotVerifiedException", Fault.UNVERIFIED),
        (400, "MessageRejected", Fault.REJECTED),
        (400, "BadRequestException", Fault.BAD_REQUEST),
        (404, "NotFoundException", Fault.NOT_ALLOWED),
        (403, "AccessDeniedException", Fault.NOT_ALLOWED),
        (500, "InternalFailure", Fault.SERVICE),
        (503, "SomethingNew", Fault.SERVICE),
    ],
)
def test_each_error_of_ses_is_mapped_to_a_fault(
    aws: None, status: int, code: str, fault: Fault
) -> None:
    with pytest.raises(MailNotAccepted) as error:
        answering(status, code).send(RECIPIENT, LETTER, TAGS)
    assert error.value.fault is fault
    assert str(error.value) == f"{fault} {code}"


def test_every_error_that_ses_documents_is_known() -> None:
    operation = boto3.client("sesv2", region_name="eu-north-1").meta.service_model
    errors = {shape.name for shape in operation.operation_model("SendEmail").error_shapes}
    assert errors <= set(_FAULTS)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (EndpointConnectionError(endpoint_url="x"), Fault.NETWORK),
        (ConnectTimeoutError(endpoint_url="x"), Fault.NETWORK),
        (ProxyConnectionError(proxy_url="x"), Fault.NETWORK),
        (NoCredentialsError(), Fault.NOT_ALLOWED),
        (ParamValidationError(report="x"), Fault.BAD_REQUEST),
        (ReadTimeoutError(endpoint_url="x"), None),
        (ConnectionClosedError(endpoint_url="x"), None),
        (SSLError(endpoint_url="x", error=OSError("x")), None),
        (ResponseStreamingError(error="x"), None),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), None),
        (HTTPClientError(error="x"), None),
    ],
)
def test_a_mail_is_in_doubt_only_if_it_may_have_been_taken(
    aws: None, error: Exception, fault: Fault | None
) -> None:
    client = boto3.client("sesv2")

    def fail(**_: object) -> None:
        raise error

    client.meta.events.register("before-call.sesv2.SendEmail", fail)
    with pytest.raises(MailNotAccepted if fault else MailInDoubt) as raised:
        SesMailer(client, SENDER).send(RECIPIENT, LETTER, TAGS)
    assert getattr(raised.value, "fault", None) is fault
    assert type(error).__name__ in str(raised.value)


def test_the_ses_client_never_retries(aws: None) -> None:
    config: Any = bootstrap.Composition().mailer._client.meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}


LONG_NAME = "Barn-, utbildnings- och arbetsmarknadsförvaltningen i Stockholms och Göteborgs städer"


@pytest.mark.parametrize("from_letter", [True, False])
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Borås Stad", "Borås Stad"),
        ("S:t Eriks", "S:t Eriks"),
        ("Kultur, fritid och bibliotek", "Kultur, fritid och bibliotek"),
        ("Kök, café och lokaler", "Kök, café och lokaler"),
        ('"Kök & café"', "Kök & café"),
        ('Huset "Dukat" (kök)', 'Huset "Dukat" (kök)'),
        (LONG_NAME, LONG_NAME),
    ],
)
def test_the_senders_name_comes_out_whole(
    aws: None, name: str, shown: str, *, from_letter: bool
) -> None:
    client, requests = boto3.client("sesv2"), []
    client.meta.events.register(
        "provide-client-params.sesv2.SendEmail", lambda params, **_: requests.append(params)
    )
    own = "Dukat" if from_letter else name
    letter = replace(LETTER, sender_name=shown if from_letter else "")
    SesMailer(client, f"{own} <{SENDER_ADDRESS}>").send(RECIPIENT, letter, TAGS)
    written = requests[0]["FromEmailAddress"]
    assert written.isascii()
    assert "\n" not in written
    assert all(len(word) <= 75 for word in written.split() if word.startswith("=?"))  # RFC 2047, 2
    (mail,) = sent_mails()
    # Not the parser of policy.default, which puts a space between two encoded words of a name.
    header = message_from_bytes(mail.source, policy=policy.compat32)["From"]
    (parsed,) = getaddresses([header])
    assert (str(make_header(decode_header(parsed[0]))), parsed[1]) == (shown, SENDER_ADDRESS)


def test_a_sender_without_a_name_has_none(aws: None) -> None:
    SesMailer(boto3.client("sesv2"), SENDER_ADDRESS).send(RECIPIENT, LETTER, TAGS)
    assert sent_mails()[0].message["From"] == SENDER_ADDRESS
