"""Texts as people see them, and their comparison."""

import sys
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.texts.folding import as_seen, folded, has_heaped_marks, is_beyond, typewritten

# Format characters (Cf) that are drawn: Arabic and Syriac signs over numbers (the property
# Prepended_Concatenation_Mark), and those that place Egyptian hieroglyphs.
DRAWN = {
    *map(chr, range(0x600, 0x606)), *"\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd",
    *map(chr, range(0x13430, 0x13456)),
}  # fmt: skip
JOINERS = "\u200c\u200d\u180e"
SELECTORS = "\ufe0e\ufe0f\u180b\U000e0100"
OTHERS = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u200b\u200e\u200f\u202a\u202c\u2060\u2064\u2066\u2069\ufeff"
    "\ufff9\ufffb\U0001d173\U000e0041\U000e007f"
)
BLANKS = "\u2800\u3164\uffa0"
INVISIBLE = {*JOINERS, *SELECTORS, *OTHERS}
# Letters, marks, emoji and signs that are likely to disturb one another.
ALPHABET = (
    "aåÅö oO'’´`-‑–.@ßıæİŉǆﬀ½Ωℌ①\u0301\u0327\u0323\u0338\u0345ابلي\u0651क\u094dषि\u093cന്ക്"
    "ᠠᠨ葛가\u1100\u1161👩🏽🔥❤♂↔1#\u20e3\ufdfaα\u03b9ᾳ"
)
TEXTS = st.text(st.sampled_from(sorted({*ALPHABET, *INVISIBLE, *BLANKS})) | st.characters(
    codec="utf-8"), max_size=12)  # fmt: skip


def drawn(text: str) -> str:
    """The characters that are drawn, without white space, whichever way they are encoded."""
    kept = (one for one in text if one not in INVISIBLE and one not in BLANKS)
    return "".join(unicodedata.normalize("NFC", "".join(kept)).split())


def test_every_format_character_is_invisible_or_known_to_be_drawn() -> None:
    characters = map(chr, range(sys.maxunicode + 1))
    formats = {one for one in characters if unicodedata.category(one) == "Cf"}
    assert {one for one in formats if as_seen(f"a{one}b") != "ab"} == formats & DRAWN


@pytest.mark.parametrize("invisible", [*OTHERS, *JOINERS, *SELECTORS])
def test_an_invisible_character_in_a_latin_name_is_taken_out(invisible: str) -> None:
    assert as_seen(f"{invisible}Å{invisible}sa{invisible}") == "Åsa"
    assert as_seen(f"A{invisible}\u030asa") == "Åsa"
    assert folded(f"Å{invisible}sa") == folded("Åsa")
    assert typewritten(f"asa{invisible}@b.se") == "asa@b.se"


@pytest.mark.parametrize("blank", BLANKS)
def test_what_is_drawn_as_a_space_is_a_space(blank: str) -> None:
    assert as_seen(f"Åsa{blank}Ek") == "Åsa Ek"
    assert folded(f"Åsa{blank}Ek") == "asa ek"


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",  # Persian: a non-joiner inside a word
        "क्\u200dष",  # Devanagari: a half letter
        "അവന്\u200d",  # Malayalam: a chillu at the end of a word, as older programs write it
        "ශ්\u200dරී",  # Sinhala
        "ᠬᠠᠨ\u180eᠠ",  # Mongolian: a vowel apart
        "葛\U000e0100城",  # Japanese: a variant of an ideograph, as in names
        "\U0001f469\u200d\U0001f373",  # a cook
        "\U0001f469\U0001f3fd\u200d\U0001f373",  # with a colour of the skin
        "\u2764\ufe0f\u200d\U0001f525",  # a heart on fire
        "\U0001f3f3\ufe0f\u200d\U0001f308",  # a rainbow flag
        "ب\u0301\u200cب",  # a non-joiner after an accent
        "\u0600\u0661",  # an Arabic sign over a number
    ],
)
def test_joiners_and_selectors_stay_where_they_change_what_is_seen(text: str) -> None:
    assert as_seen(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("علي\u200c", "علي"),
        ("علي\u200c Ek", "علي Ek"),
        ("\u200dعلي", "علي"),
        ("a\ufe0f", "a"),
        ("\U0001f469\u200d", "\U0001f469"),
        ("\U0001f469\u200da", "\U0001f469a"),
        ("葛\U000e0100\U000e0101", "葛\U000e0100"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4"),
    ],
)
def test_joiners_and_selectors_are_taken_out_elsewhere(text: str, seen: str) -> None:
    assert as_seen(text) == seen


@given(TEXTS)
def test_seeing_a_text_twice_changes_nothing_more(text: str) -> None:
    assert as_seen(as_seen(text)) == as_seen(text)
    assert unicodedata.is_normalized("NFC", as_seen(text))


@given(TEXTS)
def test_nothing_that_is_drawn_is_lost(text: str) -> None:
    invisible = {one for one in text if as_seen(f"a{one}b") == "ab"}
    assume(invisible <= INVISIBLE)
    assert drawn(as_seen(text)) == drawn(text)


@given(TEXTS)
def test_invisible_characters_stay_only_beside_letters_or_emoji_that_need_them(text: str) -> None:
    seen = as_seen(text)
    for place, one in enumerate(seen):
        if one in INVISIBLE:
            assert one in JOINERS + SELECTORS
            before = seen[:place].rstrip("".join(filter(unicodedata.combining, seen)))[-1:]
            assert not before.isascii()
            assert unicodedata.category(before) not in ("Lu", "Ll")
            assert before not in JOINERS


@given(TEXTS)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assume(len(unicodedata.normalize("NFKD", text)) < 100)
    assert folded(folded(text)) == folded(text)
    assert folded(as_seen(text)) == folded(text)


@given(TEXTS, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_texts_that_look_alike_fold_alike(text: str, form: str) -> None:
    assume(len(unicodedata.normalize("NFKD", text)) < 100 and "´" not in text)
    wanted = folded(text)
    assert folded(unicodedata.normalize(form, text)) == wanted  # type: ignore[arg-type]
    assert folded(f"  {text}\u00a0 ") == wanted
    assert folded("".join(one + "\u200b\u00ad" for one in text)) == wanted
    assert folded(text.casefold()) == wanted


@pytest.mark.parametrize(
    ("alike", "words"),
    [
        (["O'Brien", "O’Brien", "o´brien", "O`BRIEN", "Oʼbrien", "O\u00ad'Brien"], "obrien"),
        (["Anna-Karin", "Anna‑Karin", "Anna–Karin", "Anna‐Karin", "anna  karin"], "anna karin"),
        (["Öström, Åsa", "OSTROM ASA", "O\u0308strom\u3164A\u030asa"], "ostrom asa"),
        (["Bjørk", "Björk", "BJORK"], "bjork"),
        (["Bække", "Bäkke"], "bakke"),
        (["Straße", "STRASSE"], "strasse"),
        (["ＡＳＡ", "asa"], "asa"),
        (["Łukasz", "Lukasz"], "lukasz"),
        (["", "-", "…", "\u200b"], ""),
    ],
)
def test_variants_of_a_name_fold_alike(alike: list[str], words: str) -> None:
    assert {folded(text) for text in alike} == {words}


def test_vowel_signs_are_not_accents() -> None:
    assert folded("कि") != folded("का")


def test_a_length_is_measured_by_code_points() -> None:
    assert not is_beyond("a" * 400, 100)
    assert is_beyond("a" * 401, 100)
    assert not has_heaped_marks(("x" + "\u0301" * 30) * 3)
    assert has_heaped_marks("x" + "\u0301" * 31)
