"""Languages and the catalogue."""

import ast
import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment

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


def test_texts_keep_to_the_words_that_readers_know() -> None:
    """A receipt is for money; "avanmäl" could mean the whole event."""
    with ENGLISH.open("rb") as file:
        catalogue = [message for message in read_po(file, locale="en") if message.id]
    for message in catalogue:
        swedish, english = (
            " ".join([text] if isinstance(text, str) else text or ()).lower()
            for text in (message.id, message.string)
        )
        assert "avanmäl" not in swedish
        assert "receipt" not in english, swedish


def test_translations_have_the_same_placeholders_as_the_swedish_texts() -> None:
    with ENGLISH.open("rb") as file:
        catalogue = read_po(file, locale="en")
    for message in catalogue:
        if message.id:
            ours, theirs = (
                [text] if isinstance(text, str) else list(text)
                for text in (message.id, message.string or "")
            )
            for swedish, english in zip(ours, theirs, strict=True):
                places = re.findall(r"%\(\w+\)s|<[^>]+>", swedish)
                assert re.findall(r"%\(\w+\)s|<[^>]+>", english) == places


# Texts of templates that are no words: addresses, a class, a format, names of languages.
_NO_WORDS = re.compile(r"[?&]\w+=|&\w+;|/registration/?|^ labels$|\(XLSX\)|^(Svenska|English)$")
_STYLE = re.compile(r"<style>.*?</style>|{% block style %}.*?{% endblock %}", re.DOTALL)
_CALLS = (["_", "("], ["ngettext", "("])
# Attributes whose values people read or hear.
_READ = re.compile(r'\b(?:aria-label|title|placeholder|alt)="[^"]*[^\W\d_]')
_QUOTED_TEXT = re.compile(r"[åäöÅÄÖ]|[A-Z][a-z]")


def unmarked_texts(source: str) -> list[str]:
    """The texts of a template that no gettext call has, in its HTML and in its expressions."""
    found, html, is_in_trans, before = list[str](), "", False, list[str]()
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for _, kind, value in environment.lex(_STYLE.sub("", source)):
        if kind == "name" and value in ("trans", "endtrans") and before[-1].startswith("{%"):
            is_in_trans = value == "trans"
        elif kind == "data" and not is_in_trans:
            html += f"\0{value}"
        elif kind == "string" and _QUOTED_TEXT.search(value):
            is_marked = before[-2:] in _CALLS or before[-4:-2] in _CALLS
            found += [] if is_marked else [value[1:-1]]
        if kind != "whitespace":
            before.append(value)
    found += [*_READ.findall(html), *re.sub(r"<[^>]*>", "\0", html).split("\0")]
    return [text for text in found if re.search(r"[^\W\d_]", _NO_WORDS.sub("", text))]


@pytest.mark.parametrize(
    "path",
    [*PACKAGE.rglob("templates/**/*.html"), *PACKAGE.rglob("templates/**/*.txt")],
    ids=lambda path: f"{path.parent.name}-{path.name}",
)
def test_every_text_of_a_template_is_marked_for_the_catalogue(path: Path) -> None:
    assert unmarked_texts(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Namn</p>",
        '<a aria-label="Sidor">',
        '{{ "Anmäld" if a }}',
        '{{ ngettext("en", "två", 2) }}{{ "Kod" }}',
        "Kod: {{ a }}",
        "{% trans %}Kod{% endtrans %}: kod",
    ],
)
def test_the_search_for_unmarked_texts_finds_them(source: str) -> None:
    assert len(unmarked_texts(source)) == 1


# Modules with words or letters that nobody is shown: those that are searched for or sorted.
_SEARCHED_FOR = {"registration/note.py", "texts/collation.py", "texts/dates.py"}


def test_every_swedish_text_in_code_is_marked_for_the_catalogue() -> None:
    marked = {text for one in texts_in_use() for text in ([one] if isinstance(one, str) else one)}
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        documented = ast.Module | ast.ClassDef | ast.FunctionDef
        docs = [
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, documented)
        ]
        texts = {node.value for node in nodes if isinstance(node.value, str)} - {*docs} - marked
        named = [call for call in ast.walk(tree) if isinstance(call, ast.Call) and call.args]
        # The extraction does not look into f-strings.
        said = {ast.literal_eval(call.args[0]) for call in named if ast.unparse(call.func) == "N_"}
        assert said <= marked, path
        if path.relative_to(PACKAGE).as_posix() not in _SEARCHED_FOR:
            assert [text for text in texts if set(text) & set("åäöÅÄÖ")] == [], path


def test_the_compiled_catalogue_is_up_to_date() -> None:
    with ENGLISH.open("rb") as file:
        catalogue = read_po(file, locale="en")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert ENGLISH.with_suffix(".mo").read_bytes() == compiled.getvalue()
