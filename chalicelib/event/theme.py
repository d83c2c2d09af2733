"""The event's colour and logo text on the pages, readable on light and dark backgrounds."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

LIGHT_BACKGROUNDS = ("#ffffff", "#eef3f4")
DARK_BACKGROUNDS = ("#12171b", "#1b2329")
# WCAG 2.2, 1.4.3; 1.4.11 demands only 3:1
TEXT_CONTRAST = 4.5
# 1.4.6; links are told from the text around them by their colour too.
DARK_CONTRAST = 7.0


@dataclass(frozen=True)
class Theme:
    """`accent` is a colour like `#0b5563` for links and buttons; `logo` is the name at the top."""

    accent: str
    logo: str

    @cached_property
    def accent_on_dark(self) -> str:
        """The accent, mixed with just enough white for 7:1 on dark backgrounds."""

        def contrast_with(white: int) -> float:
            lighter = _mixed_with_white(self.accent, white / 100)
            return min(contrast(lighter, background) for background in DARK_BACKGROUNDS)

        # Contrast grows with white; colours darker than the background are far below the limit.
        white = bisect_left(range(100), DARK_CONTRAST, key=contrast_with)
        return _mixed_with_white(self.accent, white / 100)


def is_colour(text: str) -> bool:
    """Whether `text` is a colour written like `#0b5563`."""
    return bool(re.fullmatch(r"#[0-9a-fA-F]{6}", text))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def is_readable(accent: str) -> bool:
    """Whether the accent has enough contrast with light backgrounds, and so with white text."""
    return all(contrast(accent, background) >= TEXT_CONTRAST for background in LIGHT_BACKGROUNDS)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def _mixed_with_white(colour: str, share: float) -> str:
    mixed = (round(channel + (255 - channel) * share) for channel in _channels(colour))
    return "#" + bytes(mixed).hex()
