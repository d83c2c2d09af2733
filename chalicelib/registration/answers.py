"""An attendee's answers, and the plate that follows from them."""

from dataclasses import dataclass

from chalicelib.registration.diet import ALLERGENS


@dataclass(frozen=True)
class Plate:
    """What the kitchen serves one person: one exact combination of diet, allergens and traces."""

    diet: str = ""
    allergens: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    severe: bool = False
    noted: bool = False


@dataclass(frozen=True)
class Order:
    """What the summary needs of a registration, without anything that identifies the person.

    `note_hash` changes with the note; empty without a note, or if stored before notes were hashed.
    """

    code: str
    meals: tuple[str, ...]
    plate: Plate
    note_hash: str = ""

    def encode(self) -> str:
        """The order as `code|meals|diet|allergens|!|n`, lists separated by commas.

        An allergen ends in `~` if not even traces are tolerated. `!` is present if severe, `n`
        with the note's hash if there is a note.
        """
        plate = self.plate
        allergens = ",".join(code + "~" * (code in plate.traces) for code in plate.allergens)
        flags = "!" * plate.severe, f"n{self.note_hash}" * plate.noted
        return "|".join((self.code, ",".join(self.meals), plate.diet, allergens, *flags))

    @classmethod
    def decode(cls, text: str) -> "Order":
        """The order that `encode` turned into `text`; raises ValueError unless it has six parts."""
        code, meals, diet, marked, severe, noted = text.split("|")
        marks = marked.split(",") if marked else []
        plate = Plate(
            diet=diet,
            allergens=tuple(mark.rstrip("~") for mark in marks),
            traces=tuple(mark.rstrip("~") for mark in marks if mark.endswith("~")),
            severe=bool(severe),
            noted=bool(noted),
        )
        return cls(code, tuple(meals.split(",")), plate, noted[1:])


@dataclass(frozen=True)
class Answers:
    """An attendee's validated answers; allergen codes are in the order of the vocabulary."""

    name: str
    meals: tuple[str, ...]
    organisation: str = ""
    email: str = ""
    diet: str = ""
    allergens: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    severe: bool = False
    note: str = ""

    @property
    def plate(self) -> Plate:
        """The plate that these answers ask for, the same at every meal."""
        return Plate(self.diet, self.allergens, self.traces, self.severe, bool(self.note))


def in_vocabulary_order(codes: set[str]) -> tuple[str, ...]:
    """The known allergen codes in the vocabulary's order, so that equal plates compare equal."""
    return tuple(code for code in ALLERGENS if code in codes)
