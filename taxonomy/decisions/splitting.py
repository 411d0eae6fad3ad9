"""Parts of a node, by what the runs of the ensemble hold together.

Topics are alike in so far as the runs put their documents into one cluster, documents likewise
(the mean over all pairs: `taxonomy.linkage`). Where that is equal, as between topics that no run
ever joins, their distance on the map decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Doubles, Integers, contingency
from artifacts.errors import InputError
from taxonomy.decisions.decisions import Part
from taxonomy.decisions.draft import N_EXEMPLARS
from taxonomy.describe import without_repeats, word_counter
from taxonomy.nodes import Node
from taxonomy.taxonomy import Taxonomy
from taxonomy.types import UNSEEN, Labels

TIE = 1e-6
"""Share of the distance on the map that is added to decides between equals, and nothing else."""

SMALLEST_PART = 3
"""Fewest documents of a part that the runs are asked for; a person may name smaller ones."""

N_WORDS = 10
WORDS_IN_NAME = 3


@dataclass(frozen=True)
class Together:
    """What a taxonomy knows of how documents belong together.

    Attributes
    ----------
    index
        Column of ``runs`` and row of ``places`` by document key.
    runs
        n_runs × n_docs labels.
    places
        n_docs × 2 coordinates on the map.
    """

    index: Mapping[str, int]
    runs: Labels
    places: Doubles


def evidence_in(taxonomy: Taxonomy) -> Together:
    """Return what the runs and the map of a taxonomy tell."""
    keys = list(taxonomy.topic_of)
    return Together(
        index={key: number for number, key in enumerate(keys)},
        runs=taxonomy.runs,
        places=np.array([taxonomy.place_of[key] for key in keys], dtype=np.float64),
    )


def likeness(evidence: Together, groups: Sequence[Sequence[str]]) -> Doubles:
    """Return the mean co-association over all pairs of documents of each two groups.

    Returns n_groups × n_groups shares, in [0, 1], of the runs that saw both documents.
    """
    rows = [np.array([evidence.index[key] for key in group], dtype=np.int64) for group in groups]
    documents = np.concatenate(rows)
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    together = np.zeros((len(rows), len(rows)))
    pairs = np.zeros_like(together)
    for run in evidence.runs:
        labels = run[documents]
        shape = (len(rows), int(labels.max(initial=0)) + 1)
        counts = contingency(owner, labels, shape).astype(np.float64)
        seen = np.bincount(owner[labels != UNSEEN], minlength=len(rows)).astype(np.float64)
        together += counts @ counts.T
        pairs += np.outer(seen, seen)
    return np.divide(together, pairs, out=np.zeros_like(together), where=pairs > 0)


def parted(
    evidence: Together, groups: Sequence[Sequence[str]], n_parts: int, *, smallest: int = 1
) -> list[list[int]]:
    """Join groups of documents into ``n_parts`` by average linkage, the largest part first.

    Average linkage leaves stragglers for the last; a part of fewer than ``smallest`` documents
    therefore goes with the part that it is most like.

    Returns
    -------
    list[list[int]]
        For each part, which groups are in it.

    Raises
    ------
    InputError
        If there are too few groups, or the runs do not tell so many parts of them.
    """
    from scipy.cluster.hierarchy import cut_tree, linkage
    from scipy.spatial.distance import squareform

    if n_parts < 2 or n_parts > len(groups):
        fix = f"ask for 2 to {len(groups)}" if len(groups) > 1 else "leave it whole"
        raise InputError(f"{len(groups)} cannot be parted into {n_parts}.", fix=fix)
    likes = likeness(evidence, groups)
    distances = 1 - likes + TIE * _apart(evidence, groups)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), method="average")
    sizes = np.array([len(group) for group in groups])
    for n_pieces in range(n_parts, len(groups) + 1):
        pieces = cut_tree(tree, n_clusters=n_pieces).ravel()
        weights = np.bincount(pieces, weights=sizes)
        if (weights >= smallest).sum() >= n_parts:
            return _ordered(_without_small(pieces, likes, sizes, smallest), sizes)
    raise InputError(
        f"The runs tell no {n_parts} parts of at least {smallest} documents each.",
        fix="ask for fewer, or say which documents are to be a part",
    )


def _apart(evidence: Together, groups: Sequence[Sequence[str]]) -> Doubles:
    """Return the distances of the groups' centres on the map, the largest as 1."""
    from scipy.spatial.distance import cdist

    centres = np.array(
        [evidence.places[[evidence.index[key] for key in group]].mean(axis=0) for group in groups]
    )
    distances = cdist(centres, centres)
    shares: Doubles = distances / max(float(distances.max()), 1e-12)
    return shares


def _without_small(pieces: Integers, likes: Doubles, sizes: Integers, smallest: int) -> Integers:
    """Put what is in too small a piece into the large enough one that it is most like."""
    weights = np.bincount(pieces, weights=sizes)
    large = np.flatnonzero(weights >= smallest)
    joined = pieces.copy()
    for group in np.flatnonzero(weights[pieces] < smallest):
        means = [np.average(likes[group, pieces == p], weights=sizes[pieces == p]) for p in large]
        joined[group] = large[int(np.argmax(means))]
    return joined


def _ordered(pieces: Integers, sizes: Integers) -> list[list[int]]:
    parts = [np.flatnonzero(pieces == piece) for piece in np.unique(pieces)]
    parts.sort(key=lambda part: (-int(sizes[part].sum()), int(part[0])))
    return [part.tolist() for part in parts]


def central(evidence: Together, keys: Sequence[str]) -> list[str]:
    """Return documents in the order of how much the runs hold each together with the others."""
    means = likeness(evidence, [[key] for key in keys]).mean(axis=1)
    order = sorted(range(len(keys)), key=lambda number: (-means[number], keys[number]))
    return [keys[number] for number in order]


def told_words(
    parts: Sequence[Sequence[str]], texts: Mapping[str, str], *, n_words: int, stop_words: Set[str]
) -> list[tuple[tuple[str, ...], tuple[float, ...]]]:
    """Return the keywords of parts with their weights: class-based TF-IDF (Grootendorst 2022).

    Frequent words count by the root of their share, as in `taxonomy.describe`. A class is a part,
    or all other documents. Words that fewer than two documents of a part say come last. Parts
    whose texts have no words get none.

    Parameters
    ----------
    parts
        Keys of the documents of each part.
    texts
        Text of every document of the taxonomy by key.
    """
    of_part = {key: number for number, part in enumerate(parts) for key in part}
    owners = np.array([of_part.get(key, len(parts)) for key in texts])
    counter = word_counter(stop_words)
    if not any(map(counter.build_analyzer(), texts.values())):
        return [((), ()) for _ in parts]
    counts = counter.fit_transform(texts.values())
    vocabulary = counter.get_feature_names_out()
    sums = np.stack(
        [np.asarray(counts[owners == n].sum(axis=0)).ravel() for n in range(len(parts))]
    )
    total = np.asarray(counts.sum(axis=0)).ravel()
    mean_words = total.sum() / (len(parts) + 1)
    told = []
    for number, row in enumerate(sums):
        weights = np.sqrt(row / max(row.sum(), 1)) * np.log(1 + mean_words / total)
        said_in = np.asarray((counts[owners == number] > 0).sum(axis=0)).ravel()
        ranked = sorted(
            np.flatnonzero(row).tolist(),
            key=lambda word: (said_in[word] < 2, -weights[word], vocabulary[word]),
        )
        kept = without_repeats([(str(vocabulary[w]), float(weights[w])) for w in ranked[:60]])
        told.append((tuple(w for w, _ in kept[:n_words]), tuple(v for _, v in kept[:n_words])))
    return told


def pieces_of(shown: Taxonomy, node: Node, evidence: Together, n_parts: int) -> list[list[str]]:
    """Return the keys of ``n_parts`` parts of a node, the largest first.

    A topic's documents are parted, a category's topics.

    Raises
    ------
    InputError
        If the runs do not tell so many parts.
    """
    if node.layer == "topics":
        groups = [[key] for key in shown.members(node)]
        smallest = SMALLEST_PART
    else:
        groups = [shown.members(topic) for topic in shown.topics_in(node.number)]
        smallest = 1
    parts = parted(evidence, groups, n_parts, smallest=smallest)
    return [[key for group in part for key in groups[group]] for part in parts]


def with_rest(pieces: Sequence[Sequence[str]], whole: Sequence[str]) -> list[list[str]]:
    """Return parts that a person named, and before them what is left of the whole.

    Raises
    ------
    InputError
        If a document is not in the whole, or in two parts.
    """
    taken: dict[str, int] = {}
    for number, piece in enumerate(pieces):
        for key in piece:
            if key not in set(whole):
                raise InputError(f"'{key}' is not in the node that is to be split.")
            if taken.setdefault(key, number) != number:
                raise InputError(f"'{key}' is in two parts.")
    rest = [key for key in whole if key not in taken]
    return [part for part in (rest, *map(list, pieces)) if part]


def as_parts(
    pieces: Sequence[Sequence[str]],
    evidence: Together,
    *,
    texts: Mapping[str, str],
    stop_words: Set[str],
    names: Sequence[str],
) -> list[Part]:
    """Return parts described by their own texts, as an entry keeps them.

    Parameters
    ----------
    names
        Names that a person gives to the first parts; the others are called by their words.
    """
    told = told_words(pieces, texts, n_words=N_WORDS, stop_words=stop_words)
    if len(names) > len(pieces):
        raise InputError(f"There are {len(names)} names for {len(pieces)} parts.")
    parts = []
    for number, (keys, (words, weights)) in enumerate(zip(pieces, told, strict=True)):
        given = number < len(names)
        own = ", ".join(words[:WORDS_IN_NAME]) or f"part {number + 1}"
        parts.append(
            Part(
                name=names[number] if given else own,
                named_by="person" if given else "documents",
                keywords=words,
                weights=weights,
                exemplars=tuple(central(evidence, keys)[:N_EXEMPLARS]),
                documents=tuple(sorted(keys)),
            )
        )
    return parts
