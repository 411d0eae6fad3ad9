"""Crosswalks against people who sorted the same documents: Cohen's κ, and what was abstained."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from artifacts.arrays import Integers
from artifacts.errors import InputError
from artifacts.files import read_input
from artifacts.hashing import hash_bytes
from artifacts.intervals import Interval
from configs.codebook import Codebook
from taxonomy.evaluation import (
    CATEGORY_COLUMNS,
    KEY_COLUMNS,
    column_in,
    list_table,
    with_interval,
)
from taxonomy.guidance.scores import Coding

NO_CODE = "(no code)"
ABSTAINED = "(abstained)"
SHOWN = 10
"""Labels, and lines of each, that are named where they are unknown."""


@dataclass(frozen=True)
class CodedRow:
    """What a coder said of one document, and the line of the file that says so."""

    name: str
    label: str
    line: int


@dataclass(frozen=True)
class Coder:
    """One coder's file.

    Attributes
    ----------
    rows
        Those that have a label, in the file's order; names and labels in lower case.
    """

    path: Path
    rows: tuple[CodedRow, ...]

    @property
    def name(self) -> str:
        """Return the file's name without its suffix."""
        return self.path.stem


@dataclass(frozen=True)
class Judgement:
    """A crosswalk against one coder.

    Attributes
    ----------
    n_judged
        Documents of the taxonomy that the coder gave a label.
    unknown
        Names that the coder labelled and the taxonomy does not have.
    n_abstained
        Documents among those judged that have no code.
    kappa
        Cohen's κ on those that have one, with its 95 % interval; None where it is undefined:
        fewer than two documents, or one class alone. Documents that the coder says have no code
        count as a class of their own, that is, as wrong.
    kappa_forced
        κ on all that are judged, the best code taken where none was given.
    confusion
        Documents by the coder's class and the crosswalk's, `ABSTAINED` among the latter.
    """

    name: str
    n_judged: int
    unknown: tuple[str, ...]
    n_abstained: int
    kappa: Interval | None
    kappa_forced: Interval | None
    confusion: Mapping[tuple[str, str], int]

    @property
    def abstention(self) -> float:
        """Return the share of the judged documents that have no code."""
        return self.n_abstained / self.n_judged


@dataclass(frozen=True)
class Ceiling:
    """Two coders with each other, on the documents that both gave a label."""

    name: str
    n_docs: int
    kappa: Interval | None


def read_coder(path: Path, *, column: str | None = None) -> Coder:
    """Read a coder's file: a column that names documents, and one of codes.

    Rows without a code are left out: coders leave it empty where it does not apply.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, or has no code at all.
    """
    table = list_table(path)
    rows = []
    key = column_in(table.head, KEY_COLUMNS, path)
    label = column_in(table.head, CATEGORY_COLUMNS if column is None else (column,), path)
    for line, row in table.records():
        name, said = row.get(key, "").strip(), row.get(label, "").strip()
        if name and said:
            rows.append(CodedRow(name.lower(), said.lower(), line))
    if not rows:
        raise InputError("No document of the list has a code.", where=f"{path}, column {label}")
    return Coder(path, tuple(rows))


def refuse_own_source(book: Codebook, gold_paths: Iterable[Path]) -> None:
    """Refuse to judge what a codebook says by the very list that it was made from.

    It is known by its bytes: a list that was changed since, or made into a table, is not.

    Raises
    ------
    InputError
        If it is among the files, or one of them cannot be read.
    """
    if book.source is None:
        return
    for path in gold_paths:
        if hash_bytes(read_input(path, what="list")) == book.source.sha256:
            raise InputError(
                f"The codebook '{book.codebook.name}' was made from this list: that they agree "
                "proves nothing.",
                where=str(path),
                fix="judge by another list, made by others",
            )


def judge(
    documents: Mapping[str, Coding],
    key_of: Mapping[str, str],
    coder: Coder,
    called: Mapping[str, frozenset[str]],
    *,
    seed: int = 0,
) -> Judgement:
    """Compare a crosswalk with a coder.

    Parameters
    ----------
    documents
        Codings by key.
    key_of
        Key by the names that coders may use, in lower case.
    called
        Ids of the codes that a label means, by the label in lower case; none: it has no code.
    seed
        Seed of the subsamples that the intervals come from.

    Raises
    ------
    InputError
        If a label is none of the codebook's, a document is coded twice, or none is known.
    """
    classes = classes_of([coder], called)
    labels = _labels(coder, key_of, called)
    judged = {key: row.label for key, row in labels.items() if key in documents}
    if not judged:
        raise InputError(
            f"'{coder.name}' codes no document of the taxonomy.",
            where=str(coder.path),
            fix="check that it names documents as the snapshot does (owner/name, url)",
        )
    theirs = {key: _class_of(label, called, classes) for key, label in judged.items()}
    ours = {key: classes.get(documents[key].code or "", documents[key].code) for key in judged}
    best = {key: classes.get(documents[key].best or "", documents[key].best) for key in judged}
    kept = [key for key in judged if ours[key] is not None]
    return Judgement(
        name=coder.name,
        n_judged=len(judged),
        unknown=tuple(row.name for key, row in labels.items() if key not in documents),
        n_abstained=len(judged) - len(kept),
        kappa=kappa_figure([theirs[k] for k in kept], [str(ours[k]) for k in kept], seed),
        kappa_forced=kappa_figure(list(theirs.values()), [str(b) for b in best.values()], seed),
        confusion=dict(Counter((theirs[key], ours[key] or ABSTAINED) for key in judged)),
    )


def ceilings(
    coders: Sequence[Coder],
    key_of: Mapping[str, str],
    called: Mapping[str, frozenset[str]],
    *,
    seed: int = 0,
) -> list[Ceiling]:
    """Return how far every two coders agree, on what both gave a label."""
    found = []
    for pair in combinations(coders, 2):
        classes = classes_of(pair, called)
        one, other = (_labels(coder, key_of, called) for coder in pair)
        shared = [key for key in one if key in other]
        said = [
            [_class_of(own[key].label, called, classes) for key in shared] for own in (one, other)
        ]
        name = " × ".join(coder.name for coder in pair)
        found.append(Ceiling(name, len(shared), kappa_figure(said[0], said[1], seed)))
    return found


def classes_of(coders: Sequence[Coder], called: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Return the class of each code: what the coders' labels do not tell apart is one.

    A label may mean several codes, and a code have several labels; a class is what hangs together
    by them. It is called by its code, or if it has several by its labels. Codes that no label
    means are left out: each is a class of its own.
    """
    used = {row.label for coder in coders for row in coder.rows} & called.keys()
    members: dict[str, set[str]] = {}
    for label in sorted(used):
        together = set(called[label])
        for code in called[label]:
            together |= members.get(code, set())
        members.update(dict.fromkeys(together, together))
    return {
        code: code
        if len(together) == 1
        else " / ".join(sorted(label for label in used if called[label] & together))
        for code, together in members.items()
    }


def kappa(truth: Integers, found: Integers) -> float | None:
    """Return Cohen's κ of two codings of the same documents (Cohen 1960), in [-1, 1].

    None where it is undefined: no document, or all in one and the same class.
    """
    if len(truth) == 0:
        return None
    classes = np.union1d(truth, found)
    of_one = (truth[:, None] == classes).mean(axis=0)
    of_other = (found[:, None] == classes).mean(axis=0)
    by_chance = float(of_one @ of_other)
    if by_chance >= 1:
        return None
    return (float((truth == found).mean()) - by_chance) / (1 - by_chance)


def kappa_figure(theirs: Sequence[str], ours: Sequence[str], seed: int) -> Interval | None:
    """Return κ with the interval that subsamples give, or None where κ is undefined."""
    _, numbers = np.unique(np.array([*theirs, *ours]), return_inverse=True)
    truth, found = numbers[: len(theirs)], numbers[len(theirs) :]
    if len(truth) < 2 or kappa(truth, found) is None:
        return None
    return with_interval(_defined_kappa, truth, found, seed)


def _defined_kappa(truth: Integers, found: Integers) -> float:
    """Return κ; 1 for a subsample of one class, on which both agree."""
    value = kappa(truth, found)
    return 1.0 if value is None else value


def _labels(
    coder: Coder, key_of: Mapping[str, str], called: Mapping[str, frozenset[str]]
) -> dict[str, CodedRow]:
    """Return what is said of each document by its key; by its name where that is unknown."""
    _refuse_unknown(coder, called)
    labels: dict[str, CodedRow] = {}
    for row in coder.rows:
        key = key_of.get(row.name, row.name)
        if (before := labels.setdefault(key, row)).label != row.label:
            raise InputError(
                f"'{row.name}' is coded twice: '{before.label}' and '{row.label}'.",
                where=f"{coder.path}, line {row.line}",
                fix="keep one of the two rows",
            )
    return labels


def _refuse_unknown(coder: Coder, called: Mapping[str, frozenset[str]]) -> None:
    """Refuse labels that the codebook does not know, with all of their lines."""
    unknown: dict[str, list[int]] = {}
    for row in coder.rows:
        if row.label not in called:
            unknown.setdefault(row.label, []).append(row.line)
    if not unknown:
        return
    (first, lines), *others = unknown.items()
    listed = [f"'{label}', {_listed(those)}" for label, those in others[: SHOWN - 1]]
    if len(unknown) > SHOWN:
        listed.append(f"and {len(unknown) - SHOWN} more")
    none = ", ".join(json.dumps(label, ensure_ascii=False) for label in list(unknown)[:SHOWN])
    what = f"The codebook has no code '{first}'" + (", and none of these:" if others else ".")
    raise InputError(
        "\n    ".join([what, *listed]),
        where=f"{coder.path}, {_listed(lines)}",
        fix="in a copy of the codebook, make each an alias of a code (aliases = […]), or, where "
        f"none fits, a word for no code (none = [{none}]); it has {', '.join(sorted(called))}",
    )


def _listed(lines: Sequence[int]) -> str:
    word = "line" if len(lines) == 1 else "lines"
    more = f" and {len(lines) - SHOWN:,} more" if len(lines) > SHOWN else ""
    return f"{word} {', '.join(map(str, lines[:SHOWN]))}{more}"


def _class_of(label: str, called: Mapping[str, frozenset[str]], classes: Mapping[str, str]) -> str:
    codes = called[label]
    return classes[min(codes)] if codes else NO_CODE
