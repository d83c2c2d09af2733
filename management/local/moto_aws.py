"""AWS on this machine: moto holds the table and takes the mails."""

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
    "no_proxy": "127.0.0.1",  # a proxy can't reach what listens on this machine alone
}

_HOST = f"dynamodb.{REGION}.amazonaws.com"
_SIGNED_AT = datetime(2027, 5, 20, tzinfo=UTC)  # moto doesn't look

_one_at_a_time = threading.Lock()


def _copy_to_undo(table: Table, _memo: object) -> Table:
    """A copy of the table and its items, which share their values: these are never changed."""
    kept = copy.copy(table)
    kept.items = copy.copy(table.items)
    for partition, items in table.items.items():
        kept.items[partition] = {key: _shallow(item) for key, item in items.items()}
    return kept


def _shallow(item: Item) -> Item:
    kept = copy.copy(item)
    kept.attrs = item.attrs.copy()  # type: ignore[assignment]
    return kept


# For each write of a transaction moto copies the whole table, to undo it: with what fifty people
# register in half a minute, a deep copy takes a tenth of a second.
Table.__deepcopy__ = _copy_to_undo  # type: ignore[attr-defined]


def ask_moto(operation: str, body: bytes) -> tuple[int, bytes]:
    """Answers a call of the small client from moto in this process, without a connection."""
    headers: Any = signed_headers(operation, body, _HOST, REGION, Credentials("local"), _SIGNED_AT)
    request = AWSPreparedRequest("POST", f"https://{_HOST}/", headers, body, stream_output=False)
    with _one_at_a_time:  # moto's threads would see each other's half-done writes
        status, _, answer = botocore_stubber.process_request(request)  # type: ignore[misc]
    return int(status), answer.encode() if isinstance(answer, str) else bytes(answer)


@contextmanager
def local_aws() -> Iterator[None]:
    """Points this process at a fresh moto on 127.0.0.1, with the table and the sender in place."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    os.environ.update(ENVIRONMENT, AWS_ENDPOINT_URL=address)
    requests.post(f"{address}/moto-api/reset", timeout=10)  # another one in this process
    try:
        prepare_aws()
        yield
    finally:
        del os.environ["AWS_ENDPOINT_URL"]
        server.stop()


def prepare_aws() -> None:
    """Makes the table and verifies the sender, in whatever AWS the environment points at."""
    make_table()
    mail = boto3.client("sesv2")
    mail.create_email_identity(EmailIdentity="dukat@boras.example")
    mail.create_configuration_set(ConfigurationSetName=CONFIGURATION_SET)


def make_table() -> None:
    """Makes the table, empty, with the keys of a deployed one."""
    request = {"TableName": TABLE, "BillingMode": "PAY_PER_REQUEST", **KEYS}
    ask_moto("CreateTable", json.dumps(request).encode())


@dataclass(frozen=True)
class SentMail:
    """A mail that SES took, as its reader gets it."""

    number: int
    recipients: tuple[str, ...]
    source: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return email.message_from_bytes(self.source, policy=default)

    def part(self, kind: str) -> str:
        """The `plain` or `html` text of the mail, empty if it has none."""
        body = self.message.get_body((kind,))
        return str(body.get_content()).replace("\r\n", "\n") if body else ""

    def attachments(self) -> list[EmailMessage]:
        """The attached files."""
        return [part for part in self.message.iter_attachments() if isinstance(part, EmailMessage)]


def sent_mails() -> list[SentMail]:
    """Every mail that was sent since moto started, oldest first."""
    taken = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return [
        SentMail(number, tuple(mail.destinations), mail.raw_data.encode("utf-8"))
        for number, mail in enumerate(taken, 1)
    ]
