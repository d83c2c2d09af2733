"""Plain text in lines that mail programs show whole."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.event.events import Events
from chalicelib.texts.wrapping import WIDTH, wrapped
from management.local.sample_mails import sample_mails
from tests.examples import FOLDER

URL = f"https://kost.boras.example/dag/registration/{'x' * 60}?lang=en"


def test_lines_are_broken_between_words_and_urls_are_not() -> None:
    text = f"Öppna länken och se efter att allt stämmer, och spara den sedan: {URL} Är något fel?"
    assert wrapped(text).split("\n") == [
        "Öppna länken och se efter att allt stämmer, och spara den sedan:",
        URL,
        "Är något fel?",
    ]


def test_what_continues_a_line_of_a_list_is_indented_as_its_text() -> None:
    plate = (
        "12 st  vegan, utan gluten, jordnötter, nötter, selleri, senap, sesam, sojabönor och lupin"
    )
    codes = "      Kod: " + ", ".join(f"K{n:02}X" for n in range(14))
    assert wrapped(f"{plate}\n{codes}\n- {plate}").split("\n") == [
        "12 st  vegan, utan gluten, jordnötter, nötter, selleri, senap, sesam,",
        "       sojabönor och lupin",
        "      Kod: K00X, K01X, K02X, K03X, K04X, K05X, K06X, K07X, K08X, K09X,",
        "      K10X, K11X, K12X, K13X",
        "- 12 st  vegan, utan gluten, jordnötter, nötter, selleri, senap, sesam,",
        "  sojabönor och lupin",
    ]


def test_words_that_belong_together_are_not_parted() -> None:
    before = "x" * 66
    assert wrapped(f"{before} kl.\u00a024.00") == f"{before}\nkl.\u00a024.00"


@pytest.mark.parametrize(
    "kept", ["kl. 24.00", "31 maj", "033-35 72 19", "+46 33 35 72 19", "by 24 May", "at 15:00"]
)
@pytest.mark.parametrize("before", range(60, 73))
def test_a_time_a_day_and_a_number_stay_in_one_line(kept: str, before: int) -> None:
    last = kept.removeprefix("by ")
    lines = wrapped(f"{'x' * before} {kept} och mer").split("\n")
    assert any(last in line for line in lines)


@given(st.text(st.sampled_from("ab1 -\n\u00a0åst"), max_size=400))
def test_only_single_words_are_longer_and_none_is_lost(text: str) -> None:
    lines = wrapped(text).split("\n")
    assert "".join(lines).replace(" ", "") == re.sub("[ \n]", "", text)
    for line in lines:
        assert len(line) <= WIDTH or " " not in line.removeprefix("- ").strip(" ")


def test_every_mail_has_lines_of_at_most_72_characters() -> None:
    for event in Events(FOLDER).all():
        for mail in sample_mails(event):
            for line in mail.part("plain").split("\n"):
                assert len(line) <= WIDTH or line.startswith("https://"), line
