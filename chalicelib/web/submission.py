"""The submitted fields of a form or a JSON document, or the error page if they are malformed."""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from chalice.app import Request

from chalicelib.media_types import FORM, JSON
from chalicelib.web.error_pages import ErrorPage

# Each field's values, in the order sent.
Fields = Mapping[str, Sequence[str]]

# The field of the buttons that show a form in another language.
SWITCHED = "switched"
BODY_AT_MOST = 16 * 1024
_FIELDS_AT_MOST = 200
_NONCE_BYTES = 16
_NONCE_AT_LEAST = 16


def is_json(request: Request) -> bool:
    """Whether the request's body is JSON; then the response is JSON too."""
    return _media_type(request) == JSON


def submitted_fields(request: Request) -> Fields:
    """The fields with their values; raises ErrorPage with 400, 413 or 415."""
    body = cast("bytes", request.raw_body)
    if len(body) > BODY_AT_MOST:
        raise ErrorPage(413, "too_large")
    if _media_type(request) not in (FORM, JSON) or _charset(request) not in ("", "utf-8"):
        raise ErrorPage(415, "unsupported")
    try:
        return _json_fields(body.decode("utf-8")) if is_json(request) else _form_fields(body)
    except (ValueError, RecursionError):
        raise ErrorPage(400, "bad_request") from None


def first_value(fields: Fields, name: str) -> str:
    """The first value of a field, or an empty text."""
    return next(iter(fields.get(name, ())), "")


def whole_number(text: str, otherwise: int = 0) -> int:
    """The number that `text` is, or `otherwise`."""
    return int(text) if text.isdecimal() and len(text) < 10 else otherwise


def revision_of(fields: Fields) -> int:
    """The submitted revision of the registration, or 0, which no registration has."""
    return whole_number(first_value(fields, "revision"))


def fresh_nonce() -> str:
    """A new nonce for a form page: 128 random bits."""
    return secrets.token_urlsafe(_NONCE_BYTES)


def idempotency_key(fields: Fields, request: Request) -> str:
    """The key of a JSON request: its Idempotency-Key, or else its nonce; empty without either.

    Raises ErrorPage for a short key, since the client relies on the key.
    """
    if not is_json(request):
        return ""
    key = str(request.headers.get("idempotency-key") or first_value(fields, "nonce"))
    if key and len(key) < _NONCE_AT_LEAST:
        raise ErrorPage(400, "idempotency_key_too_short")
    return key


def nonce_of(fields: Fields) -> str:
    """The form's nonce; a missing or guessably short one is replaced by a new one."""
    nonce = first_value(fields, "nonce")
    return nonce if len(nonce) >= _NONCE_AT_LEAST else fresh_nonce()


def _form_fields(body: bytes) -> Fields:
    """The fields of a form's body (WHATWG URL, 5.1); raises ValueError unless they are UTF-8.

    Not parse_qs, which takes three times as long for hostile mixtures of bytes and escapes.
    """
    if body.count(b"&") >= _FIELDS_AT_MOST or 3 * body.count(b"%") > len(body):  # no escapes
        raise ValueError
    fields: dict[str, list[str]] = {}
    for pair in filter(None, body.split(b"&")):
        name, _, value = pair.partition(b"=")
        fields.setdefault(_form_text(name), []).append(_form_text(value))
    return fields


def _form_text(encoded: bytes) -> str:
    return unquote_to_bytes(encoded.replace(b"+", b" ")).decode("utf-8")


def _json_fields(text: str) -> Fields:
    """Texts and lists of texts under the form's names; raises ValueError for anything else."""
    document = json.loads(text, object_pairs_hook=_without_duplicates)
    if not isinstance(document, dict):
        raise ValueError
    fields = {
        name: value if isinstance(value, list) else [value] for name, value in document.items()
    }
    for values in fields.values():
        for value in values:
            if not isinstance(value, str):
                raise ValueError
            value.encode()  # raises ValueError for a lone surrogate, like "\ud800"
    return fields


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError
    return document


def _media_type(request: Request) -> str:
    return str(request.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _charset(request: Request) -> str:
    parameters = str(request.headers.get("content-type", "")).lower().partition("charset=")[2]
    return parameters.partition(";")[0].strip(' "')
