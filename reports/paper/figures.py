"""The sheet that figures for papers are drawn on, and how it becomes SVG, PDF or PNG.

Only this module knows matplotlib. A figure is laid out in points (1/72 inch) from the upper left,
so that sizes are those on paper, whatever the figure holds.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.textpath import text_to_path

from taxonomy.nodes import STABLE

FigureFormat = Literal["svg", "pdf", "png"]
FIGURE_FORMATS: tuple[FigureFormat, ...] = ("svg", "pdf")
"""Of figures for papers; PNG is for previews."""

POINTS_PER_INCH = 72
PAGE_HEIGHT = 8.8 * POINTS_PER_INCH
"""What fits between the margins of a letter or A4 page, in points."""

INK = "#000000"
FAINT = "#666666"
PAPER = "#ffffff"
TEXT_SIZE = 6.5
SMALL_SIZE = 6.0
LINE_HEIGHT = 1.2
UNSTABLE_HATCH = "//////"
UNMEASURED_HATCH = "..."
MARK = "†"
"""Follows the name of a node that is not known to be stable, where it cannot be hatched."""
MARK_NOTE = f"† stability below {STABLE}, or not measured"

_FONT = "DejaVu Sans"  # comes with matplotlib
_SETTINGS: Any = {
    "font.family": [_FONT, "sans-serif"],
    "font.sans-serif": [_FONT, "Verdana", "Arial"],  # for viewers of SVG that lack the first
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 42,  # TrueType, which journals ask for; its text can be searched
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "opsatlas",
    "text.parse_math": False,  # a $ in a name is a $
}
_METADATA = {"svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}, "png": {}}
_PREVIEW_DPI = 200
_IN_ORDER = 1
"""Of paths and areas, so that the later covers the earlier."""

# `reports.palette.SHAPES` as matplotlib calls them.
MARKERS = {
    "circle": "o",
    "square": "s",
    "triangle-up": "^",
    "diamond": "D",
    "cross": "P",
    "triangle-down": "v",
    "x": "X",
    "star": "*",
}
_EVEN = {"triangle-up": 1.15, "triangle-down": 1.15, "diamond": 0.9, "square": 0.9}
_EVEN |= {"cross": 1.3, "x": 1.3, "star": 1.5}  # so that all shapes look equally large


class Sheet:
    """A blank figure; places and sizes are in points, from the upper left.

    Attributes
    ----------
    missing
        Characters drawn that the font has no glyph for: boxes in a PDF, and up to the viewer's
        fonts in an SVG.
    notes
        What a reader of the figure should be told that it does not show.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.missing: set[str] = set()
        self.notes: list[str] = []
        with _style():
            size = (width / POINTS_PER_INCH, height / POINTS_PER_INCH)
            self._figure = Figure(figsize=size, facecolor=PAPER)
            FigureCanvasAgg(self._figure)
            self._axes = self._figure.add_axes((0.0, 0.0, 1.0, 1.0))
            self._axes.set_axis_off()
            self._axes.set_xlim(0, width)
            self._axes.set_ylim(height, 0)

    @property
    def lacking(self) -> str:
        """Return what to say of characters that the font does not have; empty if it has all."""
        characters = " ".join(sorted(self.missing))
        return f"its font has no {characters}; the SVG takes other fonts" if characters else ""

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        edge: str = "none",
        hatch: str | None = None,
        line: float = 0.5,
        alpha: float | None = None,
    ) -> None:
        """Draw a rectangle whose upper left corner is at (x, y); a hatch has the edge's colour."""
        patch = Rectangle(
            (x, y),
            width,
            height,
            facecolor=fill,
            edgecolor=edge,
            hatch=hatch,
            linewidth=line,
            alpha=alpha,
        )
        self._axes.add_patch(patch)

    def band(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        height: float,
        *,
        fill: str,
        alpha: float,
    ) -> None:
        """Draw a band that leaves ``start`` and reaches ``end``, its upper ends, level."""
        (x0, y0), (x1, y1) = start, end
        x = (x0 + x1) / 2
        upper = [(x0, y0), (x, y0), (x, y1), (x1, y1)]
        lower = [(across, down + height) for across, down in reversed(upper)]
        turns = [Outline.CURVE4] * 3
        codes = [Outline.MOVETO, *turns, Outline.LINETO, *turns, Outline.CLOSEPOLY]
        outline = Outline([*upper, *lower, upper[0]], codes)
        self._axes.add_patch(PathPatch(outline, facecolor=fill, linewidth=0, alpha=alpha))

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        colour: str = INK,
        width: float = 0.5,
        dashed: bool = False,
    ) -> None:
        """Draw a straight line."""
        style = (0.0, (3.0, 2.0)) if dashed else None
        xs, ys = (start[0], end[0]), (start[1], end[1])
        self._axes.add_line(Line2D(xs, ys, color=colour, linewidth=width, linestyle=style))

    def path(
        self,
        points: Sequence[tuple[float, float]],
        *,
        colour: str = INK,
        width: float = 0.5,
        dash: Sequence[float] = (),
    ) -> None:
        """Draw a line through points; ``dash``: how long its parts are, in widths of the line."""
        style = (0.0, tuple(dash)) if dash else None
        xs, ys = zip(*points, strict=True)
        drawn = Line2D(xs, ys, color=colour, linewidth=width, linestyle=style, zorder=_IN_ORDER)
        drawn.set_solid_capstyle("butt")
        self._axes.add_line(drawn)

    def area(
        self,
        points: Sequence[tuple[float, float]],
        *,
        fill: str,
        alpha: float = 1.0,
        edge: str = "none",
        line: float = 0.5,
    ) -> None:
        """Fill the area within points; ``alpha`` thins what fills it, not its edge."""
        shade = (fill, alpha)
        patch = PathPatch(
            Outline([*points, points[0]], closed=True),
            facecolor=shade,
            edgecolor=edge,
            linewidth=0 if edge == "none" else line,
            zorder=_IN_ORDER,
        )
        self._axes.add_patch(patch)

    def marks(
        self,
        points: Sequence[tuple[float, float]],
        *,
        shape: str = "circle",
        fill: str = INK,
        edge: str = INK,
        size: float = 3.0,
    ) -> None:
        """Draw one mark of a shape (of `MARKERS`) at each point; ``size`` is its width."""
        size *= _EVEN.get(shape, 1.0)
        drawn = Line2D(
            [x for x, _ in points],
            [y for _, y in points],
            linestyle="none",
            marker=MARKERS[shape],
            markersize=size,
            markerfacecolor=fill,
            markeredgecolor=edge,
            markeredgewidth=0.4,
        )
        self._axes.add_line(drawn)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = TEXT_SIZE,
        colour: str = INK,
        bold: bool = False,
        align: Literal["left", "center", "right"] = "left",
        rotation: float = 0.0,
    ) -> None:
        """Write one line whose middle is at height ``y``; a rotated one begins at (x, y)."""
        self.missing.update(missing_glyphs(words))
        with _style():
            self._axes.text(
                x,
                y,
                words,
                fontsize=size,
                color=colour,
                fontweight="bold" if bold else "normal",
                horizontalalignment=align,
                verticalalignment="center_baseline" if rotation == 0 else "bottom",
                rotation=rotation,
                rotation_mode="anchor",
            )

    def save(self, file_format: FigureFormat) -> bytes:
        """Return the figure as a file of the format; the same figure gives the same bytes."""
        buffer = io.BytesIO()
        with _style(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from font")  # see `missing`
            self._figure.savefig(
                buffer,
                format=file_format,
                dpi=_PREVIEW_DPI if file_format == "png" else POINTS_PER_INCH,
                metadata=_METADATA[file_format],
            )
        return buffer.getvalue()


@contextmanager
def _style() -> Iterator[None]:
    """Set what every figure shares; settings of the user's own do not reach in."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


@cache
def _properties(size: float, bold: bool) -> FontProperties:
    return FontProperties(family=_FONT, size=size, weight="bold" if bold else "normal")


@cache
def text_width(words: str, size: float = TEXT_SIZE, *, bold: bool = False) -> float:
    """Return how wide a line of text is, in points."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        width, _, _ = text_to_path.get_text_width_height_descent(
            words, _properties(size, bold), ismath=False
        )
    return float(width)


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(_properties(TEXT_SIZE, False))).get_charmap())


def missing_glyphs(words: str) -> set[str]:
    """Return the characters that the font of the figures does not have."""
    return {character for character in words if ord(character) not in _glyphs()}


def shorten(words: str, width: float, size: float = TEXT_SIZE, *, bold: bool = False) -> str:
    """Return the text, cut and ended with an ellipsis where it is wider than ``width`` points."""
    if text_width(words, size, bold=bold) <= width:
        return words
    low, high = 0, len(words)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        fits = text_width(words[:middle].rstrip(" ,") + "…", size, bold=bold) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return words[:low].rstrip(" ,") + "…" if low else ""


def wrap(
    words: str, width: float, n_lines: int, size: float = TEXT_SIZE, *, bold: bool = False
) -> list[str]:
    """Break the text at spaces into at most ``n_lines`` lines, the last one cut if need be."""
    lines: list[str] = []
    rest = words.split()
    while rest and len(lines) < n_lines - 1:
        n_words = 1
        while n_words < len(rest) and (
            text_width(" ".join(rest[: n_words + 1]), size, bold=bold) <= width
        ):
            n_words += 1
        lines.append(shorten(" ".join(rest[:n_words]), width, size, bold=bold))
        rest = rest[n_words:]
    if rest and n_lines > 0:
        lines.append(shorten(" ".join(rest), width, size, bold=bold))
    return lines


def tint(colour: str, share: float) -> str:
    """Return a colour (#rrggbb) thinned with white: ``share`` 1 leaves it, 0 gives white."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    mixed = (round(255 - (255 - part) * share) for part in parts)
    return "#" + "".join(f"{part:02x}" for part in mixed)
