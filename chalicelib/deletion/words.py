"""What was deleted and what stays, in words."""

from __future__ import annotations

from chalicelib.lifecycle.deletion_progress import Datum
from chalicelib.registration.answers import Plate
from chalicelib.registration.diet import DIETS
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.language import SWEDISH

# What the certificate says was deleted; the downloads are told elsewhere in it.
DELETED_DATA = {
    Datum.REGISTRATION: "Anmälningar: namn, organisation, måltider, kost, överkänslighet",
    Datum.ADDRESS: "E-postadresser till anmälda",
    Datum.NOTE: "Anteckningar",
    Datum.CODE: "Koder för portioner",
    Datum.LINK: "Länkar i kvittomejl",
    Datum.MAIL: "Uppgifter om mejl: väntande och skickade",
    Datum.PASS: "Inloggningar till kontaktpersonernas sidor",
    Datum.ACCESS: "Rader i åtkomstloggen",
    Datum.COUNT: "Räknare, spärrar, larm och sammanställningar",
}
_OTHER_TRAITS = {"!": "Allvarlig allergi", "n": "Enligt egen anteckning"}


def trait_in_words(trait: str) -> str:
    """One trait of plates that are too few to be told whole: `Utan nötter, inte ens spår`."""
    if trait in _OTHER_TRAITS:
        return _OTHER_TRAITS[trait]
    code = trait.rstrip("~")
    if code in DIETS:
        return plate_in_words(Plate(diet=code), SWEDISH)
    traces = (code,) if trait.endswith("~") else ()
    return plate_in_words(Plate(allergens=(code,), traces=traces), SWEDISH)
