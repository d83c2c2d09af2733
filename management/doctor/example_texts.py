"""Checks of texts that organisers did not write: the shipped example's, and untranslated ones."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from textwrap import shorten
from typing import Any

from chalicelib.event.event import Contact, Event, WebLink
from chalicelib.event.legal_statements import Accessibility, Privacy
from chalicelib.texts.language import ENGLISH, Bilingual, Translatable
from management.doctor.facts import CheckFailed, StageFacts

EXAMPLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_SHOWN_AT_MOST = 60
_TRANSLATED = {
    field.metadata.get("key", field.name)
    for kind in (Event, Privacy, Accessibility, Contact, WebLink)
    for field in fields(kind)
    if field.type in (Translatable, tuple[Translatable, ...])
}


def check_example_texts(deployed: StageFacts) -> str:
    """No text of the shipped example that names its event or organiser stands for another."""
    wrong: dict[str, list[str]] = {}
    perhaps: list[str] = []
    for event in deployed.events.all():
        if event.title == EXAMPLE["title"]:
            continue
        is_another = event.organiser != EXAMPLE["organiser"]
        for key, text in _texts(event):
            told = f"{key} is still “{shorten(text, _SHOWN_AT_MOST, placeholder=' ...')}”"
            is_of_organiser = text in EXAMPLE["of_the_organiser"]
            if text in EXAMPLE["of_the_event"] or (is_of_organiser and is_another):
                wrong.setdefault(told, []).append(event.id)
            elif is_of_organiser or text in EXAMPLE["of_any_event"]:
                perhaps.append(key)
    if wrong:
        advice = "Write your own in the event's file or in chalicelib/organisation.toml."
        told_of = [f"{', '.join(ids)}: {told}" for told, ids in wrong.items()]
        raise CheckFailed(
            f"{len(wrong)} texts are left of the shipped example", "\n".join([*told_of, advice])
        )
    if perhaps:
        keys = "; ".join(dict.fromkeys(key.rstrip(",") for key in perhaps))
        return f"as in the shipped example, right only if you mean it: {keys}"
    return "no text is the shipped example's"


def _texts(event: Event) -> Iterator[tuple[str, str]]:
    """The event's texts outside of the agenda, with their keys."""
    parts: list[tuple[str, Any]] = [
        ("[event]", event),
        ("[look]", event.theme),
        ("[privacy]", event.privacy),
        *((f"contact person {number},", one) for number, one in enumerate(event.contacts, 1)),
        *((f"link {number},", one) for number, one in enumerate(event.links, 1)),
    ]
    for name, part in parts:
        for field in fields(part):
            text = getattr(part, field.name)
            if isinstance(text, str):
                key = f"{name} {field.metadata.get('key', field.name)}"
                yield key, str(text)
                if isinstance(text, Bilingual) and text.translation:
                    yield f"{key}, translated,", text.translation


def check_english_texts(deployed: StageFacts) -> str:
    """No event in English only shows a text of organisation.toml that may be Swedish."""
    found = [
        f"{event.id}: {key}"
        for event in deployed.events.all()
        if event.languages == (ENGLISH,)
        for key in _untranslated(*map(tomllib.loads, deployed.events.source(event.id)[1:]))
    ]
    if found:
        raise CheckFailed(
            f"without a translation, but shown as English: {', '.join(found)}",
            "Write the English text under the same key with _en in chalicelib/organisation.toml, "
            'or in the event\'s file; or languages = ["en"] in organisation.toml if all of its '
            "texts are English.",
        )
    return "every event in English has English texts"


def _untranslated(own: Mapping[str, Any], shared: Mapping[str, Any]) -> Iterator[str]:
    """The keys of organisation.toml whose plain texts an event in English takes."""
    if shared.get("event", {}).get("languages") == [ENGLISH]:
        return
    for name, part in shared.items():
        if isinstance(part, dict):
            yield from _keys_without_english(f"[{name}]", {**part, **own.get(name, {})}, part)
        elif isinstance(part, list) and name not in own:
            for number, row in enumerate(part, 1):
                yield from _keys_without_english(f"{name}[{number}]", row, row)


def _keys_without_english(
    name: str, merged: Mapping[str, Any], shared: Mapping[str, Any]
) -> Iterator[str]:
    for key, text in shared.items():
        is_shared = merged[key] is text
        if key in _TRANSLATED and text and is_shared and f"{key}_en" not in merged:
            yield f"{name} {key}"
