"""How frameworks are used, as tables: for terminals, JSON, CSV and papers.

Where dependents or requests were chosen, the columns that say more than how many there are do not
exist in any table, and what stands over it says that they are examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from artifacts.intervals import Estimate
from insights.usage.dependents import OUT_OF_THE_BOX_RULE
from insights.usage.figures import NO_SYMBOL, Figure
from insights.usage.gap import CI_CD, Gap, GapRow, RequestCounts, Wish
from insights.usage.sampled import SampleOf
from insights.usage.study import FrameworkUse, Usage
from insights.usage.together import CoUse, Pair
from reports.tables import (
    Cell,
    Column,
    Row,
    Table,
    for_data,
    number,
    plain,
    spaced,
    texts,
    with_bounds,
)
from usage.uses import CHANNELS

THROUGH = tuple(channel for channel in CHANNELS if channel != "requirement")
_OF_WISHES = "Shares are of the coded requests, for API of those whose channel is known."
_WISHES = {"ci-cd": "CI/CD", "api": "API"}


def show_parts(use: FrameworkUse) -> list[Table | str]:
    """Return what is known of one framework, one after the other, empty lines between."""
    roles, sentences = use.roles, (use.population, use.sample_of.meaning)
    head = " ".join([f"{use.framework}: {use.heading}.", *filter(None, sentences)])
    others = (
        f"{roles.declares_only:,} projects declare it only; in {roles.names_only:,} nothing of it "
        f"was found, though a source names it; {roles.copy_or_fork:,} hold a copy of it. Of those "
        f"that use it, {roles.tutorials:,} are tutorials ({roles.tutorials_unknown:,} not known), "
        f"{roles.tests_only:,} use it in tests only, {roles.examples_only:,} in examples only."
    )
    tables: list[Table | str] = [
        _features(use.figures, use.sample_of, caption=f"Features used; {use.heading}"),
        _shares(use, "channel", "channels", title="Through which channel", column="channel"),
        _shares(use, "defaults", title="Out of the box", column="way", note=OUT_OF_THE_BOX_RULE),
        _with_others(use),
    ]
    if use.by("era"):
        tables.insert(3, _shares(use, "era", title="Eras of its interface", column="era"))
    if use.requests_of is not None and use.requests is not None:
        n_each = (roles.uses, use.requests.coded)
        tables.append(_gap(use.gap, use.sample_of, use.requests_of, n_each))
        tables.append(coded_sentence([use.requests]))
        tables.append(_wishes(use.wishes, use.requests_of, use.requests.coded))
    return list(spaced([head, others, *tables, use.asked_and_not_used()]))


def show_values(use: FrameworkUse) -> dict[str, Any]:
    """Return what is known of one framework as JSON-compatible values."""
    said = {"heading": use.heading, "asked_and_not_used": use.asked_and_not_used()}
    return said | {field.name: plain(getattr(use, field.name)) for field in fields(use)}


def dependents_table(usage: Usage) -> Table:
    """Return how many projects are what to each framework."""
    whose = usage.dependents
    heads = {
        "uses": "Uses",
        "declares_only": "Declares only",
        "names_only": "Names only",
        "copy_or_fork": "Copy or fork",
        "tutorials": "Tutorials",
        "tutorials_unknown": "Tutorial not known",
        "tests_only": "In tests only",
        "examples_only": "In examples only",
    }
    return Table.of(
        [Column("framework", "Framework"), *(number(*each) for each in heads.items())],
        [asdict(whose.counts(name)) for name in whose.frameworks],
        name="usage-dependents",
        caption=f"Projects by framework; {_heading(usage)} "
        "Tutorials and the columns after them are of those that use it.",
    )


def features_table(usage: Usage) -> Table:
    """Return which features the dependents of each framework use, and through which channels."""
    whose = usage.dependents
    caption = (
        "Dependents that use each feature, and through which channel (several may); "
        f"{_heading(usage)} A dash: {NO_SYMBOL}."
    )
    return _features(usage.figures, whose.sample_of, caption=caption, name="usage-features")


def channels_table(usage: Usage) -> Table:
    """Return through which channels, how far out of the box, and in which eras all are used."""
    whose = usage.dependents
    rows = [
        {"framework": each.framework, "measure": each.measure, "name": each.name, "n": each.n}
        | _estimate("share", each.share)
        for each in usage.figures
        if each.measure in ("channel", "channels", "defaults", "era")
    ]
    return Table.of(
        [
            Column("framework", "Framework"),
            Column("measure", "By"),
            Column("name", "Name"),
            number("n", "Dependents"),
            *_estimate_columns("share", "Share", whose.sample_of),
        ],
        rows,
        name="usage-channels",
        caption="Dependents by channel, by the channels that they use and no other (a declaration "
        "is none), by defaults, and by era of the interface; "
        f"{_heading(usage)} {OUT_OF_THE_BOX_RULE}",
    )


def together_table(usage: Usage) -> Table:
    """Return which frameworks go together."""
    found, sample_of = usage.together, usage.together.sample_of
    notes = [] if sample_of.is_chosen else [_against(found)]
    return Table.of(
        [
            *(Column(name, name.title()) for name in ("first", "second")),
            number("n_first", "Use first"),
            number("n_second", "Use second"),
            number("n_both", "Use both"),
            number("n_projects", "In one project"),
            *_pair_columns(sample_of),
        ],
        [_pair_cells(pair) for pair in found.pairs],
        name="usage-together",
        caption="Pairs of frameworks by distinct owners who use the first, the second, and both; "
        f"{' '.join([_heading(usage), *notes])}",
    )


def gap_table(usage: Usage, gap: Gap) -> Table:
    """Return what is used against what is asked for, of all frameworks."""
    n_each = (usage.dependents.n_users, sum(counts.coded for counts in gap.counts))
    table = _gap(gap.rows, gap.dependents, gap.requests, n_each)
    meanings = (gap.dependents.meaning, gap.requests.meaning)
    sentences = [
        f"{table.caption}.",
        *filter(None, meanings),
        coded_sentence(gap.counts),
        *table.notes,
    ]
    return Table(
        name="usage-gap",
        caption=" ".join(sentences),
        columns=(Column("framework", "Framework"), *table.columns),
        rows=table.rows,
    )


def wishes_table(gap: Gap) -> Table:
    """Return how many requests wish for CI/CD, and to reach something by an API."""
    table = _wishes(gap.wishes, gap.requests, sum(counts.coded for counts in gap.counts))
    caption = " ".join([f"{table.caption}.", coded_sentence(gap.counts), *table.notes])
    columns = (Column("framework", "Framework"), *table.columns)
    return Table(name="usage-wishes", caption=caption, columns=columns, rows=table.rows)


def usage_tables(usage: Usage) -> Iterator[Table]:
    """Yield the tables that are exported; as data, each row says how what it counts was found."""
    whose, gap = usage.dependents, usage.gap
    dependents = {"dependents_sample": whose.sample_of.heading(whose.n_users)}
    yield _headed(dependents_table(usage), dependents)
    yield _headed(features_table(usage), dependents)
    yield _headed(channels_table(usage), dependents)
    yield _headed(together_table(usage), dependents)
    if gap is not None:
        n_coded = sum(counts.coded for counts in gap.counts)
        requests = {"requests_sample": gap.requests.heading(n_coded)}
        yield _headed(gap_table(usage, gap), dependents | requests)
        yield _headed(wishes_table(gap), requests)


def _headed(table: Table, samples: Mapping[str, str]) -> Table:
    """Return a table with what stands over it in every row too: a CSV file has no caption."""
    rows = (replace(row, cells={**row.cells, **samples}) for row in table.rows)
    columns = (*table.columns, *for_data(*samples))
    return replace(table, columns=columns, rows=tuple(rows))


def _heading(usage: Usage) -> str:
    """Return what stands over a table of all frameworks."""
    whose = usage.dependents
    head = f"{whose.sample_of.heading(whose.n_users)}."
    return " ".join(filter(None, (head, whose.says(), whose.sample_of.meaning)))


def _features(
    figures: Iterable[Figure], sample_of: SampleOf, *, caption: str, name: str = ""
) -> Table:
    """Return a row for each framework and feature, the most used first where that may be said."""
    through: dict[tuple[str, str], dict[str, Cell]] = {}
    rows: list[dict[str, Cell]] = []
    for each in figures:
        if each.measure == "feature":
            of = through.setdefault((each.framework, each.name), dict.fromkeys(THROUGH, 0))
            if each.n is None:
                of |= dict.fromkeys(THROUGH)
            head = {"framework": each.framework, "feature": each.name, "n": each.n}
            rows.append(head | of | _estimate("share", each.share))
            through[each.framework, each.name] = rows[-1]
        elif each.measure == "feature by channel" and each.channel is not None:
            through[each.framework, each.name][each.channel] = each.n
    if not sample_of.is_chosen:
        rows.sort(key=lambda row: (row["framework"], row["n"] is None, -(row["n"] or 0)))
    return Table.of(
        [
            Column("framework", "Framework", in_print=bool(name)),
            Column("feature", "Feature"),
            number("n", "Dependents"),
            *_estimate_columns("share", "Share", sample_of),
            *(number(channel, channel) for channel in THROUGH),
        ],
        rows,
        name=name,
        caption=caption,
        notes=[] if name else [f"–: {NO_SYMBOL}."],
    )


def _shares(use: FrameworkUse, *measures: Any, title: str, column: str, note: str = "") -> Table:
    """Return the figures of some measures, one measure after the other."""
    rows = [
        {"measure": each.measure, column: each.name, "n": each.n} | _estimate("share", each.share)
        for measure in measures
        for each in use.by(measure)
    ]
    for row in rows:
        if row["measure"] == "channels":
            row[column] = f"{row[column]} only"
    columns = [
        *for_data("measure"),
        *texts(column),
        number("n", "dependents"),
        *_estimate_columns("share", "share", use.sample_of),
    ]
    return Table.of(columns, rows, caption=f"{title}; {use.heading}", notes=[note])


def _with_others(use: FrameworkUse) -> Table:
    """Return with what a framework is used, by distinct owners."""
    rows = []
    for pair in use.pairs:
        is_first = pair.first == use.framework
        other = (pair.second, pair.n_second) if is_first else (pair.first, pair.n_first)
        rows.append(_pair_cells(pair) | dict(zip(("with", "n_other"), other, strict=True)))
    if not use.sample_of.is_chosen:
        rows.sort(key=lambda row: (-row["n_both"], row["with"]))
    columns = [
        *texts("with"),
        number("n_other", "owners"),
        number("n_both", "use both"),
        number("n_projects", "in one project"),
        *_pair_columns(use.sample_of),
    ]
    return Table.of(columns, rows, caption=f"Together with, by distinct owners; {use.heading}")


def _pair_columns(sample_of: SampleOf) -> list[Column]:
    if sample_of.is_chosen:
        return []
    return [
        number("expected", "By chance", 1),
        *_estimate_columns("lift", "Lift", sample_of),
        *for_data("p"),
        number("q", "q", 3),
        Column("lean", "Together"),
        *for_data("overlap", "overlap_n", "overlap_reason", "overlap_p", "overlap_q"),
        Column("relation", "Relation"),
    ]


def _pair_cells(pair: Pair) -> dict[str, Cell]:
    cells = {**vars(pair), **_estimate("lift", pair.lift, scale=1)}
    return cells | _estimate("overlap", pair.overlap, scale=1)


def _against(found: CoUse) -> str:
    """Return what the lifts of pairs are against."""
    if found.n_all is None:
        return "Lifts are not told: with fewer than three pairs in use, there are no others."
    if found.found_by == "topic":
        return f"Lifts are against independence among {found.n_owners:,} owners."
    return (
        f"Lifts are against how the other pairs go together: {found.n_owners:,} owners use a "
        f"framework, so {found.n_all:,.0f} could. Together more or less often, and relations: "
        "false discoveries at most 5 %."
    )


def _gap(
    rows: Iterable[GapRow], dependents: SampleOf, requests: SampleOf, n_each: tuple[int, int]
) -> Table:
    """Return features and then channels, used and asked for.

    Parameters
    ----------
    n_each
        Dependents, and coded requests.
    """
    has_corners = not (dependents.is_chosen or requests.is_chosen)
    cells = [
        {**vars(row), "corner_shown": "" if row.what == "channel" else row.corner or "not told"}
        | _estimate("used", row.used)
        | _estimate("asked", row.asked)
        for row in rows
    ]
    corner = Column("corner_shown", "Corner", in_data=False)
    columns = [
        Column("what", "By"),
        Column("name", "Name"),
        number("n_used", "Used"),
        *_estimate_columns("used", "Share of dependents", dependents),
        number("n_asked", "Asked"),
        *_estimate_columns("asked", "Share of requests", requests),
        *for_data("n_asked_second"),
        *([corner, *for_data("corner", "why")] if has_corners else []),
    ]
    heads = [each.heading(n) for each, n in zip((dependents, requests), n_each, strict=True)]
    caption = f"Used and asked for; dependents: {heads[0]}; requests: {heads[1]}"
    note = f"{CI_CD} is that feature or the channel workflow, on both sides."
    return Table.of(columns, cells, caption=caption, notes=[note])


def coded_sentence(counts: Sequence[RequestCounts]) -> str:
    """Return in a sentence how many requests are coded, by whom."""
    asked, coded, person, unknown = (
        sum(getattr(each, name) for each in counts)
        for name in ("asked", "coded", "by_person", "channel_unknown")
    )
    return (
        f"Of {asked:,} requests {coded:,} are coded ({person:,} by people), in "
        f"{asked - coded:,} the coder abstained; the channel of {unknown:,} is not known."
    )


def _wishes(wishes: Iterable[Wish], requests: SampleOf, n_coded: int) -> Table:
    """Return the wishes as wholes, each with its features below."""
    rows = [
        Row(
            {
                **vars(each),
                "called": _WISHES[each.wish] if each.feature is None else each.feature,
                **_estimate("share", each.share),
            },
            is_member=each.feature is not None,
        )
        for each in wishes
    ]
    return Table.of(
        [
            *for_data("wish", "feature"),
            Column("called", "Wish", in_data=False),
            number("n", "Requests"),
            *_estimate_columns("share", "Share", requests),
        ],
        rows,
        caption=f"Wishes for CI/CD, and to reach something by an API; {requests.heading(n_coded)}",
        notes=[] if requests.is_chosen else [_OF_WISHES],
    )


def _estimate_columns(key: str, heading: str, sample_of: SampleOf) -> list[Column]:
    """Return the columns of a figure with its interval; none where it may not be told."""
    if sample_of.is_chosen:
        return []
    shown = Column(f"{key}_shown", heading, is_number=True, in_data=False)
    return [shown, *for_data(key, f"{key}_low", f"{key}_high", f"{key}_n", f"{key}_reason")]


def _estimate(key: str, figure: Estimate, *, scale: float = 100) -> dict[str, Cell]:
    """Return the cells of a figure; in print a line where there is none."""
    decimals = 0 if scale == 100 else 2
    shown = "–" if figure.value is None else with_bounds(figure, decimals, decimals, scale)
    return {
        f"{key}_shown": shown,
        key: figure.value,
        f"{key}_low": figure.low,
        f"{key}_high": figure.high,
        f"{key}_n": figure.n,
        f"{key}_reason": figure.reason,
    }
