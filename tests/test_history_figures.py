"""Figures of how tools live: the same drawings on the page, as SVG and as PDF."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_history import CUT, ENDS, FIRST, LAST, STAGES, made_up_history, without, write_made_up
from typer.core import TyperGroup
from typer.main import get_command

from artifacts.errors import InputError
from artifacts.manifest import Manifest
from artifacts.progress import SilentProgress
from embeddings.settings import VectorSettings
from insights.history.history import History
from opsatlas.cli.main import app
from reports.history.axes import in_short, round_steps
from reports.history.figures import (
    draw_growth,
    draw_shares,
    draw_stages,
    draw_survival,
    survival_figures,
)
from reports.history.svg import (
    LIGHT,
    Drawing,
    DrawnArea,
    DrawnLine,
    DrawnWords,
    inline_svg,
    spread,
    svg_file,
)
from reports.history.tables import HISTORY_TABLES, growth_table
from reports.paper.export import ExportParts, Wanted, export
from reports.paper.figure_history import HISTORY_FIGURES, history_drawings, sheet_of

HISTORY = made_up_history()
DRAWINGS = [pair for what in HISTORY_FIGURES for pair in history_drawings(HISTORY, what)]
SVG = "{http://www.w3.org/2000/svg}"
EACH = pytest.mark.parametrize(
    "drawing", [drawing for _, drawing in DRAWINGS], ids=[name for name, _ in DRAWINGS]
)


def places_of(drawing: Drawing) -> list[tuple[float, float]]:
    """Return all places of a drawing."""
    found = []
    for each in drawing.drawn:
        found += [each.at] if isinstance(each, DrawnWords) else [*each.places]
    return found


def words_of(drawing: Drawing) -> list[str]:
    """Return what is written in a drawing."""
    return [each.words for each in drawing.drawn if isinstance(each, DrawnWords)]


@EACH
def test_what_is_drawn_stays_on_the_blank(drawing: Drawing) -> None:
    """Nothing lies outside of it, and everything has a name for those who cannot see it."""
    for x, y in places_of(drawing):
        assert -0.1 <= x <= drawing.width + 0.1
        assert -0.1 <= y <= drawing.height + 0.1
    assert drawing.title and drawing.description.endswith(".")


@EACH
def test_one_drawing_is_light_or_dark_on_a_page_and_light_in_a_file(drawing: Drawing) -> None:
    """Colours on the page are the page's names; a file is whole XML, with colours of its own."""
    on_page = ElementTree.fromstring(inline_svg(drawing, "x"))
    colours = {node.attrib.get(key) for node in on_page.iter() for key in ("fill", "stroke")}
    assert colours - {None, "none"} <= {f"var(--{name})" for name in LIGHT}
    assert on_page.attrib["aria-labelledby"] == "x-t x-d"
    data = svg_file(drawing, 240.0)
    tree = ElementTree.fromstring(data)
    assert b"var(" not in data
    assert tree.find(f"{SVG}title") is not None
    assert tree.attrib["width"] == "240pt"
    paths = [len(list(each.iter())) for each in (on_page, tree)]
    assert paths[1] == paths[0] + 1  # the paper
    assert svg_file(drawing, 240.0) == data


def test_the_part_that_is_not_whole_is_grey() -> None:
    """From the month of the earliest observation on; no curve goes there."""
    drawing = draw_growth(HISTORY, "births")
    grey = [e for e in drawing.drawn if isinstance(e, DrawnArea) and e.colour in ("wash", "grey")]
    left = min(x for each in grey for x, _ in each.places)
    curves = [e for e in drawing.drawn if isinstance(e, DrawnLine) and len(e.places) > 20]
    assert len(curves) == 2  # those that the data do not speak against
    assert all(x <= left for each in curves for x, _ in each.places)
    blue = [e for e in drawing.drawn if isinstance(e, DrawnArea) and e.colour == "hue-0"]
    assert max(x for each in blue for x, _ in each.places) == pytest.approx(left)
    share = (CUT - FIRST) / (LAST + 1 - FIRST)
    right = max(x for each in grey for x, _ in each.places)
    start = min(x for each in curves for x, _ in each.places)
    assert (left - start) / (right - start) == pytest.approx(share, abs=0.01)
    assert "not whole" in words_of(drawing)


def test_commits_are_by_people_where_these_are_told_apart() -> None:
    """The title says so; where they are not, the table says that."""
    assert draw_growth(HISTORY, "commits").title == "Commits by people a month"
    tools = tuple(replace(each, last_human_at=None) for each in HISTORY.tools)
    mixed = replace(HISTORY, tools=tools)
    assert draw_growth(mixed, "commits").title == "Commits a month"
    said = "Commits: by people and bots, which are not told apart."
    assert said in growth_table(mixed).notes and said not in growth_table(HISTORY).notes


def test_stages_are_stacked_and_the_unknown_with_them() -> None:
    """Each is named with its number in the last month; together they are all tools that were."""
    drawing = draw_stages(HISTORY)
    named = [
        words.split() for words in words_of(drawing) if words.split()[0] in (*STAGES, "unknown")
    ]
    last = [each for each in HISTORY.stages if each.month == "2026-08" and each.group == "all"]
    assert {name: int(n) for name, n in named if n != "0"} == {e.stage: e.n for e in last}
    assert sum(int(n) for _, n in named) == len(HISTORY.tools)


def test_the_number_watched_stands_below_the_curve() -> None:
    """At birth, and at the ages of which figures are told: curves have no step at each of them."""
    survival = tuple(
        replace(each, value=replace(each.value, n=int(each.figure.split()[1])))
        if each.figure.startswith("after")
        else each
        for each in HISTORY.survival
    )
    drawing = draw_survival(replace(HISTORY, survival=survival), ENDS[0])
    told = [words for words in words_of(drawing) if words.isdigit()]
    assert told == ["60", "12", "24", "36", "60"]
    assert {"born", "1 y", "5 y"} <= {*words_of(drawing)}
    assert drawing.of_whom == "60 of 40 tools, last observed 2025-11-02 to 2026-08-23"
    assert "band" in drawing.description
    seen = without(HISTORY)
    seen = replace(seen, curves=tuple(e for e in HISTORY.curves if e.bound == "as seen"))
    assert "lower bound" in words_of(drawing)
    assert "lower bound" not in words_of(draw_survival(seen, ENDS[0]))


def test_what_was_not_seen_is_not_drawn() -> None:
    """Bounds alone say what would be if; groups without a curve of their own have no figure."""
    of_groups = {grouped_by for _, grouped_by, _ in survival_figures(HISTORY)}
    assert of_groups == {"all", "kind", "owner type"}  # of categories there are bounds alone
    bounds = tuple(each for each in HISTORY.curves if each.bound != "as seen")
    assert not list(survival_figures(replace(HISTORY, curves=bounds)))


def test_a_curve_that_does_not_fit_says_so() -> None:
    """Where the data speak against all, the best is drawn, and not called a fit."""
    ruled_out = tuple(replace(each, is_told_apart=True) for each in HISTORY.fits)
    drawing = draw_growth(replace(HISTORY, fits=ruled_out), "births")
    assert "logistic (does not fit)" in words_of(drawing)
    assert "Gompertz" not in " ".join(words_of(drawing))


def test_one_sign_of_a_family_is_drawn() -> None:
    """The first: a family is no two families, however many signs there are of it."""
    twice = tuple(replace(each, signs="topics and words") for each in HISTORY.shares)
    drawing = draw_shares(replace(HISTORY, shares=(*HISTORY.shares, *twice)), "clouds")
    assert words_of(drawing) == words_of(draw_shares(HISTORY, "clouds"))
    assert drawing.description.startswith("By topics. AWS: ")


def test_a_share_without_an_interval_is_not_drawn() -> None:
    """What is unknown has no place, and is no nought."""
    unknown = tuple(
        replace(e, share=replace(e.share, value=None, low=None, high=None, reason="too few"))
        if e.group == "2018"
        else e
        for e in HISTORY.shares
    )
    years = words_of(draw_shares(replace(HISTORY, shares=unknown), "clouds"))
    assert "2018" not in years and "2019" in years


@given(
    st.lists(st.floats(0, 400), min_size=1, max_size=12),
    st.floats(1, 20),
)
def test_labels_keep_their_order_and_their_distance(wanted: list[float], gap: float) -> None:
    """Within the space, as long as there is room for all of them."""
    found = spread(wanted, gap, 0, 400)
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    heights = [found[place] for place in order]
    for lower, upper in pairwise(heights):
        assert upper - lower >= gap - 1e-9
    if gap * (len(wanted) - 1) <= 400:
        assert min(found) >= -1e-9 and max(found) <= 400 + 1e-9


@given(st.floats(0.001, 1e7))
def test_marks_are_round_and_reach_the_highest(high: float) -> None:
    """Few of them, evenly apart, and none far beyond."""
    marks = round_steps(high)
    assert marks[0] == 0 and marks[-1] >= high * 0.999
    assert 2 <= len(marks) <= 6
    assert marks[-1] <= high * 2


@given(st.lists(st.tuples(st.floats(0, 420), st.floats(0, 230)), min_size=2, max_size=40))
def test_short_paths_lead_to_the_places(places: list[tuple[float, float]]) -> None:
    """However many steps there are, the end of a path is where it should be, to a tenth."""
    drawing = Drawing(title="t", description="d.", width=420, height=230)
    drawing.line(places, "ink")
    path = re.search(r' d="([^"]+)"', inline_svg(drawing, "x"))
    assert path is not None
    x = y = 0.0
    for letter, numbers in re.findall(r"([Mlhv])([^Mlhv]*)", path[1]):
        values = [float(each) for each in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
        across = {"l": values[0::2], "h": values, "v": [0.0], "M": values[:1]}[letter]
        down = {"l": values[1::2], "h": [0.0], "v": values, "M": values[1:]}[letter]
        x, y = (0.0, 0.0) if letter == "M" else (x, y)
        x, y = x + sum(across), y + sum(down)
    assert x == pytest.approx(places[-1][0], abs=0.06)
    assert y == pytest.approx(places[-1][1], abs=0.06)


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (2.5, "2.5"), (1500, "1,500"), (20000, "20k"), (1.5e6, "1.5M")]
)
def test_numbers_of_axes_are_short(value: float, words: str) -> None:
    """Thousands and millions once they would be long."""
    assert in_short(value) == words


def parts_of(folder: Path, history: History | None = None) -> ExportParts:
    """Return a study that has nothing but a history."""
    made = write_made_up(folder / "2026-08-23.tools", history)
    return ExportParts(corpora={}, frameworks={}, vectors=VectorSettings(), histories=(made,))


def test_histories_are_exported(tmp_path: Path) -> None:
    """Tables and figures by the snapshot's name; as SVG what the page draws; PDF is PDF."""
    wanted = Wanted(what=("history-lorenz", "history-stages", "history-months"))
    out = tmp_path / "out"
    made = export(parts_of(tmp_path), out, wanted, progress=SilentProgress())
    end = "-2026-08-23.tools"
    assert {f"history-lorenz{end}.svg", f"history-stages{end}.tex", f"history-months{end}.csv"} <= (
        set(made)
    )
    assert f"history-months{end}.tex" not in made  # nobody prints it
    ((_, drawing),) = history_drawings(HISTORY, "history-lorenz")
    assert (out / f"history-lorenz{end}.svg").read_bytes() == svg_file(drawing, 3.33 * 72)
    assert (out / f"history-lorenz{end}.pdf").read_bytes() == sheet_of(drawing, 3.33 * 72).save(
        "pdf"
    )
    label = f"\\label{{tab:history-stages{end}}}"
    assert label in (out / f"history-stages{end}.tex").read_text(encoding="utf-8")
    assert set(made[f"history-lorenz{end}.svg"]) == {"2026-08-23.tools"}
    assert Manifest.read(out).kind == "export"


def test_the_help_of_export_names_all_there_is_of_histories() -> None:
    """Each table and each figure."""
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    (what,) = [each for each in command.commands["export"].params if each.name == "what"]
    named = set(re.findall(r"history-[a-z-]+", getattr(what, "help", "")))
    assert named == {*HISTORY_TABLES, *HISTORY_FIGURES}


def test_what_a_history_lacks_cannot_be_exported(tmp_path: Path) -> None:
    """Asked for by name, it is refused with the reason."""
    parts = parts_of(tmp_path, without(HISTORY, "lorenz"))
    with pytest.raises(InputError, match=r"There is no history-lorenz to export"):
        export(parts, tmp_path / "out", Wanted(what=("history-lorenz",)), progress=SilentProgress())
