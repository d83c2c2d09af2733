"""The list as XLSX and CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from chalicelib.desk.spreadsheet import as_csv, as_xlsx
from chalicelib.event.event import Event
from chalicelib.registration.answers import Answers
from chalicelib.registration.form import InvalidForm, fields_of, read_answers
from chalicelib.registration.registration import Registration
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, any_answers, registered

HEADINGS = [
    "Kod", "Namn", "Organisation", "E-post", "Lunch", "Fika", "Kost", "Tål inte",
    "Inte ens spår av", "Allvarlig reaktion", "Anteckning", "Anmäld", "Ändrad",
]  # fmt: skip
CHANGED = replace(
    registered(VEGAN_WITHOUT_NUTS), changed_at=datetime(2027, 5, 21, 21, 59, 59, 999, UTC)
)
STARTS = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠A1")


def with_texts(text: str) -> Registration:
    return registered(replace(VEGAN_WITHOUT_NUTS, name=text, organisation=text, note=text))


def read_csv(registrations: Sequence[Registration], event: Event) -> list[dict[str, str]]:
    text = as_csv(registrations, event).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";", strict=True))


def read_page(registrations: Sequence[Registration], event: Event) -> Any:
    return load_workbook(io.BytesIO(as_xlsx(registrations, event))).active


def read_xlsx(registrations: Sequence[Registration], event: Event) -> list[dict[str, Any]]:
    headings, *rows = read_page(registrations, event).iter_rows()
    names = [cell.value for cell in headings]
    return [dict(zip(names, row, strict=True)) for row in rows]


# CSV


def test_a_csv_has_the_format_that_excel_in_sweden_opens(event: Event) -> None:
    content = as_csv([CHANGED, with_texts("Två\nrader")], event)
    assert content.startswith(b"\xef\xbb\xbfKod;Namn;")
    assert content.count(b"\xef\xbb\xbf") == 1
    assert "Åsa Öström;Kulturförvaltningen" in content.decode("utf-8")
    lines = content.replace(b"Tv\xc3\xa5\nrader", b"").split(b"\n")
    assert lines[-1] == b""
    assert all(line.endswith(b"\r") for line in lines[:-1])


def test_one_row_has_all_data_of_a_registration(event: Event) -> None:
    (row,) = read_csv([CHANGED], event)
    assert row == {
        "Kod": "CDFH",
        "Namn": "Åsa Öström",
        "Organisation": "Kulturförvaltningen",
        "E-post": "asa@boras.example",
        "Lunch": "1",
        "Fika": "1",
        "Kost": "Veganskt",
        "Tål inte": "Nötter",
        "Inte ens spår av": "Nötter",
        "Allvarlig reaktion": "ja",
        "Anteckning": "Inte kiwi.",
        "Anmäld": "2027-05-20 10:00",
        "Ändrad": "2027-05-21 23:59",
    }


def test_unanswered_questions_are_empty_cells(event: Event) -> None:
    few = Answers("Bo", ("fika",), allergens=("eggs", "lactose"))
    (row,) = read_csv([registered(few)], event)
    assert (row["Lunch"], row["Fika"], row["Tål inte"]) == (
        "0",
        "1",
        "Ägg, Laktos (laktosintolerans)",
    )
    for heading in ("Organisation", "E-post", "Kost", "Inte ens spår av", "Allvarlig reaktion"):
        assert row[heading] == ""


@pytest.mark.parametrize(
    "text",
    [
        before + start
        for before in ("", "\u200b", "\ufeff", "\u00a0", " ", "\u00ad", "\u2003\u200d")
        for start in STARTS
    ]
    + ["\tA", "\rA", "\nA"],
)
def test_no_cell_of_a_csv_can_be_a_formula(event: Event, text: str) -> None:
    (row,) = read_csv([with_texts(text)], event)
    assert {row["Namn"], row["Organisation"], row["Anteckning"]} == {f"'{text}"}


@pytest.mark.parametrize(
    "text",
    [
        'Åsa "Ä" Ö',
        "A;B",
        "Två\nrader\n\n=1+1",
        "a,b",
        "'citat'",
        "1-2",
        "O’Brien",
        '"',
        ";;",
        "محمد",
    ],
)
def test_other_texts_are_unchanged_in_a_csv(event: Event, text: str) -> None:
    (row,) = read_csv([with_texts(text)], event)
    assert {row["Namn"], row["Organisation"], row["Anteckning"]} == {text}


def test_an_empty_csv_has_only_its_header_row(event: Event) -> None:
    assert as_csv([], event).decode("utf-8-sig") == ";".join(HEADINGS) + "\r\n"


# XLSX


@pytest.mark.parametrize(
    "text",
    [*STARTS, "007", "1e5", "TRUE", "2027-05-31", "http://boras.example", "mailto:a@b.example",
     "{=1+1}", "#N/A", "_x0041_", " kant ", "Två\nrader", "Åsa Öström", "👩‍🍳"],
)  # fmt: skip
def test_every_text_is_a_plain_text_cell_in_xlsx(event: Event, text: str) -> None:
    (row,) = read_xlsx([with_texts(text)], event)
    for heading in ("Namn", "Organisation", "Anteckning"):
        assert (row[heading].value, row[heading].data_type) == (text, "s")
        assert row[heading].hyperlink is None


def test_meals_are_numbers_and_times_are_in_the_events_time_zone(event: Event) -> None:
    (row,) = read_xlsx(
        [replace(CHANGED, answers=replace(VEGAN_WITHOUT_NUTS, meals=("fika",)))], event
    )
    assert [row[meal].value for meal in ("Lunch", "Fika")] == [0, 1]
    assert {row[meal].data_type for meal in ("Lunch", "Fika")} == {"n"}
    assert row["Anmäld"].value == datetime(2027, 5, 20, 10, 0)  # noqa: DTZ001 - as Excel has them
    assert row["Ändrad"].value == datetime(2027, 5, 21, 23, 59, 59)  # noqa: DTZ001
    assert row["Ändrad"].is_date
    assert row["Ändrad"].number_format == "yyyy-mm-dd hh:mm"


@pytest.mark.parametrize("people", [[], [CHANGED, with_texts("Bo")]])
def test_the_header_row_is_frozen_and_filtered(event: Event, people: list[Registration]) -> None:
    page = read_page(people, event)
    assert page.title == "Anmälda"
    assert [cell.value for cell in page[1]] == HEADINGS
    assert all(cell.font.bold for cell in page[1])
    assert page.freeze_panes == "C2"
    assert page.auto_filter.ref == f"A1:M{max(len(people), 1) + 1}"
    assert page.max_row == len(people) + 1


texts = st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60
) | st.sampled_from([*STARTS, "Två\nrader", '"=1+1"', "_x000D_", "\u200b=1+1"])


@given(any_answers(), texts, texts)
def test_any_valid_name_and_note_are_the_same_in_both_files(
    event: Event, answers: Answers, name: str, note: str
) -> None:
    fields = {**fields_of(answers), "name": [f"Å{name}"], "organisation": [name], "note": [note]}
    try:
        valid = read_answers(fields, event)
    except InvalidForm:
        return
    registration = Registration(valid, "CDFH", NOW, NOW)
    (from_csv,), (from_xlsx,) = read_csv([registration], event), read_xlsx([registration], event)
    expected = {"Namn": valid.name, "Organisation": valid.organisation, "Anteckning": valid.note}
    for heading, text in expected.items():
        assert from_csv[heading] in (text, f"'{text}")
        assert (from_xlsx[heading].value or "") == text
