"""The vocabulary of special diets: what people can say that they can't eat.

Allergens are the 14 of EU regulation 1169/2011, annex II, with gluten and milk each split in the
two that must not be merged. Names are Swedish texts for the catalogue.
"""

from dataclasses import dataclass

from chalicelib.language import N_


@dataclass(frozen=True)
class Diet:
    """A usual diet; `dish` is how the kitchen says it of a plate."""

    code: str
    name: str
    hint: str
    dish: str


@dataclass(frozen=True)
class Allergen:
    """Something that a plate must not hold; `dish` is how the kitchen says it of a plate."""

    code: str
    name: str
    hint: str
    dish: str


_DIETS = (
    Diet("vegetarian", N_("Vegetariskt"), N_("med mjölk och ägg"), N_("vegetarisk")),
    Diet(
        "lacto_vegetarian",
        N_("Laktovegetariskt"),
        N_("med mjölk, utan ägg"),
        N_("laktovegetarisk"),
    ),
    Diet("vegan", N_("Veganskt"), N_("inget från djurriket"), N_("vegansk")),
    Diet(
        "pescatarian",
        N_("Pescetariskt"),
        N_("vegetariskt samt fisk och skaldjur"),
        N_("pescetarisk"),
    ),
    Diet("no_pork", N_("Utan fläsk"), N_("inget från gris, inte heller gelatin"), N_("utan fläsk")),
    Diet("halal", N_("Halal"), "", N_("halal")),
    Diet("kosher", N_("Kosher"), "", N_("kosher")),
)

_ALLERGENS = (
    Allergen(
        "coeliac",
        N_("Gluten (celiaki)"),
        N_("Allt gluten: vete, dinkel (spelt), khorasanvete (kamut), råg, korn och vanlig havre."),
        N_("glutenfri (celiaki)"),
    ),
    Allergen(
        "wheat",
        N_("Vete (veteallergi)"),
        N_("Inte samma sak som celiaki: glutenfritt bröd kan innehålla vetestärkelse."),
        N_("utan vete (veteallergi)"),
    ),
    Allergen(
        "lactose",
        N_("Laktos (laktosintolerans)"),
        N_("Laktosfria mjölkprodukter går bra."),
        N_("laktosfri"),
    ),
    Allergen(
        "milk_protein",
        N_("Mjölkprotein (mjölkallergi)"),
        N_("All mjölk måste bort, också den laktosfria."),
        N_("utan mjölkprotein (mjölkallergi)"),
    ),
    Allergen(
        "nuts",
        N_("Nötter"),
        N_("Mandel, hasselnöt, valnöt, cashewnöt, pekannöt, paranöt, pistasch, makadamia."),
        N_("utan nötter"),
    ),
    Allergen(
        "peanuts",
        N_("Jordnötter"),
        N_("En baljväxt: kryssa också för nötter om du inte tål dem."),
        N_("utan jordnötter"),
    ),
    Allergen(
        "crustaceans",
        N_("Kräftdjur"),
        N_("Räkor, kräftor, krabba, hummer."),
        N_("utan kräftdjur"),
    ),
    Allergen(
        "molluscs",
        N_("Blötdjur"),
        N_("Musslor, ostron, snäckor, bläckfisk."),
        N_("utan blötdjur"),
    ),
    Allergen("fish", N_("Fisk"), "", N_("utan fisk")),
    Allergen("eggs", N_("Ägg"), "", N_("utan ägg")),
    Allergen("soybeans", N_("Sojabönor"), "", N_("utan soja")),
    Allergen("celery", N_("Selleri"), N_("Rot, blad och frö."), N_("utan selleri")),
    Allergen("mustard", N_("Senap"), "", N_("utan senap")),
    Allergen("sesame", N_("Sesamfrön"), "", N_("utan sesam")),
    Allergen(
        "sulphites",
        N_("Svaveldioxid och sulfit"),
        N_("Finns i torkad frukt och vin."),
        N_("utan sulfit"),
    ),
    Allergen("lupin", N_("Lupin"), N_("Finns i en del mjöl och bröd."), N_("utan lupin")),
)

DIETS = {diet.code: diet for diet in _DIETS}
ALLERGENS = {allergen.code: allergen for allergen in _ALLERGENS}
