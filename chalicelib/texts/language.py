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
    """A text to translate when it is shown; `values` fill its %(name)s placeholders.

    Of the errors of a form, `is_question` is one that may be answered by sending the same again.
    """

    text: str
    values: tuple[tuple[str, str | int], ...] = ()
    is_question: bool = False


class Bilingual(str):
    """A text of the event file in `language`, with its `translation` if the file has one."""

    language: str
    translation: str

    def __new__(cls, text: str, translation: str = "", language: str = SWEDISH) -> Self:
        """A text that is shown in `language` in every language if `translation` is empty."""
        made = super().__new__(cls, text)
        made.translation, made.language = translation, language
        return made


# The type of the event file's texts that may have a translation.
Translatable = Annotated[str, Bilingual]


def localized(text: str, language: str) -> str:
    """The event's text in `language`, or in its own language if there is no translation."""
    if isinstance(text, Bilingual) and text.translation and language != text.language:
        return text.translation
    return str(text)


def language_of(text: str, language: str) -> str:
    """The language in which `localized` returns the event's text."""
    if not isinstance(text, Bilingual):
        return SWEDISH
    return language if text.translation else text.language


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
def preferred_language(accept_language: str, languages: tuple[str, ...] = LANGUAGES) -> str:
    """The language to use for an Accept-Language header (RFC 9110, 12.5.4); if in doubt, the first
    of the event's `languages`.
    """
    wanted = sorted(map(_weight_and_tag, accept_language.split(",")), key=lambda pair: -pair[0])
    for weight, tag in wanted:
        language = tag.split("-")[0].lower()
        if weight > 0 and language in languages:
            return language
    return languages[0]


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


def translated(text: str, language: str, **values: object) -> str:
    """The catalogue's text in `language`, its %(name)s placeholders filled as they are."""
    found = translations(language).gettext(text)
    return found % values if values else found


def in_sentence(title: str) -> str:
    """The title with a lower-case first letter, as inside a sentence."""
    return title[:1].lower() + title[1:]
