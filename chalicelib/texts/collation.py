"""The order of names in a Swedish list."""

import unicodedata

from chalicelib.texts.folding import decomposed, typewritten

# As in CLDR's Swedish collation: å, ä and ö after z, with what sounds like them; ü as y, þ as th;
# other letters without a decomposition beside those that they look like.
_PLACES = str.maketrans(
    {"å": "{"}
    | dict.fromkeys("äæę", "|")
    | dict.fromkeys("öøőœô", "}")
    | dict.fromkeys("üű", "y")
    | dict.fromkeys("đð", "d")
    | {"ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "ŧ": "t", "þ": "th"}
)


def swedish_order(name: str) -> str:
    """A sort key for Swedish alphabetical order: å, ä, ö last; case and accents are ignored."""
    letters = unicodedata.normalize("NFC", typewritten(name).casefold()).translate(_PLACES)
    return "".join(letter for letter in decomposed(letters) if not unicodedata.combining(letter))
