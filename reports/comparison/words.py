"""What a comparison found, in sentences that a paper can quote, with their figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from artifacts.words import NODE
from reports.comparison.inputs import ShownLineage, ShownSide
from taxonomy.lineage.values import (
    EVENT_KINDS,
    ChangeVerdict,
    EventKind,
    Growth,
    LineageEvent,
)

DOCUMENTS = {"tools": "tools", "themes": "feature requests"}
VERDICTS: dict[ChangeVerdict, str] = {
    "change": "Other documents of an unchanged population give as much in 5 of 100 comparisons at "
    "most, and re-running the same documents in 20, over all {nodes} at once (unless the study "
    "sets other bounds).",
    "unclear": "Larger than most of what an unchanged population gives, but not beyond it: neither "
    "the one nor the other.",
    "noise": "No larger than what re-running or exchanging documents gives by itself.",
}
KINDS: dict[EventKind, str] = {
    "born": "its documents had no place before",
    "died": "its documents have no place after",
    "split": "its documents are now in several",
    "merged": "documents of several are now in one",
    "drifted": "it goes on, about something else",
    "persisted": "it goes on",
}


def days(shown: ShownLineage) -> str:
    """Return the dates of both sides."""
    return f"{shown.earlier.day.isoformat()} and {shown.later.day.isoformat()}"


def nodes_of(side: ShownSide, number: int) -> str:
    """Return a number of topics or categories in words."""
    plural = side.layer if number != 1 else NODE[side.layer]
    return f"{number:,} {plural}"


def p_in_words(p: float) -> str:
    """Return a p-value as papers print it."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}" if p < 0.01 else f"p = {p:.2f}"


def percent(share: float) -> str:
    """Return a share in percent."""
    return f"{100 * share:.0f} %"


def size_in_words(event: LineageEvent) -> str:
    """Return how large an event is, with what is measured."""
    if event.kind == "born":
        return f"{percent(event.size)} had no place before"
    if event.kind == "died":
        return f"{percent(event.size)} have no place after"
    if event.kind in ("split", "merged"):
        return f"{percent(event.size)} outside the largest part"
    return f"moved {event.size:.2f} (cosine distance)"


def headline(shown: ShownLineage) -> str:
    """Return the whole comparison in one sentence."""
    differences = [event for event in shown.lineage.events if event.kind != "persisted"]
    counts = Counter(event.verdict for event in differences)
    changed = Counter(event.kind for event in differences if event.verdict == "change")
    one = NODE[shown.earlier.layer]
    if changed:
        said = ", ".join(f"{changed[kind]} {kind}" for kind in EVENT_KINDS if changed[kind])
        begin = f"Between {days(shown)}, {counts['change']} of {len(differences)} differences"
        begin += f" {'is' if counts['change'] == 1 else 'are'} beyond noise ({said})"
    elif differences:
        begin = f"Between {days(shown)}, none of {len(differences)} differences is beyond noise"
    else:
        begin = f"Between {days(shown)}, every {one} goes on as it was"
    rest = f"; {counts['unclear']} unclear, {counts['noise']} within it" if differences else ""
    persisted = len(shown.lineage.continuation())
    whole = nodes_of(shown.earlier, len(shown.earlier.nodes))
    return f"{begin}{rest}. {persisted} of {whole} go on.{_sizes_in_words(shown)}"


def _sizes_in_words(shown: ShownLineage) -> str:
    """Return how many of the nodes that go on differ in size, by verdict: all, or none is told."""
    # That a node is new, or gone, is an event, and counted as such.
    counts = Counter(
        growth.verdict
        for growth in shown.lineage.growth
        if None not in (growth.earlier, growth.later)
    )
    if not counts["change"] + counts["unclear"]:
        return ""
    return (
        f" In size, {counts['change']} of these differ{'s' * (counts['change'] == 1)} beyond "
        f"noise; {counts['unclear']} unclear, {counts['noise']} within it."
    )


def populations(shown: ShownLineage) -> str:
    """Return how many documents and nodes each side has."""
    said = []
    for side in (shown.earlier, shown.later):
        documents = f"{len(side.node_of):,} {DOCUMENTS[side.corpus]}"
        said.append(
            f"on {side.day.isoformat()} {documents}, of which {side.placed:,} in "
            f"{nodes_of(side, len(side.nodes))}"
        )
    return f"There were {'; '.join(said)}."


def event_sentence(shown: ShownLineage, event: LineageEvent) -> str:
    """Return one event as a sentence."""
    before, after = _quoted(shown.earlier, event.earlier), _quoted(shown.later, event.later)
    what = {
        "born": f"{after} is new: {size_in_words(event)}",
        "died": f"{before} is gone: {size_in_words(event)}",
        "split": f"{before} has split into {after}: {size_in_words(event)}",
        "merged": f"{before} have merged into {after}: {size_in_words(event)}",
        "drifted": f"{before} has drifted to {after}: {size_in_words(event)}",
        "persisted": f"{before} goes on as {after}: {size_in_words(event)}",
    }[event.kind]
    such = f"; such as {shown.titles(event.evidence[:3])}" if event.evidence else ""
    return f"{what} (corrected {p_in_words(event.p)}, {event.verdict}){such}."


def growth_sentence(shown: ShownLineage, growth: Growth) -> str:
    """Return why one node is larger or smaller, as a sentence."""
    verb = "grew" if growth.difference > 0 else "shrank" if growth.difference < 0 else "stayed"
    return (
        f"{growth_quoted(shown, growth)} {verb} from {growth.size_earlier:,} "
        f"({percent(growth.share_earlier)} of all) to {growth.size_later:,} "
        f"({percent(growth.share_later)}; 95 % by re-running: {growth.low:.0f} to "
        f"{growth.high:.0f}): {growth.new:,} new, {growth.left:,} left, {growth.moved_in:,} moved "
        f"in, {growth.moved_out:,} moved out (share: corrected {p_in_words(growth.p)}, "
        f"{growth.verdict})."
    )


def moves_sentence(shown: ShownLineage) -> str:
    """Return what became of the documents, as a sentence."""
    stays = Counter(move.stay for move in shown.lineage.moves)
    both = [m for m in shown.lineage.moves if None not in (m.key_earlier, m.key_later)]
    redescribed = sum(move.is_redescribed for move in both)
    documents = DOCUMENTS[shown.earlier.corpus]
    said = (
        f"Of {len(both):,} {documents} in both, {stays['stayed']:,} stayed with their "
        f"{NODE[shown.earlier.layer]}, {stays['moved']:,} moved, and {stays['unplaced']:,} are in "
        f"one on one side at most; {stays['new']:,} are new and {stays['left']:,} left"
    )
    share = f" ({percent(redescribed / len(both))} of those in both)" if both else ""
    return f"{said}. {redescribed:,} have another text{share}."


def floor_sentence(shown: ShownLineage) -> str:
    """Return the noise floor as a sentence."""
    floor = shown.lineage.floor
    earlier, later = floor.agreement
    both = (
        "they share no documents"
        if floor.observed_agreement is None
        else f"with each other, over the documents of both, they agree at "
        f"{floor.observed_agreement:.2f}"
    )
    return (
        f"Run again on the same documents, the earlier taxonomy agrees with itself at AMI "
        f"{earlier:.2f} and the later at {later:.2f} ({floor.n_resamples[0]:,} and "
        f"{floor.n_resamples[1]:,} resampled consensuses); {both}."
    )


def method_sentence(shown: ShownLineage) -> str:
    """Return how verdicts are reached, as a sentence."""
    return (
        "Each difference is compared with resampled consensuses of each taxonomy's own ensemble "
        f"and with {shown.lineage.floor.n_shuffles:,} exchanges of documents between the "
        "snapshots; p-values are the larger of the two, corrected over all "
        f"{shown.earlier.layer} by the maximum statistic (Westfall & Young 1993)."
    )


def sentences(shown: ShownLineage) -> list[str]:
    """Return all that a paper can quote, in order: populations, changes, growth, moves, floor."""
    grown = [growth for growth in shown.lineage.growth if growth.verdict == "change"]
    return [
        populations(shown),
        headline(shown),
        *(event_sentence(shown, event) for event in shown.lineage.changes()),
        *(growth_sentence(shown, growth) for growth in grown),
        moves_sentence(shown),
        floor_sentence(shown),
        method_sentence(shown),
    ]


def growth_quoted(shown: ShownLineage, growth: Growth) -> str:
    """Return the names of a node whose growth is told, in quotation marks."""
    names = [] if growth.earlier is None else [shown.earlier.node(growth.earlier).name]
    names += [] if growth.later is None else [shown.later.node(growth.later).name]
    return " → ".join(f"“{name}”" for name in dict.fromkeys(names))


def growth_name(shown: ShownLineage, growth: Growth) -> str:
    """Return what a node is called whose growth is told: both names where they differ."""
    names = [] if growth.earlier is None else [shown.earlier.called(growth.earlier)]
    names += [] if growth.later is None else [shown.later.called(growth.later)]
    return " → ".join(dict.fromkeys(names))


def _quoted(side: ShownSide, numbers: Sequence[int]) -> str:
    names = [f"“{side.node(number).name}” ({side.size(number):,})" for number in numbers]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def node_sentences(shown: ShownLineage, number: int) -> list[str]:
    """Return what became of a node of the later side since the earlier, in short sentences."""
    told = [
        event_sentence(shown, event)
        for event in shown.lineage.events
        if number in event.later and event.kind != "persisted"
    ]
    then, documents = shown.earlier.day.isoformat(), DOCUMENTS[shown.later.corpus]
    sure = {"change": "beyond noise", "unclear": "unclear", "noise": "within noise"}
    for growth in shown.lineage.growth:
        if growth.later != number or growth.earlier is None:
            continue
        before = shown.earlier.node(growth.earlier).name
        called = "" if before == shown.later.node(number).name else f", then called “{before}”"
        told.append(
            f"On {then} it had {growth.size_earlier:,} {documents}{called}: {growth.new:,} are new "
            f"since, {growth.left:,} left, {growth.moved_in:,} moved in and {growth.moved_out:,} "
            f"moved out. As a share of all, the difference is {sure[growth.verdict]}."
        )
    return told
