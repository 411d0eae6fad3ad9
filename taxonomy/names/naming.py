"""Names of nodes, without a language model: their codes', or phrases of the documents.

A node that firmly has a code of a guiding codebook is named by it; where several have it, what
tells each from the others is added. Any other is named by a phrase, or two joined by "and". Each of
its words must be said in a fifth of the node's documents. Phrases of purposes come before those
with products and technologies; of these the one is taken that the node's documents say more often
than others', and that means what they mean more than what others' do (vectors).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from artifacts.arrays import Floats, centroids
from artifacts.errors import ArtifactError
from artifacts.notation import json_value
from artifacts.words import LAYERS, Layer
from taxonomy.names.candidates import (
    MOST_WORDS,
    allowed_words,
    content_words,
    heading,
    name_key,
)
from taxonomy.names.choosing import TRIED, Offers, apart, given, offers_of, phrases_said
from taxonomy.names.codes import NodeCode, NodeCodes
from taxonomy.names.describing import described
from taxonomy.names.evidence import SHARED_BY, Evidence
from taxonomy.names.phrases import stem
from taxonomy.names.texts import Texts
from taxonomy.names.vocabulary import Wording, wording_of
from taxonomy.store import WORDLESS, unreadable, write_json
from taxonomy.types import Encode, Labels, count_nodes

FILE = "names.json"
ALTERNATIVES = 4
"""Other names that are kept of a node."""


@dataclass(frozen=True)
class NodeName:
    """The name of one node, and how it came about.

    Attributes
    ----------
    name
        As a heading.
    shares
        Each of its words with the share of the node's documents that say it, plural or not.
    meets_share
        Every word is in at least `SHARED_BY` of the documents, those of its code's name aside.
        Where no phrase is, the name is made of the words that most documents say, and this is
        False.
    alternatives
        Other names that were fit for the node, best first.
    code
        The id of the code that names it; None: its documents do.
    description
        What the node's documents are for, in one sentence; "" where they say nothing.
    """

    name: str
    shares: tuple[tuple[str, float], ...]
    meets_share: bool
    alternatives: tuple[str, ...] = ()
    code: str | None = None
    description: str = ""


@dataclass(frozen=True)
class Names:
    """The names of the topics and of the categories, each by the node's number."""

    topics: tuple[NodeName, ...]
    categories: tuple[NodeName, ...]

    def of(self, layer: Layer) -> tuple[NodeName, ...]:
        """Return the names of one layer."""
        return self.topics if layer == "topics" else self.categories

    def short(self) -> list[str]:
        """Return the names with a word that too few of the node's documents say."""
        return [made.name for layer in LAYERS for made in self.of(layer) if not made.meets_share]


@dataclass(frozen=True, kw_only=True)
class LayerContext:
    """What is known of the nodes of a layer from a codebook, and from the other layer.

    Attributes
    ----------
    codes
        The code that each node firmly has; empty: none has any.
    beside
        For a node, others that it must be told from although they have not its code.
    done
        For a node, the name that it has in the other layer as well.
    taken
        For a node, names that it should not repeat if there is another: its children's.
    exemplars
        Document numbers of each node, most typical first.
    """

    codes: Sequence[NodeCode | None] = ()
    beside: Mapping[int, Sequence[int]] = field(default_factory=dict)
    done: Mapping[int, NodeName] = field(default_factory=dict)
    taken: Mapping[int, Set[str]] = field(default_factory=dict)
    exemplars: Sequence[Sequence[int]] = ()

    def code(self, node: int) -> NodeCode | None:
        """Return the code of a node that has no name yet."""
        return self.codes[node] if self.codes and node not in self.done else None


def name_layers(
    texts: Sequence[str],
    vectors: Floats,
    topics: Labels,
    categories: Labels,
    *,
    titles: Sequence[str],
    encode: Encode,
    vocabulary: Sequence[str] = (),
    stop_words: Set[str] = frozenset(),
    codes: NodeCodes | None = None,
    exemplars: Mapping[Layer, Sequence[Sequence[int]]] | None = None,
    cut: Texts | None = None,
) -> Names:
    """Name the topics, and then the categories; a category of one topic has that topic's name.

    Parameters
    ----------
    texts, vectors, topics, categories, titles
        n_docs documents, their vectors of unit length, the topic and the category of each
        (`NOISE`: none), and their titles, OWNER/NAME or OWNER/NAME: #NUMBER.
    vocabulary
        Names of codes: a name may be one of them where the documents say it.
    stop_words
        Words in lower case that may be in no name, e.g. the frameworks' own.
    codes
        The codes of a guiding codebook that the nodes firmly have; None: there is no such book.
    exemplars
        Of each layer, the document numbers of each node's exemplars; None: descriptions name none.
    cut
        The documents cut into words, where others ask for them too.
    """
    cut = cut or Texts(texts)
    wording = wording_of(cut, topics, titles=titles, vocabulary=vocabulary, stop_words=stop_words)
    codes, typical = codes or NodeCodes((), ()), exemplars or {}
    named = partial(name_nodes, cut, vectors, titles=titles, encode=encode, wording=wording)
    inside = [
        np.unique(topics[(categories == category) & (topics >= 0)]).tolist()
        for category in range(count_nodes(categories))
    ]
    context = LayerContext(
        codes=codes.topics,
        beside=_beside(codes, inside),
        exemplars=typical.get("topics", ()),
    )
    of_topics = named(topics, context=context)
    context = LayerContext(
        codes=codes.categories,
        done={c: of_topics[held[0]] for c, held in enumerate(inside) if len(held) == 1},
        taken={c: {of_topics[t].name for t in held} for c, held in enumerate(inside)},
        exemplars=typical.get("categories", ()),
    )
    return Names(tuple(of_topics), tuple(named(categories, context=context)))


def _beside(codes: NodeCodes, inside: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    """Return for topics whose code's name is that of their category the others in the category."""
    found = {}
    for code, topics in zip(codes.categories, inside, strict=False):
        for topic in topics:
            own = codes.topics[topic]
            if code and own and len(topics) > 1 and own.name == code.name:
                found[topic] = [other for other in topics if other != topic]
    return found


def name_nodes(
    texts: Texts,
    vectors: Floats,
    labels: Labels,
    *,
    encode: Encode,
    titles: Sequence[str] = (),
    wording: Wording | None = None,
    context: LayerContext | None = None,
) -> list[NodeName]:
    """Name the nodes of one layer.

    Parameters
    ----------
    texts, vectors, labels
        n_docs documents, their n_docs × n_dims vectors of unit length, and the node of each in
        0 … n_nodes - 1 (`NOISE`: none).
    titles
        Of the documents, for descriptions; empty: not known.

    Returns
    -------
    list[NodeName]
        One for each node; no two the same, whatever the order, case or number of their words.
    """
    if count_nodes(labels) == 0:
        return []
    context, wording = context or LayerContext(), wording or Wording()
    evidence = Evidence(texts, labels, centroids(vectors, labels), encode, wording)
    said = phrases_said(evidence)
    avoided = {node: set(map(name_key, names)) for node, names in context.taken.items()}
    offers = offers_of(evidence, said, avoided)
    used = {name_key(made.name) for made in context.done.values()}
    by_codes = _by_codes(evidence, said, context, used)
    free = [n for n in range(evidence.n_nodes) if n not in by_codes and n not in context.done]
    by_phrases = given({node: offers[node] for node in free}, used)
    made = {}
    for node in range(evidence.n_nodes):
        code, phrase = context.code(node), by_phrases.get(node)
        name = by_codes.get(node) or (phrase.name if phrase else "")
        name = name or heading(_common_words(evidence, node, used)) or f"{WORDLESS} {node}"
        used.add(name_key(name))
        unsaid = len(content_words(code.name)) if code else int(bool(phrase and phrase.verb))
        known = [titles[n] for n in context.exemplars[node]] if titles and context.exemplars else []
        rest = dict.fromkeys(c.name for c in offers[node] if name_key(c.name) not in used)
        made[node] = replace(
            _judged(evidence, node, name, unsaid),
            code=code.id if code else None,
            alternatives=tuple(rest)[:ALTERNATIVES],
            description=described(evidence, node, offers[node], code, known),
        )
    return [context.done.get(node) or each for node, each in made.items()]


def _by_codes(
    evidence: Evidence, said: Offers, context: LayerContext, used: set[str]
) -> dict[int, str]:
    """Name the nodes that have a code: by it, and by what tells apart those that share it."""
    holders: dict[str, list[int]] = {}
    for node in range(evidence.n_nodes):
        if code := context.code(node):
            holders.setdefault(code.name, []).append(node)
    names: dict[int, str] = {}
    for name, nodes in sorted(holders.items()):
        beside = [n for n, made in context.done.items() if name_key(made.name) == name_key(name)]
        others = {
            node: [other for other in nodes if other != node]
            or list(context.beside.get(node, beside))
            for node in nodes
        }
        if others[nodes[0]]:
            names |= _told_apart(evidence, said, name, others, used)
        else:
            names[nodes[0]] = name
            used.add(name_key(name))
    return names


def _told_apart(
    evidence: Evidence, said: Offers, code: str, nodes: Mapping[int, list[int]], used: set[str]
) -> dict[int, str]:
    """Name nodes by their code and by what tells each from those that it stands with."""
    added = given(apart(evidence, said, code, nodes), used)
    names = {}
    for node in nodes:
        extra = added[node].text if node in added else ""
        if not extra and name_key(code) in used:
            extra = _common_words(evidence, node, used, before=f"{code} ") or str(node)
        names[node] = f"{code}: {extra}" if extra else code
        used.add(name_key(names[node]))
    return names


def _judged(evidence: Evidence, node: int, name: str, unsaid: int) -> NodeName:
    """Return a name with the shares of its words, of which the first may be said by few."""
    words = () if name.startswith(WORDLESS) else tuple(content_words(name))
    shares = tuple((word, evidence.share(node, [(stem(word),)])) for word in words)
    meets = bool(shares) and all(share >= SHARED_BY for _, share in shares[unsaid:])
    return NodeName(name, shares, meets)


def _common_words(evidence: Evidence, node: int, used: Set[str], *, before: str = "") -> str:
    """Return words that most documents of a node say, for where no phrase fits; "" if none do.

    Parameters
    ----------
    used
        Keys of names that are taken; ``before`` is what else stands in the name.
    """
    texts, told = evidence.texts, evidence.words_telling(node)
    allowed = allowed_words(evidence, node, shared_by=0)
    ranked = sorted(allowed, key=lambda word: (-told[word], word))[:TRIED]
    for n_words in range(1, MOST_WORDS):
        for words in combinations(ranked, n_words):
            listed = ", ".join(map(texts.usual, words))
            if name_key(before + listed) not in used:
                return listed
    return ""


def write_names(folder: Path, names: Names) -> None:
    """Write the names into the folder of a taxonomy that is being built."""
    write_json(folder / FILE, asdict(names))


def read_names(folder: Path) -> Names:
    """Read the names of the taxonomy in ``folder``.

    Raises
    ------
    ArtifactError
        If they are missing or damaged, or an earlier version made them.
    """
    path = folder / FILE
    with unreadable("The names", path, fix="make the taxonomy again"):
        values = json_value(path.read_text(encoding="utf-8"))
        rows = [row for layer in LAYERS for row in values[layer]]
        if not all("description" in row for row in rows):
            raise ArtifactError(
                "The names were made by an earlier version of opsatlas.",
                where=str(path),
                fix="make the taxonomy again",
            )
        return Names(*(tuple(map(_node_name, values[layer])) for layer in LAYERS))


def _node_name(row: dict[str, Any]) -> NodeName:
    return NodeName(
        name=str(row["name"]),
        shares=tuple((str(word), float(share)) for word, share in row["shares"]),
        meets_share=bool(row["meets_share"]),
        alternatives=tuple(map(str, row["alternatives"])),
        code=None if row["code"] is None else str(row["code"]),
        description=str(row["description"]),
    )
