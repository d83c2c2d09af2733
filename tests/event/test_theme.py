"""The event's colour, and the style sheets."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.event.theme import (
    DARK_BACKGROUNDS,
    Theme,
    contrast,
    is_colour,
    is_readable,
)

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_follows_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == pytest.approx(1)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#ffffff", "#767676") == contrast("#767676", "#ffffff")


def with_white(accent: str, hundredths: int) -> str:
    channels = bytes.fromhex(accent.removeprefix("#"))
    mixed = (round(channel + (255 - channel) * (hundredths / 100)) for channel in channels)
    return "#" + bytes(mixed).hex()


@given(accent=colours)
@example("#000000")
@example("#ffffff")
def test_an_accent_gets_the_least_white_that_is_readable_on_dark_backgrounds(accent: str) -> None:
    mixes = (with_white(accent, hundredths) for hundredths in range(101))
    least = next(
        mix
        for mix in mixes
        if min(contrast(mix, background) for background in DARK_BACKGROUNDS) >= 7
    )
    assert Theme(accent, "Borås Stad").accent_on_dark == least


@pytest.mark.parametrize(
    ("accent", "readable"),
    [("#0b5563", True), ("#000000", True), ("#767676", False), ("#ffbf47", False)],
)
def test_an_accent_is_readable_only_with_contrast_to_light_backgrounds(
    accent: str,
    readable: bool,  # noqa: FBT001
) -> None:
    assert is_readable(accent) is readable


@pytest.mark.parametrize("text", ["red", "#abc", "#12345g", "0b5563", "#0b5563;x:y", ""])
def test_only_six_hexadecimal_digits_are_a_colour(text: str) -> None:
    assert is_colour("#0B5563")
    assert not is_colour(text)
