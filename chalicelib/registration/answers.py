"""What an attendee answered, and the plate that follows from it."""

from dataclasses import dataclass

from chalicelib.registration.diet import ALLERGENS


@dataclass(frozen=True)
class Plate:
    """What the kitchen puts before one person: the exact combination, not a handful of ticks."""

    diet: str = ""
    allergens: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    severe: bool = False
    noted: bool = False


@dataclass(frozen=True)
class Order:
    """What the summary needs of a registration, and nothing that tells whose it is."""

    code: str
    meals: tuple[str, ...]
    plate: Plate

    def encode(self) -> str:
        """`code|meals|diet|allergens, a trailing ~ for traces|! if severe|n if noted`."""
        plate = self.plate
        allergens = ",".join(code + "~" * (code in plate.traces) for code in plate.allergens)
        flags = "!" * plate.severe, "n" * plate.noted
        return "|".join((self.code, ",".join(self.meals), plate.diet, allergens, *flags))

    @classmethod
    def decode(cls, text: str) -> "Order":
        """The order that was encoded."""
        code, meals, diet, marked, severe, noted = text.split("|")
        marks = marked.split(",") if marked else []
        plate = Plate(
            diet=diet,
            allergens=tuple(mark.rstrip("~") for mark in marks),
            traces=tuple(mark.rstrip("~") for mark in marks if mark.endswith("~")),
            severe=bool(severe),
            noted=bool(noted),
        )
        return cls(code, tuple(meals.split(",")), plate)


@dataclass(frozen=True)
class Answers:
    """What an attendee submitted, validated; codes are in the order of the vocabulary."""

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
    """Allergen codes as the vocabulary orders them, so that equal plates are equal."""
    return tuple(code for code in ALLERGENS if code in codes)
