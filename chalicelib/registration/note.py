"""What a note says: nothing at all, or the name of an allergen that is not ticked.

Nothing is ticked on a guess: of the second, the receipt page only tells the person.
"""

import re
from typing import NamedTuple

from chalicelib.registration.answers import Answers

_PASSED_OVER = re.compile(r"[\s.,!/–—-]+")
_PHRASES = """
-, ej, nej, nej tack, nej inga, nej inget, nej ingenting, nej inga allergier, ingen, inget, inga,
ingenting, inget alls, ingenting alls, har inga, finns inga, ingen allergi, inga allergier,
har inga allergier, jag har inga allergier, inga kända allergier, inga intoleranser,
inga allergier eller intoleranser, inget annat, inget mer, inget särskilt, inget speciellt,
inget övrigt, inget att tillägga, inga önskemål, inga särskilda önskemål, ej aktuellt,
ingen kommentar, inga kommentarer, ingen anteckning, inga anteckningar,
no, nope, no thanks, no thank you, none, nothing, nil, n/a, no allergy, no allergies,
i have no allergies, none known, no known allergies, nothing else, nothing special,
no comment, no comments, not applicable
"""
_NOTHING = frozenset(_PASSED_OVER.sub("", phrase) for phrase in _PHRASES.split(","))


class _Naming(NamedTuple):
    """Words that name one of the `codes`, unless one of these or of `covering` is ticked.

    A word stands for itself and its compounds with the endings of `_COMPOUND` ("nöt" for
    "nötallergi", not for "nötkött"); a word that ends in `*`, for all that begin with it.
    """

    codes: tuple[str, ...]
    words: str
    covering: tuple[str, ...] = ()


# "skaldjursallergi", "äggfritt", "fiskproteiner", "glutenintolerant", "sojaöverkänslig"
_COMPOUND = re.compile(r"(\w+?)s?(?:allerg|fri|intoler|protein|känslig|överkänslig)")
_WORD = re.compile(r"[^\W\d_]+")
_SHELLFISH = "skaldjur* shellfish"

# Earlier rows win: of a code that one row has named, a later row says nothing more.
_NAMINGS = (
    _Naming(("coeliac",), "gluten glutenet celiaki* coeliac* celiac*"),
    _Naming(("wheat",), "veteallerg*"),
    _Naming(("wheat",), "vete vetet vetemjöl* wheat dinkel spelt khorasanvete kamut", ("coeliac",)),
    _Naming(("lactose",), "laktos* lactose", ("milk_protein",)),
    _Naming(
        ("milk_protein",),
        "mjölkprotein* mjölkallerg* komjölksprotein* komjölksallerg* komjölkprotein* "
        "komjölkallerg* kasein* casein vassle whey",
    ),
    _Naming(
        ("lactose", "milk_protein"),
        "mjölk mjölken komjölk mjölkprodukt* mejeriprodukt* milk dairy",
    ),
    _Naming(
        ("nuts",),
        "nöt nötter nötterna trädnöt* hasselnöt* valnöt* cashew* pekannöt* paranöt* pistasch* "
        "pistage* makadami* mandel mandeln mandlar mandelmassa mandelmjöl nut nuts hazelnut* "
        "walnut* pecan pecans pistachio* macadami* almond*",
    ),
    _Naming(("peanuts",), "jordnöt* peanut* groundnut*"),
    _Naming(
        ("crustaceans",),
        f"{_SHELLFISH} kräftdjur* räk räka räkan räkor räkorna kräfta kräftor havskräft* krabba "
        "krabbor hummer crustacean* shrimp* prawn* crab crabs crayfish lobster*",
    ),
    _Naming(
        ("molluscs",),
        f"{_SHELLFISH} blötdjur* mussla musslor musslorna blåmussl* ostron snäcka snäckor "
        "bläckfisk* mollusc* mollusk* mussel mussels clam clams oyster oysters squid octopus",
    ),
    _Naming(("fish",), "fisk fisken fiskar fiskarna fish"),
    _Naming(("eggs",), "ägg ägget äggen äggula äggulor äggvita äggvitor egg eggs"),
    _Naming(("soybeans",), "soja sojan sojaböna sojabön* soy soya soybean* soyabean*"),
    _Naming(("celery",), "selleri sellerin rotselleri blekselleri celery celeriac"),
    _Naming(("mustard",), "senap senapen senapsfrö* mustard"),
    _Naming(("sesame",), "sesam sesamfrö* sesamolja sesame"),
    _Naming(("sulphites",), "sulfit* svaveldioxid* sulphit* sulfite* sulphur sulfur"),
    _Naming(("lupin",), "lupin lupinen lupiner lupinmjöl* lupins lupine"),
)


def says_nothing(note: str) -> bool:
    """Whether the note only says that there is none, such as "Nej tack." or "-"."""
    return _PASSED_OVER.sub("", note.casefold()) in _NOTHING


def named_unticked(answers: Answers) -> list[tuple[str, ...]]:
    """The allergens that the note seems to name and that are not ticked.

    Each is a tuple of codes; more than one code if the note may mean either ("mjölk").
    """
    words = set(_WORD.findall(answers.note.casefold()))
    words |= {compound[1] for word in words if (compound := _COMPOUND.match(word))}
    named, settled = [], set(answers.allergens)
    for naming in _NAMINGS:
        if settled.isdisjoint(naming.codes + naming.covering) and _has_one(words, naming.words):
            named.append(naming.codes)
            settled.update(naming.codes)
    return named


def _has_one(words: set[str], listed: str) -> bool:
    forms = set(listed.split())
    beginnings = tuple(form[:-1] for form in forms if form.endswith("*"))
    return not words.isdisjoint(forms) or any(word.startswith(beginnings) for word in words)
