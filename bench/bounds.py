"""What the benchmark is held to, from bounds.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.bundles import OURS, Bundle
from bench.cold import Ratio
from bench.growth import Growth

FILE = Path(__file__).with_name("bounds.toml")
SIZE = "MB"
SUMMARY_CPU = ("summary's CPU", "reading and decoding alone")
SUMMARY_MEMORY = ("summary's memory", "a thousand registrations")

Key = tuple[str, str]


@dataclass(frozen=True)
class Bound:
    """A figure: what is aimed at, and where `make bench-quick` fails."""

    what: str
    of: str
    target: float
    at_most: float

    @property
    def key(self) -> Key:
        """By which its figure is found."""
        return self.what, self.of


def read_bounds(path: Path = FILE) -> list[Bound]:
    """All of them."""
    return [Bound(**one) for one in tomllib.loads(path.read_text("utf-8"))["bound"]]


def figures(
    bundles: Mapping[str, Bundle],
    ratios: Mapping[str, Mapping[str, Ratio]],
    growth: Sequence[Growth],
) -> dict[Key, float]:
    """What is held to bounds, of what was measured."""
    largest, smallest = growth[-1], growth[0]
    return {
        **{(what, name): of[name].median for what, of in ratios.items() for name in OURS},
        **{(SIZE, name): bundles[name].zipped / 1e6 for name in OURS},
        SUMMARY_CPU: largest.ratio,
        SUMMARY_MEMORY: largest.peak / smallest.peak,
    }


def broken(bounds: Sequence[Bound], measured: Mapping[Key, float]) -> Iterator[str]:
    """A line for each figure that is above its bound; raises KeyError for one without a figure."""
    for bound in bounds:
        figure = measured[bound.key]
        if figure > bound.at_most:
            yield (
                f"{bound.what}, {bound.of}: {figure:.2f} is more than {bound.at_most:g} "
                f"(aimed at {bound.target:g})"
            )
