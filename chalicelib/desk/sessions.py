"""The contact persons' desk: the passes that let one in, and the record of what was done there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LINK_LASTS = timedelta(minutes=30)
SESSION_LASTS = timedelta(hours=8)
# A link that could not be sent for so long is no longer waited for.
LINK_WAITS = timedelta(hours=1)


class TokenKind(StrEnum):
    """A mailed link, which is exchanged for a session, or that session."""

    LINK = "link"
    SESSION = "session"


@dataclass(frozen=True)
class AccessToken:
    """What one token opens, for whom and until when; the table holds only the token's hash.

    A session knows the hash of the link that it came from.
    """

    kind: TokenKind
    contact: str
    expires_at: datetime
    link: str = ""

    def admits(self, kind: TokenKind, now: datetime) -> bool:
        """Whether it is of this kind and still good."""
        return self.kind is kind and now < self.expires_at


def login_link(contact: str, now: datetime) -> AccessToken:
    """A mailed link's: reusable while it lasts, since mail scanners open links too."""
    return AccessToken(TokenKind.LINK, contact, now + LINK_LASTS)


def session_token(contact: str, now: datetime, link: str = "") -> AccessToken:
    """A session's, however long it is used."""
    return AccessToken(TokenKind.SESSION, contact, now + SESSION_LASTS, link)
