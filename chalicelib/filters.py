"""Every filter and global of the templates, and the function behind each."""

from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.audit.words import AUDIT_ACTIONS, subject_in_words
from chalicelib.catering.words import change_in_words
from chalicelib.deletion.limits import SMALLEST_GROUP_SHOWN
from chalicelib.deletion.words import trait_in_words
from chalicelib.event.agenda import Hours, hours_of
from chalicelib.event.phone import dialled
from chalicelib.event.words import (
    event_when,
    hours_in_words,
    meal_distinction,
    meal_name,
    meal_time,
    meal_when,
    meal_where,
    meal_with_time,
)
from chalicelib.mail.words import MAIL_STATES, MAILED_THINGS
from chalicelib.registration.diet import ALLERGENS, DIETS
from chalicelib.registration.note import named_unticked
from chalicelib.registration.words import plate_in_words
from chalicelib.texts import dates
from chalicelib.texts.language import (
    N_,
    in_sentence,
    language_of,
    localized,
    translate,
    translated,
)

_NUMBERS = {2: N_("två"), 3: N_("tre"), 4: N_("fyra"), 5: N_("fem")}


def filters(language: str) -> dict[str, Any]:
    """The filters for templates in `language`, by their names in the templates."""
    return {
        "localized": partial(localized, language=language),
        "lang": partial(_lang_attribute, language=language),
        "message": partial(translate, language=language),
        "change": partial(change_in_words, language=language),
        "mailed_thing": lambda kind: translated(MAILED_THINGS[kind], language),
        "mail_state": lambda state: translated(MAIL_STATES[state], language),
        "trait": partial(trait_in_words, language=language),
        "audit_action": lambda action: translated(AUDIT_ACTIONS[action], language),
        "event_when": partial(event_when, language=language),
        "meal_name": partial(meal_name, language=language),
        "meal_distinction": partial(meal_distinction, language=language),
        "meal_with_time": partial(meal_with_time, language=language),
        "meal_when": partial(meal_when, language=language),
        "meal_where": partial(meal_where, language=language),
        "meal_time": partial(meal_time, language=language),
        "audit_subject": partial(subject_in_words, language=language),
        "plate": partial(plate_in_words, language=language),
        "day": partial(dates.format_day, language=language),
        "short_day": partial(dates.format_short_day, language=language),
        "days": partial(dates.format_days, language=language),
        "short_days": partial(dates.format_short_days, language=language),
        "full_days": partial(dates.format_full_days, language=language),
        "hours": partial(hours_in_words, language=language),
        "marked_hours": partial(_marked_hours, language=language),
        "time_of_day": partial(dates.format_time, language=language),
        "moment": partial(dates.format_moment, language=language),
        "day_and_time": partial(dates.format_day_and_time, language=language),
        "deadline": partial(dates.format_deadline, language=language),
        "short_deadline": partial(dates.format_short_deadline, language=language),
        "full_date": partial(dates.format_full_date, language=language),
        "reach": _reaching_link,
        "in_sentence": in_sentence,
        "named_unticked": named_unticked,
        "isolated": _isolated,
        "untranslated": partial(_isolated, attribute=' translate="no"'),
    }


def globals_of_templates(language: str) -> dict[str, Any]:
    """The values that every template in `language` can use by name."""
    return {
        "language": language,
        "diets": DIETS,
        "allergens": ALLERGENS,
        "hours_of": hours_of,
        "smallest_group_shown": translated(_NUMBERS[SMALLEST_GROUP_SHOWN], language),
    }


def _lang_attribute(text: str, language: str) -> str:
    """` lang="sv"` for a text of the event that is not in the page's language, else empty."""
    from markupsafe import Markup

    actual = language_of(text, language)
    return "" if actual == language else Markup(f' lang="{actual}"')  # noqa: S704 - our own code


def _reaching_link(way: str, country: str) -> str:
    """A link that rings a contact person's number, or writes to the address."""
    from markupsafe import Markup

    if "@" in way:
        return Markup('<a href="mailto:{0}">{0}</a>').format(way)
    link = Markup('<a class="tel" href="tel:{}">{}</a>')
    return link.format(dialled(way, country), way)


def _isolated(text: str, attribute: str = "") -> str:
    """A text that somebody typed, so that its direction does not reorder what stands beside it.

    Nothing for an empty text. Names, addresses and codes have the attribute `translate="no"`.
    """
    from markupsafe import Markup, escape

    return Markup(f"<bdi{attribute}>{escape(text)}</bdi>") if text else ""  # noqa: S704 - escaped


def _marked_hours(hours: Hours, language: str) -> str:
    """The hours in words, each time in an HTML element with its instant."""
    from markupsafe import Markup

    def marked(at: datetime, words: str) -> str:
        return f'<time datetime="{at.isoformat(timespec="minutes")}">{words}</time>'

    return Markup(hours_in_words(hours, language, marked))  # noqa: S704 - our own words
