"""Input that is refused: status and error text in both languages; nothing is stored."""

import json
from urllib.parse import quote

import pytest

from chalicelib.texts.language import translations
from management.local.gateway import Gateway
from tests.examples import EVENT, FORM_HEADERS
from tests.fakes import items_in_the_table
from tests.whole.pages import encoded, text_of

VALID = {"name": ["Åsa"], "meal": ["lunch"], "diet": ["vegan"]}
UNUSABLE = "Tecken nummer %(place)s går inte att använda. Skriv texten på nytt för hand."
UNSEEN = "Texten syns inte. Skriv den på nytt, eller lämna fältet tomt."
LETTERS = (
    "Före @ kan en adress bara ha bokstäverna a–z, inte å, ä eller ö. Se efter hur adressen stavas."
)
NAME = "Skriv namnet på den som anmälan gäller."
EMAIL = "Skriv en hel e-postadress, till exempel namn@exempel.se, eller lämna tomt."
MEAL = "Välj minst en måltid."
NO_MEAL = "En av måltiderna finns inte. Välj bland dem som visas."
NO_DIET = "Den kosten finns inte. Välj bland dem som visas."
NO_CHOICE = "Ett av valen finns inte. Välj bland dem som visas."
EMPTY = (
    "Välj en kost, kryssa för en allergi eller skriv en anteckning. "
    "Den som äter allt behöver inte anmäla sig här."
)
TWICE = "Samma svar skickades flera gånger. Skicka formuläret igen."
SEVERE = "Kryssa för det som ger reaktionen, eller skriv det i anteckningen."
TICK = "Kryssa för rutan eller lämna den tom."
TRAP = "Lämna det här fältet tomt. Det är en fälla för robotar."

# field, its values, the error at the field
ROWS: list[tuple[str, list[str], str]] = [
    *[("name", [text], NAME) for text in ("\u3164", "\u2800", "\u0301", "\U0001f600", "--")],
    *[("name", [f"A{text}"], UNUSABLE) for text in ("\ufffe", "\ufdd0", "\U0001ffff")],
    *[("name", [text], NAME) for text in ("", " ", "\t", "\r\n", "\u00a0", "\u200b", "\u2003")],
    ("name", [], NAME),
    ("name", ["\u200b\u200d"], NAME),
    ("name", ["Åsa", "Bo"], TWICE),
    ("organisation", ["A", "B"], TWICE),
    ("email", ["a@b.se", "c@d.se"], TWICE),
    ("diet", ["vegan", "halal"], TWICE),
    ("diet", ["vegan", "vegan"], TWICE),
    ("severe", ["yes", "yes"], TWICE),
    ("note", ["a", "b"], TWICE),
    ("website", ["", ""], TWICE),
    *[
        (field, [f"a{character}b"], UNUSABLE)
        for field in ("name", "organisation", "note")
        for character in (
            "\x00", "\x01", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\x9f", "\u202d",
            "\u202e", "\ufffd",
        )
    ],
    ("organisation", ["\u0301"], UNSEEN),
    ("note", ["\u0301\u0302"], UNSEEN),
    ("email", ["a\x00b@c.se"], UNUSABLE),
    *[
        ("email", [text], EMAIL)
        for text in (
            "a", "@", "a@", "@b.se", "a@b", "a@b.", "a@.se", "a b@c.se", "a@b.se c@d.se",
            "a@b.se,c@d.se", "a@b.se;c@d.se", "<a@b.se> c@d.se", "Åsa <a>", "a@bå", "a@bå..se",
            "a@b..se", "a@-b.se", "mailto:a@b.se@", "a\"b\"@c.se", "a@[127.0.0.1]", "a@straße.de",
            "a@å.se, b@c.se", "a@b_å.se", "a@" + "å" * 63 + ".se", "a@．se",
        )
    ],
    *[("email", [text], LETTERS) for text in ("å@b.se", "Åsa.Öst@borås.se", "josé@b.es")],
    ("meal", [], MEAL),
    *[
        ("meal", meals, NO_MEAL)
        for meals in ([""], ["middag"], ["lunch", "middag"], ["LUNCH"], ["lunch,fika"], ["*"])
    ],
    *[("diet", [code], NO_DIET) for code in ("raw", "Vegan", "vegan ,", "nuts", "0", "None")],
    ("diet", [""], EMPTY),
    ("diet", [], EMPTY),
    ("diet", ["  "], EMPTY),
    *[("allergen", [code], NO_CHOICE) for code in ("kiwi", "", "Nuts", "vegan", "nuts,eggs")],
    *[("traces", [code], NO_CHOICE) for code in ("kiwi", "NUTS", "lactose")],
    ("severe", ["yes"], SEVERE),
    *[("severe", [text], TICK) for text in ("no", "on", "true", "1", "YES")],
    ("website", ["http://spam.example"], TRAP),
    ("website", ["x"], TRAP),
]  # fmt: skip
LIMITS = [("name", 100), ("organisation", 100), ("email", 254), ("note", 500)]


def send(gateway: Gateway, fields: dict[str, list[str]], language: str = "sv") -> tuple[int, str]:
    body = encoded(**{**VALID, **fields})
    answer = gateway.request("POST", f"/dag/registration?lang={language}", FORM_HEADERS, body)
    return answer.status, answer.text


@pytest.mark.parametrize(("field", "values", "words"), ROWS)
def test_bad_input_is_reported_at_its_field_in_both_languages_and_nothing_is_stored(
    gateway: Gateway, field: str, values: list[str], words: str
) -> None:
    anchor = "allergen" if field == "traces" else field
    english = translations("en").gettext(words)
    assert english != words
    words, english = (text % {"place": 2} for text in (words, english.replace("'", "&#39;")))
    status, page = send(gateway, {field: values})
    assert status == 422
    assert f'<a href="#{anchor}">{words}</a>' in page
    assert f'id="{anchor}"' in page
    assert f'id="{anchor}-error">Fel: {words}</p>' in page
    assert "<title>Fel: " in page
    status, page = send(gateway, {field: values}, "en")
    assert status == 422
    assert f'id="{anchor}-error">Error: {english}</p>' in page
    assert items_in_the_table() == []


def test_a_field_in_the_query_string_is_no_answer(gateway: Gateway) -> None:
    body = encoded(**{**VALID, "name": []})
    answer = gateway.request("POST", "/dag/registration?name=Bo", FORM_HEADERS, body)
    assert answer.status == 422
    assert NAME in answer.text


@pytest.mark.parametrize(("field", "limit"), LIMITS)
def test_a_text_one_character_too_long_is_refused_with_the_limit_and_its_length(
    gateway: Gateway, field: str, limit: int
) -> None:
    longest_address = "a@" + ("b" * 62 + ".") * 3 + "b" * 63
    most = longest_address if field == "email" else "å" * limit
    assert len(most) == limit
    assert send(gateway, {field: [most]})[0] == 303
    stored = len(items_in_the_table())
    status, page = send(gateway, {field: ["c" + most]})
    assert status == 422
    assert f"Skriv högst {limit} tecken. Nu är det {limit + 1}." in page
    assert len(items_in_the_table()) == stored


@pytest.mark.parametrize(
    ("content_type", "body", "status", "words"),
    [
        ("", encoded(**VALID), 415, "Formatet går inte att läsa"),
        ("text/plain", encoded(**VALID), 415, "Formatet går inte att läsa"),
        ("multipart/form-data; boundary=x", b"--x--", 415, "Formatet går inte att läsa"),
        ("application/xml", b"<a/>", 415, "Formatet går inte att läsa"),
        ("application/x-www-form-urlencoded; charset=iso-8859-1", b"name=%C5sa", 415, "Formatet"),
        ("application/x-www-form-urlencoded", b"name=%C5sa", 400, "går inte att läsa"),
        ("application/x-www-form-urlencoded", b"name=%FF%FE", 400, "går inte att läsa"),
        ("application/x-www-form-urlencoded", b"a&" * 200, 400, "går inte att läsa"),
        ("application/x-www-form-urlencoded", b"note=" + b"n" * 16380, 413, "för stor"),
    ],
)
def test_an_unreadable_body_gets_an_error_page_in_the_visitors_language(
    gateway: Gateway, content_type: str, body: bytes, status: int, words: str
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    answer = gateway.request("POST", "/dag/registration", headers, body)
    assert answer.status == status
    assert words in text_of(answer)
    assert "Ingenting är sparat." in text_of(answer)
    english = gateway.request("POST", "/dag/registration?lang=en", headers, body)
    assert "Nothing has been saved." in text_of(english)
    assert items_in_the_table() == []


JSON_VALID = {"name": "Åsa", "meal": ["lunch"], "diet": "vegan"}


def post_json(gateway: Gateway, document: object, **headers: str) -> tuple[int, dict[str, object]]:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    answer = gateway.request(
        "POST", "/dag/registration", {"content-type": "application/json", **headers}, body
    )
    assert answer.headers["content-type"] == "application/json"
    return answer.status, json.loads(answer.text)


def test_json_is_answered_with_the_address_of_the_receipt(gateway: Gateway) -> None:
    status, answer = post_json(gateway, JSON_VALID)
    assert status == 201
    assert answer.keys() == {"receipt", "plate_code", "receipt_mail"}
    receipt = gateway.request("GET", str(answer["receipt"]))
    assert str(answer["plate_code"]) in receipt.text


@pytest.mark.parametrize("key", ["1", "order-1", "fifteen-letters"])
def test_an_idempotency_key_that_could_be_guessed_is_refused(gateway: Gateway, key: str) -> None:
    status, answer = post_json(gateway, JSON_VALID, **{"Idempotency-Key": key})
    assert (status, answer) == (400, {"error": "idempotency_key_too_short"})
    assert items_in_the_table() == []


@pytest.mark.parametrize("nonce", [[], [""], ["1"], ["fifteen-letters"]])
def test_a_form_nonce_that_could_be_guessed_is_ignored(gateway: Gateway, nonce: list[str]) -> None:
    body = encoded(**VALID, nonce=nonce)
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
    sent = [gateway.request("POST", "/dag/registration", headers, body) for _ in range(2)]
    assert [answer.status for answer in sent] == [303, 303]
    assert sent[0].headers["location"] != sent[1].headers["location"]


def test_json_errors_are_grouped_by_field_in_the_requested_language(gateway: Gateway) -> None:
    status, answer = post_json(
        gateway, {"name": "", "meal": "lunch", "diet": "vegan"}, **{"Accept-Language": "en"}
    )
    assert (status, answer) == (
        422,
        {"errors": {"name": "Write the name of the person being registered."}},
    )


@pytest.mark.parametrize(
    ("document", "status", "error"),
    [
        (b"{", 400, "bad_request"),
        (b"\xff", 400, "bad_request"),
        (b"[" * 5000, 400, "bad_request"),
        ([], 400, "bad_request"),
        ("text", 400, "bad_request"),
        ({"name": 7}, 400, "bad_request"),
        ({"name": None}, 400, "bad_request"),
        ({"meal": {"lunch": True}}, 400, "bad_request"),
        ({"meal": ["lunch", 1]}, 400, "bad_request"),
        ({"note": "n" * 17000}, 413, "too_large"),
        (b'{"name": "A", "name": "B", "meal": "lunch", "diet": "vegan"}', 400, "bad_request"),
        (b'{"name": "\\ud800", "meal": "lunch", "diet": "vegan"}', 400, "bad_request"),
        ({**JSON_VALID, "nonce": "\ud800" * 16}, 400, "bad_request"),
    ],
)
def test_json_that_is_not_a_valid_submission_is_refused(
    gateway: Gateway, document: object, status: int, error: str
) -> None:
    assert post_json(gateway, document) == (status, {"error": error})
    assert items_in_the_table() == []


@pytest.mark.parametrize(
    "token", ["x", "A" * 43, "%2e%2e", "..%2f", "%00", quote("å"), "cancelled%20"]
)
@pytest.mark.parametrize("page", ["", "/edit", "/cancel"])
def test_every_unknown_private_link_gets_the_same_404_page(
    gateway: Gateway, token: str, page: str
) -> None:
    answer = gateway.request("GET", f"/dag/registration/{token}{page}")
    assert answer.status == 404
    assert "Anmälan finns inte kvar" in answer.text
    assert "Hör av dig till någon av kontaktpersonerna" in answer.text
    assert all(phone in answer.text for contact in EVENT.contacts for phone in contact.phones)
