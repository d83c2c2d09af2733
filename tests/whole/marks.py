"""Searches output for values that must not be in it, in every encoding they could have."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from functools import cache
from html import escape
from urllib.parse import quote, quote_plus


def found(values: Iterable[str], text: str) -> set[str]:
    """The `values` that `text` contains: plain, in any letter case, or encoded."""
    lowered = text.lower()
    return {
        value for value in values
        if any(form.lower() in lowered for form in _escaped_forms(value))
        or any(form in text for form in _base64_forms(value))
    }  # fmt: skip


@cache
def _escaped_forms(value: str) -> frozenset[str]:
    """The value as plain text, and as URLs, JSON and HTML encode it."""
    in_json = (json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    return frozenset((value, quote(value), quote_plus(value), escape(value), *in_json))


@cache
def _base64_forms(value: str) -> frozenset[str]:
    """The value in base64 at each of the 3 alignments, as part of a longer text.

    Without the first and last characters, which depend on the neighbouring bytes.
    """
    forms = set()
    for form in _escaped_forms(value):
        for text in (form, form.lower(), form.upper()):
            content = text.encode()
            for before in range(3):
                first, last = -(-before * 8 // 6), (before + len(content)) * 8 // 6
                for encode in (b64encode, urlsafe_b64encode):
                    forms.add(encode(bytes(before) + content).decode()[first:last])
    return frozenset(forms)
