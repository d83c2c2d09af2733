"""The targets and limits of the measured figures, read from bounds.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.bundles import OURS, Bundle
from bench.cold import Ratio
from bench.events import Several
from bench.growth import Growth
from bench.hostile import Hostile, slowest

FILE = Path(__file__).with_name("bounds.toml")
SIZE = "MB"
SUMMARY_CPU = ("summary's CPU", "reading and decoding alone")
SUMMARY_MEMORY = ("summary's memory", "a thousand registrations")
SLOWEST_REQUEST = ("slowest hostile request's CPU", "a usual request's")
GET_OF_TEN = ("cold GET of each of ten events", "a single event's")
POST_OF_TEN = ("cold POST of each of ten events", "a single event's")
EVENT_OF_TICK = ("an idle tick's CPU for a further event", "one of its requests")

Key = tuple[str, str]


@dataclass(frozen=True)
class Bound:
    """The target of a figure, and the limit `at_most`, above which `make bench-quick` fails.

    `what` names the measure; `of` names the package, or what the figure is a ratio to.
    """

    what: str
    of: str
    target: float
    at_most: float

    @property
    def key(self) -> Key:
        """The key of the figure in the result of `figures`."""
        return self.what, self.of


def read_bounds(path: Path = FILE) -> list[Bound]:
    """Read all bounds from a file such as bounds.toml."""
    return [Bound(**entry) for entry in tomllib.loads(path.read_text("utf-8"))["bound"]]


def figures(
    bundles: Mapping[str, Bundle],
    ratios: Mapping[str, Mapping[str, Ratio]],
    growth: Sequence[Growth],
    hostile: Sequence[Hostile],
    several: Several,
) -> dict[Key, float]:
    """Return the measured figures that have a bound."""
    largest, smallest = growth[-1], growth[0]
    return {
        **{
            (measure, name): by_package[name].median
            for measure, by_package in ratios.items()
            for name in OURS
        },
        **{(SIZE, name): bundles[name].zipped / 1e6 for name in OURS},
        SUMMARY_CPU: largest.ratio,
        SUMMARY_MEMORY: largest.peak / smallest.peak,
        SLOWEST_REQUEST: slowest(hostile),
        GET_OF_TEN: several.get,
        POST_OF_TEN: several.post,
        EVENT_OF_TICK: several.tick,
    }


def broken(bounds: Sequence[Bound], measured: Mapping[Key, float]) -> Iterator[str]:
    """Yield a line for each figure above its limit. Raises KeyError if a bound has no figure."""
    for bound in bounds:
        figure = measured[bound.key]
        if figure > bound.at_most:
            yield (
                f"{bound.what}, {bound.of}: {figure:.2f} is above the limit of {bound.at_most:g} "
                f"(target {bound.target:g})"
            )
