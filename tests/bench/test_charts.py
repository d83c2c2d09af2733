"""What the charts draw, and their description in words."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from bench.charts import growth_chart, ratios_chart
from bench.cold import Ratio
from bench.growth import Growth

SVG = "{http://www.w3.org/2000/svg}"
NAMES = {"chalice": "plain Chalice", "flask": "Flask & <more>", "deployed": "Dukat"}
RATIOS = {
    "cold GET": {
        "chalice": Ratio(1, 1, 1, 200),
        "flask": Ratio(2, 1.5, 3, 400),
        "deployed": Ratio(0.25, 0.2, 0.3, 50),
    }
}
GROWTH = [Growth(10**power, 10.0 ** (power - 6), 10.0 ** (power - 5), 0.1, 70, 100)
          for power in (3, 4, 5, 6)]  # fmt: skip


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


@pytest.mark.parametrize("svg", [ratios_chart(RATIOS, NAMES), growth_chart(GROWTH)])
def test_a_chart_has_a_title_and_a_description_and_loads_nothing(svg: str) -> None:
    root = parsed(svg)
    assert root.get("role") == "img"
    named = (root.get("aria-labelledby") or "").split()
    assert [root.find(f"{SVG}{one}[@id='{one}']") is not None for one in named] == [True] * 2
    assert all(len(root.findtext(f"{SVG}{one}") or "") > 20 for one in named)
    assert "prefers-color-scheme: dark" in svg
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]


def test_bars_are_as_long_as_the_medians_and_whiskers_end_at_the_quartiles() -> None:
    root = parsed(ratios_chart(RATIOS, NAMES))
    bars = [one for one in root.iter(f"{SVG}rect") if one.get("class") != "paper"]
    chalice, flask, ours = (float(one.get("width", 0)) for one in bars)
    assert flask / chalice == pytest.approx(2, 0.01)
    assert ours / chalice == pytest.approx(0.25, 0.01)
    left = float(bars[0].get("x", 0))
    (one,) = [path.get("d", "") for path in root.iter(f"{SVG}path") if path.get("class") == "one"]
    assert float(re.findall(r"[\d.]+", one)[0]) == pytest.approx(left + chalice, abs=0.1)
    whiskers = [p.get("d", "") for p in root.iter(f"{SVG}path") if p.get("class") == "whisker"]
    ends = [
        [float(re.findall(pattern, path)[0]) for pattern in (r"M([\d.]+)", r"H([\d.]+)")]
        for path in whiskers
    ]
    assert ends == [
        [
            pytest.approx(left + low * chalice, abs=0.2),
            pytest.approx(left + high * chalice, abs=0.2),
        ]
        for low, high in ((1.5, 3), (0.2, 0.3))
    ]  # the peer has no whiskers
    assert [one.get("class") for one in bars] == ["other", "other", "ours"]


def test_all_text_lies_within_the_chart() -> None:
    for svg in (ratios_chart(RATIOS, NAMES), growth_chart(GROWTH)):
        root = parsed(svg)
        width, height = (float(root.get(name, 0)) for name in ("width", "height"))
        for text in root.iter(f"{SVG}text"):
            assert 0 < float(text.get("x", 0)) < width
            assert 0 < float(text.get("y", 0)) < height


def test_both_axes_are_logarithmic() -> None:
    root = parsed(growth_chart(GROWTH))
    points = [(float(c.get("cx", 0)), float(c.get("cy", 0))) for c in root.iter(f"{SVG}circle")]
    floor, count = points[:4], points[4:]
    for line in (floor, count):
        steps = [(b[0] - a[0], a[1] - b[1]) for a, b in pairwise(line)]
        assert steps == [pytest.approx(steps[0], abs=0.2)] * 3
        assert all(step > 0 for step in steps[0])
    # The count is faster, so it is drawn lower: with a larger y.
    assert all(ours[1] > alone[1] for ours, alone in zip(count, floor, strict=True))
