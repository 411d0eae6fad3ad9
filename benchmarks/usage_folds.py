"""Tables that were filled by looking, held against repositories that nobody looked at for them.

The framework files have tables of what calls give, of parameters that are handed in, of the names
of modules, and of uses through other libraries. Some of it is documented, some was seen in the
listed repositories; which, cannot be told. So for each fold of repositories the tables are cut to
what the repositories of the other folds exercise, and the fold is scanned with the rest. Without
what only the fold exercises, documented or not, recall is a lower bound of that on other
repositories; with the whole tables it is an upper one.

What calls give is exercised where the scan looks it up; the other tables where the last part of an
entry stands in the Python of a repository, which is more than is used: the bound is less strict
there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np

from benchmarks.usage_code import Listed, Row, code_texts, files_of, rows_of, shipped
from configs.framework import Framework
from insights.usage.evaluation import Score, UseClass, evaluate_uses
from usage.catalog import Catalog
from usage.scan import scan

TABLES = ("returns", "parameters", "surfaces", "indirect")
N_FOLDS = 5


@dataclass(frozen=True)
class Exercised:
    """What the code of a repository asks of the tables.

    Attributes
    ----------
    looked_up
        Dotted names that the tables say something of.
    words
        Words in its Python.
    """

    looked_up: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True)
class FoldScores:
    """Scores by class, with how many entries of each table were left.

    Attributes
    ----------
    entries
        Of each table: how many there are, how many any repository exercises, and on average over
        the folds how many only the fold exercises.
    whole, cut, none
        Scores of the same repositories with whole tables, with cut ones, and with none.
    """

    entries: Mapping[str, tuple[int, int, float]]
    whole: Mapping[UseClass, Score]
    cut: Mapping[UseClass, Score]
    none: Mapping[UseClass, Score]


@contextmanager
def looked_up() -> Iterator[set[str]]:
    """Gather the names that catalogs are asked for, and know, while it lasts."""
    names: set[str] = set()
    original = Catalog.result_of

    def result_of(self: Catalog, dotted_name: str) -> str | None:
        found = original(self, dotted_name)
        if found is not None:
            names.add(dotted_name)
        return found

    Catalog.result_of = result_of  # type: ignore[method-assign]
    try:
        yield names
    finally:
        Catalog.result_of = original  # type: ignore[method-assign]


def is_exercised(table: str, entry: str, by: Exercised) -> bool:
    """Tell whether a repository exercises an entry of a table, by the entry's name."""
    if table == "returns":
        parts = entry.split(".")
        return entry in by.looked_up or (
            "*" in entry
            and any(
                len(names) == len(parts) and all(map(fnmatchcase, names, parts))
                for names in (name.split(".") for name in by.looked_up)
            )
        )
    return re.split(r"[. ]", entry)[-1] in by.words


def entries_of(framework: Framework, table: str) -> list[str]:
    """Return the names of a table's entries."""
    if table == "indirect":
        return [way.symbol or way.command or "" for way in framework.indirect]
    return list(getattr(framework, table))


def cut_to(framework: Framework, kept: Mapping[str, Collection[str]]) -> Framework:
    """Return a framework whose tables have only some of their entries, by table and name."""
    cut: dict[str, object] = {
        table: {name: of for name, of in getattr(framework, table).items() if name in kept[table]}
        for table in TABLES
        if table != "indirect"
    }
    cut["indirect"] = tuple(
        way for way in framework.indirect if (way.symbol or way.command) in kept["indirect"]
    )
    return framework.model_copy(update=cut)


def score_folds(listed: Listed, code: Path, *, seed: int) -> FoldScores:
    """Scan the repositories with whole tables, with cut ones, and with none."""
    frameworks, repositories = shipped(), listed.repositories
    order = np.random.default_rng(seed).permutation(len(repositories))
    folds = [sorted(order[start::N_FOLDS].tolist()) for start in range(N_FOLDS)]
    whole, exercised = _scanned(code, repositories, frameworks)
    entries = {
        table: {entry for each in frameworks for entry in entries_of(each, table)}
        for table in TABLES
    }
    used = [
        {
            table: {entry for entry in names if is_exercised(table, entry, by)}
            for table, names in entries.items()
        }
        for by in exercised
    ]
    cut: list[Row] = []
    n_only = dict.fromkeys(TABLES, 0)
    for fold in folds:
        kept = _together([used[at] for at in range(len(used)) if at not in fold])
        here = _together([used[at] for at in fold])
        for table in TABLES:
            n_only[table] += len(here[table] - kept[table])
        tables = [cut_to(each, kept) for each in frameworks]
        cut += _scanned(code, [repositories[at] for at in fold], tables)[0]
    empty = [cut_to(each, dict.fromkeys(TABLES, ())) for each in frameworks]
    everywhere = _together(used)
    return FoldScores(
        {
            table: (len(entries[table]), len(everywhere[table]), n_only[table] / N_FOLDS)
            for table in TABLES
        },
        evaluate_uses(whole, listed.uses),
        evaluate_uses(cut, listed.uses),
        evaluate_uses(_scanned(code, repositories, empty)[0], listed.uses),
    )


def _together(used: Sequence[Mapping[str, set[str]]]) -> dict[str, set[str]]:
    return {table: set().union(*(each[table] for each in used)) for table in TABLES}


def _scanned(
    code: Path, repositories: Sequence[Row], frameworks: Sequence[Framework]
) -> tuple[list[Row], list[Exercised]]:
    rows: list[Row] = []
    exercised: list[Exercised] = []
    with looked_up() as names:
        catalog = Catalog(tuple(frameworks))
        for each in repositories:
            files = files_of(code, each)
            names.clear()
            rows += rows_of(each["repo"], scan(files, catalog), catalog)
            words = {
                word
                for text in code_texts(each["repo"], files)
                if text.is_python
                for _, part in text.parts
                for word in re.findall(r"\w+", part)
            }
            exercised.append(Exercised(frozenset(names), frozenset(words)))
    return rows, exercised
