"""What labels say of a taxonomy: tables for a terminal, and all of it as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from artifacts.intervals import Estimate
from artifacts.words import NODE, NOISE, Layer
from insights.validation import Validation
from labels.sampling.estimate import Estimates
from labels.validation.classifier import HeldOut, LearningCurve
from labels.validation.contingency import ContingencyTable
from labels.validation.next_documents import Next
from labels.validation.placing import Placement
from labels.validation.purity import NoiseRecall, Purity, TopicPurity
from reports.tables import Column, Row, Table, bounded, number, spaced, with_bounds
from taxonomy.nodes import address

TOPICS_NAMED = 5
BAR_WIDTH = 30
VERDICTS = {
    "wrong": "✗ wrong",
    "too few": "? too few",
    "no code": "? no code",
    "unlabelled": "? none",
    "right": "right",
}
"""As they are shown, and in this order."""
STANDINGS = {
    "over": "▲ more than the rest",
    "under": "▼ less than the rest",
    "as the rest": "",
    "no noise": "there is no noise",
}
CHOSEN = "Chosen, not drawn: leave them out of estimates of how common codes are."


def validation_parts(
    found: Validation,
    *,
    names: Mapping[int, str],
    titles: Mapping[str, str],
    n_worst: int | None = None,
    codes: bool = True,
    more: Sequence[Table] = (),
) -> list[Table | str]:
    """Return the tables, one after the other, an empty line between any two.

    Parameters
    ----------
    n_worst
        How many topics are shown, the worst first; None: all.
    codes
        Whether the codes of each topic are shown.
    more
        What else there is to say of the labels; it stands before the classifier.
    """
    nodes = found.nodes
    tables = [
        purity_table(found.purity, nodes, n_worst=n_worst),
        noise_table(found.noise),
        crosswalk_table(found.crosswalk, names, nodes, codes=codes),
        *more,
    ]
    tables += classifier_tables(found.held_out) if found.held_out else []
    tables += [curve_table(found.curve)] if found.curve else []
    tables += [placement_table(found.placement)] if found.placement else []
    tables += [next_table(found.next, titles)] if found.next else []
    return [headline(found.purity, nodes), *spaced(tables)]


def validation_values(found: Validation) -> dict[str, Any]:
    """Return a validation as JSON-compatible values."""
    return {
        "headline": headline(found.purity, found.nodes),
        "nodes": found.nodes,
        "purity": found.purity,
        "noise": found.noise,
        "crosswalk": found.crosswalk,
        "classifier": found.held_out,
        "learning_curve": found.curve,
        "placement": found.placement,
        "next": found.next,
    }


def headline(found: Purity, nodes: Layer = "topics") -> str:
    """Return what matters most in one sentence."""
    one = NODE[nodes]
    parts = [
        f"Of the {found.n_labelled:,} documents labelled, {found.n_noise:,} are in no {one}",
        "how often the taxonomy is right about the others cannot be said"
        if found.right.value is None
        else f"the taxonomy is right about {_share(found.right)} of those in one",
    ]
    wrong = [topic for topic in _worst_first(found) if topic.verdict == "wrong"]
    named = ", ".join(_called(topic.topic, topic.name, nodes) for topic in wrong[:TOPICS_NAMED])
    more = len(wrong) - TOPICS_NAMED
    named += f" and {more} more" if more > 0 else ""
    parts.append(f"wrong most about {named}" if wrong else f"no {one} is surely wrong")
    unsure = [topic for topic in found.topics if topic.verdict in ("too few", "unlabelled")]
    if unsure:
        parts.append(f"too little is labelled of {len(unsure)} of {len(found.topics)} {nodes}")
    return "; ".join(parts) + "."


def purity_table(found: Purity, nodes: Layer = "topics", *, n_worst: int | None = None) -> Table:
    """Return a line for each topic, the wrong ones first.

    Parameters
    ----------
    n_worst
        How many topics are shown, the worst first; None: all.
    """
    one, shown = NODE[nodes], _worst_first(found)[:n_worst]
    columns = (
        Column("called", one),
        number("size", "size"),
        number("n_labelled", "labelled"),
        Column("code", "code"),
        Column("share", "of another code"),
        Column("verdict", form=VERDICTS.__getitem__),
    )
    rows = [
        Row(
            vars(topic)
            | {
                "called": _called(topic.topic, topic.name, nodes),
                "n_labelled": topic.n_labelled,
                "share": _share(topic.wrong) if topic.n_labelled else "–",
            },
            is_group=topic.verdict == "wrong",
        )
        for topic in shown
    ]
    n_more = len(found.topics) - len(shown)
    by = f"the code given for its {one}" if found.given else f"the code of most others in its {one}"
    notes = [
        f"… and {n_more} more {nodes}: --all." if n_more else "",
        f"Right: has {by}. {_share(found.right)}.",
        f"Purity, which flatters: {_share(found.purity)} have the commonest code of their {one}.",
        f"✗: the interval (95 %) lies above {found.threshold:.0%}; right: below; too few: around.",
    ]
    return Table.of(columns, rows, notes=notes)


def noise_table(found: NoiseRecall) -> Table:
    """Return a line for each code: how much of it lies in noise."""
    columns = (
        Column("code", "code"),
        number("n_labelled", "labelled"),
        number("n_noise", "in noise"),
        Column("recall", "share in noise", form=_share),
        Column("ratio", "ratio", is_number=True, form=lambda n: "" if n is None else f"{n:.1f}"),
        Column("standing", form=STANDINGS.__getitem__),
    )
    rows = sorted(found.codes, key=lambda each: (-(each.recall.value or 0), each.code))
    note = f"Of all documents {found.share:.1%} are noise; the ratio is to this share."
    return Table.of(columns, map(vars, rows), notes=[note])


def crosswalk_table(
    found: ContingencyTable,
    names: Mapping[int, str],
    nodes: Layer = "topics",
    *,
    codes: bool = True,
) -> Table:
    """Return how far topics and codes agree, in figures.

    Parameters
    ----------
    codes
        Whether there is a line for each topic, noise last: how many documents have which code.
    """
    columns = (
        Column("node", NODE[nodes]),
        number("labelled", "labelled"),
        Column("codes", "codes"),
    )
    rows = []
    for topic, counts in zip(found.topics, zip(*found.counts, strict=True), strict=True):
        pairs = sorted(zip(found.codes, counts, strict=True), key=lambda pair: (-pair[1], pair[0]))
        listed = " · ".join(f"{code} {n}" for code, n in pairs if n)
        name = _called(topic, names.get(topic), nodes)
        rows.append({"node": name, "labelled": sum(counts), "codes": listed})
    figures = {
        "V-measure": found.v_measure,
        "homogeneity": found.homogeneity,
        "completeness": found.completeness,
    }
    plain = ", ".join(f"{name} {with_bounds(each)}" for name, each in figures.items())
    notes = [
        f"AMI {with_bounds(found.ami)} (0: as by chance, 1: the same; noise is one more "
        f"{NODE[nodes]}).",
        f"Of the labelled alone, not adjusted for chance: {plain}.",
        "" if codes else f"Which codes each {NODE[nodes]} holds: --crosswalk.",
    ]
    return Table.of(columns, rows if codes else [], notes=notes)


def classifier_tables(found: HeldOut) -> list[Table]:
    """Return a line for each code, and how the classifier compares with the commonest code."""
    if found.reason:
        return [Table.of((), (), notes=[f"No classifier can be trained: {found.reason}."])]
    columns = (
        Column("code", "code"),
        number("n_docs", "documents"),
        bounded("precision", "precision"),
        bounded("recall", "recall"),
        bounded("f1", "F1 (95 %)"),
    )
    unknown = {"precision": "", "recall": ""}
    rows = [vars(each) | (unknown if each.f1.value is None else {}) for each in found.scores.codes]
    ours, theirs = found.scores, found.baseline
    heads = (
        Column("score"),
        bounded("ours", "classifier"),
        bounded("theirs", "all as the commonest code"),
    )
    overall = [
        {"score": "macro F1", "ours": ours.macro_f1, "theirs": theirs.macro_f1},
        {"score": "micro F1", "ours": ours.micro_f1, "theirs": theirs.micro_f1},
    ]
    note = (
        f"On {found.n_docs:,} documents held out ({found.n_different:,} different ones; "
        f"{found.n_repeats} × {found.n_folds}-fold cross-validation). Micro F1: share called right."
    )
    return [Table.of(columns, rows), Table.of(heads, overall, notes=[note])]


def curve_table(found: LearningCurve) -> Table:
    """Return the held-out macro F1 for each number of documents trained on, with a bar."""
    if found.reason:
        return Table.of((), (), notes=[f"There is no learning curve: {found.reason}."])
    columns = (
        number("n_train", "trained on"),
        Column("f1", "macro F1"),
        Column("bar"),
    )
    rows = [
        {
            "n_train": point.n_train,
            "f1": f"{point.macro_f1:.2f} ± {point.spread:.2f}",
            "bar": "█" * round(point.macro_f1 * BAR_WIDTH),
        }
        for point in found.points
    ]
    note = f"±: standard deviation over {found.n_repeats} repeats."
    return Table.of(columns, rows, notes=[note])


def placement_table(found: Placement) -> Table:
    """Return how many documents without a label get each code, and how many none."""
    counts = Counter(row.code for row in found.rows)
    n_none = counts.pop(None, 0)
    in_order = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    rows = [{"code": code, "documents": n} for code, n in [*in_order, ("none", n_none)]]
    at = found.threshold
    note = f"None has a code: {at.precision.reason}."
    if at.value is not None:
        note = (
            f"A code from a probability of {at.value:.2f} on: of documents held out, "
            f"{at.coverage:.0%} reach it, and {_share(at.precision)} of these are right "
            f"(wanted: {at.wanted:.0%})."
        )
    columns = (Column("code", "code"), number("documents", "documents"))
    return Table.of(columns, rows, notes=[note])


def next_table(found: Sequence[Next], titles: Mapping[str, str]) -> Table:
    """Return the documents most worth labelling, with reasons; a key where there is no title."""
    columns = (number("place", ""), Column("title", "document"), Column("reason", "why"))
    rows = [
        {"place": place, "title": titles.get(each.key, each.key), "reason": each.reason}
        for place, each in enumerate(found, start=1)
    ]
    return Table.of(columns, rows, notes=[CHOSEN])


def estimates_table(found: Estimates) -> Table:
    """Return a line for each code, the commonest first, and what it rests on."""
    columns = (
        Column("code", "code"),
        number("n_with", "labelled"),
        Column(
            "share", f"share ({found.level * 100:g}%)", is_number=True,
            form=lambda share: with_bounds(share, 1, 1, scale=100),
        ),
        Column(
            "total", f"of {found.n_population:,}", is_number=True,
            form=lambda total: with_bounds(total, 0, 0),
        ),
    )  # fmt: skip
    in_order = sorted(found.codes, key=lambda e: (-e.share.value if e.share else 0.0, e.code))
    reasons = sorted({each.reason for each in found.codes if each.reason})
    notes = [
        f"{found.n_labelled:,} of the {found.n_drawn:,} documents drawn are labelled; strata are "
        "weighted by their shares of the population.",
        *(f"Undefined: {reason}." for reason in reasons),
    ]
    return Table.of(columns, map(vars, in_order), notes=notes)


def places_table(placement: Placement, titles: Mapping[str, str]) -> Table:
    """Return where the classifier places each document without a label."""
    columns = (
        Column("title", "document"),
        Column("code", "code"),
        Column("best", "probability", is_number=True),
        Column("second", "second"),
    )
    rows = [
        {
            "title": titles.get(row.key, row.key),
            "code": row.code or f"none: {row.reason}",
            "best": "–" if row.best is None else f"{row.best[1]:.2f}",
            "second": "" if row.second is None else f"{row.second[0]} {row.second[1]:.2f}",
        }
        for row in placement.rows
    ]
    return Table.of(columns, rows)


def _worst_first(found: Purity) -> list[TopicPurity]:
    """Return topics by verdict, then by the share that is wrong, then by number."""
    order = list(VERDICTS)
    return sorted(
        found.topics,
        key=lambda each: (order.index(each.verdict), -(each.wrong.value or 0), each.topic),
    )


def _called(topic: int, name: str | None, nodes: Layer) -> str:
    if topic == NOISE:
        return "noise"
    number = address(nodes, topic)
    return number if name is None else f"{number} {name}"


def _share(found: Estimate) -> str:
    return with_bounds(found, 0, 0, scale=100)
