"""Texts that must not turn up somewhere, and the forms in which they could."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from functools import cache
from html import escape
from urllib.parse import quote, quote_plus


def found(marks: Iterable[str], text: str) -> set[str]:
    """The marks that are in the text, in whatever form."""
    lowered = text.lower()
    return {
        mark for mark in marks
        if any(form.lower() in lowered for form in _written(mark))
        or any(form in text for form in _base64_forms(mark))
    }  # fmt: skip


@cache
def _written(mark: str) -> frozenset[str]:
    """As it is, and as addresses, JSON and HTML have it."""
    in_json = (json.dumps(mark, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    return frozenset((mark, quote(mark), quote_plus(mark), escape(mark), *in_json))


@cache
def _base64_forms(mark: str) -> frozenset[str]:
    """As base64 has it wherever it begins, without the characters that others share in."""
    forms = set()
    for written in _written(mark):
        for text in (written, written.lower(), written.upper()):
            content = text.encode()
            for before in range(3):
                first, last = -(-before * 8 // 6), (before + len(content)) * 8 // 6
                for encode in (b64encode, urlsafe_b64encode):
                    forms.add(encode(bytes(before) + content).decode()[first:last])
    return frozenset(forms)
