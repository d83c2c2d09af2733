"""Swedish and English: which one a visitor gets, and the catalogue that translates the texts.

The texts in code and templates are Swedish; the English catalogue translates each of them.
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
    """A text for people, to be translated where it is shown; `values` fill its %(name)s places."""

    text: str
    values: tuple[tuple[str, str | int], ...] = ()


class Bilingual(str):
    """A Swedish text of the event's own, with its English beside it if there is any."""

    english: str

    def __new__(cls, swedish: str, english: str = "") -> Self:
        """A Swedish text; without English it stays Swedish in every language."""
        text = super().__new__(cls, swedish)
        text.english = english
        return text


# The type of what the event's file may say in English too.
Translatable = Annotated[str, Bilingual]


def localized(text: str, language: str) -> str:
    """The event's text in a language, or in Swedish where there is no other."""
    if language == ENGLISH and isinstance(text, Bilingual) and text.english:
        return text.english
    return str(text)


def language_of(text: str, language: str) -> str:
    """In which language `said` says the event's text."""
    has_english = isinstance(text, Bilingual) and text.english
    return ENGLISH if language == ENGLISH and has_english else SWEDISH


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Marks a text for the catalogue without translating it yet."""
    return text


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; Swedish is the language of the texts themselves."""
    import gettext

    if language == SWEDISH:
        return gettext.NullTranslations()
    return gettext.translation("messages", str(CATALOGUES), languages=[language])


@lru_cache(maxsize=128)  # browsers say it in few ways, and each request asks twice
def preferred_language(accept_language: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110, 12.5.4), else Swedish."""
    wanted = sorted(map(_weighed, accept_language.split(",")), key=lambda pair: -pair[0])
    for weight, tag in wanted:
        language = tag.split("-")[0].lower()
        if weight > 0 and language in LANGUAGES:
            return language
    return SWEDISH


def _weighed(item: str) -> tuple[float, str]:
    tag, _, parameter = item.strip().partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        return (float(value) if name.strip().lower() == "q" else 1.0), tag.strip()
    except ValueError:
        return 0.0, tag.strip()


def translate(message: Message, language: str) -> str:
    """A message in a language, with its places filled."""
    translate = translations(language).gettext
    values = {
        key: in_sentence(translate(v)) if isinstance(v, str) else v for key, v in message.values
    }
    return translate(message.text) % values


def in_sentence(title: str) -> str:
    """The title with its first letter small, as inside a sentence."""
    return title[:1].lower() + title[1:]
