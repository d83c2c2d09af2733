"""A local AWS: moto stores the table and accepts the mails."""

import copy
import email
import json
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

import boto3
import requests
from botocore.awsrequest import AWSPreparedRequest
from moto.core.models import DEFAULT_ACCOUNT_ID, botocore_stubber
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.server import ThreadedMotoServer
from moto.ses.models import ses_backends

from chalicelib.dynamo.signing import Credentials, signed_headers
from management.stage.stages import ROOT

REGION = "eu-north-1"
TABLE = "dukat-dev"
CONFIGURATION_SET = "dukat-dev"
RECEIPT_SET = "dukat-dev-receipts"
SENDER = "Dukat <dukat@boras.example>"
_TEMPLATE = json.loads((ROOT / "infrastructure.json").read_text(encoding="utf-8"))
KEYS: Any = {
    name: _TEMPLATE["Resources"]["Table"]["Properties"][name]
    for name in ("AttributeDefinitions", "KeySchema")
}

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "TABLE_NAME": TABLE,
    "MAIL_SENDER": SENDER,
    "MAIL_CONFIGURATION_SET": CONFIGURATION_SET,
    "no_proxy": "127.0.0.1",  # a proxy can't reach this machine's loopback address
}

_HOST = f"dynamodb.{REGION}.amazonaws.com"
_SIGNED_AT = datetime(2027, 5, 20, tzinfo=UTC)  # moto does not check signatures

_one_at_a_time = threading.Lock()


def _copy_to_undo(table: Table, _memo: object) -> Table:
    """Copy the table and its items, but not their values: moto never changes a value in place."""
    snapshot = copy.copy(table)
    snapshot.items = copy.copy(table.items)
    for partition, items in table.items.items():
        snapshot.items[partition] = {key: _shallow(item) for key, item in items.items()}
    return snapshot


def _shallow(item: Item) -> Item:
    snapshot = copy.copy(item)
    snapshot.attrs = item.attrs.copy()  # type: ignore[assignment]
    return snapshot


# For each write of a transaction, moto copies the whole table to be able to roll back. With the
# registrations of fifty people in half a minute, one deep copy takes 0.1 s.
Table.__deepcopy__ = _copy_to_undo  # type: ignore[attr-defined]


def ask_moto(operation: str, body: bytes) -> tuple[int, bytes]:
    """Answer a DynamoDB call of `dynamo.client.Client` from moto in this process, without HTTP."""
    headers: Any = signed_headers(operation, body, _HOST, REGION, Credentials("local"), _SIGNED_AT)
    request = AWSPreparedRequest("POST", f"https://{_HOST}/", headers, body, stream_output=False)
    with _one_at_a_time:  # moto has no isolation between threads
        status, _, answer = botocore_stubber.process_request(request)  # type: ignore[misc]
    return int(status), answer.encode() if isinstance(answer, str) else bytes(answer)


@contextmanager
def local_aws() -> Iterator[None]:
    """Start moto on 127.0.0.1 with an empty table and a verified sender; set `AWS_ENDPOINT_URL`."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    os.environ.update(ENVIRONMENT, AWS_ENDPOINT_URL=address)
    requests.post(
        f"{address}/moto-api/reset", timeout=10
    )  # data of an earlier moto in this process
    try:
        prepare_aws()
        yield
    finally:
        del os.environ["AWS_ENDPOINT_URL"]
        server.stop()


def prepare_aws() -> None:
    """Create the table, the verified sender and the configuration sets in moto."""
    make_table()
    mail = boto3.client("sesv2")
    mail.create_email_identity(EmailIdentity="dukat@boras.example")
    for name in (CONFIGURATION_SET, RECEIPT_SET):
        mail.create_configuration_set(ConfigurationSetName=name)


def make_table() -> None:
    """Create an empty table in moto, with the key schema of a deployed table."""
    request = {"TableName": TABLE, "BillingMode": "PAY_PER_REQUEST", **KEYS}
    ask_moto("CreateTable", json.dumps(request).encode())


@dataclass(frozen=True)
class SentMail:
    """A mail that SES accepted; `source` is the MIME message."""

    number: int
    recipients: tuple[str, ...]
    source: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed MIME message."""
        return email.message_from_bytes(self.source, policy=default)

    def part(self, kind: str) -> str:
        """The text of the `plain` or `html` part; empty if the mail has no such part."""
        body = self.message.get_body((kind,))
        return str(body.get_content()).replace("\r\n", "\n") if body else ""

    def attachments(self) -> list[EmailMessage]:
        """The attached files."""
        return [part for part in self.message.iter_attachments() if isinstance(part, EmailMessage)]


def sent_mails() -> list[SentMail]:
    """Every mail sent since moto started, oldest first."""
    accepted = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return [
        SentMail(number, tuple(mail.destinations), mail.raw_data.encode("utf-8"))
        for number, mail in enumerate(accepted, 1)
    ]
