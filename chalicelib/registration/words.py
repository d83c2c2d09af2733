"""The words for a plate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chalicelib.registration.answers import Plate
from chalicelib.registration.diet import ALLERGENS, DIETS
from chalicelib.texts.language import N_, in_sentence, translated, translations


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


def plate_on_label(plate: Plate, language: str) -> str:
    """A plate with many allergens, in few words that fit on a label."""
    say = partial(translated, language=language)
    dish = [say(DIETS[plate.diet].dish)] if plate.diet else []
    names, traces = (
        ", ".join(in_sentence(say(ALLERGENS[code].name)) for code in codes)
        for codes in (plate.allergens, plate.traces)
    )
    parts = [*dish, say(N_("Tål inte: %(names)s"), names=names)]
    if plate.traces == plate.allergens:
        parts.append(say(N_("Inte ens spår av något av dem")))
    elif plate.traces:
        parts.append(say(N_("Inte ens spår av %(names)s"), names=traces))
    if plate.noted:
        parts.append(say(N_("Se anteckning")))
    return _capitalised(". ".join(parts) + ".")


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]
