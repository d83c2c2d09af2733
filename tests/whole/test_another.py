"""The form for one more person, from a receipt."""

from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.fakes import installed_composition
from tests.whole.forms import read_form
from tests.whole.pages import nonce_of, submit, text_of

COLLEAGUE: dict[str, list[str]] = {
    "organisation": ["Kulturförvaltningen"],
    "email": ["a@boras.example"],
}


def another_of(gateway: Gateway) -> str:
    """The address of the form for one more person, as the receipt links to it."""
    sent = submit(gateway, "", **COLLEAGUE, meal=["fika"], note=["Inte kiwi."])
    address = f"{sent.headers['location']}/another"
    assert f'href="{address}"' in gateway.request("GET", sent.headers["location"]).text
    return address


def test_it_keeps_organisation_address_and_meals_and_nothing_about_the_person(
    gateway: Gateway,
) -> None:
    answer = gateway.request("GET", another_of(gateway))
    form = read_form(answer.text)
    kept = {name: values for name, values in form.fields.items() if values != [""]}
    assert kept.keys() == {"organisation", "email", "email_asked", "meal", "nonce"}
    assert (kept["organisation"], kept["email"]) == tuple(COLLEAGUE.values())
    assert kept["meal"] == ["fika"]
    assert "Åsa Öström" not in answer.text
    assert "måltider är kvar från den förra anmälan" in text_of(answer)
    assert form.action.partition("?")[0] == "/dag/registration"
    assert answer.headers["cache-control"] == "private, no-cache"


def test_each_has_a_nonce_of_its_own_and_the_language(gateway: Gateway) -> None:
    address = another_of(gateway)
    pages = [gateway.request("GET", f"{address}?lang=en").text for _ in range(2)]
    assert len({nonce_of(page) for page in pages}) == 2
    assert "are kept from the earlier registration" in pages[0]
    assert 'formaction="/dag/registration?lang=sv"' in pages[0]


def test_nobody_gets_one_after_the_deadline_or_with_an_unknown_link(
    gateway: Gateway, clock: SetClock
) -> None:
    address = another_of(gateway)
    assert gateway.request("GET", "/dag/registration/unknown/another").status == 404
    clock.now = installed_composition().event.closes_at
    late = gateway.request("GET", address)
    assert "Anmälan är stängd" in text_of(late)
    assert "boras.example" not in late.text.partition("<footer")[0]
    receipt = gateway.request("GET", address.removesuffix("/another")).text
    assert "/another" not in receipt
