"""The tests' event, and registrations: fixed examples, and a hypothesis strategy."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.registration.answers import Answers
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES, DIETS
from chalicelib.registration.registration import Registration

# A folder with organisation.toml and events/, as chalicelib.
FOLDER = Path(__file__).parent
EVENT = Events(FOLDER).all()[0]
# The event and the organisation in one file.
_SHARED, _OPERATOR, _REST = (
    (FOLDER / "organisation.toml").read_text("utf-8").partition("[operator]")
)
WHOLE_FILE = (FOLDER / f"events/{EVENT.id}.toml").read_text("utf-8").replace(
    "[event]\n", _SHARED[_SHARED.index("[event]") :].rstrip() + "\n", 1
) + f"\n{_OPERATOR}{_REST}"


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
