"""What a plate label says, and in which size."""

from dataclasses import dataclass

from chalicelib.desk.limits import LABEL_TEXT_AT_MOST, SMALLEST_LABEL_TEXT
from chalicelib.registration.answers import Plate
from chalicelib.registration.words import plate_in_words, plate_on_label


@dataclass(frozen=True)
class LabelText:
    """The words for a plate on its label, and their `size`, a class in the style sheet."""

    words: str
    size: str


def label_text(plate: Plate, language: str) -> LabelText:
    """The kitchen's words; if these are too long for 8 points, the words for a label if shorter."""
    words = plate_in_words(plate, language)
    if len(words) > LABEL_TEXT_AT_MOST["pt8"]:
        words = min(words, plate_on_label(plate, language), key=len)
    sizes = (size for size, length in LABEL_TEXT_AT_MOST.items() if len(words) <= length)
    return LabelText(words, next(sizes, SMALLEST_LABEL_TEXT))
