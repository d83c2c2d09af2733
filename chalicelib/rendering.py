"""The Jinja environment: pages in Swedish or English, and mails."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from datetime import datetime, time
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib import dates
from chalicelib.diet import ALLERGENS, DIETS
from chalicelib.event import Event
from chalicelib.language import N_, SWEDISH, Message, translations
from chalicelib.outbox import Attachment, Letter
from chalicelib.registration import Plate
from chalicelib.summary import CateringSummary

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")


def page(template: str, language: str, **values: object) -> str:
    """The HTML of a page in `templates/pages/`, in a language."""
    return _environment(language).get_template(f"pages/{template}").render(values)


def summary_letter(summary: CateringSummary, event: Event, *, is_copy: bool) -> Letter:
    """The mail to the contact persons that can be forwarded to the caterer: numbers, no names.

    A copy says that it may have come before, under the same version and fingerprint.
    """
    return _letter("summary", SWEDISH, summary=summary, event=event, is_copy=is_copy)


def receipt_letter(
    event: Event, language: str, *, link: str, closes_at: datetime | None, calendar: Attachment
) -> Letter:
    """The mail to somebody who registered: when, where and the private link; no diet, no name.

    `closes_at` is until when it can be changed; None if it can't be any more.
    """
    letter = _letter("receipt", language, event=event, link=link, closes_at=closes_at)
    return replace(letter, attachments=(calendar,))


@cache
def style() -> str:
    """The style sheet that every page carries."""
    return (TEMPLATES / "pages/style.css").read_text(encoding="utf-8")


@cache
def style_source() -> str:
    """The style sheet as a Content-Security-Policy source expression (CSP 3, 2.3.1)."""
    return f"'sha256-{b64encode(sha256(style().encode()).digest()).decode()}'"


def plate_in_words(plate: Plate, language: str) -> str:
    """A plate as the kitchen says it: `Vegansk + utan nötter, inte ens spår`."""
    translate = translations(language).gettext
    parts = [translate(DIETS[plate.diet].dish)] if plate.diet else []
    for code in plate.allergens:
        traces = translate(N_(", inte ens spår")) if code in plate.traces else ""
        parts.append(translate(ALLERGENS[code].dish) + traces)
    if plate.noted:
        parts.append(translate(N_("enligt egen anteckning")))
    words = " + ".join(parts)
    return words[:1].upper() + words[1:]


def _letter(kind: str, language: str, **values: object) -> Letter:
    environment = _environment(language)

    def render(part: str) -> str:
        return environment.get_template(f"mails/{kind}/{part}").render(values)

    return Letter(
        subject=" ".join(render("subject.txt").split()),
        text=render("body.txt").strip() + "\n",
        html=render("body.html"),
    )


@cache
def _environment(language: str) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    catalogue: Any = environment
    catalogue.install_gettext_translations(translations(language), newstyle=True)
    environment.filters.update(_filters(language))
    environment.globals.update(
        language=language,
        style=Markup(style()),  # noqa: S704 - our own style sheet
        diets=DIETS,
        allergens=ALLERGENS,
    )
    return environment


def _filters(language: str) -> dict[str, Any]:
    return {
        "message": partial(say, language=language),
        "plate": partial(plate_in_words, language=language),
        "day": partial(dates.long_day, language=language),
        "short_day": partial(dates.short_day, language=language),
        "clock": partial(dates.clock, language=language),
        "moment": partial(dates.moment, language=language),
        "deadline": partial(dates.deadline, language=language),
        "mealtime": partial(_mealtime, language=language),
        "tel": _telephone_link,
        "in_sentence": _in_sentence,
    }


def say(message: Message, language: str) -> str:
    """A message in a language, with its places filled."""
    translate = translations(language).gettext
    values = {
        key: _in_sentence(translate(v)) if isinstance(v, str) else v for key, v in message.values
    }
    return translate(message.text) % values


def _mealtime(starts: time | None, language: str) -> str:
    """`kl. 11.45`; a meal that is no longer in the event file has no time, and says so."""
    if starts is None:
        return "(finns inte längre i programmet)"
    return f"kl. {dates.clock(starts, language)}"


def _telephone_link(number: str) -> str:
    """A Swedish number as a tel: link in international form (RFC 3966)."""
    digits = re.sub(r"[^\d+]", "", number)
    return "tel:" + re.sub(r"^0", "+46", digits)


def _in_sentence(title: str) -> str:
    return title[:1].lower() + title[1:]
