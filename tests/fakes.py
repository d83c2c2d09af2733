"""A table, a mailer and a composition without AWS: the real code on stand-ins at the wire."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parseaddr
from typing import Any

from chalicelib import bootstrap
from chalicelib.bootstrap import Clock, Composition
from chalicelib.dynamo.client import Client
from chalicelib.dynamo.table import Table
from chalicelib.event.event import Event
from chalicelib.mail.letter import Letter
from chalicelib.mail.mailer import Mailer
from chalicelib.mail.ses import SesMailer
from chalicelib.settings import Settings
from management.local.moto_aws import CONFIGURATION_SET, SENDER, TABLE, SentMail
from tests.dynamodb import DynamoDB
from tests.wire import Wire


class TableOnWire(Table):
    """The real table on a stand-in for DynamoDB, which is its `database`."""

    def __init__(self, event: Event, database: Wire) -> None:
        self.database = database
        self.pauses: list[int] = []
        client = Client(database, attempts=1)
        super().__init__(client, TABLE, event.id, event.expires_at, pause=self.pauses.append)


class TableInMemory(TableOnWire):
    """The real table on the strict stand-in."""

    def __init__(self, event: Event, database: Wire | None = None) -> None:
        super().__init__(event, database or DynamoDB())


class RecordingMailer:
    """Takes every letter, after raising the errors it was given, one for each call."""

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
    """Refuses some recipients."""

    def __init__(self, refused: dict[str, Exception] | None = None) -> None:
        super().__init__()
        self.refused = refused or {}

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        if recipient in self.refused:
            self.calls += 1
            raise self.refused[recipient]
        return super().send(recipient, letter, tags)


class Ses:
    """Takes every mail, and keeps it as its reader gets it; `before` that something may happen."""

    def __init__(self) -> None:
        self.mails: list[SentMail] = []
        self.before: Callable[[dict[str, Any]], object] = lambda _: None

    def send_email(self, **request: Any) -> dict[str, str]:
        self.before(request)
        assert request["FromEmailAddress"].endswith(f"<{parseaddr(SENDER)[1]}>")
        assert request["ConfigurationSetName"] == CONFIGURATION_SET
        recipients, data = request["Destination"]["ToAddresses"], request["Content"]["Raw"]["Data"]
        self.mails.append(SentMail(len(self.mails) + 1, tuple(recipients), data))
        return {"MessageId": f"message-{len(self.mails)}"}


class InMemoryComposition(Composition):
    """A stage without AWS; however slow the machine is, no request runs out of time.

    What it tells CloudWatch is kept in `told` as well.
    """

    def __init__(
        self,
        event: Event,
        clock: Clock,
        table: "TableInMemory | InMemoryComposition | None" = None,
        mailer: Mailer | None = None,
    ) -> None:
        super().__init__(event=event, clock=clock)
        self.settings = Settings(TABLE, SENDER, CONFIGURATION_SET)
        self.database: Wire = table.database if table else DynamoDB()
        self.ses = Ses()
        ses: Any = self.ses
        client = Client(self.database, attempts=1)
        self.use(
            mailer=mailer or SesMailer(ses, SENDER, CONFIGURATION_SET),
            _quick_client=client,
            _desk_client=client,
            _patient_client=client,
        )
        self.told: list[str] = []

    def write_line(self, line: str) -> None:  # type: ignore[override]
        self.told.append(line)
        super().write_line(line)

    def seconds(self) -> float:  # type: ignore[override]
        return 0.0

    def use(self, **parts: Any) -> None:
        """Puts others where the adapters are."""
        self.__dict__.update(parts)

    @contextmanager
    def installed(self) -> Iterator["InMemoryComposition"]:
        """The process's composition for a while."""
        before = bootstrap.composition()
        bootstrap.install(self)
        yield self
        bootstrap.install(before)


def in_memory() -> InMemoryComposition:
    """The composition that is installed."""
    parts = bootstrap.composition()
    assert isinstance(parts, InMemoryComposition)
    return parts


def the_table() -> Table:
    """The table of the composition that is installed."""
    return bootstrap.composition().patient_table


def sent_mails() -> list[SentMail]:
    """Every mail that was sent, oldest first."""
    return in_memory().ses.mails


def items_in_the_table() -> list[dict[str, Any]]:
    """Every item, as DynamoDB writes it."""
    return in_memory().database.all_items()
