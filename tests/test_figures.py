"""Figures for papers: words fit where they are put, and names on the map keep apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reports.paper.figure_icicle import LINE, small_together
from reports.paper.figure_map import Box, place_labels
from reports.paper.figures import Sheet, missing_glyphs, shorten, text_width, tint, wrap
from taxonomy.nodes import Topic

WORDS = st.text(st.sampled_from("abc mil,WX é-$_"), max_size=60)


@given(WORDS, st.floats(0, 200))
def test_shortened_text_fits(words: str, width: float) -> None:
    """A text that is cut is not wider than its room, and a beginning of it."""
    short = shorten(words, width)
    assert text_width(short) <= width
    assert words == short or words.startswith(short.removesuffix("…"))


@given(WORDS, st.floats(20, 200), st.integers(1, 4))
def test_wrapped_text_fits(words: str, width: float, n_lines: int) -> None:
    """No more lines than asked for, none too wide; nothing is lost but where the last is cut."""
    lines = wrap(words, width, n_lines)
    assert len(lines) <= n_lines
    assert all(text_width(line) <= width for line in lines)
    if not any("…" in line for line in lines):
        assert " ".join(lines) == " ".join(words.split())


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.floats(0.1, 3))
def test_what_is_too_small_for_its_name_shares_a_box_that_has_room(
    sizes: list[int], scale: float
) -> None:
    """Every node is there once, in its order; boxes have room for a line where there is any."""
    nodes = [
        Topic(number=number, category=0, name="", size=size, keywords=(), weights=(), exemplars=(),
              stability=None)
        for number, size in enumerate(sorted(sizes, reverse=True))
    ]  # fmt: skip
    alone, together = small_together(nodes, scale)
    assert sorted([*alone, *together], key=lambda node: node.number) == nodes
    assert alone == sorted(alone, key=lambda node: node.number)
    assert len(together) != 1
    if len(nodes) > 1:
        assert all(node.size * scale >= LINE for node in alone)
        if together and alone:
            assert sum(node.size for node in together) * scale >= LINE


PLACES = st.tuples(st.floats(5, 235), st.floats(5, 195))
TOPICS = st.lists(st.tuples(st.text("abc ,", min_size=1, max_size=40), PLACES), max_size=30)


@given(TOPICS, st.lists(PLACES, min_size=1, max_size=60))
def test_names_on_the_map_do_not_collide(
    topics: list[tuple[str, tuple[float, float]]], points: list[tuple[float, float]]
) -> None:
    """Names lie on the sheet and apart from each other; each topic has at most one."""
    wanted = [(number, name, anchor) for number, (name, anchor) in enumerate(topics)]
    labels = place_labels(wanted, np.array(points), (240.0, 200.0))
    for one, other in combinations(labels, 2):
        assert not one.box.overlaps(other.box)
        assert one.topic != other.topic
    for label in labels:
        assert label.box.x - label.box.width / 2 >= 0
        assert label.box.x + label.box.width / 2 <= 240 + 1e-9
        assert label.box.y - label.box.height / 2 >= 0
        assert label.box.y + label.box.height / 2 <= 200 + 1e-9
    if len(topics) == 1 and topics[0][0].strip():
        assert len(labels) == 1


@given(PLACES, PLACES)
def test_a_line_through_a_box_is_seen(start: tuple[float, float], end: tuple[float, float]) -> None:
    """A line crosses a box exactly if one of its many points lies well inside."""
    box = Box(120.0, 100.0, 60.0, 40.0)
    steps = np.linspace(0, 1, 4001)[:, None]
    line = np.array(start) + steps * (np.array(end) - np.array(start))
    if box.covers(line):
        assert box.is_crossed(start, end)
    larger = Box(120.0, 100.0, 60.5, 40.5)
    if not larger.covers(line):
        assert not box.is_crossed(start, end)


def test_a_sheet_has_the_size_asked_for_in_each_format() -> None:
    """Points are points, a dollar is a dollar, and the same sheet gives the same bytes."""
    sheet = Sheet(100.0, 50.0)
    sheet.text(10, 10, "$x^2$ 机")
    assert sheet.missing == {"机"} == missing_glyphs("a机b")
    svg = sheet.save("svg").decode()
    assert 'width="100pt" height="50pt"' in svg
    assert "$x^2$ 机</text>" in svg
    assert b"/MediaBox [ 0 0 100 50 ]" in sheet.save("pdf")
    assert sheet.save("png").startswith(b"\x89PNG")
    assert sheet.save("svg").decode() == svg


def test_tints_run_from_white_to_the_colour() -> None:
    """The share of the colour is what is left of it."""
    assert tint("#0072b2", 1) == "#0072b2"
    assert tint("#0072b2", 0) == "#ffffff"
    assert tint("#000000", 0.5) == "#808080"
