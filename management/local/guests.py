"""Invented guests with realistic Swedish names and diets; the same seed gives the same guests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from chalicelib.event.event import Event
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES

_FIRST_NAMES = (
    "Åsa Märta Björn Örjan Ingegerd Sören Anna Lars Margareta Karl Elisabeth Mikael Kristina Per "
    "Birgitta Nils Maria Johan Eva Anders Karin Fatima Mohammed Zahra Ali Leyla Ahmed Amina Yusuf "
    "Annika Håkan Gunilla Göran Ulla-Britt Jan-Åke Sanna Emelie Noël André Renée Siân Máret"
).split()
_LAST_NAMES = (
    "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson "
    "Lindström Bergström Sjöberg Öberg Åkesson Hägg Håkansson Lönnqvist Wåhlin Hadžić Yılmaz "
    "O’Brien Al-Hassan Nguyen Haddad Kovačević Sjöström Älvgren Ögren Ström-Åberg"
).split()
_ORGANISATIONS = (
    "Stadsledningskansliet",
    "Fritids- och folkhälsoförvaltningen",
    "Tekniska förvaltningen",
    "Grundskoleförvaltningen",
    "Vård- och äldreförvaltningen",
    "Individ- och familjeomsorgsförvaltningen",
    "Kulturförvaltningen",
    "Miljöförvaltningen",
    "Bostäder i Borås",
    "Kommunstyrelsen",
    "",
)
_NOTES = ("Allergisk mot kiwi.", "Tål inte rå lök.", "Äter gärna sent, har insulin.", "Inte svamp.")

# Roughly the shares in real registrations: mostly diets, some allergies, a few dangerous ones.
_DIETS = {"": 30, "vegetarian": 30, "vegan": 15, "pescatarian": 8, "no_pork": 6, "halal": 6}
_DANGEROUS = frozenset({"nuts", "peanuts", "fish", "crustaceans", "eggs", "milk_protein", "sesame"})
_ALLERGEN_WEIGHTS = {"lactose": 20, "coeliac": 15, "nuts": 10, "eggs": 6, "fish": 5}


@dataclass(frozen=True)
class Guest:
    """An invented guest: the name, and all form fields as submitted."""

    name: str
    fields: dict[str, list[str]] = field(repr=False)


def invented_guests(how_many: int, event: Event, random: Random) -> Iterator[Guest]:
    """Yield `how_many` guests, all with valid forms."""
    for _ in range(how_many):
        name = f"{random.choice(_FIRST_NAMES)} {random.choice(_LAST_NAMES)}"
        yield Guest(name, _filled_in(name, event, random))


def _filled_in(name: str, event: Event, random: Random) -> dict[str, list[str]]:
    diet = random.choices(list(_DIETS), list(_DIETS.values()))[0]
    allergens = _random_allergens(random, at_least=0 if diet else 1)
    fragile = bool(_DANGEROUS & set(allergens)) and random.random() < 0.4
    meals = [meal.id for meal in event.meals]
    return {
        "name": [name],
        "organisation": [random.choice(_ORGANISATIONS)],
        "email": [""],
        "meal": meals if random.random() < 0.8 else [random.choice(meals)],
        "diet": [diet],
        "allergen": allergens,
        "traces": sorted(ASKED_FOR_TRACES.intersection(allergens)) if fragile else [],
        "severe": ["yes"] if fragile else [],
        "note": [random.choice(_NOTES) if random.random() < 0.1 else ""],
        "website": [""],
    }


def _random_allergens(random: Random, at_least: int) -> list[str]:
    how_many = max(at_least, random.choices((0, 1, 2), (6, 3, 1))[0])
    weights = [_ALLERGEN_WEIGHTS.get(code, 2) for code in ALLERGENS]
    return sorted({random.choices(list(ALLERGENS), weights)[0] for _ in range(how_many)})
