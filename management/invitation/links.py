"""Links of an invitation, but for that to the form that Dukat replaces."""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import urlsplit

from management.invitation.draft import Table
from management.invitation.lines import Block, sentences

_URL = re.compile(r"(?<![\w@.])(?:https?://|www\.)[^\s<>\"”]+", re.IGNORECASE)
REGISTERS = re.compile(r"anmäl|regist[er]|o\.?s\.?a\b|rsvp|sign up", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:läs|read)\s+(?:gärna |mer |mera |more |further )*(?:om|about)\s+(?P<title>.+?)"
    r"\s+(?P<on>på|at|on)\s*$",
    re.IGNORECASE,
)
_AFTER = " .,;:)]’'"
# More than any invitation has; for each one the whole text is searched.
_LINKS_AT_MOST = 100


def links_in(blocks: list[Block]) -> list[tuple[Table, list[Block]]]:
    """The links, each with the blocks that it is from; that to the form is an empty table."""
    found: list[tuple[Table, list[Block]]] = []
    for place, block in enumerate(blocks):
        for match in islice(_URL.finditer(block.text), _LINKS_AT_MOST - len(found)):
            if match[0].rstrip(_AFTER).endswith(".ics"):
                continue
            before = blocks[place - 1].text if place else ""
            is_form = _leads_to_form(block.text, before)
            found.append((Table(), [block]) if is_form else _link(match, block, blocks))
    return found


def _leads_to_form(text: str, before: str) -> bool:
    """Whether a link is to the invitation's own form."""
    alone = _URL.sub("", text).strip(_AFTER) == ""
    return any(
        REGISTERS.search(one) and not _ABOUT.search(_URL.split(one)[0])
        for one in (before if alone else text,)
    )


def _link(match: re.Match[str], block: Block, blocks: list[Block]) -> tuple[Table, list[Block]]:
    url = match[0].rstrip(_AFTER)
    url = url if url.casefold().startswith("http") else f"https://{url}"
    host = _host(url)
    sentence = sentences(block.text[: match.start()].strip())[-1:]
    said = _said(sentence[0], "") if sentence else _told_elsewhere(host, blocks)
    table = Table({"url": url, "title": said.pop("title", host), **said})
    return table, [block]


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return host.removeprefix("www.") or url


def _said(text: str, host: str) -> dict[str, str]:
    """What a sentence before a link says of it: a title, or a description."""
    if about := _ABOUT.search(text):
        is_known = f"{about['title']} {about['on']} {host}" if host else about["title"]
        return {"title": is_known}
    words = re.sub(r"\s*(?:här|here|på|at)?\s*:?\s*$", "", text)
    return {"description": f"{words}."} if " " in words else {}


def _told_elsewhere(host: str, blocks: list[Block]) -> dict[str, str]:
    """What another paragraph says of a website that it names by its host."""
    for block in blocks:
        found = re.search(rf"(?<![\w./@]){re.escape(host)}(?![\w/])", block.text)
        if not found:
            continue
        start = block.text.rfind(". ", 0, found.start()) + 1
        said = _said(block.text[start : found.start()].strip(), host)
        return {**said, "description": block.text[start:].strip()}
    return {}
