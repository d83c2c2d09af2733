"""The order of names, compared with the collation of CLDR that browsers have."""

from itertools import pairwise

from playwright.sync_api import Page

from chalicelib.texts.collation import swedish_order
from tests.browser.navigation import needs_chromium

pytestmark = needs_chromium
# The letters of European names, but for ħ, ı, ŋ and ŧ: CLDR has them after h, i, n and t, where no
# Swede looks.
LETTERS = (
    "aàáâãāăąåbcçćĉċčdďđðeèéêëēėěęfgĝğġģhĥiìíîïīįjĵkķlĺļľłmnñńņňoòóôõōőöœøpqrŕŗřsśŝşšșßtţťțuùúûüũū"
    "ŭůűųvwŵxyýŷÿzźżžæäþ"
)
IN_A_BROWSER = "(words) => words.sort(new Intl.Collator('sv', {sensitivity: 'base'}).compare)"


def test_every_letter_of_european_names_sorts_as_in_a_swedish_browser(window: Page) -> None:
    words = [f"{letter}{end}" for letter in LETTERS for end in ("a", "m", "z")]
    ours = [swedish_order(word) for word in window.evaluate(IN_A_BROWSER, words)]
    assert [(one, other) for one, other in pairwise(ours) if one > other] == []
