"""Tokens, plate codes and links."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from chalicelib.registration.answers import Answers, Order, Plate
from chalicelib.registration.tokens import CODE_ATTEMPTS, hash_token, plate_code, token_for
from tests.examples import VEGAN_WITHOUT_NUTS, any_answers

CLOSES_AT = datetime(2027, 5, 24, 22, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "other",
    [
        replace(VEGAN_WITHOUT_NUTS, name="Åsa Östrom"),
        replace(VEGAN_WITHOUT_NUTS, traces=()),
        replace(VEGAN_WITHOUT_NUTS, severe=False),
        replace(VEGAN_WITHOUT_NUTS, meals=("lunch",)),
        replace(VEGAN_WITHOUT_NUTS, name="Åsa Öström", organisation="", note="Kulturförvaltningen"),
    ],
)
def test_other_answers_give_another_token(other: Answers) -> None:
    assert token_for(other, "n") != token_for(VEGAN_WITHOUT_NUTS, "n")


def test_another_nonce_gives_another_token() -> None:
    assert token_for(VEGAN_WITHOUT_NUTS, "n") != token_for(VEGAN_WITHOUT_NUTS, "m")


def test_a_token_has_256_bits_and_is_safe_in_a_url() -> None:
    token = token_for(VEGAN_WITHOUT_NUTS, "n")
    assert len(token) == 43
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_the_hash_does_not_hold_the_token() -> None:
    token = token_for(VEGAN_WITHOUT_NUTS, "n")
    assert token not in hash_token(token)
    assert len(hash_token(token)) == 64


def test_plate_codes_are_short_and_without_easily_confused_characters() -> None:
    codes = [plate_code(str(number), 0) for number in range(500)]
    assert {len(code) for code in codes} == {4}
    assert not set("".join(codes)) & set("AEIOUQ01528BSGLZ")


def test_each_attempt_gives_another_code_and_later_ones_are_longer() -> None:
    codes = [plate_code("token", attempt) for attempt in range(CODE_ATTEMPTS)]
    assert len(set(codes)) == CODE_ATTEMPTS
    assert [len(code) for code in codes] == sorted(len(code) for code in codes)
    assert len(codes[-1]) > len(codes[0])


@given(any_answers())
def test_an_order_is_the_same_after_encoding_and_decoding(answers: Answers) -> None:
    order = Order("CDFH", answers.meals, answers.plate)
    assert Order.decode(order.encode()) == order


def test_an_encoded_order_contains_nothing_that_identifies_the_person() -> None:
    order = Order("CDFH", VEGAN_WITHOUT_NUTS.meals, VEGAN_WITHOUT_NUTS.plate)
    assert order.encode() == "CDFH|lunch,fika|vegan|nuts~|!|n"


def test_a_plate_shows_whether_there_is_a_note_but_not_its_text() -> None:
    assert VEGAN_WITHOUT_NUTS.plate == Plate("vegan", ("nuts",), ("nuts",), severe=True, noted=True)
