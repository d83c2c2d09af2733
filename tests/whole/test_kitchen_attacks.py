"""Attacks through the form on what the kitchen reads."""

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice

import pytest

from chalicelib.catering.mails import summary_letter
from chalicelib.catering.summary import summarise
from chalicelib.catering.tally import Tally, tally
from chalicelib.desk.limits import GROUPS_SUMMARISED_AT_MOST
from chalicelib.event.event import Event
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES, DIETS
from chalicelib.registration.registration import Registration
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.moto_aws import SentMail
from tests.examples import NOW
from tests.fakes import installed_table
from tests.whole.contact_person import ContactPerson, key_of, stored, ticks
from tests.whole.pages import submit, text_of

REAL = ("nuts", "fish", "eggs", "sesame", "celery")
LONG = list(ALLERGENS)


def real_people(gateway: Gateway) -> list[str]:
    """Register five people with a severe allergy each; return their plate codes."""
    return [
        stored(key_of(submit(gateway, nonce=f"nonce-of-{code:20}", diet=[""], allergen=[code],
                             severe=["yes"]))).plate_code
        for code in REAL
    ]  # fmt: skip


def long_plates() -> list[list[str]]:
    """Combinations of all but two allergens, which make long and distinct plates."""
    return [[one for one in LONG if one not in two] for two in combinations(LONG, 2)]


def attack(gateway: Gateway, plates: Sequence[Sequence[str]], diets: Sequence[str]) -> None:
    for diet in diets:
        for number, codes in enumerate(plates):
            fields = {"diet": [diet], "allergen": list(codes), "severe": ["yes"]}
            fields["traces"] = [code for code in codes if code in ASKED_FOR_TRACES]
            answer = submit(gateway, nonce=f"nonce-of-attack-{diet}-{number:020}", **fields)
            assert answer.status == 303


def summaries(clock: SetClock, event: Event) -> list[SentMail]:
    clock.now = event.closes_at
    mails = ticks(clock, 5)
    assert len(mails) == len(event.contacts)
    return mails


@pytest.mark.parametrize("how_many", [29, 60, 100])
def test_long_plates_cannot_push_a_severe_allergy_with_its_code_out_of_the_mail(
    gateway: Gateway, clock: SetClock, event: Event, how_many: int
) -> None:
    codes = real_people(gateway)
    attack(gateway, long_plates()[:how_many], [""])
    for mail in summaries(clock, event):
        for part in ("plain", "html"):
            assert all(code in mail.part(part) for code in codes)


def test_a_flood_hides_no_code_of_a_severe_allergy_from_the_attached_list(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    codes = real_people(gateway)
    short_plates = [*combinations(LONG, 1), *islice(combinations(LONG, 2), 30)]
    attack(gateway, short_plates, ["", *DIETS])
    for mail in summaries(clock, event):
        assert mail.message["Subject"].startswith("Specialkost 31 maj (se bilagorna), ")
        table, text = mail.attachments()
        for file in (table, text):
            words = str(file.get_content())
            assert all(words.count(code) == len(event.meals) for code in codes)


def flood(people: int) -> Iterator[Registration]:
    """People with severe allergies, no two with the same plate."""
    for number in range(1, people + 1):
        codes = tuple(code for place, code in enumerate(LONG) if number >> place & 1)
        answers = Answers(f"P{number}", ("lunch", "fika"), allergens=codes, severe=True)
        yield Registration(answers, f"C{number:05}", NOW, NOW)


def tally_of(people: int) -> Tally:
    return tally((one.order.encode() for one in flood(people)), taken_at=NOW)


# More people with plates of their own than the attachments have room for.
TOO_MANY_TO_ATTACH = 12_000


@pytest.mark.soak
def test_a_flood_of_short_plates_hides_no_longer_one_as_long_as_a_mail_has_room(
    event: Event,
) -> None:
    honest = Answers("Anna", ("lunch", "fika"), allergens=tuple(LONG), severe=True)
    order = Registration(honest, "ANNA", NOW, NOW).order.encode()
    orders = (one.order.encode() for one in flood(TOO_MANY_TO_ATTACH // 2))
    counted = tally([*orders, order], taken_at=NOW)
    letter = summary_letter(summarise(counted, event, version=1), event)
    files = [file.content.decode() for file in letter.attachments]
    assert [text.count("ANNA") for text in files] == [len(event.meals)] * 2


def calls_of(work: Callable[[], object]) -> int:
    """How many functions `work` calls."""
    made = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    sys.setprofile(count)
    work()
    sys.setprofile(None)
    return made


@pytest.mark.soak
def test_a_flood_of_plates_that_fit_into_no_mail_costs_little_more_to_write_than_to_count(
    event: Event,
) -> None:
    """Otherwise a flood fills the tick's minute, and neither summary nor login link is mailed."""
    few, many = (tally_of(people) for people in (TOO_MANY_TO_ATTACH, 2 * TOO_MANY_TO_ATTACH))
    both = [summarise(counted, event, version=1) for counted in (few, many)]
    counting = [calls_of(lambda: summarise(one, event, version=1)) for one in (few, many)]  # noqa: B023
    writing = [calls_of(lambda: summary_letter(one, event)) for one in both]  # noqa: B023
    assert writing[1] - writing[0] < 2 * (counting[1] - counting[0])


@pytest.mark.soak
def test_pages_with_more_plates_than_there_is_time_to_compare_lead_to_the_clearing_of_junk(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    for number, one in enumerate(flood(GROUPS_SUMMARISED_AT_MOST + 1)):
        registrations.add(installed_table(), f"{number:064x}", one)
    for path in ("overview", "kitchen"):
        page = contact_person.get(f"/desk/dag/{path}")
        assert page.status == 503
        assert "Är mycket av det skräp? Bland de anmälda går det att" in text_of(page)


@pytest.mark.soak
def test_a_mail_whose_attachments_have_no_room_either_does_not_say_that_they_have_all(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    for number, one in enumerate(flood(TOO_MANY_TO_ATTACH)):
        registrations.add(installed_table(), f"{number:064x}", one)
    for mail in summaries(clock, event):
        assert " (inte hela listan), " in mail.message["Subject"]
        for part in ("plain", "html"):
            words = " ".join(mail.part(part).split())
            assert ", och bilagorna också" in words.casefold()
            assert "Hela listan finns på kontaktpersonernas sidor" in words
            assert "Hela listan är bifogad" not in words
            assert "slag till, som står i bilagorna" not in words
            assert "slag till, av vilka inte alla står i bilagorna" in words
