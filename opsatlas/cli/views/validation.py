"""What people's labels say of a taxonomy, as tables for the terminal and as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.words import NOISE, Layer
from insights.validation import Validation
from labels.validation.classifier import HeldOut, LearningCurve
from labels.validation.crosswalk import Crosswalk
from labels.validation.next_documents import Next
from labels.validation.noise import NoiseRecall
from labels.validation.placing import Placement
from labels.validation.purity import Purity, TopicPurity
from labels.validation.values import Estimate
from taxonomy.nodes import address

TOPICS_NAMED = 5
BAR_WIDTH = 30
ONE: Mapping[Layer, str] = {"topics": "topic", "categories": "category"}
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


def headline(found: Purity, nodes: Layer = "topics") -> str:
    """Return what matters most in one sentence."""
    parts = [
        f"Of the {found.n_labelled:,} documents labelled, {found.n_noise:,} are in no {ONE[nodes]}",
        "how often the taxonomy is right about the others cannot be said"
        if found.right.value is None
        else f"the taxonomy is right about {_share(found.right)} of those in one",
    ]
    wrong = [topic for topic in _worst_first(found) if topic.verdict == "wrong"]
    named = ", ".join(_called(topic.topic, topic.name, nodes) for topic in wrong[:TOPICS_NAMED])
    more = len(wrong) - TOPICS_NAMED
    named += f" and {more} more" if more > 0 else ""
    parts.append(f"wrong most about {named}" if wrong else f"no {ONE[nodes]} is surely wrong")
    unsure = [topic for topic in found.topics if topic.verdict in ("too few", "unlabelled")]
    if unsure:
        parts.append(f"too little is labelled of {len(unsure)} of {len(found.topics)} {nodes}")
    return "; ".join(parts) + "."


def purity_table(found: Purity, nodes: Layer = "topics", *, n_worst: int | None = None) -> Group:
    """Return a line for each topic, the wrong ones first, under the headline.

    Parameters
    ----------
    n_worst
        How many topics are shown, the worst first; None: all.
    """
    shown = _worst_first(found)[:n_worst]
    table = Table(ONE[nodes], "size", "labelled", "code", "of another code", "", box=None)
    for column in table.columns[1:3]:
        column.justify = "right"
    for topic in shown:
        table.add_row(
            Text(_called(topic.topic, topic.name, nodes)),
            f"{topic.size:,}",
            f"{topic.n_labelled:,}",
            Text(topic.code or ""),
            _share(topic.wrong) if topic.n_labelled else "–",
            VERDICTS[topic.verdict],
            style="bold" if topic.verdict == "wrong" else "",
        )
    one, n_more = ONE[nodes], len(found.topics) - len(shown)
    by = f"the code given for its {one}" if found.given else f"the code of most others in its {one}"
    lines = [
        *([f"… and {n_more} more {nodes}: --all."] if n_more else []),
        f"Right: has {by}. {_share(found.right)}.",
        f"Purity, which flatters: {_share(found.purity)} have the commonest code of their {one}.",
        f"✗: the interval (95 %) lies above {found.threshold:.0%}; right: below; too few: around.",
    ]
    return Group(Text(headline(found, nodes)), table, *map(Text, lines))


def noise_table(found: NoiseRecall) -> Group:
    """Return a line for each code: how much of it lies in noise."""
    table = Table("code", "labelled", "in noise", "share in noise", "ratio", "", box=None)
    for place in (1, 2, 4):
        table.columns[place].justify = "right"
    for each in sorted(found.codes, key=lambda each: (-(each.recall.value or 0), each.code)):
        table.add_row(
            Text(each.code),
            f"{each.n_labelled:,}",
            f"{each.n_noise:,}",
            _share(each.recall),
            "" if each.ratio is None else f"{each.ratio:.1f}",
            STANDINGS[each.standing],
        )
    said = f"Of all documents {found.share:.1%} are noise; the ratio is to this share."
    return Group(table, Text(said))


def crosswalk_table(found: Crosswalk, names: Mapping[int, str], nodes: Layer = "topics") -> Table:
    """Return a line for each topic, noise last: how many of its documents have which code."""
    table = Table(ONE[nodes], "labelled", "codes", box=None)
    table.columns[1].justify = "right"
    for topic, counts in zip(found.topics, zip(*found.counts, strict=True), strict=True):
        pairs = sorted(zip(found.codes, counts, strict=True), key=lambda pair: (-pair[1], pair[0]))
        codes = " · ".join(f"{code} {n}" for code, n in pairs if n)
        name = _called(topic, names.get(topic), nodes)
        table.add_row(Text(name), f"{sum(counts):,}", Text(codes))
    return table


def agreement_lines(found: Crosswalk, nodes: Layer = "topics") -> Group:
    """Return how far topics and codes agree, in figures."""
    figures = {
        "V-measure": found.v_measure,
        "homogeneity": found.homogeneity,
        "completeness": found.completeness,
    }
    plain = ", ".join(f"{name} {_figure(each)}" for name, each in figures.items())
    lines = [
        f"AMI {_figure(found.ami)} (0: as by chance, 1: the same; noise is one more {ONE[nodes]}).",
        f"Of the labelled alone, not adjusted for chance: {plain}.",
    ]
    return Group(*map(Text, lines))


def classifier_table(found: HeldOut) -> Group:
    """Return a line for each code, and how the classifier compares with the commonest code."""
    if found.reason:
        return Group(Text(f"No classifier can be trained: {found.reason}."))
    table = Table("code", "documents", "precision", "recall", "F1 (95 %)", box=None)
    table.columns[1].justify = "right"
    for each in found.scores.codes:
        figures = [_figure(part) for part in (each.precision, each.recall, each.f1)]
        if each.f1.value is None:
            figures = ["", "", figures[2]]
        table.add_row(Text(each.code), f"{each.n_docs:,}", *figures)
    overall = Table("", "classifier", "all as the commonest code", box=None)
    ours, theirs = found.scores, found.baseline
    overall.add_row("macro F1", _figure(ours.macro_f1), _figure(theirs.macro_f1))
    overall.add_row("micro F1", _figure(ours.micro_f1), _figure(theirs.micro_f1))
    said = (
        f"On {found.n_docs:,} documents held out ({found.n_different:,} different ones; "
        f"{found.n_repeats} × {found.n_folds}-fold cross-validation). Micro F1: share called right."
    )
    return Group(table, overall, Text(said))


def curve_table(found: LearningCurve) -> Group:
    """Return the held-out macro F1 for each number of documents trained on, with a bar."""
    if found.reason:
        return Group(Text(f"There is no learning curve: {found.reason}."))
    table = Table("trained on", "macro F1", "", box=None)
    table.columns[0].justify = "right"
    for each in found.points:
        bar = "█" * round(each.macro_f1 * BAR_WIDTH)
        table.add_row(f"{each.n_train:,}", f"{each.macro_f1:.2f} ± {each.spread:.2f}", bar)
    return Group(table, Text(f"±: standard deviation over {found.n_repeats} repeats."))


def placement_table(found: Placement) -> Group:
    """Return how many documents without a label get each code, and how many none."""
    counts = Counter(row.code for row in found.rows)
    n_none = counts.pop(None, 0)
    table = Table("code", "documents", box=None)
    table.columns[1].justify = "right"
    for code, n in sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0]))):
        table.add_row(Text(str(code)), f"{n:,}")
    table.add_row("none", f"{n_none:,}", style="dim")
    at = found.threshold
    said = f"None has a code: {at.precision.reason}."
    if at.value is not None:
        said = (
            f"A code from a probability of {at.value:.2f} on: of documents held out, "
            f"{at.coverage:.0%} reach it, and {_share(at.precision)} of these are right "
            f"(wanted: {at.wanted:.0%})."
        )
    return Group(table, Text(said))


def next_table(found: Sequence[Next], titles: Mapping[str, str]) -> Group:
    """Return the documents most worth labelling, with reasons; a key where there is no title."""
    table = Table("", "document", "why", box=None)
    table.columns[0].justify = "right"
    table.columns[1].overflow = "fold"
    for place, each in enumerate(found, start=1):
        table.add_row(str(place), Text(titles.get(each.key, each.key)), Text(each.reason))
    return Group(table, Text(CHOSEN))


def validation_tables(
    found: Validation,
    *,
    names: Mapping[int, str],
    titles: Mapping[str, str],
    n_worst: int | None = None,
    codes: bool = True,
    more: Sequence[Group] = (),
) -> Group:
    """Return the tables, one after the other.

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
    parts: list[Any] = [
        purity_table(found.purity, nodes, n_worst=n_worst),
        noise_table(found.noise),
        *([crosswalk_table(found.crosswalk, names, nodes)] if codes else []),
        Group(
            agreement_lines(found.crosswalk, nodes),
            *([] if codes else [Text(f"Which codes each {ONE[nodes]} holds: --crosswalk.")]),
        ),
        *more,
    ]
    parts += [classifier_table(found.held_out)] if found.held_out else []
    parts += [curve_table(found.curve)] if found.curve else []
    parts += [placement_table(found.placement)] if found.placement else []
    parts += [next_table(found.next, titles)] if found.next else []
    spaced = [line for part in parts for line in (part, Text(""))]
    return Group(*spaced[:-1])


def validation_values(found: Validation) -> dict[str, Any]:
    """Return all of it as JSON-compatible values."""
    return {
        "headline": headline(found.purity, found.nodes),
        "nodes": found.nodes,
        **{
            name: None if part is None else asdict(part)
            for name, part in (
                ("purity", found.purity),
                ("noise", found.noise),
                ("crosswalk", found.crosswalk),
                ("classifier", found.held_out),
                ("learning_curve", found.curve),
                ("placement", found.placement),
            )
        },
        "next": [asdict(each) for each in found.next],
    }


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
    if found.value is None:
        return f"undefined: {found.reason}"
    if found.low is None or found.high is None:
        return f"{found.value:.0%}"
    return f"{found.value:.0%} ({found.low:.0%}–{found.high:.0%})"


def _figure(found: Estimate) -> str:
    if found.value is None:
        return f"undefined: {found.reason}"
    if found.low is None or found.high is None:
        return f"{found.value:.2f}"
    return f"{found.value:.2f} ({found.low:.2f}–{found.high:.2f})"
