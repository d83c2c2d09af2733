"""Private tokens and plate codes."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode

from chalicelib.registration.answers import Answers
from chalicelib.texts.folding import folded

# No A, E, I, O, U, so that few codes are words; none that are confused (0/O, 1/I, 5/S).
_CODE_LETTERS = "CDFHJKMNPRTVWXY34679"
_CODE_LENGTH = 4
_ATTEMPTS_PER_LENGTH = 4
CODE_ATTEMPTS = 5 * _ATTEMPTS_PER_LENGTH


def token_for(answers: Answers, nonce: str) -> str:
    """The private token of these answers and this nonce or key: 256 bits, base64url.

    The same submission gives the same token; other answers or another nonce give another token.
    """
    return _token(json.dumps(vars(answers), sort_keys=True), nonce)


def token_of_form(name: str, nonce: str) -> str:
    """The private token of what a form registers for this name, whatever the other answers are.

    As long as that of `token_for`. Names that people take for the same give the same token.
    """
    return _token(folded(name) or name, nonce)


def _token(submitted: str, nonce: str) -> str:
    digest = hmac.digest(nonce.encode(), submitted.encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_token(token: str) -> str:
    """The SHA-256 hash (hex) that the table stores instead of the token."""
    return hashlib.sha256(token.encode()).hexdigest()


def plate_code(token: str, attempt: int) -> str:
    """A short code for the plate's label; if it is taken, another `attempt` gives another.

    Codes of later attempts are longer, so that there are enough for any number of people.
    """
    digest = hashlib.sha256(f"{attempt}:{token}".encode()).digest()
    number = int.from_bytes(digest)
    letters = []
    for _ in range(_CODE_LENGTH + attempt // _ATTEMPTS_PER_LENGTH):
        number, letter = divmod(number, len(_CODE_LETTERS))
        letters.append(_CODE_LETTERS[letter])
    return "".join(letters)
