"""How frameworks are used, put into the words and cells of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from artifacts.intervals import Estimate
from artifacts.words import listed
from insights.usage.dependents import OUT_OF_THE_BOX_RULE, WAYS
from insights.usage.figures import NO_SYMBOL, Figure, Measure
from insights.usage.gap import GapRow
from insights.usage.sampled import SampleOf
from insights.usage.study import SeenUse, Usage
from reports.data import clean, web_address
from reports.tables import Table, printed, with_bounds
from reports.usage.evidence import Evidence, PageUsage, evidence_key
from reports.usage.tables import coded_sentence, show_parts, together_table

DEEP = 0.877
"""A share above which white ink reads better on the shade: both then pass 4.5:1."""
_CHANNELS = {
    "api": "API: called from code",
    "cli": "command line",
    "workflow": "workflow of CI/CD",
    "config": "configuration",
    "requirement": "declared as needed",
}
_WAYS = dict(
    zip(
        WAYS,
        (
            "configures it",
            "extends it",
            "uses several features",
            "out of the box: none of these",
            "not told",
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class Amount:
    """One number of a cell.

    Attributes
    ----------
    text
        A count, or a share where that alone is shown; a dash: not known; a dot: none.
    more
        The share with its interval, below; empty where there is none.
    share
        For the shade, in [0, 1]; 0 where no share may be told.
    said
        The whole in words.
    evidence
        Key of what it rests on; empty: of nothing.
    side
        ``asked`` of requests, else ``used``.
    """

    text: str
    more: str
    share: float
    said: str
    evidence: str = ""
    side: Literal["used", "asked"] = "used"

    @property
    def is_deep(self) -> bool:
        """Return whether its shade needs white ink."""
        return self.share > DEEP


@dataclass(frozen=True)
class UsageCell:
    """The numbers of one framework in a row, and the corner that they are in, if it is told."""

    amounts: tuple[Amount, ...]
    corner: str = ""


@dataclass(frozen=True)
class UsageRow:
    """A row of a matrix; a head has no cells."""

    name: str
    about: str = ""
    cells: tuple[UsageCell, ...] = ()


@dataclass(frozen=True)
class UsedFramework:
    """A framework: its name in files and commands, what people call it, and its repository.

    The repository is None where that is not known.
    """

    name: str
    called: str
    repository: str | None


@dataclass(frozen=True)
class UsageMatrix:
    """Rows of features or channels by frameworks, and below them what all of it is of."""

    columns: tuple[UsedFramework, ...]
    rows: tuple[UsageRow, ...]
    feet: tuple[UsageRow, ...]


@dataclass(frozen=True)
class TableView:
    """A table as a person reads it: headings, and rows of texts.

    Each cell goes with the key of what it rests on; empty: of nothing that is shown.
    """

    caption: str
    headings: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class UsageView:
    """The section of the page on how frameworks are used.

    Attributes
    ----------
    has_shares
        Whether of dependents or of requests more than counts is told.
    tool_of
        The full names of frameworks' repositories, by framework.
    called
        How people call frameworks, by framework.
    uses
        For each framework, how many use it and what most of them use of it, in a sentence.
    alone
        For each framework its name, how many use it, what these are, and all that is known of it.
    """

    heading: str
    meaning: str
    is_chosen: bool
    n_users: int
    figures: tuple[tuple[str, int, str], ...]
    features: UsageMatrix
    definitions: tuple[tuple[str, str, str], ...]
    channels: UsageMatrix
    rule: str
    together: TableView
    tool_of: Mapping[str, str]
    called: Mapping[str, str]
    n_apart: int
    gap: UsageMatrix | None
    requests_heading: str
    coded: str
    corners_told: bool
    has_shares: bool
    findings: tuple[str, ...]
    uses: tuple[tuple[UsedFramework, str], ...]
    alone: tuple[tuple[str, int, str, tuple[TableView | str, ...]], ...]


def called_frameworks(repositories: Iterable[str], written: Mapping[str, str]) -> dict[str, str]:
    """Return how people call each framework: as the study has it, else as its repository is called.

    Where two would be called the same, both go by their full names.

    Parameters
    ----------
    written
        How people call a framework, by its full name.
    """
    known = {full.lower(): clean(name) for full, name in written.items()}
    full_names = sorted({clean(each) for each in repositories})
    found = {full: known.get(full.lower(), full.rsplit("/", 1)[-1]) for full in full_names}
    times = Counter(name.lower() for name in found.values())
    return {full: name if times[name.lower()] == 1 else full for full, name in found.items()}


def usage_view(inputs: PageUsage, called: Mapping[str, str]) -> UsageView:
    """Return what the page says of how frameworks are used: the figures of the study, unchanged.

    Parameters
    ----------
    called
        How people call a framework, by its full name.
    """
    usage, gap = inputs.usage, inputs.usage.gap
    whose = usage.dependents
    columns = tuple(_columns(inputs, called))
    known = _Grounds(
        frozenset(evidence_key(each.of) for each in inputs.evidence),
        {column.name: column.called for column in columns},
    )
    apart = sum(pair.n_both == 0 for pair in usage.together.pairs)
    return UsageView(
        heading=whose.sample_of.heading(whose.n_users),
        meaning=whose.sample_of.meaning,
        is_chosen=whose.sample_of.is_chosen,
        n_users=whose.n_users,
        figures=tuple(_population(usage)),
        features=_features(inputs, columns, known),
        definitions=tuple((code, *words) for code, words in inputs.features.items()),
        channels=_channels(usage, columns, known),
        rule=OUT_OF_THE_BOX_RULE,
        together=_together(usage, known),
        tool_of=inputs.repositories,
        called=known.called,
        n_apart=apart,
        gap=None if gap is None else _gap(inputs, columns, known),
        requests_heading=""
        if gap is None
        else gap.requests.heading(sum(counts.coded for counts in gap.counts)),
        coded="" if gap is None else coded_sentence(gap.counts),
        corners_told=_tells_corners(usage),
        has_shares=gap is not None and not (gap.dependents.is_chosen and gap.requests.is_chosen),
        findings=tuple(_findings(usage, known.called)),
        uses=tuple((column, _used_for(inputs, column.name)) for column in columns),
        alone=tuple(_alone(usage)),
    )


def usage_data(inputs: PageUsage, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return what the script needs: lines of code and requests, each once, and who shows which.

    Parameters
    ----------
    titles
        Of requests, by key; one that is not there goes by its key.
    """
    lines: dict[SeenUse, int] = {}
    requests: dict[tuple[str, str | None, str, str | None], int] = {}
    evidence = {}
    for each in inputs.evidence:
        shown: dict[str, Any] = {"n": each.n, "all": _command(each)}
        if each.uses:
            shown["lines"] = [lines.setdefault(use, len(lines)) for use in each.uses]
        if each.requests:
            seen = [
                (
                    clean(titles.get(r.issue_key, r.issue_key.removeprefix("name:"))),
                    r.channel,
                    r.by,
                    web_address(r.url),
                )
                for r in each.requests
            ]
            shown["requests"] = [requests.setdefault(r, len(requests)) for r in seen]
        evidence[evidence_key(each.of)] = shown
    return {
        "lines": [_line(use) for use in lines],
        "requests": list(requests),
        "evidence": evidence,
    }


def _line(use: SeenUse) -> list[str | None]:
    place = use.path if use.line == "0" else f"{use.path}:{use.line}"
    texts = [clean(text) for text in (use.project, place, use.symbol, use.channel)]
    return [*texts, web_address(use.url)]


def _command(evidence: Evidence) -> str:
    """Return what to type to see all; empty where no command shows just these."""
    what, framework, name = evidence.of
    if what in ("feature", "used", "asked"):
        return f"opsatlas usage show {framework} --feature {name}"
    if what in ("channel", "asked through"):
        return f"opsatlas usage show {framework} --channel {name}"
    return ""


@dataclass(frozen=True)
class _Grounds:
    """What figures rest on, by key, as far as the page holds it; and how frameworks are called."""

    keys: frozenset[str]
    called: Mapping[str, str]

    def evidence(self, kind: str, first: str, second: str) -> str:
        """Return the key of what a figure rests on; empty where the page holds nothing of it."""
        key = evidence_key((kind, first, second))
        return key if key in self.keys else ""


def _population(usage: Usage) -> Iterator[tuple[str, int, str]]:
    """Yield how many projects there were, and what became of them, with the reasons."""
    whose = usage.dependents
    yield "projects asked for", whose.asked, ""
    yield "scanned", whose.scanned, ""
    for what, counts in (("unknown", whose.unknown), ("left out", whose.left_out)):
        reasons = "; ".join(f"{n:,} {clean(reason)}" for reason, n in counts.items())
        yield what, sum(counts.values()), reasons
    yield "use a framework", whose.n_users, ""


def _findings(usage: Usage, called: Mapping[str, str]) -> Iterator[str]:
    """Yield what is asked for most and used by few of each framework, where it may be said."""
    said = {name: usage.of(name).asked_and_not_used() for name in usage.dependents.frameworks}
    if _tells_corners(usage):
        for name, sentence in said.items():
            yield f"{called[name]}: {sentence}"


def _tells_corners(usage: Usage) -> bool:
    gap = usage.gap
    return gap is not None and not (gap.dependents.is_chosen or gap.requests.is_chosen)


def _columns(inputs: PageUsage, called: Mapping[str, str]) -> Iterator[UsedFramework]:
    for name in inputs.usage.dependents.frameworks:
        repository = inputs.repositories.get(name)
        yield UsedFramework(name, called.get(repository or "", name), repository)


MOST_FEATURES: Final = 3
"""Features that are named as those most used."""


def _used_for(inputs: PageUsage, framework: str) -> str:
    """Return how many use a framework, and what most of them use of it."""
    usage = inputs.usage
    n = usage.dependents.counts(framework).uses
    if not n:
        return "none of the projects read uses it."
    said = f"{n:,} {'uses' if n == 1 else 'use'} it"
    features = (each for each in usage.of(framework).figures if each.measure == "feature")
    counts = {each.name: each.n for each in features if each.n}
    order = sorted(counts, key=lambda code: -counts[code])[:MOST_FEATURES]
    most = [f"{_in_words(inputs, code)} ({counts[code]:,})" for code in order]
    return f"{said}, most for {listed(most)}." if most else f"{said}; for what is not known."


def _in_words(inputs: PageUsage, code: str) -> str:
    name, _ = inputs.features[code]
    words = clean(name)
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


def _features(
    inputs: PageUsage, columns: tuple[UsedFramework, ...], known: _Grounds
) -> UsageMatrix:
    usage = inputs.usage
    sample_of = usage.dependents.sample_of
    figures = {
        (each.name, each.framework): each for each in usage.figures if each.measure == "feature"
    }
    rows = [
        UsageRow(
            clean(name),
            cells=tuple(
                UsageCell((_amount(figures[code, framework], name, "feature", sample_of, known),))
                for framework in usage.dependents.frameworks
            ),
        )
        for code, (name, _) in inputs.features.items()
        if (code, *usage.dependents.frameworks[:1]) in figures
    ]
    return UsageMatrix(columns, tuple(rows), (_users(usage),))


def _channels(usage: Usage, columns: tuple[UsedFramework, ...], known: _Grounds) -> UsageMatrix:
    """Return channels, and how far out of the box a framework is used, by framework."""
    sample_of = usage.dependents.sample_of
    found = {(each.measure, each.name, each.framework): each for each in usage.figures}
    rows: list[UsageRow] = []
    groups: tuple[tuple[str, Measure, str, Mapping[str, str]], ...] = (
        ("Through which channel (several may)", "channel", "channel", _CHANNELS),
        ("How far out of the box", "defaults", "way", _WAYS),
    )
    for head, measure, kind, names in groups:
        rows.append(UsageRow(head))
        for name, words in names.items():
            cells = (
                _amount(found[measure, name, framework], words, kind, sample_of, known)
                for framework in usage.dependents.frameworks
            )
            rows.append(UsageRow(words, cells=tuple(UsageCell((each,)) for each in cells)))
    return UsageMatrix(columns, tuple(rows), (_users(usage),))


def _users(usage: Usage) -> UsageRow:
    whose = usage.dependents
    return _foot("Dependents", [whose.counts(name).uses for name in whose.frameworks])


def _foot(name: str, counts: Iterable[int]) -> UsageRow:
    amounts = (Amount(f"{n:,}", "", 0.0, f"{n:,}") for n in counts)
    return UsageRow(name, cells=tuple(UsageCell((amount,)) for amount in amounts))


def _amount(figure: Figure, words: str, kind: str, sample_of: SampleOf, known: _Grounds) -> Amount:
    what = f"{known.called[figure.framework]}, {clean(words)}: "
    key = known.evidence(kind, figure.framework, figure.name)
    return _number(figure.n, figure.share, what, sample_of, key)


def _number(
    n: int | None, share: Estimate, what: str, sample_of: SampleOf, evidence: str
) -> Amount:
    if n is None:
        return Amount("–", "", 0.0, f"{what}not known, {share.reason or NO_SYMBOL}")
    side: Literal["used", "asked"] = "asked" if sample_of.counted == "requests" else "used"
    more = "" if share.value is None or n == 0 else with_bounds(share, 0, 0, 100)
    counted = sample_of.counted.removesuffix("s") if n == 1 else sample_of.counted
    said = f"{what}{n:,} {counted}{f', {more}' if more else ''}"
    return Amount(f"{n:,}" if n else "·", more, share.value or 0.0, said, evidence, side)


def _gap(inputs: PageUsage, columns: tuple[UsedFramework, ...], known: _Grounds) -> UsageMatrix:
    """Return what is used above what is asked for, by feature and framework."""
    usage, gap = inputs.usage, inputs.usage.gap
    assert gap is not None
    found = {(row.name, row.framework): row for row in gap.rows if row.what == "feature"}
    names = usage.dependents.frameworks
    rows = [
        UsageRow(
            clean(name),
            cells=tuple(_both(usage, found[code, each], name, known) for each in names),
        )
        for code, (name, _) in inputs.features.items()
        if (code, *names[:1]) in found
    ]
    coded = {each.framework: each.coded for each in gap.counts}
    feet = (_users(usage), _foot("Coded requests", [coded[name] for name in names]))
    return UsageMatrix(columns, tuple(rows), feet)


def _both(usage: Usage, row: GapRow, name: str, known: _Grounds) -> UsageCell:
    gap = usage.gap
    assert gap is not None
    amounts = []
    for what, n, share, sample_of in (
        ("used", row.n_used, row.used, gap.dependents),
        ("asked", row.n_asked, row.asked, gap.requests),
    ):
        words = f"{known.called[row.framework]}, {clean(name)}, {what}: "
        key = known.evidence(what, row.framework, row.name)
        amounts.append(_number(n, share, words, sample_of, key))
    return UsageCell(tuple(amounts), row.corner or "")


def _together(usage: Usage, known: _Grounds) -> TableView:
    """Return the pairs that someone uses, those with most owners first where that may be said."""
    table = together_table(usage)
    rows = [row for row in table.rows if row.cells["n_both"]]
    if not usage.together.sample_of.is_chosen:
        rows.sort(key=lambda row: -row.cells["n_both"])
    keys = [known.evidence("pair", row.cells["first"], row.cells["second"]) for row in rows]
    shown = Table(columns=table.columns, rows=tuple(rows), caption=table.caption)
    return table_view(shown, {"n_both": keys})


def table_view(table: Table, evidence: Mapping[str, Sequence[str]] | None = None) -> TableView:
    """Return a table as it is printed.

    Parameters
    ----------
    evidence
        By column: the key of what each of its cells rests on.
    """
    columns = [each for each in table.columns if each.in_print]
    keys = evidence or {}
    rows = (
        tuple(
            (
                clean(printed(row.cells[each.key], each)),
                keys[each.key][at] if each.key in keys else "",
            )
            for each in columns
        )
        for at, row in enumerate(table.rows)
    )
    return TableView(
        caption=clean(table.caption),
        headings=tuple((clean(each.heading), each.is_number) for each in columns),
        rows=tuple(rows),
        notes=tuple(map(clean, table.notes)),
    )


def _alone(usage: Usage) -> Iterator[tuple[str, int, str, tuple[TableView | str, ...]]]:
    """Yield all that is known of each framework, as a terminal shows it."""
    for name in usage.dependents.frameworks:
        use = usage.of(name)
        parts = [
            table_view(part) if isinstance(part, Table) else clean(part)
            for part in show_parts(use)
            if part
        ]
        sample = use.heading
        if use.requests is not None and use.requests_of is not None:
            asked = use.requests_of.heading(use.requests.coded)
            sample = f"dependents: {sample}; requests: {asked}"
        yield name, use.roles.uses, sample, tuple(parts)
