"""Hues: any two are told apart, also by people who lack a kind of cones; marks repeat last."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from reports.palette import DARK_HUES, HUES, SHAPES, assign_hues, assign_marks, hue_rules

# What people without one kind of cones see, as linear red, green and blue (Machado et al. 2009).
SEEN = {
    "by all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
XYZ = np.array(
    [[0.41246, 0.35758, 0.18044], [0.21267, 0.71515, 0.07218], [0.01933, 0.11919, 0.9503]]
)
GREYS = {"light": "#6f737a", "dark": "#8d929a"}


def lab(colour: str, seen: str) -> tuple[float, float, float]:
    """Return a colour as CIELAB has it (D65), as some people see it."""
    parts = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(SEEN[seen]) @ linear, 0, 1)
    ratios = XYZ @ linear / XYZ.sum(axis=1)
    x, y, z = np.where(ratios > 216 / 24389, np.cbrt(ratios), (24389 / 27 * ratios + 16) / 116)
    return float(116 * y - 16), float(500 * (x - y)), float(200 * (y - z))


def difference(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return the difference of two colours by CIEDE2000."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, stretch * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180
    light, chroma, hue = (l1 + l2) / 2, (c1 + c2) / 2, (h1 + turn / 2) % 360
    waves = ((0.17, 1, -30), (-0.24, 2, 0), (-0.32, 3, 6), (0.2, 4, -63))
    weight = 1 - sum(w * np.cos(np.radians(n * hue + shift)) for w, n, shift in waves)
    by_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    by_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    by_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * weight)
    bend = 60 * np.exp(-(((hue - 275) / 25) ** 2))
    both = -np.sin(np.radians(bend)) * 2 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    total = by_light**2 + by_chroma**2 + by_hue**2 + both * by_chroma * by_hue
    return float(np.sqrt(total))


def test_the_difference_is_that_of_the_norm() -> None:
    """Pairs of Sharma, Wu & Dalal (2005), who published what an implementation has to give."""
    assert difference((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert difference((50, 2.5, 0), (61, -5, 29)) == pytest.approx(22.8977, abs=1e-4)
    assert difference((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514)) == pytest.approx(
        0.9082, abs=1e-4
    )


@pytest.mark.parametrize(("paper", "hues"), [("light", HUES), ("dark", DARK_HUES)])
def test_any_two_hues_are_told_apart(paper: str, hues: tuple[str, ...]) -> None:
    """Twelve, and the grey of what has none: 15 by all cones, 9 without one kind of them."""
    assert len(set(hues)) == 12
    for seen in SEEN:
        colours = [lab(hue, seen) for hue in (*hues, GREYS[paper])]
        least = min(difference(one, other) for one, other in combinations(colours, 2))
        assert least >= (15 if seen == "by all cones" else 9), seen


def test_a_page_has_a_rule_for_each_hue() -> None:
    """A property by light and one by dark, and a class that uses it."""
    for place, (light, dark) in enumerate(zip(HUES, DARK_HUES, strict=True)):
        for rule in (f"--hue-{place}: {light};", f"--hue-{place}: {dark};", f".hue-{place} {{"):
            assert hue_rules().count(rule) == 1


def test_hues_repeat_from_the_thirteenth_category_and_shapes_go_on() -> None:
    """Two categories of one hue never share a mark while shapes are left."""
    hues = assign_hues(range(13))
    assert [hues[place] for place in range(13)] == [*range(12), 0]
    marks = assign_marks([(topic, topic % 13) for topic in range(26)], hues)
    assert len(set(marks.values())) == 26
    assert {mark.shape for mark in marks.values()} <= set(SHAPES)
