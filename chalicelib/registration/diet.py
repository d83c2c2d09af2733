"""The vocabulary of special diets: the diets and allergens that people can choose on the form.

The allergens are the 14 of EU regulation 1169/2011, annex II, but gluten and milk are each split
in two that must not be merged. The Swedish texts are keys of the translation catalogue.
"""

from dataclasses import dataclass

from chalicelib.texts.language import N_


@dataclass(frozen=True)
class Term:
    """A common diet or an allergen; `dish` is the kitchen's word for a plate made accordingly.

    `asks_traces` is whether the form asks if even traces of an allergen are too much.
    """

    code: str
    name: str
    hint: str
    dish: str
    asks_traces: bool = True


_DIETS = (
    Term("vegetarian", N_("Vegetariskt"), N_("med mjölk och ägg"), N_("vegetarisk")),
    Term(
        "lacto_vegetarian",
        N_("Laktovegetariskt"),
        N_("med mjölk, utan ägg"),
        N_("laktovegetarisk"),
    ),
    Term("vegan", N_("Veganskt"), N_("inget från djurriket"), N_("vegansk")),
    Term(
        "pescatarian",
        N_("Pescetariskt"),
        N_("vegetariskt samt fisk och skaldjur"),
        N_("pescetarisk"),
    ),
    Term("no_pork", N_("Utan fläsk"), N_("inget från gris, inte heller gelatin"), N_("utan fläsk")),
    Term("halal", N_("Halal"), "", N_("halal")),
    Term("kosher", N_("Kosher"), "", N_("kosher")),
)

_ALLERGENS = (
    Term(
        "coeliac",
        N_("Gluten (celiaki)"),
        N_("Allt gluten: vete, dinkel (spelt), khorasanvete (kamut), råg, korn och vanlig havre."),
        N_("glutenfri (celiaki)"),
    ),
    Term(
        "wheat",
        N_("Vete (veteallergi)"),
        N_("Inte samma sak som celiaki: glutenfritt bröd kan innehålla vetestärkelse."),
        N_("utan vete (veteallergi)"),
    ),
    Term(
        "lactose",
        N_("Laktos (laktosintolerans)"),
        N_("Laktosfria mjölkprodukter går bra."),
        N_("laktosfri"),
        asks_traces=False,  # an intolerance, not an allergy
    ),
    Term(
        "milk_protein",
        N_("Mjölkprotein (mjölkallergi)"),
        N_("All mjölk måste bort, också den laktosfria."),
        N_("utan mjölkprotein (mjölkallergi)"),
    ),
    Term(
        "nuts",
        N_("Nötter"),
        N_("Mandel, hasselnöt, valnöt, cashewnöt, pekannöt, paranöt, pistasch, makadamia."),
        N_("utan nötter"),
    ),
    Term(
        "peanuts",
        N_("Jordnötter"),
        N_("En baljväxt. Nötter har en egen ruta."),
        N_("utan jordnötter"),
    ),
    Term(
        "crustaceans",
        N_("Kräftdjur"),
        N_("Räkor, kräftor, krabba, hummer."),
        N_("utan kräftdjur"),
    ),
    Term(
        "molluscs",
        N_("Blötdjur"),
        N_("Musslor, ostron, snäckor, bläckfisk."),
        N_("utan blötdjur"),
    ),
    Term("fish", N_("Fisk"), "", N_("utan fisk")),
    Term("eggs", N_("Ägg"), "", N_("utan ägg")),
    Term("soybeans", N_("Sojabönor"), "", N_("utan soja")),
    Term("celery", N_("Selleri"), N_("Rot, blad och frö."), N_("utan selleri")),
    Term("mustard", N_("Senap"), "", N_("utan senap")),
    Term("sesame", N_("Sesamfrön"), "", N_("utan sesam")),
    Term(
        "sulphites",
        N_("Svaveldioxid och sulfit"),
        N_("Finns i torkad frukt och vin."),
        N_("utan sulfit"),
    ),
    Term("lupin", N_("Lupin"), N_("Finns i en del mjöl och bröd."), N_("utan lupin")),
)

DIETS = {diet.code: diet for diet in _DIETS}
ALLERGENS = {allergen.code: allergen for allergen in _ALLERGENS}
ASKED_FOR_TRACES = frozenset(allergen.code for allergen in _ALLERGENS if allergen.asks_traces)
