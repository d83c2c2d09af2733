"""Swedish and English: the choice for a visitor, and the translation of the service's texts.

Texts in code and templates are Swedish; the English catalogue translates each of them.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

if TYPE_CHECKING:
    import gettext

SWEDISH, ENGLISH = "sv", "en"
LANGUAGES = (SWEDISH, ENGLISH)
CATALOGUES = Path(__file__).parents[1] / "translations"


class Message(NamedTuple):
    """A text to translate when it is shown; `values` fill its %(name)s placeholders."""

    text: str
    values: tuple[tuple[str, str | int], ...] = ()


class Bilingual(str):
    """A Swedish text of the event file, with its English translation if the file has one."""

    english: str

    def __new__(cls, swedish: str, english: str = "") -> Self:
        """A text that is shown in Swedish in every language if `english` is empty."""
        text = super().__new__(cls, swedish)
        text.english = english
        return text


# The type of the event file's texts that may have a translation.
Translatable = Annotated[str, Bilingual]


def localized(text: str, language: str) -> str:
    """The event's text in `language`, or in Swedish if there is no translation."""
    if language == ENGLISH and isinstance(text, Bilingual) and text.english:
        return text.english
    return str(text)


def language_of(text: str, language: str) -> str:
    """The language in which `localized` returns the event's text."""
    has_english = isinstance(text, Bilingual) and text.english
    return ENGLISH if language == ENGLISH and has_english else SWEDISH


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a text for the catalogue; translate it later."""
    return text


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; for Swedish an empty one, since the texts are Swedish."""
    import gettext

    if language == SWEDISH:
        return gettext.NullTranslations()
    return gettext.translation("messages", str(CATALOGUES), languages=[language])


@lru_cache(maxsize=128)  # few headers differ, and each request needs the result twice
def preferred_language(accept_language: str) -> str:
    """The language to use for an Accept-Language header (RFC 9110, 12.5.4); Swedish if in doubt."""
    wanted = sorted(map(_weight_and_tag, accept_language.split(",")), key=lambda pair: -pair[0])
    for weight, tag in wanted:
        language = tag.split("-")[0].lower()
        if weight > 0 and language in LANGUAGES:
            return language
    return SWEDISH


def _weight_and_tag(item: str) -> tuple[float, str]:
    tag, _, parameter = item.strip().partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        return (float(value) if name.strip().lower() == "q" else 1.0), tag.strip()
    except ValueError:
        return 0.0, tag.strip()


def translate(message: Message, language: str) -> str:
    """The message in `language`, its placeholders filled; text values are translated too."""
    translate = translations(language).gettext
    values = {
        key: in_sentence(translate(v)) if isinstance(v, str) else v for key, v in message.values
    }
    return translate(message.text) % values


def in_sentence(title: str) -> str:
    """The title with a lower-case first letter, as inside a sentence."""
    return title[:1].lower() + title[1:]
