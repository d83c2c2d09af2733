"""The tests' event, and registrations: fixed ones, and any valid one for hypothesis."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from chalicelib.diet import ALLERGENS, DIETS
from chalicelib.event_file import read_event
from chalicelib.registration import Answers, Registration, in_vocabulary_order

EVENT_FILE = Path(__file__).with_name("event.toml")
EVENT = read_event(EVENT_FILE)
MEALS = ("lunch", "fika")
NOW = datetime(2027, 5, 20, 8, 0, tzinfo=UTC)
VEGAN_WITHOUT_NUTS = Answers(
    name="Åsa Öström",
    organisation="Kulturförvaltningen",
    email="asa@boras.example",
    meals=MEALS,
    diet="vegan",
    allergens=("nuts",),
    traces=("nuts",),
    severe=True,
    note="Inte kiwi.",
)
FORM_HEADERS = {"content-type": "application/x-www-form-urlencoded"}


def registered(answers: Answers, code: str = "CDFH") -> Registration:
    return Registration(answers, code, NOW, NOW)


@st.composite
def any_answers(draw: st.DrawFn) -> Answers:
    allergens = draw(st.sets(st.sampled_from(sorted(ALLERGENS))))
    traces = draw(st.sets(st.sampled_from(sorted(allergens)))) if allergens else set()
    diet = draw(st.sampled_from(["", *DIETS]))
    note = draw(st.sampled_from(["", "Inte kiwi."])) if diet or allergens else "Inte kiwi."
    meals = draw(st.sets(st.sampled_from(MEALS), min_size=1))
    return Answers(
        name=draw(st.sampled_from(["Åsa", "Björn", "اسم", "O’Brien"])),
        meals=tuple(meal for meal in MEALS if meal in meals),
        diet=diet,
        allergens=in_vocabulary_order(allergens),
        traces=in_vocabulary_order(traces),
        severe=bool(allergens or note) and draw(st.booleans()),
        note=note,
    )
