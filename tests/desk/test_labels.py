"""The words of a plate label, and their size."""

from chalicelib.desk.labels import label_text
from chalicelib.registration.answers import Plate
from chalicelib.registration.diet import ALLERGENS
from chalicelib.registration.words import plate_in_words, plate_on_label

CODES = tuple(ALLERGENS)


def test_a_label_has_the_kitchens_words_until_shorter_words_are_needed() -> None:
    few, many = Plate("vegan", CODES[:2]), Plate("vegan", CODES, CODES)
    assert label_text(few, "sv").words == plate_in_words(few, "sv")
    assert label_text(many, "sv").words == plate_on_label(many, "sv")
    assert label_text(many, "sv").words.startswith("Vegansk. Tål inte: gluten (celiaki)")


def test_longer_words_are_never_printed_larger() -> None:
    plates = [Plate("vegan", CODES[:n], CODES[:traces]) for n in range(17) for traces in (0, n - 1)]
    texts = sorted((label_text(plate, "sv") for plate in plates), key=lambda text: len(text.words))
    sizes = ["pt14", "pt11", "pt9", "pt8", "pt7", "pt6", "smallest"]
    order = [sizes.index(text.size) for text in texts]
    assert order == sorted(order)
    assert texts[0].size == "pt14"
    assert texts[-1].size == "smallest"
