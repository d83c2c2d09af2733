"""The table on moto in this process, reached as the functions reach it."""

from chalicelib.dynamodb import Client
from chalicelib.event import Event
from chalicelib.table import Table
from management import local_aws


def table_on_moto(event: Event, name: str = local_aws.TABLE) -> Table:
    client = Client(local_aws.ask_moto, attempts=1)
    return Table(client, name, event.id, event.expires_at, pause=lambda _: None)
