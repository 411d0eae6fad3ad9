"""Which tools go with some tools: a walk from category to category.

From the tools that one has, each step goes to a tool of another category that goes together with
one of those reached so far: enough owners use or name both, and more than by chance (its q). Of
all such it goes to that whose lift is highest at the lower end of its interval, so that a high lift
of few owners does not go before a lower one of many; then by owners, then by name. A category is
walked to once. Tools that are dormant or dead are left out, and tools whose category is not known:
whether they would be something else than what one has cannot be told. What others do is told, and
no advice is given.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from artifacts.errors import InputError
from artifacts.intervals import Estimate
from insights.history.figures import ItemPair, StackItem
from insights.history.rows import ToolRow
from insights.usage.together import FALSE_DISCOVERIES

LEFT_OUT: Final = frozenset({"dormant", "dead"})
"""Stages of tools that are not walked to."""
Verb = Literal["used", "named"]
"""What was seen of owners: that they use tools in code, or only name them as topics."""


@dataclass(frozen=True)
class StackStep:
    """A tool that goes together with another one.

    Attributes
    ----------
    item, full_name, category
        The tool.
    stage
        Of its lifecycle; None: not known.
    reached_from
        The tool, had before, that it goes together with.
    n_both
        Distinct owners who have both in one repository.
    lift
        Of the two: owners over those expected by chance, shrunk, with its interval.
    q
        Of the pairs that stand out as much or more, the share that chance may give.
    """

    item: str
    full_name: str | None
    category: str | None
    stage: str | None
    reached_from: str
    n_both: int
    lift: Estimate
    q: float

    def sentence(self, verb: Verb) -> str:
        """Return what it says, in words; ``verb`` is what was seen of the owners."""
        return (
            f"{self.item} ({self.category}) is {verb} together with {self.reached_from} by "
            f"{self.n_both:,} owners, {self.lift.value:.1f} times as many as by chance "
            f"({self.lift.low:.1f} to {self.lift.high:.1f}); its stage: {self.stage or 'not known'}"
        )


@dataclass(frozen=True)
class SkippedItem:
    """A tool that goes together with those had, and is not walked to.

    Attributes
    ----------
    item
        The tool.
    why
        Its stage, or that its category is not known.
    """

    item: str
    why: str


@dataclass(frozen=True)
class Stack:
    """Tools that go together.

    Attributes
    ----------
    verb
        What was seen of the owners.
    source
        Of whose, in words.
    have
        The items that it began with.
    steps
        Those reached, in order.
    stopped
        Why it goes no further, in a sentence.
    skipped
        Tools that would have been steps but for their stage or category, by name.
    """

    verb: Verb
    source: str
    have: tuple[str, ...]
    steps: tuple[StackStep, ...]
    stopped: str
    skipped: tuple[SkippedItem, ...]


@dataclass(frozen=True)
class _Link:
    """A pair, seen from the tool that one has."""

    have: str
    item: StackItem
    pair: ItemPair

    @property
    def is_told(self) -> bool:
        """Return whether the two are together more than by chance."""
        return self.pair.q <= FALSE_DISCOVERIES and self.pair.n_both > self.pair.expected

    @property
    def order(self) -> tuple[float, int, str, str]:
        """Return by what the strongest link comes first."""
        return -(self.pair.lift.low or 0.0), -self.pair.n_both, self.item.item, self.have

    @property
    def order_by_owners(self) -> tuple[bool, int, float, str, str]:
        """Return by what the link that is nearest to being a step comes first."""
        lift, _, item, have = self.order
        return not self.is_told, -self.pair.n_both, lift, item, have


def walk(
    have: Sequence[str],
    items: Iterable[StackItem],
    pairs: Iterable[ItemPair],
    stages: Mapping[str, str],
    *,
    smallest: int,
    verb: Verb,
    source: str = "",
) -> Stack:
    """Return which tools go with some tools, from category to category.

    Parameters
    ----------
    have
        Names of items, or owner/name of their tools; at least one.
    items, pairs
        As `insights.history.together` tells them, from topics or from uses in code.
    stages
        Stage by full name in small letters; who is not in it: not known.
    smallest
        Owners that a step rests on, at least.
    verb
        What was seen of the owners of the pairs.
    source
        Of whose, in words.

    Raises
    ------
    InputError
        If nothing is had, or a name is that of no item.
    """
    of_name = {each.item: each for each in items}
    had = _found(have, of_name)
    reached = dict.fromkeys(had)
    links = [link for pair in pairs for link in _both_ways(pair, of_name)]
    steps: list[StackStep] = []
    skipped: dict[str, str] = {}
    while True:
        taken = {of_name[item].category for item in reached}
        near = [link for link in links if link.have in reached and link.item.item not in reached]
        free = []
        for link in near:
            why = _why_not(link.item, stages)
            if link.item.category in taken - {None}:
                continue
            if why is None:
                free.append(link)
            elif link.is_told and link.pair.n_both >= smallest:
                skipped[link.item.item] = why
        told = [link for link in free if link.is_told and link.pair.n_both >= smallest]
        if not told:
            left_out = tuple(SkippedItem(*each) for each in sorted(skipped.items()))
            stopped = _stopped(free, [of_name[item] for item in reached], smallest, verb)
            return Stack(verb, source, had, tuple(steps), stopped, left_out)
        best = min(told, key=lambda link: link.order)
        steps.append(_step(best, stages))
        reached[best.item.item] = None


def latest_stages(tools: Iterable[ToolRow]) -> dict[str, str]:
    """Return the stage of tools by full name in small letters, as last observed.

    Parameters
    ----------
    tools
        Of one or more snapshots; one whose stage is not known says nothing of it.
    """
    last: dict[str, ToolRow] = {}
    for tool in tools:
        name = tool.full_name.lower()
        if tool.stage is None or tool.observed_at is None:
            continue
        before = last.get(name)
        if before is None or before.observed_at is None or tool.observed_at > before.observed_at:
            last[name] = tool
    return {name: tool.stage for name, tool in last.items() if tool.stage is not None}


def _found(names: Sequence[str], items: Mapping[str, StackItem]) -> tuple[str, ...]:
    """Return the items of these names, each once."""
    if not names:
        raise InputError("No tool is named to begin with.", fix="name one or more: --have dvc")
    known = {each.full_name.lower(): item for item, each in items.items() if each.full_name}
    known |= {item: item for item in items}
    for name in names:
        if name.lower() not in known:
            close = difflib.get_close_matches(name.lower(), sorted(known), n=3)
            near = dict.fromkeys(known[each] for each in close)
            most = sorted(items.values(), key=lambda each: (-each.n_owners, each.item))[:5]
            raise InputError(
                f"No owner is known who names the tool {name!r}.",
                fix=f"did you mean {' or '.join(near)}?"
                if near
                else f"name one of those that are, such as {', '.join(e.item for e in most)}",
            )
    return tuple(dict.fromkeys(known[name.lower()] for name in names))


def _both_ways(pair: ItemPair, items: Mapping[str, StackItem]) -> list[_Link]:
    return [
        _Link(pair.first, items[pair.second], pair),
        _Link(pair.second, items[pair.first], pair),
    ]


def _why_not(item: StackItem, stages: Mapping[str, str]) -> str | None:
    """Return why a tool is not walked to, if so."""
    if item.category is None:
        return "its category is not known"
    stage = _stage(item, stages)
    return f"it is {stage}" if stage in LEFT_OUT else None


def _stage(item: StackItem, stages: Mapping[str, str]) -> str | None:
    return None if item.full_name is None else stages.get(item.full_name.lower())


def _step(link: _Link, stages: Mapping[str, str]) -> StackStep:
    return StackStep(
        item=link.item.item,
        full_name=link.item.full_name,
        category=link.item.category,
        stage=_stage(link.item, stages),
        reached_from=link.have,
        n_both=link.pair.n_both,
        lift=link.pair.lift,
        q=link.pair.q,
    )


def _stopped(free: Sequence[_Link], reached: Sequence[StackItem], smallest: int, verb: Verb) -> str:
    """Return why there is no further step."""
    most = max(reached, key=lambda each: each.n_owners)
    if most.n_owners < smallest:
        owners = _owners(most.n_owners)
        return f"{most.item} is {verb} by {owners} only; a step rests on {smallest:,}, at least"
    seen = [link for link in free if link.pair.n_both]
    if not seen:
        return f"no tool of another category is known to be {verb} together with these"
    best = min(seen, key=lambda link: link.order_by_owners)
    n = best.pair.n_both
    who = f"{best.have} by {_owners(n)}"
    together = f"the best next, {best.item.item}, is {verb} together with {who}"
    if best.is_told:
        return f"{together} only; {smallest:,} are needed"
    by_chance = f"of whom {best.pair.expected:.1f} are expected by chance"
    few = f"; {smallest:,} are needed" if n < smallest else ""
    return f"{together}, {by_chance}: that is not more than chance explains{few}"


def _owners(n: int) -> str:
    return f"{n:,} owner{'s' * (n != 1)}"
