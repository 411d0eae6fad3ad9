"""Waves: a sample is coded in one or more of them, each blind until it is closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from artifacts.errors import InputError
from labels.coders import check_coder
from labels.history.events import Draft
from labels.history.replay import Wave, settled_codes
from labels.history.store import text_hash
from labels.label_set import LabelSet
from labels.records import Document


@dataclass(frozen=True)
class WaveDocument:
    """A document that was drawn, and from which stratum."""

    document: Document
    stratum: str


def open_wave(
    labels: LabelSet,
    name: str,
    drawn: Sequence[WaveDocument],
    *,
    coder: str,
    coders: Mapping[str, frozenset[str] | None],
    design: Mapping[str, Any],
    seed: int,
) -> None:
    """Add documents that are to be coded.

    Parameters
    ----------
    coders
        The keys of each coder's documents; None: all of them. Empty: whoever comes codes all.
    design
        How the sample was drawn; JSON-compatible.
    seed
        Of the order in which each coder meets the documents.

    Raises
    ------
    InputError
        If the name is taken, there is no document, one stands twice or is in an earlier wave, or a
        coder is to code one that is not there.
    """

    def drafts() -> list[Draft]:
        if name in labels.state.waves:
            raise InputError(f"There is a wave '{name}' already.", fix="choose another name")
        if not drawn:
            raise InputError(f"The wave '{name}' has no documents.")
        _refuse_misdrawn(labels, [each.document.key for each in drawn], coders)
        body = {
            "wave": name,
            "items": [
                [each.document.key, each.stratum, text_hash(each.document)] for each in drawn
            ],
            "coders": {
                check_coder(who): None if keys is None else sorted(keys)
                for who, keys in coders.items()
            },
            "design": dict(design),
            "seed": seed,
        }
        return [Draft("wave", check_coder(coder), None, body)]

    labels.write(drafts, [each.document for each in drawn])


def _refuse_misdrawn(
    labels: LabelSet, keys: Sequence[str], coders: Mapping[str, frozenset[str] | None]
) -> None:
    for key in keys:
        if (other := labels.state.wave_of.get(key)) is not None:
            raise InputError(f"The document is in the wave '{other}' already.", where=key)
    if repeated := [key for key, count in Counter(keys).items() if count > 1]:
        raise InputError("The document stands twice.", where=repeated[0])
    for coder, share in coders.items():
        if unknown := (share or frozenset()) - set(keys):
            raise InputError(f"'{coder}' is to code what is not drawn.", where=min(unknown))


def close_wave(labels: LabelSet, name: str, *, coder: str, unfinished: bool = False) -> None:
    """Close a wave: its coding ends, and what its coders said can be seen.

    Raises
    ------
    InputError
        If it is not there, closed already, or somebody is not done and ``unfinished`` is not set.
    """

    def drafts() -> list[Draft]:
        wave = wave_named(labels, name)
        if name in labels.state.closed:
            raise InputError(f"The wave '{name}' is closed already.")
        left = {who: n for who, n in unfinished_in(labels, wave).items() if n}
        if left and not unfinished:
            listed = ", ".join(f"{who} has {n:,} left" for who, n in left.items())
            raise InputError(
                f"The wave '{name}' is not done: {listed}.",
                where=str(labels.store.path),
                fix="code the rest, or close it as it is with --unfinished",
            )
        opened = next(uid for uid, known in labels.state.opened.items() if known == name)
        return [Draft("close", check_coder(coder), None, {"opened": opened})]

    labels.write(drafts)


def wave_named(labels: LabelSet, name: str) -> Wave:
    """Return the wave of that name; raise `InputError` if there is none."""
    found = labels.state.waves.get(name)
    if found is None:
        there = ", ".join(labels.state.waves) or "none yet"
        raise InputError(f"There is no wave '{name}'.", fix=f"there are: {there}")
    return found


def closed_waves(labels: LabelSet, names: Sequence[str] | None) -> list[Wave]:
    """Return the named waves, or all, which must be closed: until then nobody sees the others.

    Raises
    ------
    InputError
        If there is none, or one of them is open.
    """
    waves = [wave_named(labels, name) for name in names or labels.state.waves]
    if not waves:
        raise InputError("There is no wave yet.", where=str(labels.store.path))
    still = [wave.name for wave in waves if wave.name not in labels.state.closed]
    if still:
        closed = [wave.name for wave in waves if wave.name not in still]
        other = f", or look at a closed one alone: --wave {closed[0]}" if closed else ""
        raise InputError(
            f"Coding is still blind: the wave '{still[0]}' is open.",
            where=str(labels.store.path),
            fix=f"close it first: opsatlas label wave close {labels.name} {still[0]}{other}",
        )
    return waves


def coders_of(labels: LabelSet, wave: Wave) -> list[str]:
    """Return who codes a wave: those who were named, else whoever decided something in it."""
    if wave.coders:
        return sorted(wave.coders)
    items = set(wave.items)
    return [who for who in labels.coders() if not items.isdisjoint(labels.state.desk(who).fields)]


def unfinished_in(labels: LabelSet, wave: Wave) -> dict[str, int]:
    """Return how many documents of a wave each of its coders has not finished."""
    return {
        who: sum(wave.is_for(who, item) and not is_done(labels, who, item) for item in wave.items)
        for who in coders_of(labels, wave)
    }


def is_done(labels: LabelSet, coder: str, item: str) -> bool:
    """Tell whether a coder answered every variable that applies to a document."""
    settled = settled_codes(labels.state.answers(coder, item))
    return all(variable.id in settled for variable in labels.book.asked_with(settled))
