"""Swedish texts for the kinds of deleted data, and for the traits in the totals."""

from __future__ import annotations

from chalicelib.lifecycle.deletion_progress import DataKind
from chalicelib.registration.answers import Plate
from chalicelib.registration.diet import DIETS
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.language import SWEDISH

# What the certificate lists as deleted; downloads are in another part of it.
DELETED_DATA = {
    DataKind.REGISTRATION: "Anmälningar: namn, organisation, måltider, kost, överkänslighet",
    DataKind.ADDRESS: "E-postadresser till anmälda",
    DataKind.NOTE: "Anteckningar",
    DataKind.CODE: "Koder för portioner",
    DataKind.LINK: "Länkar i kvittomejl",
    DataKind.MAIL: "Uppgifter om mejl: väntande och skickade",
    DataKind.PASS: "Inloggningar till kontaktpersonernas sidor",
    DataKind.ACCESS: "Rader i åtkomstloggen",
    DataKind.COUNT: "Räknare, spärrar, larm och sammanställningar",
}
_OTHER_TRAITS = {"!": "Allvarlig allergi", "n": "Se anteckning"}


def trait_in_words(trait: str) -> str:
    """A trait in words, like `Utan nötter (inte ens spår)`."""
    if trait in _OTHER_TRAITS:
        return _OTHER_TRAITS[trait]
    code = trait.rstrip("~")
    if code in DIETS:
        return plate_in_words(Plate(diet=code), SWEDISH)
    traces = (code,) if trait.endswith("~") else ()
    return plate_in_words(Plate(allergens=(code,), traces=traces), SWEDISH)
