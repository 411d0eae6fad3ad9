"""Do people recognise the names? A topic's name must lead to what curated lists call its tools.

The categories of a list are ranked by the cosine of their names, as the list has them (of "category
/ subcategory" the latter), with the topic's name. It is a hit if the category that most of the
topic's tools have in the list is the first, or among the first three. Shares are of topics, and of
topics weighted by their tools in the list. The lists judge names; no word list is made of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Floats
from configs import package_path
from configs.codebook import read_codebook
from taxonomy.guidance.codes import CodeList
from taxonomy.guidance.scores import Coding, code_documents, code_node, own_scores
from taxonomy.names.candidates import content_words, name_key
from taxonomy.names.codes import NodeCode, NodeCodes
from taxonomy.types import Encode, count_nodes

AMONG = 3
BOOK = "mlops-tools-fine"


@dataclass(frozen=True)
class Recognition:
    """How often names lead to a list's category; shares of topics, and of their tools."""

    first: float
    among: float
    first_by_tools: float
    among_by_tools: float
    n_topics: int


def recognition(
    names: Sequence[str],
    labels: NDArray[np.int32],
    keys: Sequence[str],
    gold: Mapping[str, str],
    encode: Encode,
) -> Recognition:
    """Judge the names of topics by one list.

    Parameters
    ----------
    names
        n_topics names.
    labels, keys
        The topic and the key of each of n_docs documents.
    gold
        Key → category; "category / subcategory" counts as the subcategory.
    """
    category_of = {key: category.rsplit(" / ", 1)[-1] for key, category in gold.items()}
    categories = sorted(set(category_of.values()))
    cosines = encode(list(names)) @ encode(categories).T
    ranks, weights = [], []
    for topic in range(len(names)):
        listed = Counter(
            category_of[key]
            for key, label in zip(keys, labels, strict=True)
            if label == topic and key in category_of
        )
        if not listed:
            continue
        most = max(listed.values())
        order = [categories[place] for place in np.argsort(-cosines[topic], kind="stable")]
        ranks.append(min(order.index(each) for each, n in listed.items() if n == most))
        weights.append(listed.total())
    first, among = np.array(ranks) < 1, np.array(ranks) < AMONG
    return Recognition(
        float(first.mean()),
        float(among.mean()),
        float(np.average(first, weights=weights)),
        float(np.average(among, weights=weights)),
        len(ranks),
    )


def node_codes(
    texts: Sequence[str],
    vectors: Floats,
    layers: Mapping[str, NDArray[np.int32]],
    encode: Encode,
    *,
    book: str = BOOK,
) -> NodeCodes:
    """Return the code that each node firmly has in a shipped codebook; of categories the parent."""
    codebook = read_codebook(package_path(f"codebooks/{book}.toml"))
    listed = CodeList.of(codebook)
    codes, phrases = listed.codes, encode(listed.phrases)
    scores = own_scores(texts, vectors, codes, phrases)
    coded = code_documents(scores, vectors, phrases, codes)
    named = {code.id: NodeCode(code.id, code.name, code.definition) for code in codebook.codes}
    parent_of = {code.id: code.parent for code in codebook.codes if code.parent}
    for name in {parent.split("/")[0] for parent in parent_of.values()}:
        above = read_codebook(package_path(f"codebooks/{name}.toml"))
        named |= {f"{name}/{c.id}": NodeCode(c.id, c.name, c.definition) for c in above.codes}
    broader = [replace(each, code=parent_of.get(each.code or "")) for each in coded]
    return NodeCodes(
        _firm(coded, layers["topics"], named), _firm(broader, layers["categories"], named)
    )


def _firm(
    coded: Sequence[Coding], labels: NDArray[np.int32], named: Mapping[str, NodeCode]
) -> tuple[NodeCode | None, ...]:
    members = [np.flatnonzero(labels == node) for node in range(count_nodes(labels))]
    found = [code_node([coded[document] for document in each]).code for each in members]
    return tuple(None if code is None else named[code] for code in found)


def codes_alone(
    texts: Sequence[str], vectors: Floats, labels: NDArray[np.int32], encode: Encode
) -> list[str]:
    """Return for each topic the name of the code that most of its documents fit best."""
    book = read_codebook(package_path(f"codebooks/{BOOK}.toml"))
    listed = CodeList.of(book)
    codes, phrases = listed.codes, encode(listed.phrases)
    best = own_scores(texts, vectors, codes, phrases).argmax(axis=1)
    votes = [Counter(best[labels == topic].tolist()) for topic in range(count_nodes(labels))]
    return [codes[vote.most_common(1)[0][0]].name for vote in votes]


def most_words(names: Sequence[str]) -> int:
    """Return the words of the longest name, joining words not counted."""
    return max((len(content_words(name)) for name in names), default=0)


def of_two_codes(names: Sequence[str], codes: Sequence[str]) -> int:
    """Return how many names hold the whole names of two codes, neither a part of the other."""
    keys = [set(name_key(code).split()) for code in codes]
    found = 0
    for name in names:
        words = set(name_key(name).split())
        held = [key for key in keys if key <= words]
        found += any(not (a <= b or b <= a) for a in held for b in held)
    return found
