"""Sets of labels and what is done with them, as tables for the terminal and as plain values."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.errors import InputError
from labels.adjudication import Adjudication
from labels.history.events import DECISIONS, in_order
from labels.history.replay import Wave
from labels.joining import Joined, conflicts
from labels.label_set import LabelSet
from labels.records import same_name
from labels.waves import closed_waves, coders_of, unfinished_in

if TYPE_CHECKING:
    from labels.annotator.script import Summary
    from labels.session import Tally
    from opsatlas.labelling.importing import BroughtIn

HIDDEN_KINDS = DECISIONS | {"undo", "redo", "seen"}
CONFLICTS_SHOWN = 10


def sets_table(paths: Sequence[Path]) -> Group:
    """Return a line for each set of labels."""
    if not paths:
        return Group(Text("There are no labels yet: opsatlas label sample NAME --codebook …"))
    table = Table("name", "codebook", "documents", "waves", "coders", box=None)
    table.columns[2].justify = "right"
    for row in sets_values(paths):
        waves = f"{row['waves']} ({row['open']} open)" if row["open"] else f"{row['waves']} closed"
        cells = (row["name"], row["codebook"], f"{row['documents']:,}", waves)
        table.add_row(*map(Text, cells), Text(", ".join(row["coders"]) or "nobody yet"))
    return Group(table)


def sets_values(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Return what there is, as JSON-compatible values."""
    found = []
    for path in paths:
        with LabelSet.open(path, read_only=True) as labels:
            state = labels.state
            found.append(
                {
                    "name": path.stem,
                    "codebook": labels.book.head.name,
                    "version": labels.book.codebook().codebook.version,
                    "documents": len(state.wave_of),
                    "waves": len(state.waves),
                    "open": len(state.waves) - len(state.closed),
                    "coders": labels.coders(),
                }
            )
    return found


def waves_table(labels: LabelSet) -> Group:
    """Return a line for each wave and coder: how much is done."""
    table = Table("wave", "state", "coder", "documents", "left", box=None)
    for column in table.columns[3:]:
        column.justify = "right"
    for row in waves_values(labels):
        coders = row["coders"] or [
            {"coder": "nobody yet", "documents": row["documents"], "left": None}
        ]
        for place, each in enumerate(coders):
            table.add_row(
                Text("" if place else row["wave"]),
                "" if place else row["state"],
                Text(each["coder"]),
                f"{each['documents']:,}",
                "–" if each["left"] is None else f"{each['left']:,}",
            )
    return Group(table)


def waves_report(labels: LabelSet) -> Group:
    """Return the waves and what to do next."""
    return Group(waves_table(labels), Text(f"Next: {next_step(labels)}"))


def next_step(labels: LabelSet) -> str:
    """Return what is to be done next in a set of labels, as a command and why."""
    name, state = labels.name, labels.state
    for wave in state.waves.values():
        if wave.name in state.closed:
            continue
        left = {who: n for who, n in unfinished_in(labels, wave).items() if n}
        if left or not coders_of(labels, wave):
            who = next(iter(left), "NAME")
            return f"code: opsatlas label annotate {name} --coder {shlex.quote(who)}"
        alone = "" if len(coders_of(labels, wave)) > 1 else "let a second coder code, or "
        return f"{alone}close the wave: opsatlas label wave close {name} {wave.name}"
    coders = labels.coders()
    if len(coders) > 1 and (n := _n_unsettled(labels, coders)):
        by = " ".join(f"--by {shlex.quote(who)}" for who in coders)
        return (
            f"see the agreement (opsatlas label agree {name}), and settle "
            f"{counted(n, 'disagreement')}: "
            f"opsatlas label adjudicate {name} {by}"
        )
    if "layer" in state.begin["facts"]:
        return f"hold the taxonomy against the labels: opsatlas label validate {name}"
    return f"use the labels elsewhere: opsatlas label export {name} FILE"


def _n_unsettled(labels: LabelSet, coders: Sequence[str]) -> int:
    adjudication = Adjudication(labels, closed_waves(labels, None), by=coders)
    return sum(dispute.outcome is None for dispute in adjudication.disputes())


def waves_values(labels: LabelSet) -> list[dict[str, Any]]:
    """Return the waves as JSON-compatible values; nothing of what coders said is in them."""
    state = labels.state
    return [
        {
            "wave": wave.name,
            "state": "closed" if wave.name in state.closed else "open",
            "documents": len(wave.items),
            "coders": [
                {"coder": who, "documents": _n_for(wave, who), "left": left}
                for who, left in unfinished_in(labels, wave).items()
            ],
        }
        for wave in state.waves.values()
    ]


def set_report(labels: LabelSet) -> Group:
    """Return how a set of labels was drawn, its waves and coders, and what waits to be done."""
    values = set_values(labels)
    lines = [
        f"{values['name']}: {counted(values['documents'], 'document')}, codebook "
        f"'{values['codebook']}' in version {values['version']}"
        + (f", {counted(values['changes'], 'change')}" if values["changes"] else "")
        + "."
    ]
    named = labels.named
    if named is not None:
        lines.append(f"Named beforehand: {named.coefficient} of at least {named.threshold:g}.")
    lines += [wave["design_in_words"] for wave in values["designs"]]
    lines += [f"{who}: {n:,} to code anew." for who, n in values["open"].items() if n]
    lines += [
        f"{who}: {counted(n, 'decision')} after the close of a wave."
        for who, n in values["late"].items()
    ]
    if values["conflicts"]:
        n_conflicts = counted(len(values["conflicts"]), "conflict")
        lines.append(f"{n_conflicts} between copies of one coder, to be decided again.")
    return Group(*map(Text, lines), waves_report(labels))


def set_values(labels: LabelSet) -> dict[str, Any]:
    """Return the same as JSON-compatible values."""
    state, book = labels.state, labels.book
    return {
        "name": labels.name,
        "facts": state.begin["facts"],
        "named": None if labels.named is None else asdict(labels.named),
        "codebook": book.head.name,
        "version": book.codebook().codebook.version,
        "changes": len(state.changes),
        "documents": len(state.wave_of),
        "designs": _designs(labels),
        "waves": waves_values(labels),
        "open": {who: len(open_items(labels, who)) for who in labels.coders()},
        "late": _late(labels),
        "conflicts": [asdict(each) | {"first": None, "last": None} for each in conflicts(state)],
        "next": next_step(labels),
    }


def counted(n: int, thing: str) -> str:
    """Return how many things there are, in words: one thing, or several things."""
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


def open_items(labels: LabelSet, coder: str) -> list[str]:
    """Return the documents of open waves that a change of the codebook wants coded anew."""
    return [
        item
        for item in labels.state.desk(coder).fields
        if _is_open(labels, item)
        and any(not answer.is_settled for answer in labels.state.answers(coder, item).values())
    ]


def log_lines(labels: LabelSet, coder: str | None) -> Iterator[str]:
    """Yield every event as a JSON line; what is still blind is left out, and counted at the end.

    Raises
    ------
    InputError
        If the coder did nothing.
    """
    coder = coder and same_name(coder)
    n_hidden, events = 0, in_order(labels.store.all_events())
    there = sorted({event.coder for event in events})
    if coder is not None and coder not in there:
        raise InputError(f"'{coder}' did nothing here.", fix=f"who did: {', '.join(there)}")
    for event in events:
        if coder is not None and event.coder != coder:
            continue
        wave = labels.state.wave_of.get(event.item or "")
        if event.kind in HIDDEN_KINDS and coder is None and wave not in labels.state.closed:
            n_hidden += 1
            continue
        yield json.dumps(event._asdict(), ensure_ascii=False)
    if n_hidden:
        yield json.dumps({"left_out": n_hidden, "why": "decisions in waves that are still open"})


def script_sentence(summary: Summary, tally: Tally) -> str:
    """Return what decisions from lines came to."""
    return (
        f"{counted(summary.n_decisions, 'decision')} from {counted(summary.n_lines, 'line')}; "
        f"{tally.done:,} of {counted(tally.total, 'document')} are done."
    )


def dispute_lines(adjudication: Adjudication) -> Iterator[str]:
    """Yield every disagreement as a JSON line."""
    for dispute in adjudication.disputes():
        yield json.dumps(
            {
                "item": dispute.item,
                "title": adjudication.document(dispute.item).title,
                "variable": dispute.variable,
                "said": {
                    side.coder: {
                        "codes": None if side.answer is None else list(side.answer.codes),
                        "memo": side.memo,
                        "confidence": side.confidence,
                        "flagged": side.flagged,
                    }
                    for side in dispute.sides
                },
                "outcome": None if dispute.outcome is None else list(dispute.outcome),
            },
            ensure_ascii=False,
        )


def settled_sentence(adjudication: Adjudication, n_settled: int) -> str:
    """Return how much was settled, and how much is left."""
    disputes = adjudication.disputes()
    left = sum(dispute.outcome is None for dispute in disputes)
    rest = f"{left:,} of {len(disputes):,} are left" if left else f"all {len(disputes):,} are"
    return f"{counted(n_settled, 'disagreement')} settled; {rest}" + ("." if left else " settled.")


def imported_report(found: BroughtIn, name: str) -> Group:
    """Return what came in from a file."""
    return Group(*map(Text, [*_brought_in(found, name), *found.left_out, *_next_file(found, name)]))


def _brought_in(found: BroughtIn, name: str) -> Iterator[str]:
    done = found.imported
    if done is not None:
        same = f"; {done.n_same:,} of the codings were there already, just so"
        empty = f"; {done.n_empty:,} of the codings say nothing"
        yield (
            f"{counted(done.n_items, 'coding')} by {', '.join(done.coders)}: "
            + counted(done.n_decisions, "decision")
            + (same if done.n_same else "")
            + (empty if done.n_empty else "")
            + "."
        )
    elif found.codebook is not None:
        sample = f"opsatlas label sample {name} --codebook {shlex.quote(str(found.codebook))}"
        yield f"The file has a codebook, and no documents or labels: {found.codebook} is written."
        yield f"To code with it: {sample}"
    else:
        documents = counted(found.n_documents, "document")
        yield f"Nothing is coded in the file; its codebook and {documents} are here, to be coded."
        yield f"To code: opsatlas label annotate {name} --coder NAME"


def _next_file(found: BroughtIn, name: str) -> Iterator[str]:
    if found.imported is not None and found.wave is not None:
        yield f"The next coder's file: opsatlas label import {name} FILE --coder NAME"
        yield f"When all are in, close the wave: opsatlas label wave close {name} {found.wave}"


def joined_report(joined: Joined, labels: LabelSet) -> Group:
    """Return what came in from copies, and what is to be looked at."""
    n_added = sum(joined.added.values())
    listed = ", ".join(f"{n:,} of {who}" for who, n in sorted(joined.added.items()))
    came = f"{counted(n_added, 'event')} came in: {listed}."
    lines = [came if n_added else "There was nothing new."]
    lines += [
        f"{who} made {counted(n, 'decision')} while another copy closed the wave; they count."
        for who, n in sorted(joined.late.items())
    ]
    lines += [
        f"Two copies created '{code}' with other meanings: see opsatlas label codebook history."
        for code in joined.doubled
    ]
    parts: list[Any] = [Text(line) for line in lines]
    if joined.conflicts:
        parts += _conflicts(joined, labels)
    return Group(*parts)


def joined_values(joined: Joined, labels: LabelSet) -> dict[str, Any]:
    """Return the same as JSON-compatible values; what is still blind is not said."""
    blind = {"first": None, "last": None}
    return {
        "added": dict(joined.added),
        "late": dict(joined.late),
        "doubled": list(joined.doubled),
        "conflicts": [
            asdict(each) | (blind if _is_open(labels, each.item) else {})
            for each in joined.conflicts
        ],
    }


def _conflicts(joined: Joined, labels: LabelSet) -> list[Any]:
    table = Table("coder", "document", "what", "one copy", "the other, which holds", box=None)
    for each in joined.conflicts[:CONFLICTS_SHOWN]:
        # What a coder said in a wave that is open is for that coder alone.
        hidden = _is_open(labels, each.item)
        said = ("(blind)", "(blind)") if hidden else (_said(each.first), _said(each.last))
        title = labels.document(each.item).title
        table.add_row(*map(Text, (each.coder, title, each.what, *said)))
    more = len(joined.conflicts) - CONFLICTS_SHOWN
    return [
        Text(
            f"{counted(len(joined.conflicts), 'conflict')}: "
            "one coder said two things in two copies."
        ),
        table,
        *([Text(f"… and {more:,} more.")] if more > 0 else []),
        Text("They are over once the coder decides again: opsatlas label annotate."),
    ]


def _is_open(labels: LabelSet, item: str) -> bool:
    return labels.state.wave_of.get(item) not in labels.state.closed


def _said(value: Any) -> str:
    if value is None or value == [] or value == "":
        return "nothing"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _n_for(wave: Wave, coder: str) -> int:
    return sum(wave.is_for(coder, item) for item in wave.items)


def _late(labels: LabelSet) -> dict[str, int]:
    found: dict[str, int] = {}
    for event in labels.state.late:
        found[event.coder] = found.get(event.coder, 0) + 1
    return found


def _designs(labels: LabelSet) -> list[dict[str, Any]]:
    """Return how the documents came in: once for all that were drawn, and each gift."""
    from labels.samples import GIVEN, sample_of
    from opsatlas.cli.views.sampling import design_paragraph

    sample = sample_of(labels)
    found = [] if sample is None else [{"design_in_words": design_paragraph(sample)}]
    for wave in labels.state.waves.values():
        if wave.design["method"] == GIVEN:
            words = f"{wave.name}: {len(wave.items):,} documents, those of {wave.design['source']}."
            found.append({"design_in_words": words})
    return found
