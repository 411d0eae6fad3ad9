"""What requests ask for, as a wish: a verb that is said with the noun ("compare runs")."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Set
from functools import cache

import numpy as np

from taxonomy.names.phrases import LONGEST, Phrase, words_in
from taxonomy.names.texts import Numbers, Texts
from taxonomy.names.vocabulary import listed_words

REACH = 5
"""A noun belongs to a verb within so many words, if no mark divides them."""
FEWEST = 2
"""Documents in which a verb is said with a noun, at least."""

_BEFORE_BASE = words_in("to can could should must would will may might not and or also")
_BEFORE_PASSIVE = words_in("be been is are was were not")
_VOWELS = "aeiou"


def wishes_of(
    texts: Texts, members: Numbers, phrases: Set[Phrase], *, shared_by: float
) -> dict[Phrase, str]:
    """Return the verb that members most often say with each phrase, where there is one.

    Parameters
    ----------
    members
        Numbers of documents.
    shared_by
        Share of the members that must say the two together.
    """
    verbs, flow = _verb_forms(), texts.flow
    places = texts.places(frozenset(verbs))
    places = places[np.isin(flow.documents[places], members)]
    said = set()
    parts = np.searchsorted(flow.parts, places, side="right")
    starts, ends = flow.parts[parts - 1], flow.parts[parts]
    for place, start, end in zip(places.tolist(), starts.tolist(), ends.tolist(), strict=True):
        document = int(flow.documents[place])
        said |= {(document, *wish) for wish in _wishes(texts, place, start, end, phrases)}
    found: dict[Phrase, Counter[str]] = defaultdict(Counter)
    for _, phrase, verb in said:
        found[phrase][verb] += 1
    fewest = max(FEWEST, shared_by * len(members))
    best = {
        phrase: min(counts.items(), key=lambda item: (-item[1], item[0]))
        for phrase, counts in found.items()
    }
    return {phrase: verb for phrase, (verb, n) in best.items() if n >= fewest}


def _wishes(
    texts: Texts, place: int, start: int, end: int, wanted: Set[Phrase]
) -> Iterator[tuple[Phrase, str]]:
    """Yield each wanted phrase that the verb at a place is said with, and the verb.

    Parameters
    ----------
    start, end
        Of the part between marks that the verb stands in.
    """
    lows, low = texts.flow.lows, texts.flow.low.words
    word, before = low[lows[place]], low[lows[place - 1]] if place > start else ""
    verb = _verb_forms()[word]
    near = texts.flow.stems[place + 1 : min(place + 1 + REACH, end)]
    if word.endswith("ed") and word != verb:  # "runs can be compared"
        if before not in _BEFORE_PASSIVE:
            return
        near = texts.flow.stems[max(start, place - 1 - REACH) : place]
    stems = tuple(texts.stems.words[number] for number in near.tolist())
    if word == verb:
        is_for = verb == "support" and stems and stems[0] in ("for", "of")
        if place > start and before not in _BEFORE_BASE and not is_for:
            return
    for first in range(len(stems)):
        for last in range(first + 1, min(first + LONGEST, len(stems)) + 1):
            if stems[first:last] in wanted and verb not in stems[first:last]:
                yield stems[first:last], verb


@cache
def _verb_forms() -> dict[str, str]:
    """Return the verbs of wishes by their base form and those in -ing and -ed."""
    found: dict[str, str] = {}
    for verb in listed_words()["wishes"]:
        stems = [verb if verb.endswith("ee") else verb.removesuffix("e")]
        if len(verb) < 6 and verb[-1] not in _VOWELS + "wxy" and verb[-2] in _VOWELS:
            stems.append(verb + verb[-1])  # "running"
        forms = [stem + end for stem in stems for end in ("ing", "ed")]
        if verb.endswith("y") and verb[-2] not in _VOWELS:
            forms.append(verb[:-1] + "ied")
        found |= dict.fromkeys([verb, *forms], verb)
    return found
