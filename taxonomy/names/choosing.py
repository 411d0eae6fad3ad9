"""Which names may be given to the nodes of a layer, and who gets which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from itertools import combinations

from taxonomy.names.candidates import (
    MOST_WORDS,
    allowed_words,
    code_names,
    content_stems,
    name_key,
    node_phrases,
    too_alike,
)
from taxonomy.names.evidence import SHARED_BY, Candidate, Evidence
from taxonomy.names.wishes import wishes_of

TRIED = 30
"""Phrases of a node that are tried as its name, the most telling ones: with twice as many no name
changes, with half as many names get worse (`benchmarks/names.py`, as for the numbers below)."""
JOINED = 4
"""Phrases of a node that are tried in pairs, the best ones: more cost time and name no better."""
ADDED = 0.1
"""Two phrases are joined if they are said in so much larger a share of the documents than one: from
0 on the names are as good, and at 0.1 the shortest; at 0.2 too few are joined."""
ASKED_BY = 0.05
"""A verb is joined with a phrase if it is said with it in this share of the documents, and in two:
each request has its own words, and few say both."""

Offers = dict[int, list[Candidate]]
"""Possible names by node, best first."""


def phrases_said(evidence: Evidence) -> Offers:
    """Return the phrases that may be, or be part of, the name of each node; not rated."""
    wording = evidence.wording
    nodes = range(evidence.n_nodes)
    allowed = [allowed_words(evidence, node, shared_by=SHARED_BY) for node in nodes]
    found: Offers = {}
    for node, of_documents in enumerate(node_phrases(evidence, allowed)):
        of_codes = code_names(evidence.texts, wording.vocabulary, allowed[node])
        said = {**of_documents, **of_codes}
        others = evidence.others(node)
        rank = {phrase: (-evidence.telling(node, [phrase], others), phrase) for phrase in said}
        most_telling = sorted(said, key=rank.__getitem__)[:TRIED]
        found[node] = [Candidate((phrase,), said[phrase]) for phrase in most_telling]
    return found


def offers_of(evidence: Evidence, said: Offers, avoided: Mapping[int, Set[str]]) -> Offers:
    """Return names made of phrases for each node: one, two joined, or a wish."""
    against = {node: evidence.others(node) for node in said}
    evidence.rate(said, against, avoided)
    offers = {
        node: [*found, *_pairs(evidence, node, found[:JOINED])] for node, found in said.items()
    }
    if evidence.wording.are_requests:
        for node, found in said.items():
            offers[node] += _wishes(evidence, node, found)
    evidence.rate(offers, against, avoided)
    return offers


def _pairs(evidence: Evidence, node: int, found: Sequence[Candidate]) -> list[Candidate]:
    """Join each two phrases that together say clearly more of the node than either does."""
    joined = []
    codes = {name_key(name) for name in evidence.wording.vocabulary}
    for one, other in combinations(found, 2):
        is_long = len(one.words) + len(other.words) > MOST_WORDS
        if is_long or " and " in one.text + other.text or too_alike(one.words, other.words):
            continue
        if name_key(one.text) in codes and name_key(other.text) in codes:
            continue
        phrases = one.phrases + other.phrases
        alone = max(evidence.share(node, one.phrases), evidence.share(node, other.phrases))
        if evidence.share(node, phrases) >= alone + ADDED:
            joined.append(Candidate(phrases, f"{one.text} and {other.text}"))
    return joined


def _wishes(evidence: Evidence, node: int, found: Sequence[Candidate]) -> list[Candidate]:
    """Return the phrases that a verb is said with, each with its verb."""
    phrases = {each.phrases[0] for each in found}
    verbs = wishes_of(evidence.texts, evidence.members[node], phrases, shared_by=ASKED_BY)
    return [
        replace(each, verb=verbs[phrase], text=evidence.texts.in_plural(each.text))
        for each in found
        if (phrase := each.phrases[0]) in verbs
    ]


def apart(evidence: Evidence, said: Offers, code: str, nodes: Mapping[int, list[int]]) -> Offers:
    """Return for nodes of one code what tells each from others: additions to the code's name.

    Parameters
    ----------
    nodes
        Each node with those that it must be told from.
    """
    own = content_stems(code)
    known = {name_key(name) for name in evidence.wording.vocabulary}
    room = max(1, MOST_WORDS - len(own))
    offers = {
        node: [
            replace(each)
            for each in said[node]
            if len(each.words) <= room
            and not too_alike(own, each.words)
            and name_key(each.text) not in known
            and evidence.telling(node, each.phrases, others) > 0
        ]
        for node, others in nodes.items()
    }
    evidence.rate(offers, dict(nodes), {})
    return offers


def given(offers: Offers, used: set[str]) -> dict[int, Candidate]:
    """Give each node one of its offers, no two the same: the best of all first.

    Parameters
    ----------
    used
        Keys of names that are taken; those that are given are added.
    """
    chosen: dict[int, Candidate] = {}
    rows = [(each.rank, node, each) for node, found in offers.items() for each in found]
    for _, node, each in sorted(rows, key=lambda row: row[:2]):
        if node not in chosen and name_key(each.name) not in used:
            chosen[node] = each
            used.add(name_key(each.name))
    return chosen
