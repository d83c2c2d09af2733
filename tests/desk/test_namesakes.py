"""What tells namesakes apart on the list of codes and names."""

from datetime import timedelta

from chalicelib.desk.namesakes import Distinction, distinctions
from chalicelib.registration.registration import ListEntry
from tests.examples import NOW


def one(
    key: str, name: str, *, meals: str = "lunch", after: int = 0, office: str = ""
) -> ListEntry:
    registered_at = NOW + timedelta(seconds=after)
    return ListEntry(key, name, office, "", f"CDFH|{meals}|vegan|||", registered_at)


def test_who_has_no_namesake_in_the_organisation_needs_nothing() -> None:
    assert distinctions([one("1", "Åsa"), one("2", "Bo"), one("3", "Åsa", office="Kultur")]) == {}


def test_namesakes_are_told_apart_by_the_least_personal_that_differs_for_all() -> None:
    meals = [one("1", "Åsa Ek", meals="lunch"), one("2", "ASA EK", meals="fika")]
    times = [one("3", "Bo"), one("4", "Bo", after=60), one("5", "bo", after=120, meals="fika")]
    plates = [one("6", "Ia", after=0), one("7", "Ia", after=59), one("8", "Ia", after=60)]
    assert distinctions([*meals, *times, *plates]) == {
        **dict.fromkeys("12", Distinction.MEALS),
        **dict.fromkeys("345", Distinction.TIME),
        **dict.fromkeys("678", Distinction.PLATE),
    }


def test_names_without_letters_are_namesakes_only_if_they_are_the_same() -> None:
    assert distinctions([one("1", "…"), one("2", "?")]) == {}
