"""An answer as a terminal shows it: as the page does, part by part, what is unknown at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from artifacts.words import NOISE, listed
from reports.answers.cells import unknown_parts
from reports.answers.facts import DOES_NOT_TELL
from reports.answers.life import RECENT, LifeSpan
from reports.answers.tool import FeatureUse, GoesWith, ToolAnswer, ToolRequests, ToolUse
from reports.data import beginning, clean, day
from reports.history.cells import UNKNOWN, shown_estimate, told
from reports.history.lives import (
    changes_table,
    short_sentence,
    signal_tables,
    spells_table,
    stage_sentence,
    unknown_signals,
)
from reports.tables import Column, Table, for_data, number, texts

BARS: Final = " ▁▂▃▄▅▆▇█"
WORDS_OF_REQUEST: Final = 240
"""Characters of a request's text."""
MOST_THEMES: Final = 10
UNKNOWN_PARTS: Final[Mapping[str, str]] = {
    "purpose": "its purpose",
    "stage": "its stage",
    "use": "how it is used",
    "asked": "what its users ask for",
    "gap": "what is asked for and used by few",
    "with": "what goes with it",
    "near": "its neighbours in meaning",
}


def answer_parts(answer: ToolAnswer) -> list[Table | str]:
    """Return all that is known of a tool, one after the other."""
    parts = [
        *_head(answer),
        *_standing(answer),
        _facts(answer),
        spells_table(answer.spells),
        changes_table(answer.changes),
        *([] if answer.use is None else _use(answer.use)),
        *([] if answer.asked is None else _asked(answer.asked)),
        *_goes_with(answer),
        _near(answer),
        *(table for table in signal_tables(answer.signals) if table.rows),
        *_unknown(answer),
    ]
    return [part for part in parts if isinstance(part, str) or part.rows or part.notes]


def _head(answer: ToolAnswer) -> Iterator[Table | str]:
    former = f"formerly {', '.join(answer.former_names)}" if answer.former_names else ""
    links = [url for _, url in answer.links]
    about = clean(answer.description or "What it is, is not known here.")
    notes = [former, about, _purpose(answer), *links]
    yield Table.of([], [], name="tool", caption=answer.full_name, notes=map(clean, notes))


def _purpose(answer: ToolAnswer) -> str:
    """Return where it is in the taxonomy."""
    its = answer.purpose
    if its is None:
        return ""
    where = its.topic_name
    if its.category_name != its.topic_name:
        where += f", in {its.category_name}"
    return f"Purpose: {where}." if its.is_placed else f"In no topic; nearest: {where}."


def _facts(answer: ToolAnswer) -> Table:
    rows = [
        {"what": each.name, "told": _in_words(each.value)}
        for each in answer.facts
        if each.value is not None
    ]
    sources = listed(list(filter(None, dict.fromkeys((answer.snapshot, answer.life_snapshot)))))
    caption = f"Facts, as {sources} tells them" if sources else "Facts"
    columns = [Column("what"), Column("told")]
    return Table.of(columns, rows, name="facts", caption=caption)


def _in_words(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return clean(told(value))


def _standing(answer: ToolAnswer) -> Iterator[Table]:
    """Yield where it stands and why, its last months, and what other snapshots know of it."""
    if answer.life is None:
        return
    its = answer.life
    where = f"In {answer.life_snapshot}: " if answer.life_snapshot != answer.snapshot else ""
    notes = [_sentence(where + stage_sentence(its))]
    if its.stage is not None and its.maturity_reason:
        notes.append(_sentence(f"{its.maturity}: {its.maturity_reason}."))
    notes += [_recent(answer), *(short_sentence(*each) for each in answer.elsewhere)]
    yield Table.of([], [], name="stage", caption="Where it stands", notes=map(clean, notes))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _recent(answer: ToolAnswer) -> str:
    """Return the commits of the last months as bars of text; empty: they are not known."""
    span = LifeSpan.of(answer)
    counts = [] if span is None else span.counts[-RECENT:]
    top = max(counts, default=0)
    if not top:
        return ""
    most = len(BARS) - 1
    bars = "".join(BARS[max(1, round(most * n / top)) if n else 0] for n in counts)
    whose = "people" if answer.by_people else "anybody"
    return f"Commits by {whose}, {len(counts)} months, at most {top:,} in one:\n{bars}"


def _use(use: ToolUse) -> Iterator[Table | str]:
    """Yield how dependents use it."""
    if not use.n_users:
        yield f"No dependent was seen to use it ({use.heading})."
        return
    unused = [each.name for each in use.features if each.n == 0]
    unseen = [each.name for each in use.features if each.n is None]
    shown = f"opsatlas usage show {use.framework}"
    notes = [
        f"None of them uses: {listed(unused)}." if unused else "",
        f"Code does not show who uses: {listed(unseen)}." if unseen else "",
        use.asked_and_not_used or "",
        *(f"Lines of code: `{shown} --feature {each.code}`" for each in use.features[:1] if each.n),
    ]
    yield _features(
        use.features, "feature", f"How {use.n_users:,} dependents use it ({use.heading})", notes
    )
    yield _features(use.channels, "channel", "Through which channel", [])


def _features(features: tuple[FeatureUse, ...], what: str, caption: str, notes: list[str]) -> Table:
    rows = [
        {"name": each.name, "n": each.n, "share": shown_estimate(each.share, 0, 100)}
        for each in features
        if each.n
    ]
    has_shares = any(each.share.value is not None for each in features)
    columns = [Column("name", what), number("n", "dependents")]
    shares = [Column("share", "share (95% interval)", is_number=True)] if has_shares else []
    return Table.of([*columns, *shares], rows, name=f"use-{what}", caption=caption, notes=notes)


def _asked(asked: ToolRequests) -> Iterator[Table | str]:
    """Yield what its users ask for."""
    is_open = "" if asked.n_open is None else f", {asked.n_open:,} of them open"
    unknown = "Whether requests are open is not known." if asked.n_open is None else ""
    themes = [each for each in asked.themes if each.topic != NOISE]
    most = MOST_THEMES if len(themes) > MOST_THEMES + 1 else len(themes)
    further = themes[most:]
    rows = [vars(each) for each in asked.themes if each not in further]
    more = f"{len(further):,} further themes have {sum(e.n for e in further):,} requests."
    yield Table.of(
        [
            Column("name", "theme"),
            number("n", "requests"),
            *([number("n_open", "open")] if any(row["n_open"] is not None for row in rows) else []),
            *for_data("topic"),
        ],
        rows,
        name="themes",
        caption=f"What its users ask for ({asked.n:,} requests{is_open})",
        notes=[more if further else "", unknown],
    )
    wanted = [
        {
            "request": _number(each.key),
            "state": each.state or UNKNOWN,
            "since": (day(each.created_at) or UNKNOWN)[:7],
            "weight": each.weight,
            "text": beginning(_said(each.title, each.text), WORDS_OF_REQUEST),
        }
        for each in asked.wanted
    ]
    weights = (
        [number("weight", "weight")] if any(row["weight"] is not None for row in wanted) else []
    )
    yield Table.of(
        [*texts("request", "state", "since"), *weights, Column("text", "what")],
        wanted,
        name="wanted",
        caption=f"Requests: {asked.order}",
    )


def _number(key: str) -> str:
    return f"#{key.rpartition('#')[2]}"


def _said(title: str, text: str | None) -> str:
    """Return what a request says: its title, unless that only names it, and its text."""
    is_name = title.rpartition("#")[2].isdigit()
    return ": ".join(filter(None, ["" if is_name and text else title, text]))


def _goes_with(answer: ToolAnswer) -> Iterator[Table]:
    """Yield what is used with it, and what is named with it."""
    for by, words in (("used", "Used together with it"), ("named", "Named together with it")):
        its = [each for each in answer.goes_with if each.by == by]
        if its:
            how = "as topics of one repository, in " if by == "named" else ""
            yield Table.of(
                _with_columns(its),
                [_with_cells(each) for each in its],
                name=f"with-{by}",
                caption=f"{words} ({how}{its[0].source})",
            )


def _with_columns(its: list[GoesWith]) -> list[Column]:
    columns = [Column("name", "tool"), number("n_owners", "owners of both")]
    if any(each.lift.value is not None for each in its):
        columns += [
            number("expected", "by chance", 1),
            Column("lift", "lift", is_number=True),
        ]
    if any(each.relation for each in its):
        columns.append(Column("relation", "relation"))
    return columns


def _with_cells(each: GoesWith) -> dict[str, Any]:
    return {
        "name": each.name,
        "n_owners": each.n_owners,
        "expected": each.expected,
        "lift": shown_estimate(each.lift, 1),
        "relation": each.relation or "",
    }


def _near(answer: ToolAnswer) -> Table:
    same = {True: "the same", False: "another", None: UNKNOWN}
    rows = [
        {"name": each.name, "likeness": each.likeness, "topic": same[each.is_same_topic]}
        for each in answer.neighbours
    ]
    columns = [Column("name", "tool"), number("likeness", "likeness", 2), Column("topic", "topic")]
    return Table.of(columns, rows, name="near", caption="Nearest in meaning")


def _unknown(answer: ToolAnswer) -> Iterator[Table]:
    """Yield what is not known, things of one reason together; what a source lacks in one line."""
    of_reason: defaultdict[str, list[str]] = defaultdict(list)
    lacking: defaultdict[str, list[str]] = defaultdict(list)
    for part, reason in unknown_parts(answer):
        of_reason[reason].append(UNKNOWN_PARTS[part])
    for each in answer.facts:
        if each.value is None:
            source, _, what = (each.reason or "").partition(DOES_NOT_TELL)
            if what:
                lacking[source].append(what)
            else:
                of_reason[each.reason or ""].append(each.name)
    notes = [f"{listed(names)}: {reason}." for reason, names in of_reason.items()]
    notes += _health_unknown(answer)
    notes += [
        f"{source}{DOES_NOT_TELL}{listed(list(dict.fromkeys(what)), 'or')}."
        for source, what in lacking.items()
    ]
    shown = [clean(f"- {note[:1].upper()}{note[1:]}") for note in notes]
    if shown:
        yield Table.of([], [], name="unknown", caption="What is not known, and why", notes=shown)


def _health_unknown(answer: ToolAnswer) -> Iterator[str]:
    """Yield the measures of health of which no signal is known, which have no table."""
    for measure in dict.fromkeys(each.measure for each in answer.signals):
        its = [each for each in answer.signals if each.measure == measure]
        if all(each.value is None for each in its):
            yield f"health, {measure}: {unknown_signals(its)}."
