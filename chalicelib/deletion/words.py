"""The texts for the kinds of deleted data, and for the traits in the totals."""

from __future__ import annotations

from chalicelib.lifecycle.deletion_progress import DataKind
from chalicelib.registration.answers import Plate
from chalicelib.registration.diet import DIETS
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.language import N_, translated

# What the certificate lists as deleted; downloads are in another part of it.
DELETED_DATA = {
    DataKind.REGISTRATION: N_("Anmälningar: namn, organisation, måltider, kost, överkänslighet"),
    DataKind.ADDRESS: N_("E-postadresser till anmälda"),
    DataKind.NOTE: N_("Anteckningar"),
    DataKind.CODE: N_("Koder för portioner"),
    DataKind.LINK: N_("Länkar i kvittomejl"),
    DataKind.MAIL: N_("Uppgifter om mejl: väntande och skickade"),
    DataKind.PASS: N_("Inloggningar till kontaktpersonernas sidor"),
    DataKind.ACCESS: N_("Rader i åtkomstloggen"),
    DataKind.COUNT: N_("Räknare, spärrar, sökningar, larm och sammanställningar"),
}
_OTHER_TRAITS = {"!": N_("Allvarlig allergi"), "n": N_("Se anteckning")}


def trait_in_words(trait: str, language: str) -> str:
    """A trait in words, like `Utan nötter (inte ens spår)`."""
    if trait in _OTHER_TRAITS:
        return translated(_OTHER_TRAITS[trait], language)
    code = trait.rstrip("~")
    if code in DIETS:
        return plate_in_words(Plate(diet=code), language)
    traces = (code,) if trait.endswith("~") else ()
    return plate_in_words(Plate(allergens=(code,), traces=traces), language)
