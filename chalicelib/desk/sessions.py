"""The access tokens of contact persons: mailed links, and sessions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.desk.limits import LINK_LASTS, SESSION_LASTS


class TokenKind(StrEnum):
    """A mailed link, or the session for which it is exchanged."""

    LINK = "link"
    SESSION = "session"


@dataclass(frozen=True)
class AccessToken:
    """What a token is, for whom, and until when. The table stores only the hash of the token.

    `contact` is a mail address. `link` is the token hash of the link that opened a session.
    """

    kind: TokenKind
    contact: str
    expires_at: datetime
    link: str = ""

    def admits(self, kind: TokenKind, now: datetime) -> bool:
        """Whether the token is of this kind and has not expired."""
        return self.kind is kind and now < self.expires_at


def login_link(contact: str, now: datetime) -> AccessToken:
    """A link's access token. It is reusable until it expires: mail scanners open links too."""
    return AccessToken(TokenKind.LINK, contact, now + LINK_LASTS)


def session_token(contact: str, now: datetime, link: str = "") -> AccessToken:
    """A session's access token. Using the session does not extend it."""
    return AccessToken(TokenKind.SESSION, contact, now + SESSION_LASTS, link)
