"""Languages and the catalogue."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import chalicelib
from chalicelib.texts.language import CATALOGUES, preferred_language

PACKAGE = Path(chalicelib.__file__).parent
ENGLISH = CATALOGUES / "en/LC_MESSAGES/messages.po"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "sv"),
        ("sv-SE,sv;q=0.9,en;q=0.8", "sv"),
        ("en-GB,en;q=0.9", "en"),
        ("de,en;q=0.5", "en"),
        ("de-DE,fr", "sv"),
        ("en;q=0,sv;q=0.1", "sv"),
        ("en;q=abc", "sv"),
        ("EN", "en"),
        (";;;,,q=", "sv"),
    ],
)
def test_the_visitor_gets_the_preferred_language_that_is_supported(
    header: str, language: str
) -> None:
    assert preferred_language(header) == language


def texts_in_use() -> set[str | tuple[str, ...]]:
    with (CATALOGUES / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(
        str(PACKAGE),
        method_map=methods,
        options_map=options,
        keywords={"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)},
    )
    return {message for _, _, message, _, _ in found}


def test_every_text_is_translated_and_no_translation_is_unused() -> None:
    with ENGLISH.open("rb") as file:
        catalogue = read_po(file, locale="en")
    translated = {message.id for message in catalogue if message.id and message.string}
    assert translated == texts_in_use()
    assert not [message.id for message in catalogue if message.id and message.fuzzy]


def test_translations_have_the_same_placeholders_as_the_swedish_texts() -> None:
    with ENGLISH.open("rb") as file:
        catalogue = read_po(file, locale="en")
    for message in catalogue:
        if isinstance(message.id, str) and message.id:
            places = re.findall(r"%\(\w+\)s|<[^>]+>", message.id)
            assert re.findall(r"%\(\w+\)s|<[^>]+>", str(message.string)) == places


def test_the_compiled_catalogue_is_up_to_date() -> None:
    with ENGLISH.open("rb") as file:
        catalogue = read_po(file, locale="en")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert ENGLISH.with_suffix(".mo").read_bytes() == compiled.getvalue()
