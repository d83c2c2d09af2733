"""The plates of each meal, and the tally behind them."""

import tracemalloc
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catering.difference import NoteChange, difference, note_changes
from chalicelib.catering.limits import CODES_AT_MOST
from chalicelib.catering.shortening import shortener
from chalicelib.catering.summary import CateringSummary, summarise
from chalicelib.catering.tally import Tally, tally
from chalicelib.catering.words import change_in_words
from chalicelib.event.event import Event
from chalicelib.registration.answers import Answers, Order, Plate
from chalicelib.registration.diet import ALLERGENS, DIETS
from tests.examples import MEALS, NOW, VEGAN_WITHOUT_NUTS, any_answers

many_answers = st.lists(any_answers(), max_size=25)


def orders_of(answers: list[Answers]) -> list[Order]:
    return [Order(f"C{n:03}", one.meals, one.plate) for n, one in enumerate(answers)]


def counted(orders: list[Order]) -> Tally:
    return tally((order.encode() for order in orders), taken_at=NOW)


def summary_of(orders: list[Order], event: Event) -> CateringSummary:
    return summarise(counted(orders), event, version=1)


@given(answers=many_answers)
def test_each_person_at_a_meal_is_counted_on_exactly_one_plate(
    answers: list[Answers], event: Event
) -> None:
    orders = orders_of(answers)
    for meal in summary_of(orders, event).meals:
        eating = [order for order in orders if meal.meal.id in order.meals]
        codes = [code for plate in meal.plates for code in plate.codes]
        assert sorted(codes) == [order.code for order in eating]
        assert {p.plate: p.count for p in meal.plates} == Counter(o.plate for o in eating)


@given(answers=many_answers, random=st.randoms())
def test_the_sequence_of_registrations_never_matters(
    answers: list[Answers], random: st.DataObject, event: Event
) -> None:
    orders = orders_of(answers)
    shuffled = list(orders)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert summary_of(shuffled, event) == summary_of(orders, event)


@given(answers=st.lists(any_answers(), min_size=1, max_size=10))
def test_the_fingerprint_changes_with_every_order_added_or_removed(answers: list[Answers]) -> None:
    orders = orders_of(answers)
    prints = [counted(orders[:n]).fingerprint for n in range(len(orders) + 1)]
    assert len(set(prints)) == len(prints)


@given(answers=many_answers)
def test_a_tally_is_unchanged_by_encoding_it_as_json_and_decoding_it(
    answers: list[Answers],
) -> None:
    taken = counted(orders_of(answers))
    assert Tally.from_json(taken.to_json()) == taken


@given(answers=many_answers)
def test_counts_by_plate_and_by_person_add_up_to_the_same_totals(
    answers: list[Answers], event: Event
) -> None:
    summary = summary_of(orders_of(answers), event)
    assert sum(one.people for one in summary.attendance) == summary.registrations == len(answers)
    assert sum(one.people * len(one.meals) for one in summary.attendance) == summary.plates
    for meal in summary.meals:
        assert meal.total == sum(plate.count for plate in meal.plates)
        assert meal.total == sum(meal.meal.id in one.meals for one in answers)
        assert meal.severe_total <= meal.total


def traits(plate: Plate) -> set[str]:
    return {plate.diet, *plate.allergens} - {""}


@given(answers=many_answers, lines=st.integers(0, 10))
def test_a_purchase_is_the_number_of_portions_with_that_diet_or_allergen(
    answers: list[Answers], lines: int, event: Event
) -> None:
    summary = summary_of(orders_of(answers), event)
    for meal, short in zip(summary.meals, shortener(summary)(lines).meals, strict=True):
        plates = [one.plate for one in answers if meal.meal.id in one.meals]
        portions = Counter(code for plate in plates for code in traits(plate))
        without_traces = Counter(code for plate in plates for code in plate.traces)
        rows = Counter(code for plate in set(plates) for code in traits(plate))
        is_useful = max(rows.values(), default=0) > 1
        assert [(one.term.code, one.count, one.without_traces) for one in meal.purchases] == [
            (code, portions[code], without_traces[code])
            for code in (*DIETS, *ALLERGENS)
            if is_useful and portions[code]
        ]
        assert short.purchases == meal.purchases
        assert meal.noted_total == short.noted_total == sum(plate.noted for plate in plates)


def bought(event: Event, *plates: Plate) -> dict[str, int]:
    """The purchases for a lunch with these plates, by code."""
    orders = [Order(f"C{n}", ("lunch",), plate) for n, plate in enumerate(plates)]
    lunch = summary_of(orders, event).meals[0]
    return {one.term.code: one.count for one in lunch.purchases}


def test_purchases_have_what_was_chosen_and_not_what_it_implies(event: Event) -> None:
    plates = [
        Plate("vegan"),
        Plate("vegan", ("milk_protein",)),
        Plate("vegetarian", ("lactose",)),
        Plate("", ("nuts",)),
    ]
    chosen = {"vegetarian": 1, "vegan": 2, "lactose": 1, "milk_protein": 1, "nuts": 1}
    assert bought(event, *plates) == chosen


def test_there_are_no_purchases_if_they_only_repeat_the_plates(event: Event) -> None:
    coeliac = Plate(allergens=("coeliac",))
    assert bought(event) == {}
    assert bought(event, *[Plate("vegan", ("nuts",))] * 3) == {}
    assert bought(event, Plate("vegan"), Plate("vegan"), coeliac, Plate(noted=True)) == {}
    severe = replace(coeliac, severe=True)
    assert bought(event, Plate("vegan"), coeliac, severe) == {"vegan": 1, "coeliac": 2}


@given(answers=many_answers)
def test_diets_and_allergens_without_registrations_are_explicit_zeros(
    answers: list[Answers], event: Event
) -> None:
    summary = summary_of(orders_of(answers), event)
    asked = {one.diet for one in answers} | {code for one in answers for code in one.allergens}
    assert not asked & {*summary.unasked_diets, *summary.unasked_allergens}
    assert len(asked - {""}) + len(summary.unasked_diets) + len(summary.unasked_allergens) == 23


def test_an_event_without_registrations_has_a_summary(event: Event) -> None:
    summary = summary_of([], event)
    assert [(meal.meal.id, meal.total) for meal in summary.meals] == [("lunch", 0), ("fika", 0)]
    assert summary.registrations == 0


def test_a_meal_that_is_no_longer_in_the_event_file_keeps_its_plates(event: Event) -> None:
    summary = summary_of(orders_of([Answers("A", ("lunch", "middag"), diet="vegan")]), event)
    assert [(meal.meal.id, meal.total) for meal in summary.meals] == [
        ("lunch", 1),
        ("fika", 0),
        ("middag", 1),
    ]


def plates_of(summary: CateringSummary) -> Counter[tuple[str, Plate]]:
    return Counter(
        {
            (meal.meal.id, counted.plate): counted.count
            for meal in summary.meals
            for counted in meal.plates
        }
    )


@given(before=many_answers, after=many_answers)
def test_applying_a_difference_to_the_old_summary_gives_the_new_one(
    before: list[Answers], after: list[Answers], event: Event
) -> None:
    old, new = summary_of(orders_of(before), event), summary_of(orders_of(after), event)
    reached = plates_of(old)
    for change in difference(old, new):
        reached[change.meal.id, change.plate] += change.by
        assert reached[change.meal.id, change.plate] == change.now
    assert +reached == plates_of(new)
    assert difference(new, new) == ()


@given(before=many_answers, after=many_answers)
def test_a_difference_lists_every_added_and_every_removed_code(
    before: list[Answers], after: list[Answers], event: Event
) -> None:
    old, new = orders_of(before), [replace(o, code=f"N{o.code}") for o in orders_of(after)]
    changes = difference(summary_of(old, event), summary_of(new, event))
    for meal in MEALS:
        here = [change for change in changes if change.meal.id == meal]
        removed = {code for change in here for code in change.codes_removed}
        added = {code for change in here for code in change.codes_added}
        assert removed == {order.code for order in old if meal in order.meals}
        assert added == {order.code for order in new if meal in order.meals}


def test_a_difference_lists_codes_only_if_both_summaries_have_all_their_codes(event: Event) -> None:
    few = [Order(f"C{n}", ("lunch",), Plate("vegan")) for n in range(CODES_AT_MOST)]
    many = [*few, Order("MORE", ("lunch",), Plate("vegan"))]
    for old, new, by in ((few, many, 1), (many, few, -1)):
        (change,) = difference(summary_of(old, event), summary_of(new, event))
        assert (change.by, change.codes_added, change.codes_removed) == (by, (), ())


def noted(code: str, note_hash: str, *, severe: bool = False) -> Order:
    return Order(code, ("lunch",), Plate(severe=severe, noted=True), note_hash)


def test_a_note_with_another_text_is_a_change_and_a_new_or_removed_one_is_not(event: Event) -> None:
    old = [noted("A", "1", severe=True), noted("B", "2"), noted("C", "3"), noted("D", "4")]
    new = [noted("A", "5", severe=True), noted("B", "6"), noted("C", "7"), noted("E", "8")]
    assert list(note_changes(summary_of(old, event), summary_of(new, event))) == [
        NoteChange(1, ("A",), severe=True),
        NoteChange(2, ("B", "C"), severe=False),
    ]
    assert list(note_changes(summary_of(new, event), summary_of(new, event))) == []


def test_among_too_many_people_for_codes_changed_and_new_notes_are_counted(event: Event) -> None:
    old = [noted(f"C{n}", f"{n}") for n in range(CODES_AT_MOST + 1)]
    new = [*old[2:], noted("C0", "changed"), noted("C1", "1"), noted("NEW", "new")]
    (change,) = note_changes(summary_of(old, event), summary_of(new, event))
    assert change == NoteChange(2, (), severe=False)
    words = change_in_words(change, "sv")
    assert words == "2 anteckningar är nya eller ändrade: fråga kontaktpersonen"
    one = change_in_words(NoteChange(1, (), severe=True), "sv", "läs den")
    assert one == "1 anteckning (ALLVARLIG ALLERGI) är ny eller ändrad: läs den"


def test_two_changed_notes_are_one_sentence() -> None:
    words = change_in_words(NoteChange(2, ("CDFH", "KXPW"), severe=False), "sv")
    assert words == "Anteckningarna för koderna CDFH, KXPW är ändrade: fråga kontaktpersonen"


def test_a_removed_meal_is_in_the_difference(event: Event) -> None:
    before = summary_of(orders_of([Answers("A", ("middag",), diet="vegan")]), event)
    (change,) = difference(before, summary_of([], event))
    assert (change.meal.id, change.by, change.now) == ("middag", -1, 0)


@given(answers=many_answers, lines=st.integers(0, 10))
def test_a_shortened_summary_keeps_its_totals_and_lists_the_severe_first(
    answers: list[Answers], lines: int, event: Event
) -> None:
    whole = summary_of(orders_of(answers), event)
    short = shortener(whole)(lines)
    assert short.plates == whole.plates
    assert short.noted == whole.noted
    rows = [one for meal in whole.meals for one in meal.plates]
    listed = [one for meal in short.meals for one in meal.plates]
    assert len(listed) == min(lines, len(rows))
    if any(meal.unlisted.severe for meal in short.meals):
        assert all(one.plate.severe for one in listed), "severe allergies are left out last"
    for meal, before in zip(short.meals, whole.meals, strict=True):
        severe = [plate.plate.severe for plate in before.plates]
        assert severe == sorted(severe, reverse=True)
        assert [one for one in before.plates if one in meal.plates] == list(meal.plates)
        left = [one for one in before.plates if one not in meal.plates]
        severe_left = sum(one.count for one in left if one.plate.severe)
        assert meal.unlisted == (len(left), sum(one.count for one in left), severe_left)
        assert (meal.total, meal.severe_total) == (before.total, before.severe_total)


def test_a_long_plate_is_left_out_before_a_short_one_however_many_people_have_it(
    event: Event,
) -> None:
    long, short = Plate("vegan", tuple(ALLERGENS), severe=True), Plate("", ("fish",), severe=True)
    orders = [Order(f"C{n}", ("lunch",), long) for n in range(9)]
    summary = summary_of([*orders, Order("REAL", ("lunch",), short)], event)
    (lunch, _) = shortener(summary)(1).meals
    assert [one.codes for one in lunch.plates] == [("REAL",)]
    assert lunch.unlisted == (1, 9, 9)


def test_memory_grows_with_distinct_plates_and_not_with_people() -> None:
    plates = [order.encode() for order in orders_of([VEGAN_WITHOUT_NUTS] * 50)]

    def peak(people: int) -> int:
        tracemalloc.start()
        orders = (plates[n % 50] for n in range(people))
        counted = tally(orders, taken_at=NOW, codes_at_most=5_000)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert counted.registrations == people
        return most

    peak(1)  # the first call imports modules
    assert peak(20_000) < 1.2 * peak(5_000)


def test_plates_are_in_the_order_of_a_kitchen_severe_allergies_first(event: Event) -> None:
    plates = [
        Plate(),
        Plate("vegetarian"),
        Plate("vegan", ("coeliac",)),
        Plate("vegan"),
        Plate(allergens=("coeliac",)),
        Plate("vegan", ("nuts",), severe=True),
        Plate(noted=True),
    ]
    orders = [Order(f"C{n}", ("lunch",), plate).encode() for n, plate in enumerate(plates[1:])]
    summary = summarise(tally(orders, taken_at=NOW), event, version=1)
    assert [one.plate for one in summary.meals[0].plates] == [
        plates[5], plates[1], plates[3], plates[2], plates[4], plates[6],
    ]  # fmt: skip
