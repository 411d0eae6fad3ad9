"""Which share of the tools belongs to a family: of clouds, practices, languages, licences, kinds.

A tool belongs to a family by its topics, or by its topics and the words of its name and
description. Each is told of those tools alone of which these are known: a tool without topics in
its snapshot is unknown, not without. Shares have Wilson's (1927) 95 % intervals. Of a census they
are exact; the interval is about the process that made these tools, of which they are one draw.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from artifacts.intervals import Estimate
from configs.family import ANY, OTHERS, UNKNOWN, Families, Family
from embeddings.text.words import plain
from insights.history.figures import FamilyShare
from insights.history.groups import ALL, Group, grouped
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.settings import HistorySettings
from labels.validation.values import share, undefined

TOPICS: Final = "topics"
TOPICS_AND_WORDS: Final = "topics and words"
FACTS: Final = "facts"
"""What tables of a snapshot say themselves: the sign of a language, a licence, a kind."""
N_NAMED: Final = 10
"""Languages and licences, the most frequent, that are told by name; further ones are `OTHERS`."""

_Groups = Mapping[Group, Sequence[ToolHistory]]
_Belongs = Mapping[str, frozenset[str] | None]
"""Families of each tool, by key; None: not known."""


@dataclass(frozen=True)
class _Counted:
    """What is counted: a theme by a sign, its families in order, and who belongs to which.

    ``needs`` is what has to be known of a tool, in words.
    """

    theme: str
    signs: str
    families: Sequence[str]
    belongs: _Belongs
    needs: str


def family_shares(
    population: HistoryPopulation, families: Families, settings: HistorySettings
) -> tuple[FamilyShare, ...]:
    """Return which shares of the tools belong to families: of all, and of those of each group.

    Themes are those of the families, by topics and by topics and words, with whoever is of `ANY` of
    several; then the language, the licence and the kind, of which the `N_NAMED` most frequent are
    named. Where something is not known of some tools, a row `UNKNOWN` has how many, without a
    share.

    Groups with fewer than ``settings.smallest_group`` tools of which it is known are left out; of
    all tools, if they are as few, counts are told and no share.
    """
    groups = grouped(population.tools)
    return tuple(
        row
        for counted in (*_by_signs(population, families), *_by_facts(population))
        for row in _rows(counted, groups, settings.smallest_group)
    )


def members_of(
    population: HistoryPopulation, families: Families, *, searched: Collection[str] = ()
) -> dict[str, frozenset[str]]:
    """Return the keys of the tools of each family, by its id.

    By their topics where these are known; else by the words of name and description where there is
    a description; who has neither is of no family.

    Parameters
    ----------
    searched
        Topics that the tools were searched by. They tell none from another, so nobody is of a
        family by them.
    """
    words = _Words(families.families)
    members: dict[str, set[str]] = {family.id: set() for family in families.families}
    for tool in population.tools:
        if tool.topics is None:
            its = words.families_of(tool) or frozenset()
        else:
            its = _topical(families.families, tool.topics.difference(searched))
        for family in its:
            members[family].add(tool.repo_key)
    return {family: frozenset(keys) for family, keys in members.items()}


def has_topic(family: Family, topics: Iterable[str]) -> bool:
    """Tell whether one of the topics is of the family, whole or by a part of it."""
    lower = {topic.lower() for topic in topics}
    return not lower.isdisjoint(family.topics) or any(
        part in topic for topic in lower for part in family.contains
    )


def phrase_pattern(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of these words and phrases in a plain text, as a whole; None: nothing.

    Words end where no letter or digit follows; spaces, hyphens and underscores join phrases.
    """
    alternatives = [
        r"[\s_-]+".join(re.escape(word) for word in plain(phrase).split()) for phrase in phrases
    ]
    if not alternatives:
        return None
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(alternatives)})(?![^\W_])")


class _Words:
    """What tells families by the words of names and descriptions."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._patterns = {family.id: phrase_pattern(family.words) for family in families}

    def families_of(self, tool: ToolHistory) -> frozenset[str] | None:
        """Return the families of a tool; None: its description is not known."""
        if tool.description is None:
            return None
        # The bar keeps a phrase from beginning in the name and ending in the description.
        text = plain(f"{tool.full_name.rpartition('/')[2]} | {tool.description}")
        patterns = self._patterns.items()
        return frozenset(id_ for id_, found in patterns if found and found.search(text))


def _topical(families: Iterable[Family], topics: frozenset[str]) -> frozenset[str]:
    return frozenset(family.id for family in families if has_topic(family, topics))


def _by_signs(population: HistoryPopulation, families: Families) -> Iterator[_Counted]:
    for theme, its in families.by_theme().items():
        words = _Words(its)
        topical: dict[str, frozenset[str] | None] = {}
        both: dict[str, frozenset[str] | None] = {}
        for tool in population.tools:
            by_topics = None if tool.topics is None else _topical(its, tool.topics)
            by_words = words.families_of(tool)
            topical[tool.repo_key] = _with_any(by_topics)
            both[tool.repo_key] = None
            if by_topics is not None and by_words is not None:
                both[tool.repo_key] = _with_any(by_topics | by_words)
        ids = [family.id for family in its]
        names = [*ids, ANY] if len(ids) > 1 else ids
        yield _Counted(theme, TOPICS, names, topical, "topics")
        yield _Counted(theme, TOPICS_AND_WORDS, names, both, "topics or description")


def _with_any(families: frozenset[str] | None) -> frozenset[str] | None:
    return families | {ANY} if families else families


def _by_facts(population: HistoryPopulation) -> Iterator[_Counted]:
    for theme in ("language", "licence", "kind"):
        values: dict[str, str | None] = {
            tool.repo_key: getattr(tool, theme) for tool in population.tools
        }
        counts = Counter(value for value in values.values() if value is not None)
        ranked = sorted(counts, key=lambda value: (-counts[value], value))
        named = ranked[:N_NAMED]
        belongs = {
            key: None if value is None else frozenset([value if value in named else OTHERS])
            for key, value in values.items()
        }
        rest = [OTHERS] if len(ranked) > len(named) else []
        yield _Counted(theme, FACTS, [*named, *rest], belongs, theme)


def _rows(counted: _Counted, groups: _Groups, smallest: int) -> Iterator[FamilyShare]:
    for group, tools in groups.items():
        if group[0] == counted.theme:  # kinds of tools of one kind
            continue
        told = [counted.belongs[tool.repo_key] for tool in tools]
        known = [families for families in told if families is not None]
        if len(known) < smallest and group != ALL:
            continue
        n_with = Counter(family for families in known for family in families)
        if known:
            for family in counted.families:
                value = _share(n_with[family], len(known), smallest)
                yield _row(counted, family, group, n_with[family], value)
        if n_unknown := len(told) - len(known):
            value = undefined(f"without known {counted.needs}", n=len(told))
            yield _row(counted, UNKNOWN, group, n_unknown, value)


def _row(counted: _Counted, family: str, group: Group, n_with: int, value: Estimate) -> FamilyShare:
    return FamilyShare(
        theme=counted.theme,
        family=family,
        signs=counted.signs,
        grouped_by=group[0],
        group=group[1],
        n_with=n_with,
        share=value,
    )


def _share(n_with: int, n: int, smallest: int) -> Estimate:
    if n < smallest:
        return undefined(f"fewer than {smallest} tools", n=n)
    hits = np.zeros(n)
    hits[:n_with] = 1
    return share(hits, np.ones(n), size=None, empty="there are no tools")
