"""What a set of labels holds, how far its coders are, and what waits for them.

Nothing of what coders said in a wave that is still open is in it: coding is blind until then.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from artifacts.errors import InputError
from labels.history.events import DECISIONS, in_order
from labels.history.replay import Wave
from labels.label_set import LabelSet
from labels.records import same_name
from labels.samples import GIVEN, sample_of
from labels.waves import unfinished_in

HIDDEN_KINDS = DECISIONS | {"undo", "redo", "seen"}


def summary(labels: LabelSet) -> dict[str, Any]:
    """Return the set in figures: documents, waves, coders."""
    state = labels.state
    return {
        "codebook": labels.book.head.name,
        "version": labels.book.codebook().codebook.version,
        "documents": len(state.wave_of),
        "waves": len(state.waves),
        "open": len(state.waves) - len(state.closed),
        "coders": labels.coders(),
    }


def overview(labels: LabelSet) -> dict[str, Any]:
    """Return how a set was drawn, its waves and coders, and what waits, as plain values."""
    state, book = labels.state, labels.book
    return {
        "name": labels.name,
        "facts": state.begin["facts"],
        "named": labels.named,
        "codebook": book.head.name,
        "version": book.codebook().codebook.version,
        "changes": len(state.changes),
        "documents": len(state.wave_of),
        "designs": _designs(labels),
        "waves": progress(labels),
        "open": {who: len(open_items(labels, who)) for who in labels.coders()},
        "late": Counter(event.coder for event in labels.state.late),
        "conflicts": [
            vars(conflict) | {"first": None, "last": None} for conflict in state.conflicts()
        ],
    }


def progress(labels: LabelSet) -> list[dict[str, Any]]:
    """Return how far each coder is in each wave."""
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


def open_items(labels: LabelSet, coder: str) -> list[str]:
    """Return the documents of open waves that a change of the codebook wants coded anew."""
    return [
        item
        for item in labels.state.desk(coder).fields
        if is_open(labels, item)
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
    active = sorted({event.coder for event in events})
    if coder is not None and coder not in active:
        raise InputError(f"'{coder}' did nothing here.", fix=f"who did: {', '.join(active)}")
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


def is_open(labels: LabelSet, item: str) -> bool:
    """Tell whether a document's wave is still open, so that what coders say of it is hidden."""
    return labels.state.wave_of.get(item) not in labels.state.closed


def _n_for(wave: Wave, coder: str) -> int:
    return sum(wave.is_for(coder, item) for item in wave.items)


def _designs(labels: LabelSet) -> list[dict[str, Any]]:
    """Return how the documents came in: once for all that were drawn, and each gift."""
    sample = sample_of(labels)
    designs = [] if sample is None else [{"design_in_words": sample.in_words}]
    for wave in labels.state.waves.values():
        if wave.design["method"] == GIVEN:
            words = f"{wave.name}: {len(wave.items):,} documents, those of {wave.design['source']}."
            designs.append({"design_in_words": words})
    return designs
