"""The diagram of flows: every flow to scale, every label whole and by itself, at each width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lineages import chained, comparison

from reports.comparison.diagram import NARROW, PRINTED, WIDE, draw_flows, lay_out
from reports.comparison.inputs import ShownComparison, ShownSide
from reports.comparison.page import render_lineage
from reports.paper.figures import text_width
from taxonomy.lineage.values import Flow

NAMES = st.text(st.sampled_from("abcMW ,-é"), min_size=1, max_size=120).filter(str.strip)
FLOWS = st.dictionaries(
    st.tuples(st.sampled_from([*range(5), -1, None]), st.sampled_from([*range(5), -1, None])),
    st.integers(1, 3000),
).filter(lambda flows: any(None not in pair for pair in flows))


class Box(NamedTuple):
    """A rectangle by its sides."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Tell whether they have more than a side in common."""
        return (
            max(self.left, other.left) < min(self.right, other.right) - 1e-3
            and max(self.top, other.top) < min(self.bottom, other.bottom) - 1e-3
        )


def svg(shown: ShownComparison, name: str) -> ElementTree.Element:
    """Return a drawing of the page as a parser of XML reads it."""
    text = render_lineage(shown, title="Tools", manifests=(), version="0")
    [found] = re.findall(rf'<svg class="{name}".*?</svg>', text, re.DOTALL)
    return ElementTree.fromstring(found)


def title(element: ElementTree.Element) -> str:
    """Return the words that show when somebody points at it."""
    return element.findtext("title") or ""


def numbers(words: str) -> list[float]:
    """Return the numbers in a text."""
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", words)]


def label_boxes(drawing: ElementTree.Element) -> Iterator[Box]:
    """Yield where each line of text is, by the widths of the font that figures are drawn in."""
    size = float(drawing.attrib["font-size"])
    for text in drawing.iter("text"):
        anchor = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.attrib["text-anchor"]]
        for line in text.findall("tspan") or [text]:
            width = text_width(line.text or "", size, bold=line is text)
            x, y = float(line.attrib["x"]), float(line.attrib["y"])
            middle = y - 0.35 * size if line is text else y
            yield Box(
                x - anchor * width, middle - size / 2, x + (1 - anchor) * width, middle + size / 2
            )


def named_anew(side: ShownSide, names: list[str]) -> ShownSide:
    """Return a side whose topics have other names."""
    topics = side.taxonomy.topic_nodes
    renamed = tuple(replace(one, name=name) for one, name in zip(topics, names, strict=True))
    return replace(side, taxonomy=replace(side.taxonomy, topic_nodes=renamed))


@pytest.mark.parametrize("name", ["wide", "narrow"])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_every_flow_is_there_to_scale(name: str, count: int) -> None:
    """Each band says its number, from where and to where, and is as high as its number."""
    shown = comparison() if count == 2 else chained(count)
    drawing = svg(shown, name)
    wanted = {
        (str(flow.documents), sides[0].named(flow.earlier), sides[1].named(flow.later))
        for sides, lineage in zip(pairwise(shown.sides), shown.lineages, strict=True)
        for flow in lineage.flows
    }
    bands = drawing.findall("path")
    names = {node.attrib["data-id"]: title(node).split(" · ")[0] for node in drawing.iter("g")}
    told = [[band.attrib[f"data-{key}"] for key in ("n", "from", "to")] for band in bands]
    assert {(n, names[start], names[end]) for n, start, end in told} == wanted
    assert len(bands) == sum(len(lineage.flows) for lineage in shown.lineages)
    scales = []
    for band in bands:
        _, y0, *_, y1, low1 = numbers(band.attrib["d"])[:9]
        _, low0 = numbers(band.attrib["d"])[-2:]
        documents = numbers(band.attrib["data-n"])[0]
        scales += [(low0 - y0) / documents, (low1 - y1) / documents]
    sizes = [numbers(re.split(r" · [\d-]{10} · ", title(node))[1])[0] for node in drawing.iter("g")]
    heights = [float(node.attrib["height"]) for node in drawing.iter("rect")]
    scales += [height / size for height, size in zip(heights, sizes, strict=True)]
    assert scales == pytest.approx([scales[-1]] * len(scales), abs=0.02)


@pytest.mark.parametrize("name", ["wide", "narrow"])
@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_nothing_leaves_the_drawing_and_no_labels_meet(name: str, count: int) -> None:
    """Bands, bars and words are inside the view box; no two lines of text touch."""
    drawing = svg(comparison() if count == 2 else chained(count), name)
    left, top, width, height = numbers(drawing.attrib["viewBox"])
    boxes = list(label_boxes(drawing))
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    for rect in drawing.iter("rect"):
        x, y, across, down = (float(rect.attrib[a]) for a in ("x", "y", "width", "height"))
        boxes.append(Box(x, y, x + across, y + down))
    for band in drawing.iter("path"):
        x0, y0, *_, x1, y1, low1 = numbers(band.attrib["d"])[:9]
        boxes.append(Box(x0, min(y0, y1), x1, low1))
    for box in boxes:
        assert left - 1e-3 <= box.left < box.right <= left + width + 1e-3
        assert top - 1e-3 <= box.top < box.bottom <= top + height + 1e-3


@settings(deadline=None, max_examples=60)
@given(st.lists(NAMES, min_size=5, max_size=5), FLOWS, st.sampled_from([WIDE, NARROW, PRINTED]))
def test_labels_are_whole_and_apart_whatever_they_are(
    names: list[str], flows: dict[tuple[int | None, int | None], int], form: tuple[float, float]
) -> None:
    """Long names, large and small numbers: each letter is there, in its room, below the others."""
    two = comparison()
    sides = tuple(named_anew(side, names) for side in two.sides)
    counted = tuple(Flow(earlier=a, later=b, documents=n) for (a, b), n in flows.items())
    shown = replace(two, sides=sides, lineages=(replace(two.lineages[0], flows=counted),))
    drawing = lay_out(shown, *form)
    assert len(drawing.bands) == len(flows)
    for column in drawing.columns:
        bars = sorted((b for b in drawing.bars if b.column == column), key=lambda bar: bar.label_y)
        for bar in bars:
            whole = f"{bar.node.name} ({bar.node.size:,})"
            assert "".join("".join(bar.lines).split()) == "".join(whole.split())
            assert max(text_width(line, form[1]) for line in bar.lines) <= column.room
            assert bar.label_y >= 1.5 * drawing.line
        for one, other in pairwise(bars):
            assert one.label_y + len(one.lines) * drawing.line <= other.label_y + 1e-6
            assert one.y + one.height <= other.y + 1e-6
        for bar in bars:
            assert bar.y + bar.height <= drawing.height
            assert bar.label_y + (len(bar.lines) - 0.5) * drawing.line <= drawing.height


def test_nodes_are_ordered_so_that_bands_do_not_cross() -> None:
    """Flows that can lie side by side do, whatever the nodes' numbers; who is nowhere is last."""
    two = comparison()
    turned = tuple(Flow(earlier=n, later=4 - n, documents=3) for n in range(5))
    aside = (Flow(earlier=None, later=0, documents=9), Flow(earlier=2, later=-1, documents=9))
    shown = replace(two, lineages=(replace(two.lineages[0], flows=turned),))
    starts = {band.source.y: band.target.y for band in lay_out(shown, *WIDE).bands}
    assert [starts[y] for y in sorted(starts)] == sorted(starts.values())
    more = replace(two, lineages=(replace(two.lineages[0], flows=(*turned, *aside)),))
    for column in lay_out(more, *WIDE).columns:
        bars = [bar for bar in lay_out(more, *WIDE).bars if bar.column == column]
        assert max(bars, key=lambda bar: bar.y).node.is_node is False


def test_the_figure_for_papers_is_the_same_drawing() -> None:
    """Two columns of text wide, every label in it as text, and the same bytes each time."""
    shown = chained(4)
    text = draw_flows(shown).save("svg")
    assert draw_flows(shown).save("svg") == text
    root = ElementTree.fromstring(text)
    assert root.attrib["width"] == "496.8pt"
    written = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    drawing = lay_out(shown, *PRINTED)
    lines = [line for bar in drawing.bars for line in bar.lines]
    assert sorted(written) == sorted([*lines, *(column.day for column in drawing.columns)])
    assert draw_flows(shown).save("pdf").startswith(b"%PDF")
