"""The privacy notice, and its promises about cookies and mail addresses on pages."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib import bootstrap
from chalicelib.desk.limits import SESSION_LASTS
from chalicelib.event.event import Event
from chalicelib.event.legal_statements import LEGAL_OBLIGATION
from chalicelib.texts.language import Bilingual
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.examples import FORM_HEADERS, only
from tests.whole.pages import encoded, submit, text_of


def privacy_notice(clock: SetClock, gateway: Gateway, event: Event, language: str = "sv") -> str:
    bootstrap.install(bootstrap.Composition(events=only(event), clock=clock))
    return text_of(gateway.request("GET", f"/dag/privacy?lang={language}"))


def with_privacy(event: Event, **changes: Any) -> Event:
    return replace(event, privacy=replace(event.privacy, **changes))


# What the GDPR requires, by article. 13.2 c is left out: it applies only to consent.
IN_SWEDISH = {
    "13.1 a": ("Personuppgiftsansvarig: Kommunstyrelsen i Borås Stad", "kommunstyrelsen@boras."),
    "13.1 b": ("Dataskyddsombud: Dataskyddsombudet i Borås Stad", "dataskyddsombud@boras.example"),
    "13.1 c": ("så att köket kan laga en säker portion", "artikel 6.1 e", "artikel 9.2 g"),
    "13.1 e": ("Kontaktpersonerna ser anmälningarna med namn", "Amazon Web Services EMEA SARL"),
    "13.1 f": ("Vi för inte över dem till något land utanför EU och EES",),
    "13.2 a": (
        "till och med måndag 7 juni 2027, 7 dagar efter evenemanget",
        "ytterligare högst 35 dagar, som längst till och med tisdag 13 juli 2027",
        "Tekniska loggar: 30 dagar",
    ),
    "13.2 b": (
        "få en kopia av dem",
        "få fel rättade",
        "få uppgifter raderade, eller få behandlingen begränsad",
        "invända mot behandlingen",
        "dataportabilitet) gäller inte här",
    ),
    "13.2 d": ("klaga hos Integritetsskyddsmyndigheten (IMY)",),
    "13.2 e": ("Det är frivilligt att anmäla sig. Den som inte gör det får den vanliga maten",),
    "13.2 f": ("Inga beslut fattas automatiskt",),
    "14.1 d": ("Måltider, kost, vad du inte tål", "Till det kommer en kod för din portion"),
    "14.2 f": ("Har någon annan anmält dig kommer uppgifterna från den personen",),
}


def test_the_privacy_notice_has_everything_that_articles_13_and_14_of_the_gdpr_require(
    clock: SetClock, gateway: Gateway, event: Event
) -> None:
    text = privacy_notice(clock, gateway, event)
    missing = [(article, words) for article, required in IN_SWEDISH.items()
               for words in required if words not in text]  # fmt: skip
    assert not missing
    for basis in (event.privacy.legal_basis, event.privacy.legal_basis_sensitive):
        assert basis in text


def test_the_privacy_notice_is_complete_in_english(
    clock: SetClock, gateway: Gateway, event: Event
) -> None:
    page = gateway.request("GET", "/dag/privacy?lang=en").text
    main = page[page.index("<main") : page.index("</main>")]
    assert 'lang="sv"' not in main
    text = privacy_notice(clock, gateway, event, "en")
    for words in (
        "Controller: The Municipal Executive Board of Borås Stad",
        "until the end of Monday 7 June 2027, 7 days after the event",
        "at most 35 more days, until the end of Tuesday 13 July 2027",
        "object to the processing",
        "complain to",
    ):
        assert words in text


def test_a_period_of_one_day_is_written_in_the_singular(
    clock: SetClock, gateway: Gateway, event: Event
) -> None:
    event = with_privacy(event, delete_after_days=1, backup_days=1, log_days=1)
    swedish, english = (
        privacy_notice(clock, gateway, event, language) for language in ("sv", "en")
    )
    assert "till och med tisdag 1 juni 2027, 1 dag efter evenemanget" in swedish
    assert "ytterligare högst 1 dag, som längst till och med torsdag 3 juni 2027" in swedish
    assert "Tekniska loggar: 1 dag." in swedish
    assert "1 day after the event" in english
    assert "at most 1 more day," in english


def test_the_right_to_object_is_left_out_if_the_legal_basis_is_an_obligation(
    clock: SetClock, gateway: Gateway, event: Event
) -> None:
    basis = Bilingual("Rättslig förpliktelse (artikel 6.1 c).", "An obligation (article 6.1 c).")
    obliged = with_privacy(event, basis=LEGAL_OBLIGATION, legal_basis=basis)
    assert "invända" not in privacy_notice(clock, gateway, obliged)
    assert "object" not in privacy_notice(clock, gateway, obliged, "en")


def test_the_privacy_notice_names_other_recipients(
    clock: SetClock, gateway: Gateway, event: Event
) -> None:
    hotel = Bilingual("Hotellet får gästernas namn.", "The hotel gets the guests’ names.")
    event = with_privacy(event, recipients=(hotel,))
    assert "Hotellet får gästernas namn." in privacy_notice(clock, gateway, event)
    assert "The hotel gets the guests’ names." in privacy_notice(clock, gateway, event, "en")


def test_the_privacy_notice_has_the_session_length_of_the_service(
    clock: SetClock, gateway: Gateway, event: Event
) -> None:
    hours = SESSION_LASTS // timedelta(hours=1)
    assert f"gäller i högst {hours} timmar" in privacy_notice(clock, gateway, event)


def test_no_page_for_visitors_without_a_session_sets_a_cookie(gateway: Gateway) -> None:
    receipt = submit(gateway).headers["location"]
    answers = [
        *(gateway.request("GET", path) for path in ("/", "/dag/agenda.ics", "/dag/registration")),
        *(
            gateway.request("GET", path)
            for path in ("/dag/privacy", "/dag/accessibility", "/nothing")
        ),
        *(gateway.request("GET", f"{receipt}{page}") for page in ("", "/edit", "/cancel")),
        *(gateway.request("GET", path) for path in ("/desk", "/desk/sent", "/desk/dag/overview")),
        submit(gateway, name=[""]),
        submit(gateway),
        gateway.request("POST", f"{receipt}/cancel", FORM_HEADERS, encoded(revision=["1"])),
    ]
    assert {answer.status for answer in answers} == {200, 303, 404, 422}
    assert not [answer for answer in answers if "set-cookie" in answer.headers]


def test_the_contact_persons_mail_addresses_are_on_no_public_page(
    gateway: Gateway, event: Event
) -> None:
    receipt = submit(gateway).headers["location"]
    paths = (
        "/",
        "/dag/agenda.ics",
        "/dag/registration",
        "/dag/privacy",
        "/dag/accessibility",
        "/desk",
        receipt,
    )
    pages = [gateway.request("GET", path) for path in paths]
    assert {page.status for page in pages} == {200}
    for page in pages:
        assert not [contact for contact in event.contacts if contact.email in page.text]
