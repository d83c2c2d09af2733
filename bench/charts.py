"""SVG charts: ratios as bars with whiskers, and growth on two logarithmic axes.

Each chart has a background of its own, light or dark like the reader's browser, and a title and
description for screen readers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import ceil, floor, log10

from bench.bundles import OURS
from bench.cold import Ratio
from bench.growth import Growth

_STYLE = """\
svg { --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --rule: #d1d9e0; --ours: #0a5bb5;
  --other: #8c959f }
@media (prefers-color-scheme: dark) { svg { --paper: #151b23; --ink: #f0f6fc; --soft: #9198a1;
  --rule: #3d444d; --ours: #58a6ff; --other: #7d8590 } }
text { font: 13px system-ui, sans-serif; fill: var(--ink) }
.paper { fill: var(--paper) }
.group { font-weight: 600 }
.soft { fill: var(--soft) }
.right { text-anchor: end }
.middle { text-anchor: middle }
.ours { fill: var(--ours) }
.other { fill: var(--other) }
.rule, .one, .whisker, .line { fill: none; stroke: var(--rule) }
.one { stroke: var(--ink); stroke-dasharray: 4 3 }
.whisker { stroke: var(--ink); stroke-width: 1.5 }
.line { stroke: var(--other); stroke-width: 2 }
.line.ours { stroke: var(--ours); fill: none }
"""
_WIDTH = 760
_LEFT, _RIGHT = 230, 110
_ROW, _BAR, _GROUP = 22, 14, 34


def ratios_chart(ratios: Mapping[str, Mapping[str, Ratio]], names: Mapping[str, str]) -> str:
    """Draw a group of bars per measure: medians, with whiskers at the quartiles; lower is better.

    `names` maps packages to their labels.
    """
    bars = [ratio for by_package in ratios.values() for ratio in by_package.values()]
    most = max(ratio.high for ratio in bars)
    height = len(bars) * _ROW + len(ratios) * _GROUP + 44
    scale = (_WIDTH - _LEFT - _RIGHT) / max(1, most)
    parts, y = [], 8
    for measure, by_package in ratios.items():
        parts.append(_text(16, y + 24, measure, "group"))
        y += _GROUP
        for name, ratio in by_package.items():
            parts += _bar(y, names[name], ratio, scale, "ours" if name in OURS else "other")
            y += _ROW
    one = _LEFT + scale
    parts.append(f'<path class="one" d="M{one:.1f} 20V{y + 4}"/>')
    parts.append(_text(one, y + 22, "1: plain Chalice", "soft middle"))
    figures = "; ".join(
        f"{measure}: " + ", ".join(f"{names[name]} {ratio}" for name, ratio in by_package.items())
        for measure, by_package in ratios.items()
    )
    title = "CPU time beside plain Chalice, cold and warm; less is better"
    return _svg(height, title, f"Medians, and the quarters in brackets. {figures}.", parts)


def _bar(y: int, name: str, ratio: Ratio, scale: float, kind: str) -> Iterator[str]:
    middle = y + _ROW / 2
    low, high = (_LEFT + scale * one for one in (ratio.low, ratio.high))
    yield _text(_LEFT - 10, middle + 4, name, "right")
    yield (
        f'<rect class="{kind}" x="{_LEFT}" y="{middle - _BAR / 2:g}" height="{_BAR}" '
        f'width="{scale * ratio.median:.1f}" rx="2"/>'
    )
    if ratio.high > ratio.low:
        yield (f'<path class="whisker" d="M{low:.1f} {middle - 4:g}v8m0-4H{high:.1f}m0-4v8"/>')
    yield _text(max(high, _LEFT + scale * ratio.median) + 8, middle + 4, f"{ratio.median:.2f}")


def growth_chart(growth: Sequence[Growth]) -> str:
    """Draw CPU seconds by registrations: of their count, and of reading and decoding alone."""
    left, right, top, bottom = 70, 190, 24, 54
    height = 400
    first, last = log10(growth[0].registrations), log10(growth[-1].registrations)
    times = [one for each in growth for one in (each.seconds, each.floor)]
    low, high = floor(log10(min(times))), ceil(log10(max(times)))

    def x(registrations: float) -> float:
        share = (log10(registrations) - first) / ((last - first) or 1)
        return left + share * (_WIDTH - left - right)

    def y(seconds: float) -> float:
        share = (log10(seconds) - low) / ((high - low) or 1)
        return height - bottom - share * (height - top - bottom)

    parts = []
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<path class="rule" d="M{left} {at:.1f}H{_WIDTH - right}"/>')
        parts.append(_text(left - 10, at + 4, f"{10.0**power:g} s", "right soft"))
    for one in growth:
        at = x(one.registrations)
        parts.append(_text(at, height - bottom + 24, f"{one.registrations:,}", "middle soft"))
    middle = (left + _WIDTH - right) / 2
    parts.append(_text(middle, height - 10, "registrations", "middle soft"))
    lines = (
        ("read and decode alone", "other", [(x(g.registrations), y(g.floor)) for g in growth]),
        ("the summary's count", "ours", [(x(g.registrations), y(g.seconds)) for g in growth]),
    )
    for name, kind, points in lines:
        path = "L".join(f"{at:.1f} {up:.1f}" for at, up in points)
        parts.append(f'<path class="line {kind}" d="M{path}"/>')
        parts += [
            f'<circle class="{kind}" cx="{at:.1f}" cy="{up:.1f}" r="4"/>' for at, up in points
        ]
        end, up = points[-1]
        parts.append(_text(end + 14, up + 4, name))
    figures = "; ".join(
        f"{one.registrations:,}: {one.seconds:.3g} s beside {one.floor:.3g} s" for one in growth
    )
    title = "CPU time of counting all registrations, by their number"
    return _svg(height, title, f"Beside reading and JSON-decoding them alone. {figures}.", parts)


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f'<text{attribute} x="{x:g}" y="{y:g}">{escape(words)}</text>'


def _svg(height: int, title: str, description: str, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    named = 'role="img" aria-labelledby="title desc"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {named}>',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(description)}</desc>',
            f"<style>\n{_STYLE}</style>",
            f'<rect class="paper" width="{_WIDTH}" height="{height}" rx="6"/>',
            *parts,
            "</svg>\n",
        ]
    )
