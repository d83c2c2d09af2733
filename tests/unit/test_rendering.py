import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from chalicelib import rendering
from chalicelib.event import Event
from chalicelib.outbox import Letter
from chalicelib.registration import Answers, Order, Plate
from chalicelib.summary import CODES_AT_MOST, summarise, tally
from tests.examples import MEALS, NOW, VEGAN_WITHOUT_NUTS


def letter(event: Event, *answers: Answers, is_copy: bool = False) -> Letter:
    orders = [Order(f"CDF{n}", one.meals, one.plate).encode() for n, one in enumerate(answers)]
    summary = summarise(tally(orders, taken_at=NOW), event, version=1)
    return rendering.summary_letter(summary, event, is_copy=is_copy)


@pytest.mark.parametrize(
    ("plate", "swedish", "english"),
    [
        (Plate("vegan"), "Vegansk", "Vegan"),
        (
            Plate("vegan", ("coeliac", "nuts"), ("nuts",)),
            "Vegansk + glutenfri (celiaki) + utan nötter, inte ens spår",
            "Vegan + gluten-free (coeliac) + no tree nuts, not even traces",
        ),
        (Plate(noted=True), "Enligt egen anteckning", "As described in the note"),
    ],
)
def test_a_plate_is_said_in_words(plate: Plate, swedish: str, english: str) -> None:
    assert rendering.plate_in_words(plate, "sv") == swedish
    assert rendering.plate_in_words(plate, "en") == english


@pytest.mark.parametrize(
    ("answers", "subject"),
    [
        ([], "Specialkost 31 maj: ingen har anmält specialkost"),
        ([Answers("A", ("lunch",), diet="vegan")], "Specialkost 31 maj: 1 portion till lunch"),
        (
            [VEGAN_WITHOUT_NUTS, VEGAN_WITHOUT_NUTS, Answers("B", ("lunch",), diet="halal")],
            "Specialkost 31 maj: 3 portioner till lunch, 2 till fika, 2 svåra allergier",
        ),
        (
            [VEGAN_WITHOUT_NUTS],
            "Specialkost 31 maj: 1 portion till lunch, 1 till fika, 1 svår allergi",
        ),
    ],
)
def test_the_subject_carries_the_facts(answers: list[Answers], subject: str, event: Event) -> None:
    assert letter(event, *answers).subject == subject


def test_text_and_html_say_the_same_numbers_codes_and_checks(event: Event) -> None:
    mail = letter(event, VEGAN_WITHOUT_NUTS, Answers("B", ("lunch",), allergens=("lactose",)))
    for content in (mail.text, unescape(mail.html)):
        assert "Vegansk + utan nötter, inte ens spår + enligt egen anteckning" in content
        assert "ALLVARLIG ALLERGI" in content
        assert "CDF0" in content
        assert "Laktosfri" in content
        assert "Kontrollsumma: 2 till lunch + 1 till fika = 3 portioner." in content
        assert "2 anmälda: 1 äter lunch och fika, 1 äter lunch." in content
        assert "Antal anmälningar: 2" in content


def test_the_summary_says_zero_for_whatever_nobody_asked_for(event: Event) -> None:
    text = letter(event, Answers("A", MEALS, diet="vegan")).text
    assert "vegetariskt 0, laktovegetariskt 0, pescetariskt 0" in text
    assert "gluten (celiaki) 0, vete (veteallergi) 0" in text
    assert "veganskt 0" not in text


def test_no_name_address_organisation_or_note_is_in_the_summary(event: Event) -> None:
    marked = replace(
        VEGAN_WITHOUT_NUTS, name="MARKNAME", organisation="MARKORG", email="mark@mark.example"
    )
    marked = replace(marked, note="MARKNOTE")
    mail = letter(event, marked)
    assert "mark" not in (mail.subject + mail.text + mail.html).lower()


def test_a_copy_says_that_it_is_one(event: Event) -> None:
    mail = letter(event, VEGAN_WITHOUT_NUTS, is_copy=True)
    assert mail.subject.startswith("Kopia: Specialkost 31 maj")
    assert "KOPIA" in mail.text
    assert "Kopia." in mail.html


def test_the_event_file_is_escaped_in_html_and_not_in_text(event: Event) -> None:
    odd = replace(event, title="Trygg & <b>säker</b>")
    mail = letter(odd, VEGAN_WITHOUT_NUTS)
    assert "Trygg &amp; &lt;b&gt;säker&lt;/b&gt;" in mail.html
    assert "Trygg & <b>säker</b>" in mail.text


def test_the_kitchen_reads_this(event: Event) -> None:
    vegan = Answers("A", MEALS, diet="vegan")
    coeliac = Answers("B", ("lunch",), allergens=("coeliac",), traces=("coeliac",))
    text = letter(event, vegan, VEGAN_WITHOUT_NUTS, vegan, coeliac, vegan).text
    assert text == (Path(__file__).parent / "summary.txt").read_text("utf-8")


def test_the_html_has_the_same_tables(event: Event) -> None:
    vegan = Answers("A", MEALS, diet="vegan")
    coeliac = Answers("B", ("lunch",), allergens=("coeliac",), traces=("coeliac",))
    html = letter(event, vegan, VEGAN_WITHOUT_NUTS, vegan, coeliac, vegan).html
    severe = "ALLVARLIG ALLERGI Vegansk + utan nötter, inte ens spår + enligt egen anteckning CDF1"
    rows = [
        re.sub(r"<[^>]+>", " ", row).split(maxsplit=1)
        for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    ]
    assert [(number, " ".join(rest.split())) for number, rest in rows if number.isdecimal()] == [
        ("1", severe),
        ("3", "Vegansk CDF0, CDF2, CDF4"),
        ("1", "Glutenfri (celiaki), inte ens spår CDF3"),
        ("5", "Summa specialkost till lunch"),
        ("1", severe),
        ("3", "Vegansk CDF0, CDF2, CDF4"),
        ("4", "Summa specialkost till fika"),
    ]  # fmt: skip
    assert re.findall(r"<h2>(Lunch|Fika)([^<]+)</h2>", html) == [
        ("Lunch", " kl. 11.45: 5 portioner"),
        ("Fika", " kl. 14.40: 4 portioner"),
    ]
    assert "vegetariskt&nbsp;0, laktovegetariskt&nbsp;0" in html


def test_without_codes_the_mail_does_not_speak_of_them(event: Event) -> None:
    vegans = [Answers("A", ("lunch",), diet="vegan")] * (CODES_AT_MOST + 1)
    mail = letter(event, *vegans)
    for content in (mail.text, mail.html):
        assert "Kod:" not in content
        assert "Koden ska stå" not in content
        assert "Portionernas koder är för många för ett mejl." in content


def test_a_meal_that_is_gone_from_the_file_is_told_of(event: Event) -> None:
    text = letter(event, Answers("A", ("middag",), diet="vegan")).text
    assert "MIDDAG (finns inte längre i programmet)" in text
    assert "Summa: 1 portion specialkost" in text


def test_lines_of_the_text_are_not_run_together(event: Event) -> None:
    lines = letter(event, VEGAN_WITHOUT_NUTS).text.splitlines()
    assert "LUNCH kl. 11.45" in lines
    assert "Summa: 1 portion specialkost" in lines
    assert max(map(len, lines)) <= 998  # RFC 5322, 2.1.1
