"""The words for a plate."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.registration.answers import Plate
from chalicelib.registration.diet import ALLERGENS, DIETS
from chalicelib.texts.language import N_, in_sentence, translations


def plate_in_words(plate: Plate, language: str) -> str:
    """A plate in the kitchen's words, such as `Vegansk + utan nötter (inte ens spår)`."""
    translate = translations(language).gettext
    parts = [translate(DIETS[plate.diet].dish)] if plate.diet else []
    for code in plate.allergens:
        dish = translate(ALLERGENS[code].dish)
        parts.append(_with_traces(dish, translate) if code in plate.traces else dish)
    if plate.noted:
        parts.append(translate(N_("se anteckning")))
    return _capitalised(" + ".join(parts))


def _with_traces(dish: str, translate: Callable[[str], str]) -> str:
    """The dish without traces in brackets, so that they belong to no other allergen."""
    traces = translate(N_("inte ens spår"))
    return f"{dish[:-1]}, {traces})" if dish.endswith(")") else f"{dish} ({traces})"


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
        parts.append("Se anteckning")
    return _capitalised(". ".join(parts) + ".")


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]
