"""Drawings of lines, areas and words, made once: for the page, as files of SVG, and on paper.

A drawing holds what is drawn, not how: places from the upper left in its own units, and colours by
name. On the page the names are those of its style, so that a drawing is light or dark as the page
is; in a file they are the colours of light paper. This module knows neither charts nor histories.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Final, Literal
from xml.sax.saxutils import escape, quoteattr

from reports.data import clean
from reports.palette import HUES

Anchor = Literal["start", "middle", "end"]
Place = tuple[float, float]

TEXT: Final = 11.0
"""Size of the words of a drawing, in its units."""
SMALL: Final = 10.0
EDGE: Final = 0.7
"""Width of an area's outline."""
_FONTS: Final = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
_LETTER: Final = 0.56
"""Width of a letter over its size, on average and not too little."""

LIGHT: Final[Mapping[str, str]] = {
    "paper": "#ffffff",
    "ink": "#1c1d1f",
    "soft": "#5d6168",
    "line": "#dddcd8",
    "wash": "#f1f1ee",
    "grey": "#6f737a",
    **{f"hue-{place}": hue for place, hue in enumerate(HUES)},
}
"""Colours by name on light paper; the page has its own for each of these names."""


@dataclass(frozen=True, kw_only=True)
class DrawnLine:
    """A line through places; ``dash`` as in SVG, empty: whole."""

    places: tuple[Place, ...]
    colour: str
    width: float = 1.5
    dash: str = ""


@dataclass(frozen=True, kw_only=True)
class DrawnArea:
    """A filled area within places; ``opacity`` in [0, 1], ``edge`` its outline's colour, if any."""

    places: tuple[Place, ...]
    colour: str
    opacity: float = 1.0
    edge: str = ""


@dataclass(frozen=True, kw_only=True)
class DrawnWords:
    """A line of words whose middle is at the height of its place."""

    at: Place
    words: str
    colour: str = "ink"
    size: float = TEXT
    anchor: Anchor = "start"
    is_bold: bool = False


Drawn = DrawnLine | DrawnArea | DrawnWords


@dataclass(kw_only=True)
class Drawing:
    """What is drawn, in order, on a blank of so many units.

    Attributes
    ----------
    title, description
        For those who cannot see it; the title stands above it on a page.
    notes
        What a reader should be told that it does not show.
    of_whom
        The population, and when it was seen.
    """

    title: str
    description: str
    width: float
    height: float
    drawn: list[Drawn] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    of_whom: str = ""

    def line(
        self, places: Iterable[Place], colour: str, *, width: float = 1.5, dash: str = ""
    ) -> None:
        """Draw a line."""
        self.drawn.append(DrawnLine(places=(*places,), colour=colour, width=width, dash=dash))

    def area(
        self, places: Iterable[Place], colour: str, *, opacity: float = 1.0, edge: str = ""
    ) -> None:
        """Fill an area."""
        found = DrawnArea(places=(*places,), colour=colour, opacity=opacity, edge=edge)
        self.drawn.append(found)

    def box(
        self, x: float, y: float, width: float, height: float, colour: str, opacity: float = 1.0
    ) -> None:
        """Fill a rectangle whose upper left corner is at (x, y)."""
        corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        self.area(corners, colour, opacity=opacity)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        colour: str = "ink",
        size: float = TEXT,
        anchor: Anchor = "start",
        is_bold: bool = False,
    ) -> None:
        """Write words on one line whose middle is at height ``y``."""
        found = DrawnWords(
            at=(x, y), words=clean(words), colour=colour, size=size, anchor=anchor, is_bold=is_bold
        )
        self.drawn.append(found)


def inline_svg(drawing: Drawing, name: str) -> str:
    """Return a drawing as an element of a page, in the colours of the page.

    Parameters
    ----------
    name
        Of its ids, once in the page: letters, digits and hyphens.
    """
    head = (
        f'<svg viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}" role="img" '
        f'aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(clean(drawing.title))}</title>'
        f'<desc id="{name}-d">{escape(clean(drawing.description))}</desc>'
    )
    names = {colour: f"var(--{colour})" for colour in LIGHT}
    return head + "".join(_elements(drawing.drawn, names)) + "</svg>"


def svg_file(drawing: Drawing, width: float) -> bytes:
    """Return a drawing as a file of SVG, so many points (1/72 inch) wide, on light paper."""
    height = width * drawing.height / drawing.width
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}pt" height="{_n(height)}pt" '
        f'viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}" font-family={quoteattr(_FONTS)}>\n'
        f"<title>{escape(clean(drawing.title))}</title>\n"
        f"<desc>{escape(clean(_said(drawing)))}</desc>\n"
        f'<rect width="100%" height="100%" fill="{LIGHT["paper"]}"/>\n'
        + "".join(each + "\n" for each in _elements(drawing.drawn, LIGHT))
        + "</svg>\n"
    ).encode()


def _said(drawing: Drawing) -> str:
    return f"{drawing.of_whom}. {drawing.description}" if drawing.of_whom else drawing.description


def _elements(drawn: Iterable[Drawn], colours: Mapping[str, str]) -> Iterator[str]:
    """Yield what is drawn, in order; neighbours of the same look are one element, for brevity."""
    for _, found in groupby(drawn, _look):
        run = list(found)
        first = run[0]
        colour = colours[first.colour]
        if isinstance(first, DrawnLine):
            paths = "".join(_path(each.places) for each in run if isinstance(each, DrawnLine))
            dash = f' stroke-dasharray="{first.dash}"' if first.dash else ""
            yield (
                f'<path d="{paths}" fill="none" stroke="{colour}" '
                f'stroke-width="{_n(first.width)}"{dash}/>'
            )
        elif isinstance(first, DrawnArea):
            yield from (_area(each, colours) for each in run if isinstance(each, DrawnArea))
        else:
            texts = "".join(_words(each) for each in run if isinstance(each, DrawnWords))
            anchor = "" if first.anchor == "start" else f' text-anchor="{first.anchor}"'
            bold = ' font-weight="600"' if first.is_bold else ""
            yield f'<g fill="{colour}" font-size="{_n(first.size)}"{anchor}{bold}>{texts}</g>'


def _look(each: Drawn) -> tuple[object, ...]:
    """Return what two neighbours must share to be one element."""
    if isinstance(each, DrawnLine):
        return "line", each.colour, each.width, each.dash
    if isinstance(each, DrawnArea):
        return ("area",)
    return "words", each.colour, each.size, each.anchor, each.is_bold


def _area(each: DrawnArea, colours: Mapping[str, str]) -> str:
    look = "" if each.opacity == 1 else f' fill-opacity="{each.opacity:g}"'
    if each.edge:
        look += f' stroke="{colours[each.edge]}" stroke-width="{_n(EDGE)}"'
    return f'<path d="{_path(each.places)}z" fill="{colours[each.colour]}"{look}/>'


def _words(each: DrawnWords) -> str:
    x, y = each.at
    # The middle of small letters is a third of the size above the line that they stand on.
    return f'<text x="{_n(x)}" y="{_n(y + each.size * 0.35)}">{escape(each.words)}</text>'


def _path(places: Sequence[Place]) -> str:
    """Return the data of a path, in few letters: steps of whole tenths from place to place.

    Steps that go on straight to a side, or straight up or down, are one.
    """
    tenths = [(round(x * 10), round(y * 10)) for x, y in places]
    (x, y), *_ = tenths
    found = [f"M{_n(x / 10)} {_n(y / 10)}"]
    steps = [(right - x, down - y) for (x, y), (right, down) in pairwise(tenths)]
    steps = [step for step in steps if step != (0, 0)]
    for (is_level, is_upright), run in groupby(steps, lambda step: (step[1] == 0, step[0] == 0)):
        if is_level:
            found.append(f"h{_tenths(sum(step[0] for step in run))}")
        elif is_upright:
            found.append(f"v{_tenths(sum(step[1] for step in run))}")
        else:
            numbers = (_tenths(each) for step in run for each in step)
            found.append("l" + "".join(f" {n}" if n[0] != "-" else n for n in numbers).lstrip())
    return "".join(found)


def _tenths(n: int) -> str:
    """Return so many tenths: ``1.5``, ``-.3``."""
    return f"{n / 10:g}".replace("0.", ".", 1) if abs(n) < 10 else f"{n / 10:g}"


def _n(value: float) -> str:
    """Return a number with at most one decimal."""
    return f"{round(value, 1):g}" if abs(value) < 1e5 else f"{value:.0f}"


def width_of(words: str, size: float = TEXT) -> float:
    """Return about how wide words are, in a drawing's units: fonts differ."""
    return len(words) * size * _LETTER


def cut_to(words: str, width: float, size: float = TEXT) -> str:
    """Return words, cut and ended with an ellipsis where they would be wider."""
    most = int(width / (size * _LETTER))
    return words if len(words) <= most else words[: max(1, most - 1)].rstrip() + "…"


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return heights near those wanted, in their order, that are at least ``gap`` apart.

    They lie within ``low`` and ``high`` if there is room.
    """
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    heights = [wanted[place] for place in order]
    for place in range(len(heights)):
        least = low if place == 0 else heights[place - 1] + gap
        heights[place] = max(heights[place], least)
    for place in reversed(range(len(heights))):
        most = high if place == len(heights) - 1 else heights[place + 1] - gap
        heights[place] = min(heights[place], most)
    found = [0.0] * len(wanted)
    for place, height in zip(order, heights, strict=True):
        found[place] = height
    return found
