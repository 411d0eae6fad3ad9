"""Topics against lists that people made, with the lists' own agreement as the ceiling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from artifacts.arrays import Integers
from artifacts.delimited import Delimited, delimited, text_lines
from artifacts.errors import InputError
from artifacts.files import decoded, read_input
from artifacts.intervals import Interval, centred_interval
from artifacts.words import NOISE
from mining.names import NAME_COLUMNS
from mining.reading import MARKDOWN
from mining.sources.lists import list_entries, placements

KEY_COLUMNS = NAME_COLUMNS
CATEGORY_COLUMNS = ("category", "theme", "kind", "label", "code")
NOISE_CATEGORY = "noise"
SUBSAMPLE = 0.8
SUBSAMPLES = 200
# A subsample of a share f, drawn without replacement, varies √((1 − f) / f) times as much as the
# estimate itself (finite-population correction): here half as much. Politis, Romano, Wolf 1999.
RESCALE = float(np.sqrt(SUBSAMPLE / (1 - SUBSAMPLE)))
GUIDED_NOTE = (
    "What guided topics gain over unguided ones is agreement with the scheme of the codebook that "
    "guides them."
)
"""What is to be said wherever guided topics are judged by a list."""


@dataclass(frozen=True)
class GoldList:
    """Where one list places documents.

    Attributes
    ----------
    name
        Of the list.
    categories
        Category by the list's own name of the document, in lower case.
    """

    name: str
    categories: Mapping[str, str]


@dataclass(frozen=True)
class Agreement:
    """How well topics and one list, or two lists, agree on the documents they share.

    Attributes
    ----------
    n_docs
        Documents that both know.
    n_categories
        Categories of the list among them.
    ami
        Adjusted mutual information; unplaced documents count as one class.
    v_measure, purity
        In [0, 1].
    placed
        Share of the documents that are placed.
    noise_recall
        Share of the documents that the list calls ``noise`` that are unplaced; None without any.
    """

    name: str
    n_docs: int
    n_categories: int
    ami: Interval
    v_measure: float
    purity: float
    placed: float
    noise_recall: float | None


@dataclass(frozen=True)
class Evaluation:
    """Topics against every list, and every two lists against each other.

    Attributes
    ----------
    lists
        The topics against each list.
    ceiling
        Each two lists against each other.
    unguided
        Of topics that a codebook guides: what the same runs find without it, against each list in
        the order of ``lists``; empty where none guides.
    """

    lists: tuple[Agreement, ...]
    ceiling: tuple[Agreement, ...]
    unguided: tuple[Agreement, ...] = ()

    @property
    def mean_ami(self) -> float:
        """Return the mean AMI over the lists; raise `InputError` if there is none."""
        return _mean_ami(self.lists)

    @property
    def mean_ami_unguided(self) -> float | None:
        """Return the mean AMI of the unguided topics; None where no codebook guides."""
        return _mean_ami(self.unguided) if self.unguided else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what has to be said of the figures."""
        return (GUIDED_NOTE,) if self.unguided else ()


def _mean_ami(agreements: Sequence[Agreement]) -> float:
    if not agreements:
        raise InputError("There is no list to judge by.")
    return float(np.mean([agreement.ami.value for agreement in agreements]))


def read_gold(path: Path) -> list[GoldList]:
    """Read lists from a CSV file: a column that names documents, one of categories, maybe ``list``.

    A Markdown list (``.md``, as awesome lists are) is read as it is: its headings are the
    categories. Of a repository that stands under several, the first.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, or places a document twice in one list.
    """
    if path.suffix.lower() in MARKDOWN:
        return [_markdown_list(path)]
    table = list_table(path)
    lists: dict[str, dict[str, str]] = defaultdict(dict)
    key = column_in(table.head, KEY_COLUMNS, path)
    category = column_in(table.head, CATEGORY_COLUMNS, path)
    for line, row in table.records():
        _place(lists[row.get("list") or path.stem], row, key, category, path, line)
    if not lists:
        raise InputError("The list has no rows.", where=str(path))
    return [GoldList(name, categories) for name, categories in sorted(lists.items())]


def _markdown_list(path: Path) -> GoldList:
    categories = placements(list_entries(read_input(path, what="list"))).categories
    if not categories:
        raise InputError(
            "The list places no repository under a heading.",
            where=str(path),
            fix="give a list with headings, and items that link to repositories on GitHub",
        )
    return GoldList(path.stem, {name.lower(): place for name, place in categories.items()})


def evaluate(
    topics: Mapping[str, int],
    gold: Sequence[GoldList],
    *,
    unguided: Mapping[str, int] | None = None,
    seed: int = 0,
) -> Evaluation:
    """Compare topics with lists.

    Parameters
    ----------
    topics
        Topic (or `NOISE`) by the names that lists may use, in lower case.
    unguided
        Of topics that a codebook guides: those that the same runs find without it, of the same
        documents; None: none guides.
    seed
        Seed of the subsamples that the intervals come from.

    Raises
    ------
    InputError
        If a list and the taxonomy share fewer than two documents.
    """
    ceiling = []
    for one, other in combinations(gold, 2):
        shared = sorted(one.categories.keys() & other.categories.keys() & topics.keys())
        if len(shared) >= 2:
            places = sorted(set(one.categories.values()))
            classes = {p: NOISE if _is_noise(p) else i for i, p in enumerate(places)}
            found = [classes[one.categories[name]] for name in shared]
            theirs = [other.categories[name] for name in shared]
            ceiling.append(_agreement(f"{one.name} × {other.name}", found, theirs, seed))
    return Evaluation(
        lists=_against(topics, gold, seed),
        ceiling=tuple(ceiling),
        unguided=() if unguided is None else _against(unguided, gold, seed),
    )


def _against(
    topics: Mapping[str, int], gold: Sequence[GoldList], seed: int
) -> tuple[Agreement, ...]:
    """Return how well topics agree with each list."""
    against = []
    for listed in gold:
        shared = sorted(name for name in listed.categories if name in topics)
        if len(shared) < 2:
            raise InputError(
                f"The list '{listed.name}' shares {len(shared)} documents with the taxonomy.",
                fix="check that the list names documents as the snapshot does (owner/name, url)",
            )
        found = [topics[name] for name in shared]
        against.append(_agreement(listed.name, found, [listed.categories[n] for n in shared], seed))
    return tuple(against)


def list_table(path: Path) -> Delimited:
    """Return the table of a list; raise `InputError` if it cannot be read or is not in UTF-8."""
    text = decoded(read_input(path, what="list"), what="list", where=str(path))
    return delimited(text_lines(text), where=str(path))


def column_in(columns: Sequence[str], wanted: Sequence[str], path: Path) -> str:
    """Return the first of the wanted columns that is there; raise `InputError` if none is."""
    for name in wanted:
        if name in columns:
            return name
    raise InputError(
        f"The list has none of the columns {', '.join(wanted)}.",
        where=f"{path}, line 1: {', '.join(columns) or 'empty'}",
    )


def _place(
    categories: dict[str, str],
    row: Mapping[str, str],
    key: str,
    category: str,
    path: Path,
    line: int,
) -> None:
    name, place = (row.get(key) or "").strip().lower(), (row.get(category) or "").strip()
    if not name or not place:
        return  # coders leave the category empty where it does not apply
    if categories.setdefault(name, place) != place:
        raise InputError(
            f"The list places '{name}' twice: in '{categories[name]}' and in '{place}'.",
            where=f"{path}, line {line}",
            fix="keep one of the two rows",
        )


def _agreement(name: str, topics: Sequence[int], places: Sequence[str], seed: int) -> Agreement:
    from sklearn.metrics import adjusted_mutual_info_score, v_measure_score

    found = np.asarray(topics, dtype=np.int64)
    classes, truth = np.unique(np.asarray(places), return_inverse=True)
    is_noise = np.array([_is_noise(place) for place in places])
    return Agreement(
        name=name,
        n_docs=len(found),
        n_categories=len(classes),
        ami=with_interval(adjusted_mutual_info_score, truth, found, seed),
        v_measure=float(v_measure_score(truth, found)),
        purity=purity(truth, found),
        placed=float((found != NOISE).mean()),
        noise_recall=float((found[is_noise] == NOISE).mean()) if is_noise.any() else None,
    )


def _is_noise(category: str) -> bool:
    return category.lower() == NOISE_CATEGORY


def purity(truth: Integers, found: Integers) -> float:
    """Return the share of documents that are of the commonest class of their topic."""
    from sklearn.metrics.cluster import contingency_matrix

    return float(contingency_matrix(found, truth).max(axis=1).sum() / len(truth))


def with_interval(
    score: Callable[[Integers, Integers], float], truth: Integers, found: Integers, seed: int
) -> Interval:
    """Return a score of two codings, with the interval that rescaled subsamples give."""
    value = float(score(truth, found))
    rng = np.random.default_rng(seed)
    size = max(2, round(SUBSAMPLE * len(truth)))
    draws = [
        score(truth[chosen], found[chosen])
        for chosen in (rng.choice(len(truth), size=size, replace=False) for _ in range(SUBSAMPLES))
    ]
    return centred_interval(value, np.array(draws), scale=RESCALE)
