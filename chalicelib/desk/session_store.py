"""What lets contact persons into the desk: mailed links, and sessions."""

from dataclasses import replace

from chalicelib.desk.sessions import AccessToken, TokenKind
from chalicelib.dynamo.attributes import format_instant, parse_instant
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import Write, delete, put
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import OutboxMail


def ask_for_link(table: Table, mail: OutboxMail, *, wanted: bool) -> None:
    """Queues the mail, or makes a write of the same kind and size that nobody reads.

    So that how long it takes tells nothing.
    """
    key = outbox.key_of(mail) if wanted else "NOBODY"
    kept = mail if wanted else replace(mail, recipient="-" * len(mail.recipient))
    table.apply(put(key, outbox.mail_item(kept)))


def saved(token_hash: str, admitted: AccessToken) -> Write:
    """The write that lets a token in; the table forgets it some time after it has expired."""
    item = {
        "kind": admitted.kind.value,
        "contact": admitted.contact,
        "until": format_instant(admitted.expires_at),
        "link": admitted.link,
        "expires_at": int(admitted.expires_at.timestamp()),
    }
    return put(_key(token_hash), item)


def removed(token_hash: str) -> Write:
    """The write that lets a token in no more."""
    return delete(_key(token_hash))


def find(table: Table, token_hash: str) -> AccessToken | None:
    """What a token opens at the desk, if anything."""
    item = table.get(_key(token_hash))
    if item is None:
        return None
    return AccessToken(
        TokenKind(item["kind"]), item["contact"], parse_instant(item["until"]), item["link"]
    )


def _key(token_hash: str) -> str:
    return f"DESK#{token_hash}"
