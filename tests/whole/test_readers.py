"""Whoever reads only one part of a mail, or one of the desk's papers, learns the same plates.

The events are generated from seeds; the generator knows what is true.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.desk.test_sheet_layout import draw, drawn_cells, needs_soffice
from tests.whole.readers import (
    Plates,
    Reading,
    blocks_of,
    read_attached_table,
    read_changes,
    read_csv,
    read_html,
    read_labels,
    read_list,
    read_text,
)
from tests.whole.seeded_event import Moment, moments

# Each event: how many people, the seed, and the share of people whose answers nobody had before.
Event = tuple[int, int, float]
SMALL, MIDDLE, LARGE, VARIED = EVENTS = (10, 1, 0.8), (60, 2, 0.5), (250, 3, 0.2), (250, 4, 1)
OTHERS = [pytest.param((60, seed, 0.5), marks=pytest.mark.soak) for seed in range(100, 120)]
EVERY_SUM = ("heading", "severe", "sum")


@pytest.fixture(params=[*EVENTS, *OTHERS], ids=str)
def both(request: pytest.FixtureRequest) -> tuple[Moment, Moment]:
    """The moments after the summary and after the change notice."""
    return moments(*request.param)


def check(reading: Reading, moment: Moment, *printed_sums: str) -> None:
    """The reading is of that moment; the portions that a mail has no room for are counted."""
    assert reading.plates.keys() == moment.plates.keys()
    for meal, plates in moment.plates.items():
        listed = reading.plates[meal]
        assert {one: plates.get(one) for one in listed} == listed
        left = {one: len(codes) for one, codes in plates.items() if one not in listed}
        severe = sum(count for one, count in left.items() if one.severe)
        assert reading.unlisted.get(meal, (0, 0, 0)) == (sum(left.values()), len(left), severe)
        assert not severe or all(one.severe for one in listed)
    assert reading.sums == {one for one in moment.sums if one[0] in printed_sums}
    assert reading.sentences == moment.sentences


def test_both_parts_of_the_mails_have_all_plates_codes_and_sums(
    both: tuple[Moment, Moment],
) -> None:
    for moment in both:
        check(read_text(moment.mail.part("plain")), moment, "sum")
        check(read_html(moment.mail.part("html")), moment, *EVERY_SUM)


def test_each_attachment_of_a_mail_with_no_room_for_the_list_has_all_plates_and_codes() -> None:
    for moment in moments(*VARIED):
        table, text = (str(file.get_content()) for file in moment.mail.attachments())
        assert read_attached_table(table.removeprefix("\ufeff")) == moment.plates
        reading = read_text(text)
        check(reading, moment, "sum")
        assert reading.unlisted == {}


def test_the_kitchens_list_has_all_plates_codes_and_sums_and_leaves_out_none(
    both: tuple[Moment, Moment],
) -> None:
    for moment in both:
        reading = read_html(*moment.kitchen)
        check(reading, moment, *EVERY_SUM)
        assert reading.unlisted == {}


@pytest.mark.parametrize(
    "read", [lambda of: read_csv(of.csv), lambda of: read_labels(*of.labels)], ids=["CSV", "labels"]
)
def test_labels_and_the_list_of_registrations_have_the_same_plates(
    both: tuple[Moment, Moment], read: Callable[[Moment], Plates]
) -> None:
    for moment in both:
        assert read(moment) == moment.plates


def test_the_sentences_of_the_change_notice_lead_from_the_summary_to_the_new_numbers(
    both: tuple[Moment, Moment],
) -> None:
    before, after = (moment.plates for moment in both)
    differing = {
        (meal, portion): after[meal].get(portion, frozenset())
        for meal in after
        for portion in before[meal].keys() | after[meal].keys()
        if before[meal].get(portion) != after[meal].get(portion)
    }
    text, page = (both[1].mail.part(kind) for kind in ("plain", "html"))
    as_sentences = re.sub(r"\n  (?=\S)", " ", text).replace("\n- ", "\n")
    for lines in (as_sentences.splitlines(), [words for _, _, words in blocks_of(page)]):
        told = read_changes(lines, before)
        more = re.search(r"och (\d+) ändring(?:ar)? till", "\n".join(lines), re.IGNORECASE)
        assert told.items() <= differing.items()
        assert len(told) + (int(more[1]) if more else 0) == len(differing)
        assert not more or read_text(text).unlisted, "only a mail that is too large leaves out"


def test_the_generated_events_have_what_a_reader_might_miss() -> None:
    every = [moment for event in EVENTS for moment in moments(*event)]
    shortened = [bool(read_text(moment.mail.part("plain")).unlisted) for moment in every]
    assert shortened == [False] * 6 + [True] * 2
    assert {len(moment.kitchen) for moment in every} == {1, 2}
    assert any("Tål inte: " in page for moment in every for page in moment.labels)
    texts = " ".join(moment.mail.part("plain") for moment in every)
    assert all(words in texts for words in (" ersätter ", "nya koder: ", "; utgår: ", "”. Nu 0 "))
    for before, after in list(pairwise(every))[::2]:
        codes, later = ({code for code, _, _ in moment.people} for moment in (before, after))
        assert codes - later
        assert later - codes


@pytest.mark.soak
@needs_soffice
def test_the_workbook_on_paper_has_the_same_plates(tmp_path: Path) -> None:
    import pymupdf  # slow to import

    ends = {str(event[0]): moments(*event)[1] for event in (SMALL, MIDDLE, LARGE)}
    draw({name: moment.xlsx for name, moment in ends.items()}, tmp_path)
    for name, moment in ends.items():
        rows = []
        with pymupdf.open(tmp_path / f"{name}.pdf") as papers:  # type: ignore[no-untyped-call]
            for paper in papers:
                headings, *cells = drawn_cells(paper)
                rows += [dict(zip(headings, row, strict=True)) for row in cells]
        assert read_list(rows) == moment.plates
