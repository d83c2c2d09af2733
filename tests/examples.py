"""The tests' event, and registrations: fixed examples, and a hypothesis strategy."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.event.file import parse_event
from chalicelib.registration.answers import Answers
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES, DIETS
from chalicelib.registration.registration import Registration

# A folder with organisation.toml and events/, as chalicelib.
FOLDER = Path(__file__).parent


def found_event(event_id: str) -> Event:
    """The event of tests/events with this id."""
    event = Events(FOLDER).find(event_id)
    assert event
    return event


EVENT = found_event("dag")
# The event and the organisation in one file, with the agenda last.
_SHARED, _OPERATOR, _REST = (
    (FOLDER / "organisation.toml").read_text("utf-8").partition("[operator]")
)
_HEAD, _AGENDA, _ROWS = (
    (FOLDER / f"events/{EVENT.id}.toml").read_text("utf-8").partition("[[agenda]]")
)
WHOLE_FILE = (
    _HEAD.replace("[event]\n", _SHARED[_SHARED.index("[event]") :].rstrip() + "\n", 1)
    + f"{_OPERATOR}{_REST}\n{_AGENDA}{_ROWS}"
)


def only(event: Event) -> Events:
    """A deployment with this event alone."""
    return Events(None, [event])


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


def moved(event: Event, delay: timedelta, last_day: date | None = None) -> Event:
    """The event on another day, with the same last day to register unless another is given."""
    rows = (
        replace(
            row,
            date=row.date + delay,
            starts_at=row.starts_at and row.starts_at + delay,
            ends_at=row.ends_at and row.ends_at + delay,
        )
        for row in event.agenda
    )
    return replace(
        event,
        date=event.date + delay,
        agenda=tuple(rows),
        last_day=last_day or event.last_day,
    )


def event_with_meals(*meals: dict[str, str]) -> Event:
    """The tests' event with only these meals, by the keys of the event file, in its agenda."""
    before, *_ = WHOLE_FILE.partition("[[agenda]]")
    before = re.sub(r"(?m)^(starts|ends) = .*\n", "", before)
    rows = (
        "".join(f"{key} = {_toml(key, value)}\n" for key, value in meal.items()) for meal in meals
    )
    return parse_event(
        EVENT.id, before + "".join(f'[[agenda]]\nkind = "meal"\n{row}' for row in rows)
    )


def _toml(key: str, value: str) -> str:
    return value if key == "date" else f'"{value}"'


def registered(answers: Answers, code: str = "CDFH") -> Registration:
    return Registration(answers, code, NOW, NOW)


def any_answers() -> st.SearchStrategy[Answers]:
    """Any valid answers. Many have few allergens, so that a list contains identical plates."""
    allergens = st.sampled_from((0, 1, 2)) | st.integers(0, 2 ** len(ALLERGENS) - 1)
    return st.builds(
        _answers,
        name=st.sampled_from(("Åsa", "Björn", "اسم", "O’Brien")),
        meals=st.sampled_from((MEALS, MEALS[:1], MEALS[1:])),
        diet=st.sampled_from(("", *DIETS)),
        allergens=allergens,
        traces=allergens,
        severe=st.booleans(),
        note=st.sampled_from(("", "Inte kiwi.")),
    )


def _answers(
    *, name: str, meals: tuple[str, ...], diet: str, allergens: int, traces: int, severe: bool,
    note: str,
) -> Answers:  # fmt: skip
    """Answers from numbers whose bits are allergens: hypothesis draws numbers faster than sets."""
    note = note if diet or allergens else "Inte kiwi."
    return Answers(
        name=name,
        meals=meals,
        diet=diet,
        allergens=_allergens_of(allergens),
        traces=tuple(c for c in _allergens_of(allergens & traces) if c in ASKED_FOR_TRACES),
        severe=severe and bool(allergens or note),
        note=note,
    )


def _allergens_of(bits: int) -> tuple[str, ...]:
    return tuple(code for place, code in enumerate(ALLERGENS) if bits >> place & 1)
