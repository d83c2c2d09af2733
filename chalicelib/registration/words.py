"""The words for a plate."""

from __future__ import annotations

from chalicelib.registration.answers import Plate
from chalicelib.registration.diet import ALLERGENS, DIETS
from chalicelib.texts.language import N_, in_sentence, translations


def plate_in_words(plate: Plate, language: str) -> str:
    """A plate in the kitchen's words, such as `Vegansk + utan nötter, inte ens spår`."""
    translate = translations(language).gettext
    parts = [translate(DIETS[plate.diet].dish)] if plate.diet else []
    for code in plate.allergens:
        traces = translate(N_(", inte ens spår")) if code in plate.traces else ""
        parts.append(translate(ALLERGENS[code].dish) + traces)
    if plate.noted:
        parts.append(translate(N_("enligt egen anteckning")))
    words = " + ".join(parts)
    return words[:1].upper() + words[1:]


def plate_on_label(plate: Plate) -> str:
    """A plate with many allergens, in few Swedish words that fit on a label."""
    dish = [DIETS[plate.diet].dish] if plate.diet else []
    names = [in_sentence(ALLERGENS[code].name) for code in plate.allergens]
    parts = [*dish, f"Tål inte: {', '.join(names)}"]
    if plate.traces == plate.allergens:
        parts.append("Inte ens spår av något av dem")
    elif plate.traces:
        traces = [in_sentence(ALLERGENS[code].name) for code in plate.traces]
        parts.append(f"Inte ens spår av {', '.join(traces)}")
    if plate.noted:
        parts.append("Enligt egen anteckning")
    words = ". ".join(parts) + "."
    return words[:1].upper() + words[1:]
