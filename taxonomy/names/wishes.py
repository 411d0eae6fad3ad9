"""What requests ask for, as a wish: a verb that is said with the noun ("compare runs")."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cache
from itertools import pairwise

from taxonomy.names.phrases import LONGEST, Phrase, Texts, Token, words_in
from taxonomy.names.vocabulary import listed_words

REACH = 5
"""A noun belongs to a verb within so many words, if no mark divides them."""
FEWEST = 2
"""Documents in which a verb is said with a noun, at least."""

_BEFORE_BASE = words_in("to can could should must would will may might not and or also")
_BEFORE_PASSIVE = words_in("be been is are was were not")
_VOWELS = "aeiou"


def wishes_of(
    texts: Texts, members: Iterable[int], phrases: Set[Phrase], *, shared_by: float
) -> dict[Phrase, str]:
    """Return the verb that members most often say with each phrase, where there is one.

    Parameters
    ----------
    shared_by
        Share of the members that must say the two together.
    """
    numbers = sorted(members)
    found: dict[Phrase, Counter[str]] = defaultdict(Counter)
    for document in numbers:
        said = {each for part in _parts(texts.tokens[document]) for each in _wishes(part, phrases)}
        for phrase, verb in said:
            found[phrase][verb] += 1
    fewest = max(FEWEST, shared_by * len(numbers))
    best = {
        phrase: min(counts.items(), key=lambda item: (-item[1], item[0]))
        for phrase, counts in found.items()
    }
    return {phrase: verb for phrase, (verb, n) in best.items() if n >= fewest}


def _parts(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield what stands between marks."""
    bounds = [place for place, token in enumerate(tokens) if token.opens] + [len(tokens)]
    for start, end in pairwise(bounds):
        yield tokens[start:end]


def _wishes(part: Sequence[Token], wanted: Set[Phrase]) -> Iterator[tuple[Phrase, str]]:
    """Yield each wanted phrase that the verb of a wish is said with, and the verb."""
    for place, token in enumerate(part):
        before = part[place - 1].written.lower() if place else ""
        word = token.written.lower()
        verb = _verb_forms().get(word)
        if verb is None:
            continue
        near = part[place + 1 : place + 1 + REACH]
        if word == verb:
            is_for = verb == "support" and near and near[0].stem in ("for", "of")
            if place and before not in _BEFORE_BASE and not is_for:
                continue
        elif word.endswith("ed"):  # "runs can be compared"
            if before not in _BEFORE_PASSIVE:
                continue
            near = part[max(0, place - 1 - REACH) : place]
        stems = tuple(each.stem for each in near)
        for start in range(len(stems)):
            for end in range(start + 1, min(start + LONGEST, len(stems)) + 1):
                if stems[start:end] in wanted and verb not in stems[start:end]:
                    yield stems[start:end], verb


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
