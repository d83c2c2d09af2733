"""The words of searches in the table, since no address may have them."""

import re
from datetime import datetime

from chalicelib.desk.limits import SEARCH_AT_MOST, SESSION_LASTS
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import Write, put

_KEY = re.compile(r"[0-9a-f]{12}")


def save_write(key: str, text: str, now: datetime) -> Write:
    """The write that stores what is searched for, as long as a session lasts."""
    expires_at = int((now + SESSION_LASTS).timestamp())
    return put(_of(key), {"text": text[:SEARCH_AT_MOST], "expires_at": expires_at})


def find(table: Table, key: str, now: datetime) -> str | None:
    """What the search with this key looks for, or None."""
    item = table.get(_of(key)) if _KEY.fullmatch(key) else None
    return str(item["text"]) if item and item["expires_at"] > now.timestamp() else None


def _of(key: str) -> str:
    return f"SEARCH#{key}"
