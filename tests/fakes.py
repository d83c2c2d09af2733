"""A table, mailers and a composition whose requests to AWS are answered by stand-ins."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parseaddr
from typing import Any

from chalicelib import bootstrap
from chalicelib.bootstrap import Clock, Composition
from chalicelib.dynamo.attributes import marshal
from chalicelib.dynamo.client import Client
from chalicelib.dynamo.table import Table
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.event.registry_store import REGISTRY
from chalicelib.mail.base_url import SITE
from chalicelib.mail.letter import Letter
from chalicelib.mail.mailer import Mailer
from chalicelib.mail.outbox import TO_ATTENDEES
from chalicelib.mail.ses import SesMailer
from chalicelib.settings import Settings
from management.local.moto_aws import CONFIGURATION_SET, RECEIPT_SET, SENDER, TABLE, SentMail
from tests.dynamodb import DynamoDB
from tests.wire import Wire

BASE_URL = "https://kost.boras.example"


class TableOnWire(Table):
    """The real `Table` with `database`, a stand-in for DynamoDB."""

    def __init__(self, event: Event, database: Wire) -> None:
        self.database = database
        self.pauses: list[int] = []
        client = Client(database, attempts=1)
        super().__init__(client, TABLE, event.id, event.expires_at, pause=self.pauses.append)


class TableInMemory(TableOnWire):
    """The real `Table` with the strict in-memory stand-in, unless a `database` is given."""

    def __init__(self, event: Event, database: Wire | None = None) -> None:
        super().__init__(event, database or deployed_database())


def deployed_database() -> DynamoDB:
    """The table of a stage right after `manage.py finish`: it has the base URL."""
    database = DynamoDB()
    database.put(marshal({"pk": ALL_EVENTS, "sk": SITE, "address": BASE_URL}))
    return database


class RecordingMailer:
    """Raises `errors`, one for each call, and then records every letter."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.letters: list[tuple[str, Letter]] = []
        self.tags: list[dict[str, str]] = []
        self.calls = 0

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        self.calls += 1
        self.tags.append(dict(tags))
        if self.errors:
            raise self.errors.pop(0)
        self.letters.append((recipient, letter))
        return f"message-{len(self.letters)}"


class PickyMailer(RecordingMailer):
    """A `RecordingMailer` which raises the errors in `refused` for those recipients."""

    def __init__(self, refused: dict[str, Exception] | None = None) -> None:
        super().__init__()
        self.refused = refused or {}

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        if recipient in self.refused:
            self.calls += 1
            raise self.refused[recipient]
        return super().send(recipient, letter, tags)


class Ses:
    """Accepts and stores every mail. A test may set `before`, which is called with each request."""

    def __init__(self) -> None:
        self.mails: list[SentMail] = []
        self.before: Callable[[dict[str, Any]], object] = lambda _: None

    def send_email(self, **request: Any) -> dict[str, str]:
        self.before(request)
        assert request["FromEmailAddress"].endswith(f"<{parseaddr(SENDER)[1]}>")
        tags = {tag["Name"]: tag["Value"] for tag in request["EmailTags"]}
        expected = RECEIPT_SET if tags["kind"] in TO_ATTENDEES else CONFIGURATION_SET
        assert request["ConfigurationSetName"] == expected
        recipients, data = request["Destination"]["ToAddresses"], request["Content"]["Raw"]["Data"]
        self.mails.append(SentMail(len(self.mails) + 1, tuple(recipients), data))
        return {"MessageId": f"message-{len(self.mails)}"}


class InMemoryComposition(Composition):
    """The composition of a stage without AWS, whose requests never reach a time limit.

    `written_lines` contains the lines written to CloudWatch.
    """

    def __init__(
        self,
        event: Event,
        clock: Clock,
        table: "TableInMemory | InMemoryComposition | None" = None,
        mailer: Mailer | None = None,
    ) -> None:
        super().__init__(events=Events(None, [event]), clock=clock)
        self.event = event
        self.settings = Settings(TABLE, SENDER, CONFIGURATION_SET)
        self.database: Wire = table.database if table else deployed_database()
        self.ses = Ses()
        ses: Any = self.ses
        client = Client(self.database, attempts=1)
        self.use(
            mailer=mailer or SesMailer(ses, SENDER, CONFIGURATION_SET, RECEIPT_SET),
            _quick_client=client,
            _desk_client=client,
            _patient_client=client,
        )
        self.written_lines: list[str] = []

    def write_line(self, line: str) -> None:  # type: ignore[override]
        self.written_lines.append(line)
        super().write_line(line)

    def seconds(self) -> float:  # type: ignore[override]
        return 0.0

    def use(self, **parts: Any) -> None:
        """Replace the adapters with these names."""
        self.__dict__.update(parts)

    @contextmanager
    def installed(self) -> Iterator["InMemoryComposition"]:
        """Install this composition for the duration of a `with` block."""
        before = bootstrap.composition()
        bootstrap.install(self)
        yield self
        bootstrap.install(before)


def installed_composition() -> InMemoryComposition:
    """The installed composition."""
    parts = bootstrap.composition()
    assert isinstance(parts, InMemoryComposition)
    return parts


def installed_table() -> Table:
    """The installed composition's table."""
    parts = bootstrap.composition()
    return parts.patient_table(parts.events.all()[0])


def sent_mails() -> list[SentMail]:
    """All sent mails, oldest first."""
    return installed_composition().ses.mails


def items_in_the_table() -> list[dict[str, Any]]:
    """All items of the table but the base URL and the registry, in DynamoDB's JSON."""
    items = installed_composition().database.all_items()
    return [item for item in items if item["sk"]["S"] != SITE and item["pk"] != {"S": REGISTRY}]
