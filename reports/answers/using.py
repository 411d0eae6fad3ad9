"""How dependents use tools, and what goes with them: in code, and as topics of repositories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from insights.history.figures import ItemPair
from insights.history.history import History
from insights.usage.figures import Figure
from insights.usage.study import NOT_CODED, FrameworkUse
from insights.usage.together import Pair
from reports.answers.tool import FeatureUse, GoesWith, ToolUse
from reports.usage.evidence import PageUsage, evidence_key

MOST_WITH: Final = 15
"""Other tools that an answer holds of each kind."""
MOST_NAMES: Final = 12
"""Names that a reason lists."""
NOT_LOOKED_AT: Final = "no code of dependents was looked at"


@dataclass(frozen=True)
class UseOfTools:
    """How the frameworks of a study are used, by the names of their repositories in lower case.

    Attributes
    ----------
    key_of
        Keys of the study's tools by their names, former ones too, in lower case.
    """

    usage: PageUsage | None
    key_of: Mapping[str, str]

    def of_all(self) -> dict[str, ToolUse]:
        """Return how dependents use each framework that was looked at."""
        if self.usage is None:
            return {}
        known = self._evidence()
        figures: defaultdict[str, list[Figure]] = defaultdict(list)
        for figure in self.usage.usage.figures:
            figures[figure.framework].append(figure)
        return {
            self.usage.repositories[name].lower(): self._use(name, figures[name], known)
            for name in self.usage.usage.dependents.frameworks
            if name in self.usage.repositories
        }

    def together(self) -> dict[str, list[GoesWith]]:
        """Return what is used with each framework, by some owner."""
        found: defaultdict[str, list[GoesWith]] = defaultdict(list)
        if self.usage is None:
            return found
        known = self._evidence()
        for pair in self.usage.usage.together.pairs:
            if pair.n_both:
                found[self._repository(pair.first)].append(self._used(pair, pair.second, known))
                found[self._repository(pair.second)].append(self._used(pair, pair.first, known))
        return {name: _first(its) for name, its in found.items()}

    def why_not(self) -> str:
        """Return why it is not known how a tool is used that has no entry in `of_all`."""
        if self.usage is None or not self.usage.usage.dependents.frameworks:
            return NOT_LOOKED_AT
        names = some_of(self.usage.usage.dependents.frameworks)
        return f"code was searched for other tools alone: {names}"

    def _evidence(self) -> frozenset[str]:
        evidence = () if self.usage is None else self.usage.evidence
        return frozenset(evidence_key(each.of) for each in evidence)

    def _repository(self, framework: str) -> str:
        assert self.usage is not None
        return self.usage.repositories.get(framework, framework).lower()

    def _use(self, name: str, figures: Iterable[Figure], known: frozenset[str]) -> ToolUse:
        assert self.usage is not None
        usage = self.usage.usage
        use = usage.of(name)
        words = {code: told for code, (told, _) in self.usage.features.items()}
        found: dict[str, list[FeatureUse]] = {"feature": [], "channel": []}
        for figure in figures:
            if figure.measure in found:
                key = evidence_key((figure.measure, name, figure.name))
                found[figure.measure].append(
                    FeatureUse(
                        code=figure.name,
                        name=words.get(figure.name, figure.name),
                        n=figure.n,
                        share=figure.share,
                        evidence=key if key in known else "",
                    )
                )
        why = _no_gap(use)
        return ToolUse(
            framework=name,
            n_users=use.roles.uses,
            heading=use.heading,
            features=_most_used(found["feature"]),
            channels=_most_used(found["channel"]),
            asked_and_not_used=None if why else use.asked_and_not_used(),
            gap_unknown=why,
        )

    def _used(self, pair: Pair, other: str, known: frozenset[str]) -> GoesWith:
        assert self.usage is not None
        name = self.usage.repositories.get(other, other)
        key = evidence_key(("pair", pair.first, pair.second))
        return GoesWith(
            name=name,
            key=self.key_of.get(name.lower()),
            by="used",
            n_owners=pair.n_both,
            expected=pair.expected,
            lift=pair.lift,
            relation=None if pair.relation == "not told" else pair.relation,
            source=self.usage.usage.dependents.sample_of.heading(
                self.usage.usage.dependents.n_users
            ),
            evidence=key if key in known else "",
        )


def _no_gap(use: FrameworkUse) -> str | None:
    """Return why it cannot be told what is asked for and not used; None: it can."""
    if use.requests is None or use.requests_of is None:
        return NOT_CODED
    sides = ((use.sample_of, use.roles.uses), (use.requests_of, use.requests.coded))
    chosen = [f"{of.counted} are {of.heading(n)}" for of, n in sides if of.is_chosen]
    return "; ".join(chosen) or None


def some_of(names: Sequence[str]) -> str:
    """Return names, and of very many how many more there are."""
    more = len(names) - MOST_NAMES
    told = ", ".join(names[:MOST_NAMES])
    return f"{told} and {more:,} more" if more > 0 else told


def _most_used(features: Sequence[FeatureUse]) -> tuple[FeatureUse, ...]:
    """Return features, most used first; those that code does not tell come last."""
    return tuple(sorted(features, key=lambda each: (each.n is None, -(each.n or 0))))


def named_together(
    histories: Iterable[History], key_of: Mapping[str, str]
) -> dict[str, list[GoesWith]]:
    """Return what owners name together with each tool, by its name in lower case.

    Of the first history that knows pairs of a tool. Parameters as in `UseOfTools`.
    """
    found: dict[str, list[GoesWith]] = {}
    for history in histories:
        name_of = {each.item: each.full_name or each.item for each in history.items}
        its: defaultdict[str, list[GoesWith]] = defaultdict(list)
        for pair in history.pairs:
            if pair.n_both:
                for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
                    with_it = _named(history, pair, name_of.get(other, other), key_of)
                    its[name_of.get(one, one).lower()].append(with_it)
        for name, pairs in its.items():
            found.setdefault(name, _first(pairs))
    return found


def _named(history: History, pair: ItemPair, other: str, key_of: Mapping[str, str]) -> GoesWith:
    return GoesWith(
        name=other,
        key=key_of.get(other.lower()),
        by="named",
        n_owners=pair.n_both,
        expected=pair.expected,
        lift=pair.lift,
        relation=pair.relation,
        source=history.snapshot,
        evidence="",
    )


def _first(pairs: Iterable[GoesWith]) -> list[GoesWith]:
    """Return the pairs of most owners."""
    return sorted(pairs, key=lambda each: (-each.n_owners, each.name.lower()))[:MOST_WITH]
