"""Attacks through the form on what the kitchen reads."""

from collections.abc import Sequence
from itertools import combinations, islice

import pytest

from chalicelib.event.event import Event
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES, DIETS
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.moto_aws import SentMail
from tests.whole.contact_person import key_of, stored, ticks
from tests.whole.pages import submit

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
