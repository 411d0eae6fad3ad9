"""Figures of a history: growth, stages, survival, concentration and shares, each as a drawing.

The page, and the files for papers, are drawn by these functions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from insights.history.figures import Measure, SurvivalPoint
from insights.history.history import History
from insights.history.months import month_from, month_name
from reports.history.axes import Axes, round_steps
from reports.history.cells import UNKNOWN
from reports.history.lives import STAGES, has_people
from reports.history.svg import SMALL, Drawing, Place, cut_to, spread, width_of
from reports.palette import HUES

WIDTH, HEIGHT = 420.0, 230.0
LEFT, TOP, BOTTOM = 42.0, 26.0, 24.0
"""Room for the numbers of the upright axis, what it counts, and the years."""
ROW = 13.0
"""Height of a line of words."""
NUMBER = 30.0
"""Room for a number of tools beside another."""
STAGE_COLOURS: Final[Mapping[str, str]] = {
    "emerging": "hue-5",
    "growing": "hue-2",
    "peak": "hue-0",
    "declining": "hue-4",
    "dormant": "hue-1",
    "dead": "hue-7",
    UNKNOWN: "grey",
}
"""The same wherever stages are drawn; what is drawn is named too."""
MEASURES: Final[Mapping[Measure, str]] = {
    "births": "Tools born",
    "active": "Tools with a commit",
    "commits": "Commits",
    "people": "People who commit",
    "releases": "Releases",
    "stars": "Stars gained",
}
DASHES: Final = ("5 3", "1.5 2.5", "7 2 1.5 2", "3 1.5", "9 3")
"""Of curves, one each: colour alone does not tell them apart."""
LINE_COLOURS: Final = tuple(f"hue-{place}" for place in range(len(HUES)))
FIT_COLOURS: Final = ("ink", "hue-1", "hue-2", "hue-3", "hue-4")
GROUPINGS: Final[Mapping[str, str]] = {"cohort": "year of birth", "owner type": "owner"}
"""How groupings are called in a heading, where it is not by their own name."""
_AGE: Final = re.compile(r"after (\d+) months")
MOST_CATEGORIES: Final = 8
MOST_LINES: Final = 6
"""Lines of one figure; what is left out is said."""


def seen_when(history: History, n: int | None = None) -> str:
    """Return of whom a drawing is, and when they were last observed.

    Parameters
    ----------
    n
        Tools that it rests on; None: all.
    """
    whose = history.population
    whom = f"{whose.n_distinct:,} tools"
    if n is not None and n != whose.n_distinct:
        whom = f"{n:,} of {whom}"
    if whose.earliest is None:
        return f"{whom}, none with a day of observation"
    same = whose.earliest == whose.latest
    return f"{whom}, last observed {whose.earliest}{'' if same else f' to {whose.latest}'}"


def growth_figures(history: History) -> Iterator[tuple[Measure, Drawing]]:
    """Yield for each measure that is counted its name and how much there was of it a month."""
    for measure in MEASURES:
        if any(each.measure == measure and each.grouped_by == "all" for each in history.months):
            yield measure, draw_growth(history, measure)


def draw_growth(history: History, measure: Measure) -> Drawing:
    """Draw how much there was a month, the models that fit, and greyed what is not whole yet."""
    counts = {
        month_from(each.month): each
        for each in history.months
        if each.measure == measure and each.grouped_by == "all"
    }
    curves = _fitted(history, measure)
    most = max([*(each.value for each in counts.values()), *_ups(curves.values())], default=0)
    marks = round_steps(most, whole=True)
    by_people = measure == "commits" and has_people(history)
    title = f"{MEASURES[measure]}{' by people' * by_people} a month"
    is_cut = any(each.is_cut for each in counts.values())
    about = f"From {month_name(min(counts))} to {month_name(max(counts))}, {most:,.0f} at most. "
    about += "The grey part is not whole: tools were last observed on different days. " * is_cut
    about += f"Curves: {', '.join(curves)}." if curves else ""
    drawing = Drawing(
        title=title,
        description=about.strip(),
        width=WIDTH,
        height=HEIGHT,
        of_whom=seen_when(history),
    )
    axes = _axes(drawing, min(counts), max(counts) + 1, marks[-1])
    cut = min((month for month, each in counts.items() if each.is_cut), default=axes.last)
    if cut < axes.last:
        left = axes.x(cut)
        drawing.box(left, axes.top, axes.right - left, axes.bottom - axes.top, "wash")
        drawing.text(axes.right, axes.top - 7, "not whole", colour="soft", size=SMALL, anchor="end")
    axes.levels(drawing, marks)
    axes.years(drawing)
    whole = [(month, each.value) for month, each in counts.items() if not each.is_cut]
    late = [(month, each.value) for month, each in counts.items() if each.is_cut]
    _columns(drawing, axes, sorted(whole), "hue-0", opacity=0.55 if curves else 0.8)
    _columns(drawing, axes, sorted(late), "grey", opacity=0.6)
    looks = [_look(place, FIT_COLOURS) for place in range(len(curves))]
    for (colour, dash), values in zip(looks, curves.values(), strict=True):
        drawing.line(axes.at((month + 0.5, up) for month, up in values), colour, dash=dash)
    _legend(drawing, [(model, *look) for model, look in zip(curves, looks, strict=True)])
    if measure == "people":
        drawing.notes.append("a person counts once for each tool")
    return drawing


def _fitted(history: History, measure: Measure) -> dict[str, list[Place]]:
    """Return the curves that the data do not speak against, or else the best, by its name."""
    fits = [each for each in history.fits if each.measure == measure]
    fits.sort(key=lambda each: each.delta)
    kept = [each.model for each in fits if not each.is_told_apart] or [
        each.model for each in fits[:1]
    ]
    names = {
        each.model: f"{each.model} (does not fit)" if each.is_told_apart else each.model
        for each in fits
    }
    curves = {
        names[model]: [
            (float(month_from(each.month)), each.mean)
            for each in history.fitted
            if each.measure == measure and each.model == model
        ]
        for model in kept
    }
    return {model: sorted(values) for model, values in curves.items() if values}


def _look(place: int, colours: Sequence[str] = LINE_COLOURS) -> tuple[str, str]:
    """Return the colour and the dashes of a line, by its place; the first is whole."""
    dash = "" if place == 0 else DASHES[(place - 1) % len(DASHES)]
    return colours[place % len(colours)], dash


def _ups(curves: Iterable[Sequence[Place]]) -> Iterator[float]:
    for values in curves:
        yield from (up for _, up in values)


def _axes(drawing: Drawing, first: float, last: float, high: float, *, right: float = 8) -> Axes:
    return Axes(
        left=LEFT,
        right=drawing.width - right,
        top=TOP,
        bottom=drawing.height - BOTTOM,
        first=first,
        last=last,
        high=high,
    )


def _columns(
    drawing: Drawing, axes: Axes, values: Sequence[Place], colour: str, *, opacity: float
) -> None:
    """Fill the months in one area of steps."""
    if not values:
        return
    places = [(axes.x(values[0][0]), axes.bottom)]
    for month, value in values:
        places += [(axes.x(month), axes.y(value)), (axes.x(month + 1), axes.y(value))]
    drawing.area([*places, (axes.x(values[-1][0] + 1), axes.bottom)], colour, opacity=opacity)


def _legend(drawing: Drawing, lines: Sequence[tuple[str, str, str]]) -> None:
    """Write above the axes what each line is: its name, its colour and its dashes."""
    x = LEFT
    for name, colour, dash in lines:
        words = cut_to(name, drawing.width - x - 24, SMALL)
        drawing.line([(x, 10), (x + 16, 10)], colour, dash=dash)
        drawing.text(x + 20, 10, words, size=SMALL)
        x += 30 + width_of(words, SMALL)


def category_stages(history: History) -> Iterator[Drawing]:
    """Yield how many tools of a category were in each stage, the largest categories first."""
    sizes: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in history.stages:
        if each.grouped_by == "category":
            sizes[each.group][each.month] += each.n
    order = sorted(sizes, key=lambda name: (-max(sizes[name].values()), name))
    for name in order[:MOST_CATEGORIES]:
        yield draw_stages(history, ("category", name), step=3)


def draw_stages(
    history: History, group: tuple[str, str] = ("all", "all"), *, step: int = 1
) -> Drawing:
    """Draw how many tools were in each stage, one above the other.

    Parameters
    ----------
    step
        Months from one look to the next; the last month is always looked at.
    """
    counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for each in history.stages:
        if (each.grouped_by, each.group) == group:
            counts[each.stage][month_from(each.month)] = each.n
    known = {month for found in counts.values() for month in found}
    months = list(range(max(known), min(known) - 1, -step))[::-1]
    totals = [sum(found.get(month, 0) for found in counts.values()) for month in months]
    marks = round_steps(max(totals), whole=True)
    last = {stage: counts[stage].get(months[-1], 0) for stage in STAGES if stage in counts}
    told = ", ".join(f"{n:,} {stage}" for stage, n in last.items())
    drawing = Drawing(
        title="Tools by stage" if group[0] == "all" else group[1],
        description=f"Tools by stage from {month_name(months[0])}; "
        f"in {month_name(months[-1])}: {told}.",
        width=WIDTH,
        height=HEIGHT + 40,
        of_whom=seen_when(history, totals[-1]),
    )
    axes = _axes(drawing, months[0], months[-1] + step, marks[-1], right=104)
    axes.levels(drawing, marks)
    axes.years(drawing)
    # From the back: each area reaches down to the axis, and the next ones cover what is theirs.
    heights_of, below = {}, dict.fromkeys(months, 0)
    for stage in last:
        above = {month: below[month] + counts[stage].get(month, 0) for month in months}
        heights_of[stage] = (below, above)
        below = above
    for stage, (_, above) in reversed(heights_of.items()):
        upper = [(edge, above[month]) for month in months for edge in (month, month + step)]
        corners = [(months[0], 0), *upper, (months[-1] + step, 0)]
        shade = 0.45 if stage == UNKNOWN else 1.0  # nothing is behind it
        drawing.area(axes.at(corners), STAGE_COLOURS[stage], opacity=shade, edge="paper")
    end = months[-1]
    middles = {
        stage: axes.y((below[end] + above[end]) / 2) for stage, (below, above) in heights_of.items()
    }
    axes.levels(drawing, marks[:1])
    heights = spread(list(middles.values()), ROW, axes.top, axes.bottom)
    for (stage, middle), height in zip(middles.items(), heights, strict=True):
        ends = [(axes.right + 2, middle), (axes.right + 10, height), (axes.right + 14, height)]
        drawing.line(ends, "soft", width=0.5)
        drawing.box(axes.right + 16, height - 4, 8, 8, STAGE_COLOURS[stage])
        drawing.text(axes.right + 28, height, f"{stage} {last[stage]:,}", size=SMALL)
    return drawing


def survival_figures(history: History) -> Iterator[tuple[str, str, Drawing]]:
    """Yield for each end its name, by what tools are grouped, and the drawing of the curves.

    Of all tools between their bounds; where nothing was seen, nothing is drawn.
    """
    seen = {(e.end, e.grouped_by) for e in history.curves if e.bound == "as seen"}
    for end, grouped_by in dict.fromkeys((each.end, each.grouped_by) for each in history.curves):
        if (end, grouped_by) not in seen:
            continue  # bounds alone say what would be if, and nothing was seen
        if grouped_by == "all":
            yield end, grouped_by, draw_survival(history, end)
        else:
            yield end, grouped_by, draw_survival_by(history, end, grouped_by)


def draw_survival(history: History, end: str) -> Drawing:
    """Draw how long tools last: steps with their band, the bounds, and how many were watched."""
    curves = {
        bound: sorted(
            (each for each in _curve_of(history, end, ("all", "all")) if each.bound == bound),
            key=lambda each: each.months,
        )
        for bound in ("as seen", "lower", "upper")
    }
    shown = {bound: points for bound, points in curves.items() if points}
    seen = shown.get("as seen", [])
    last = max(each.months for points in shown.values() for each in points)
    drawing = Drawing(
        title=f"Until {end}",
        description=_survival_words(shown),
        width=WIDTH,
        height=HEIGHT + 5 + 2 * ROW,
        of_whom=seen_when(history, _n_watched(history, end, "all", seen)),
    )
    axes = _survival_axes(drawing, last, rows=1, names=0)
    if banded := [each for each in seen if each.low is not None and each.high is not None]:
        lower = _steps([(each.months, each.low or 0.0) for each in banded], banded[-1].months)
        upper = _steps([(each.months, each.high or 0.0) for each in banded], banded[-1].months)
        drawing.area(axes.at([*lower, *reversed(upper)]), "hue-0", opacity=0.18)
    for bound, dash in (("lower", "5 3"), ("upper", "1.5 2.5")):
        if bound in shown:
            steps = _steps([(each.months, each.survival) for each in shown[bound]])
            drawing.line(axes.at(steps), "soft", width=1.25, dash=dash)
    if seen:
        steps = _steps([(each.months, each.survival) for each in seen])
        drawing.line(axes.at(steps), "hue-0", width=2)
    names = {"as seen": ("as seen", "hue-0", ""), "lower": ("lower bound", "soft", "5 3")}
    names |= {"upper": ("upper bound", "soft", "1.5 2.5")}
    _legend(drawing, [names[bound] for bound in shown])
    watched = _watched_at(history, end, "all")
    _at_risk(drawing, axes, [("", {0: seen[0].n_at_risk, **watched.get("all", {})})])
    return drawing


def draw_survival_by(history: History, end: str, grouped_by: str) -> Drawing:
    """Draw how long tools of each group last: those of most tools, each with its number watched."""
    groups: defaultdict[str, list[SurvivalPoint]] = defaultdict(list)
    for each in history.curves:
        if (each.end, each.bound, each.grouped_by) == (end, "as seen", grouped_by):
            groups[each.group].append(each)
    for points in groups.values():
        points.sort(key=lambda each: each.months)
    order = sorted(groups, key=lambda name: (-max(p.n_at_risk for p in groups[name]), name))
    shown = order[:MOST_LINES]
    told = "; ".join(f"{name}: {_reached(groups[name])}" for name in shown)
    drawing = Drawing(
        title=f"Until {end}, by {GROUPINGS.get(grouped_by, grouped_by)}",
        description=f"{told}.",
        width=WIDTH,
        height=HEIGHT + 5 + (1 + len(shown)) * ROW,
        of_whom=seen_when(
            history, sum(_n_watched(history, end, grouped_by, groups[name]) for name in shown)
        ),
    )
    last = max(each.months for name in shown for each in groups[name])
    names = max(width_of(name, SMALL) for name in shown)
    axes = _survival_axes(drawing, last, rows=len(shown), names=min(names, 100))
    for place, name in enumerate(shown):
        steps = _steps([(each.months, each.survival) for each in groups[name]])
        colour, dash = _look(place)
        drawing.line(axes.at(steps), colour, width=1.75, dash=dash)
    watched = _watched_at(history, end, grouped_by)
    rows = [(name, {0: groups[name][0].n_at_risk, **watched.get(name, {})}) for name in shown]
    _at_risk(drawing, axes, rows)
    if left := len(order) - len(shown):
        drawing.notes.append(f"smaller groups that are left out: {left}")
    return drawing


def _n_watched(history: History, end: str, grouped_by: str, points: Sequence[SurvivalPoint]) -> int:
    """Return on how many tools a curve rests."""
    of = points[0].group
    found = (
        each.n
        for each in history.survival
        if (each.end, each.bound, each.grouped_by, each.group) == (end, "as seen", grouped_by, of)
    )
    return next(found, points[0].n_at_risk)


def _watched_at(history: History, end: str, grouped_by: str) -> dict[str, dict[int, int]]:
    """Return by group how many tools were watched at the ages of which figures are told.

    A curve has steps only where tools ended: how many were watched in between it does not say.
    """
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for each in history.survival:
        is_meant = (each.end, each.bound, each.grouped_by) == (end, "as seen", grouped_by)
        age = _AGE.match(each.figure)
        if is_meant and age is not None:
            found[each.group][int(age[1])] = each.value.n
    return found


def _curve_of(history: History, end: str, of: tuple[str, str]) -> Iterator[SurvivalPoint]:
    return (
        each for each in history.curves if each.end == end and (each.grouped_by, each.group) == of
    )


def _survival_axes(drawing: Drawing, last: float, *, rows: int, names: float) -> Axes:
    axes = Axes(
        left=max(LEFT + 14, names + 42),
        right=drawing.width - 12,
        top=TOP,
        bottom=drawing.height - BOTTOM - 5 - (1 + rows) * ROW,
        first=0,
        last=max(last, 12.0),
        high=1,
    )
    axes.levels(drawing, (0, 0.25, 0.5, 0.75, 1), form=lambda share: f"{share:.0%}")
    return axes


def _at_risk(drawing: Drawing, axes: Axes, curves: Sequence[tuple[str, Mapping[int, int]]]) -> None:
    """Write years below the axis, and below them how many tools were watched at that age.

    Parameters
    ----------
    curves
        By name, the numbers by age in months.
    """
    ages: list[int] = []
    for age in sorted({age for _, numbers in curves for age in numbers if age <= axes.last}):
        if not ages or axes.x(age) - axes.x(ages[-1]) >= NUMBER:
            ages.append(age)
    later = range(10, int(axes.last) // 12 + 1, 5)
    marks = [*ages, *(12 * year for year in later)]
    axes.below(drawing, [(float(age), f"{age / 12:g} y" if age else "born") for age in marks])
    top = axes.bottom + BOTTOM + 5
    drawing.text(0, top, "watched at that age", colour="soft", size=SMALL)
    heights = [top + (row + 1) * ROW for row in range(len(curves))]
    for row, ((name, _), y) in enumerate(zip(curves, heights, strict=True)):
        if name:
            colour, dash = _look(row)
            drawing.line([(0, y), (14, y)], colour, width=1.75, dash=dash)
    for (name, _), y in zip(curves, heights, strict=True):
        if name:
            drawing.text(18, y, cut_to(name, axes.left - 38, SMALL), size=SMALL)
    for (_, numbers), y in zip(curves, heights, strict=True):
        for age in ages:
            words = f"{numbers[age]:,}" if age in numbers else "–"
            drawing.text(axes.x(age), y, words, size=SMALL, anchor="middle")


def _steps(values: Sequence[Place], last: float | None = None) -> list[Place]:
    """Return a line that stays level until the next value: from all tools at birth."""
    places: list[Place] = [] if values and values[0][0] == 0 else [(0.0, 1.0)]
    for across, up in values:
        if places:
            places.append((across, places[-1][1]))
        places.append((across, up))
    return [*places, (last, places[-1][1])] if last is not None else places


def _survival_words(curves: Mapping[str, Sequence[SurvivalPoint]]) -> str:
    names = {"as seen": "As seen", "lower": "Lower bound", "upper": "Upper bound"}
    told = (f"{names[bound]}: {_reached(points)}." for bound, points in curves.items())
    return " ".join([*told, "The band is the 95 % interval."])


def _reached(points: Sequence[SurvivalPoint]) -> str:
    """Return in words which share lasts five years, or as long as anybody was watched."""
    age = min(60.0, points[-1].months)
    share = next((p.survival for p in reversed(points) if p.months <= age), 1.0)
    return f"{share:.0%} last longer than {age:.0f} months"


def draw_lorenz(history: History) -> Drawing:
    """Draw which share of something the tools with least have together."""
    curves: defaultdict[str, list[Place]] = defaultdict(list)
    for each in history.lorenz:
        curves[each.measure].append((each.tools, each.share))
    gini = {each.measure: each.gini.value for each in history.concentration}
    names = {
        measure: measure if gini.get(measure) is None else f"{measure} ({gini[measure]:.2f})"
        for measure in curves
    }
    drawing = Drawing(
        title="How unequal tools are",
        description="Lorenz curves; the Gini coefficient in brackets: "
        f"{', '.join(names.values())}. The straight line: all tools have as much.",
        width=WIDTH,
        height=HEIGHT + 40,
        of_whom=seen_when(history, max((e.gini.n for e in history.concentration), default=None)),
    )
    axes = _axes(drawing, 0, 1, 1, right=18)
    axes.levels(drawing, (0, 0.25, 0.5, 0.75, 1), form=lambda share: f"{share:.0%}")
    axes.below(drawing, [(share / 4, f"{share / 4:.0%}") for share in range(5)])
    drawing.line(axes.at([(0, 0), (1, 1)]), "soft", width=0.75, dash="2 3")
    lines = []
    for place, (measure, points) in enumerate(curves.items()):
        colour, dash = _look(place)
        drawing.line(axes.at(sorted(points)), colour, width=1.75, dash=dash)
        lines.append((names[measure], colour, dash))
    _legend(drawing, lines)
    return drawing


def share_themes(history: History) -> list[str]:
    """Return the themes whose shares are told by year of birth, in their order."""
    by_year = (each.theme for each in history.shares if each.grouped_by == "cohort")
    return list(dict.fromkeys(by_year))


def draw_shares(history: History, theme: str) -> Drawing:
    """Draw which share of the tools born in a year is of each family, with its interval."""
    families: defaultdict[str, list[tuple[int, float, float, float, int]]] = defaultdict(list)
    signs = next(e.signs for e in history.shares if (e.theme, e.grouped_by) == (theme, "cohort"))
    for each in history.shares:
        is_meant = (each.theme, each.grouped_by, each.signs) == (theme, "cohort", signs)
        value, low, high = each.share.value, each.share.low, each.share.high
        if is_meant and value is not None and low is not None and high is not None:
            row = (int(each.group), value, low, high, each.n_with)
            families[each.family].append(row)
    order = sorted(families, key=lambda name: (-sum(row[4] for row in families[name]), name))
    shown = {name: sorted(families[name]) for name in order[: MOST_LINES - 1]}
    years = sorted({row[0] for rows in shown.values() for row in rows})
    told = "; ".join(f"{name}: {rows[-1][1]:.0%} of {rows[-1][0]}" for name, rows in shown.items())
    drawing = Drawing(
        title=f"Share of {theme} by year of birth",
        description=f"By {signs}. {told}. Upright lines are 95 % intervals.",
        width=WIDTH,
        height=HEIGHT,
        of_whom=seen_when(history, _n_told(history, theme, signs)),
    )
    most = max((row[3] for rows in shown.values() for row in rows), default=1.0)
    marks = [mark for mark in round_steps(most) if mark <= 1.0] or [0.0, 1.0]
    high = max(marks[-1], most)
    first, last = (years[0], years[-1]) if years else (0, 1)
    axes = _axes(drawing, first - 0.3, last + 0.3, high, right=116)
    axes.levels(drawing, marks, form=lambda share: f"{share:.0%}")
    axes.below(drawing, [(year, str(year)) for year in years])
    ends = [axes.y(rows[-1][1]) for rows in shown.values()]
    heights = spread(ends, ROW, axes.top, axes.bottom)
    for place, (name, rows) in enumerate(shown.items()):
        colour, dash = _look(place)
        aside = (place - (len(shown) - 1) / 2) * 0.12
        for year, _, low, top, _ in rows:
            drawing.line(axes.at([(year + aside, low), (year + aside, top)]), colour, width=0.75)
        drawing.line(axes.at((row[0] + aside, row[1]) for row in rows), colour, dash=dash)
        x, height = axes.right + 4, heights[place]
        drawing.line([(x, height), (x + 14, height)], colour, dash=dash)
        drawing.text(x + 18, height, cut_to(name, 94, SMALL), size=SMALL)
    if left := len(order) - len(shown):
        drawing.notes.append(f"rarer ones that are left out: {left}")
    return drawing


def _n_told(history: History, theme: str, signs: str) -> int | None:
    """Return of how many tools a theme is known."""
    of = [
        each.share.n
        for each in history.shares
        if (each.theme, each.signs, each.grouped_by) == (theme, signs, "all")
        and each.share.value is not None
    ]
    return max(of, default=None)
