"""Renders the templates of pages and mails with Jinja."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.texts.language import translations
from chalicelib.texts.typography import unbroken

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parents[1] / "templates"


def render_page(template: str, language: str, **values: object) -> str:
    """The HTML of a template in `templates/pages/`, in `language`."""
    return unbroken(environment(language).get_template(f"pages/{template}").render(values))


@cache
def environment(language: str) -> Environment:
    """The Jinja environment for templates in `language`, with their filters and globals."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    from chalicelib.filters import filters, globals_of_templates

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    catalogue: Any = made
    catalogue.install_gettext_translations(translations(language), newstyle=True)
    made.filters.update(filters(language))
    made.globals.update(globals_of_templates(language))
    return made
