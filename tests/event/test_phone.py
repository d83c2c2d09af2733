"""Telephone numbers, compared with the plans of their countries."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.event.phone import dialled, numbers_in

COUNTRIES = ["SE", "FI", "AX", "NO", "DK", "IS", "FO", "GL", "EE", "DE"]
E164, INTERNATIONAL, NATIONAL = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
)
KINDS = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("country", COUNTRIES)
def test_a_number_of_each_country_is_dialled_as_the_library_says(country: str, kind: int) -> None:
    number = phonenumbers.example_number_for_type(country, kind)
    assert number is not None
    whole = phonenumbers.format_number(number, E164)
    abroad = phonenumbers.format_number(number, INTERNATIONAL)
    assert dialled(phonenumbers.format_number(number, NATIONAL), country) == whole
    for written in (whole, abroad, abroad.replace("+", "00")):
        assert dialled(written, "SE") == whole


def test_any_countrys_number_with_its_code_is_dialled_with_or_without_its_own_zero() -> None:
    with_zero = 0
    for region in phonenumbers.SUPPORTED_REGIONS:
        number = phonenumbers.example_number(region)
        assert number is not None
        whole = phonenumbers.format_number(number, E164)
        code, rest = f"+{number.country_code}", phonenumbers.national_significant_number(number)
        assert dialled(f"{code} {rest}", "SE") == whole
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if metadata and metadata.national_prefix == "0":
            with_zero += 1
            for written in (f"{code} 0{rest}", f"{code} (0){rest}", f"00{code[1:]}(0) {rest}"):
                assert dialled(written, "SE") == whole, written
    assert with_zero > 90


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("+46 (0)33 35 72 19", "SE"),
        ("+46(0)33-35 72 19", "FI"),
        ("+46 033-35 72 19", "SE"),
        ("0046 33 35 72 19", "NO"),
        ("0046 (0)33-35 72 19", "FI"),
        ("(033) 35 72 19", "SE"),
        ("033–35 72 19", "SE"),  # a dash, as word processors write it
        ("0400-911171", "FI"),
        ("22 95 95 95", "NO"),
        ("02800", "NO"),
        ("+39 06 6982", "SE"),
        ("+39 (0)6 6982", "SE"),
        ("+44 (0)20 7946 0018", "SE"),
        ("+44 020 7946 0018", "SE"),
    ],
)
def test_a_number_as_people_write_it_is_dialled_as_the_library_says(
    written: str, country: str
) -> None:
    number = phonenumbers.parse(written, country)
    assert dialled(written, country) == phonenumbers.format_number(number, E164)


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("35 72 19", "SE"),  # without its area code
        ("033-35", "SE"),
        ("22 95 95 95", "US"),  # a country whose rules are not known
        ("033-35 72 19 ankn. 5", "SE"),
        ("033-35 72 19, 33", "SE"),
        ("0046 33 35 72 19 88 77 66 55", "SE"),
        ("+", "SE"),
        ("", "SE"),
    ],
)
def test_what_is_no_number_is_not_dialled(written: str, country: str) -> None:
    assert dialled(written, country) == ""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("033-35 72 19", ["033-35 72 19"]),
        ("033-35 72 19/82 97", ["033-35 72 19", "033-35 82 97"]),
        ("033-35 72 19 / 82 97 / 98", ["033-35 72 19", "033-35 82 97", "033-35 72 98"]),
        ("033-35 72 19/070-123 45 67", ["033-35 72 19", "070-123 45 67"]),
        ("22 95 95 95/22 95 95 96", ["22 95 95 95", "22 95 95 96"]),
        ("033-35 72 19/", ["033-35 72 19", ""]),
    ],
)
def test_a_text_with_slashes_has_several_numbers(text: str, numbers: list[str]) -> None:
    assert list(numbers_in(text)) == numbers


@given(st.text("0123456789 +-/().", max_size=24), st.sampled_from([*COUNTRIES, "US"]))
def test_whatever_is_written_a_link_is_in_international_form_or_there_is_none(
    text: str, country: str
) -> None:
    for number in numbers_in(text):
        link = dialled(number, country)
        assert link == "" or (link[0] == "+" and link[1:].isdigit() and 8 <= len(link) <= 16)
