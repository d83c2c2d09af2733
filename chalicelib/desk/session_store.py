"""The access tokens in the table."""

from dataclasses import replace

from chalicelib.desk.sessions import AccessToken, TokenKind
from chalicelib.dynamo.attributes import format_instant, parse_instant
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import Write, delete, put
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import OutboxMail


def ask_for_link(table: Table, mail: OutboxMail, *, wanted: bool) -> None:
    """Queue the mail if `wanted`; otherwise write an unused item of the same kind and size.

    The response time thus does not reveal whether an address belongs to a contact person.
    """
    key = outbox.key_of(mail) if wanted else "NOBODY"
    written = mail if wanted else replace(mail, recipient="-" * len(mail.recipient))
    table.apply(put(key, outbox.mail_item(written)))


def save_write(token_hash: str, token: AccessToken) -> Write:
    """The write that stores a token; DynamoDB deletes it some time after the token has expired."""
    item = {
        "kind": token.kind.value,
        "contact": token.contact,
        "until": format_instant(token.expires_at),
        "link": token.link,
        "expires_at": int(token.expires_at.timestamp()),
    }
    return put(_key(token_hash), item)


def remove_write(token_hash: str) -> Write:
    """The write that deletes a token."""
    return delete(_key(token_hash))


def find(table: Table, token_hash: str) -> AccessToken | None:
    """The access token with this hash, or None."""
    item = table.get(_key(token_hash))
    if item is None:
        return None
    return AccessToken(
        TokenKind(item["kind"]), item["contact"], parse_instant(item["until"]), item["link"]
    )


def _key(token_hash: str) -> str:
    return f"DESK#{token_hash}"
