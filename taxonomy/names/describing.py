"""What a node is for, in one sentence: of its code's definition, and of what its documents say."""

from __future__ import annotations

from collections.abc import Sequence

from artifacts.words import listed
from taxonomy.names.candidates import content_stems, too_alike
from taxonomy.names.codes import NodeCode
from taxonomy.names.evidence import SHARED_BY, Candidate, Evidence

MOST_WORDS = 30
"""Words of the longest sentence."""
SHARED = 2
"""Phrases that are added to a code's definition."""
QUOTED = 3
"""Phrases that describe a node without a code."""
NAMED = 3
"""Exemplars that are named."""


def described(
    evidence: Evidence,
    node: int,
    found: Sequence[Candidate],
    code: NodeCode | None,
    titles: Sequence[str],
) -> str:
    """Return what a node's documents are for, in one sentence of at most `MOST_WORDS` words.

    Parameters
    ----------
    found
        Phrases of the node, best first; only those are used that a fifth of its documents say.
    code
        That names it.
    titles
        Of its exemplars, most typical first.
    """
    phrases = _said(evidence, node, found, content_stems(code.name) if code else [])
    examples = [short for title in titles[:NAMED] if (short := short_title(title))]
    if code is not None:
        return _of_code(code, [each.text for each in phrases[:SHARED]], examples[:SHARED])
    wishes = [each.said for each in phrases if each.verb]
    texts = [each.text for each in phrases]
    while texts:
        quoted = [f'"{text}"' for text in texts[:QUOTED]]
        opening = f"{_documents(evidence, titles)} that say {listed(quoted)}"
        if wishes:
            opening = f"Asks to {listed(wishes[:QUOTED], 'or')}"
        for n in range(len(examples), -1, -1):
            sentence = opening + (f", such as {listed(examples[:n])}" if n else "") + "."
            if len(sentence.split()) <= MOST_WORDS:
                return sentence
        texts.pop()
    return f"{_documents(evidence, titles)} such as {listed(examples)}." if examples else ""


def _of_code(code: NodeCode, phrases: Sequence[str], examples: Sequence[str]) -> str:
    """Return a code's definition, and as much of what is said and who says it as there is room."""
    meaning = _first_sentence(code.definition)
    for n_phrases, n_examples in ((2, 2), (1, 2), (1, 1), (0, 2), (0, 1)):
        some, named = phrases[:n_phrases], examples[:n_examples]
        if some:
            end = f"here mostly {listed(some)}" + (f", as in {listed(named)}" if named else "")
        elif named:
            end = f"for example {listed(named)}"
        else:
            break
        if len(f"{meaning} {end}".split()) <= MOST_WORDS:
            return f"{meaning}; {end}."
    return f"{meaning}."


def _first_sentence(text: str) -> str:
    """Return the first sentence of a text, without its full stop, cut where it is too long."""
    words = " ".join(text.split()).split(". ", 1)[0].removesuffix(".").split()
    return " ".join(words if len(words) <= MOST_WORDS else [*words[: MOST_WORDS - 1], "…"])


def _said(
    evidence: Evidence, node: int, found: Sequence[Candidate], known: Sequence[str]
) -> list[Candidate]:
    """Return the single phrases that a fifth of a node's documents say, none like another."""
    kept: list[Candidate] = []
    said = list(known)
    for each in found:
        is_one = len(each.phrases) == 1 and evidence.share(node, each.phrases) >= SHARED_BY
        if is_one and not too_alike(each.words, said):
            kept.append(each)
            said += each.words
    return kept


def _documents(evidence: Evidence, titles: Sequence[str]) -> str:
    if evidence.wording.are_requests:
        return "Requests"
    return "Tools" if titles and all("/" in title for title in titles) else "Documents"


def short_title(title: str) -> str:
    """Return a title without its owner: NAME of OWNER/NAME, NAME #1 of OWNER/NAME: #1.

    "" of a title that is a mere number.
    """
    if title.isdecimal():
        return ""
    return title.split("/", 1)[-1].replace(": #", " #") if "/" in title else title
