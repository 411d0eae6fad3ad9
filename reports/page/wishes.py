"""What users ask for, read as wishes: a sentence, a count, who is asked, and a few requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reports.data import beginning, clean, hues, marks, web_address
from reports.inputs import FeatureRequest, PageInputs, PageSection
from reports.palette import Mark
from reports.usage.views import called_frameworks
from taxonomy.nodes import AnyNode, Category, Topic

FEWEST_SHADED: Final = 10
"""Requests of which a share is shaded, at least: one of fewer looks like much and says little."""
MOST_ASKED: Final = 4
"""Frameworks that are named with a wish; how many more there are is said."""
MOST_EXAMPLES: Final = 3
EXAMPLE_CHARACTERS: Final = 160

_ASKS: Final = re.compile(r"Asks (to|for) (.+)")
_SAY: Final = re.compile(r"Requests that say (.+)")
_EXAMPLES: Final = re.compile(r"(, as in |, such as |; for example ).*$")


@dataclass(frozen=True)
class WishExample:
    """A request: what it asks for, where it was asked, and its state, if that is known."""

    text: str
    framework: str
    number: int
    state: str | None
    url: str | None


@dataclass(frozen=True)
class AskedFramework:
    """A framework, as people call it and by its full name, and how many requests it got."""

    name: str
    repository: str
    n: int


@dataclass(frozen=True)
class WishLine:
    """A theme, or a category of themes, as a wish.

    Attributes
    ----------
    sentence
        What is asked for; empty where nothing says it.
    n_open, n_known
        Requests that are open, of those whose state is known.
    asked
        The frameworks that got most of the requests; ``n_others`` got the rest.
    inside
        Themes of a category, the largest first.
    """

    layer: Literal["category", "topic"]
    number: int
    label: str
    hue: int
    mark: Mark | None
    sentence: str
    n: int
    n_open: int
    n_known: int
    asked: tuple[AskedFramework, ...]
    n_others: int
    examples: tuple[WishExample, ...]
    inside: tuple[WishLine, ...] = ()


@dataclass(frozen=True)
class WishesView:
    """All wishes, and what frameworks are called; those in ``few`` got too few to tell shares."""

    categories: tuple[WishLine, ...]
    n_open: int
    n_known: int
    names: Mapping[str, str]
    few: tuple[str, ...]
    fewest_shaded: int = FEWEST_SHADED


def wishes_view(inputs: PageInputs) -> WishesView | None:
    """Return themes and categories of requests as wishes, the most asked for first."""
    section, written = inputs.requests, inputs.framework_names
    if section is None:
        return None
    names = called_frameworks((each.repository for each in section.documents), written)
    lines = _WishLines(section, names)
    totals = Counter(clean(each.repository) for each in section.documents)
    few = sorted(name for name, n in totals.items() if n < FEWEST_SHADED)
    n_open, n_known = _states(section.documents)
    return WishesView(
        categories=tuple(lines.of_categories()),
        n_open=n_open,
        n_known=n_known,
        names=names,
        few=tuple(names[name] for name in few),
    )


def wish_sentence(description: str) -> str:
    """Return what users ask for, of what describes a theme or a category; examples stand apart."""
    if description.startswith("Requests such as "):
        return ""
    said = _EXAMPLES.sub("", clean(description)).removesuffix(".")
    if asks := _ASKS.fullmatch(said):
        return f"Users ask {asks[1]} {asks[2]}."
    if words := _SAY.fullmatch(said):
        return f"What they have in common: {_quoted(words[1])}."
    return clean(description)


def _quoted(words: str) -> str:
    return re.sub(r'"([^"]*)"', r"“\1”", words)


@dataclass(frozen=True)
class _WishLines:
    """Puts the nodes of a section into lines."""

    section: PageSection[FeatureRequest]
    names: Mapping[str, str]

    def of_categories(self) -> Iterator[WishLine]:
        by_key = {each.key: each for each in self.section.documents}
        hue_of, mark_of = hues(self.section), marks(self.section)
        for category in _by_size(self.section.categories):
            hue = hue_of[category.number]
            topics = [t for t in self.section.topics if t.category == category.number]
            inside = tuple(
                self._line(topic, [topic], hue, mark_of[topic.number], by_key)
                for topic in _by_size(topics)
            )
            yield self._line(category, topics, hue, None, by_key, inside)

    def _line(
        self,
        node: Category | Topic,
        topics: Sequence[Topic],
        hue: int,
        mark: Mark | None,
        by_key: Mapping[str, FeatureRequest],
        inside: tuple[WishLine, ...] = (),
    ) -> WishLine:
        numbers = {topic.number for topic in topics}
        members = [each for each in self.section.documents if each.topic in numbers]
        n_open, n_known = _states(members)
        totals = Counter(clean(each.repository) for each in members)
        order = sorted(totals, key=lambda name: (-totals[name], self.names[name].lower()))
        asked = [AskedFramework(self.names[name], name, totals[name]) for name in order]
        shown = () if mark is None else node.exemplars[:MOST_EXAMPLES]
        return WishLine(
            layer="category" if mark is None else "topic",
            number=node.number,
            label=clean(node.name),
            hue=hue,
            mark=mark,
            sentence=wish_sentence(node.description),
            n=len(members),
            n_open=n_open,
            n_known=n_known,
            asked=tuple(asked[:MOST_ASKED]),
            n_others=sum(each.n for each in asked[MOST_ASKED:]),
            examples=tuple(self._example(by_key[key]) for key in shown),
            inside=inside,
        )

    def _example(self, request: FeatureRequest) -> WishExample:
        title = clean(request.title)
        # A title that only says which request it is does not say what is asked for.
        is_bare = title.endswith(f"#{request.number}") and request.description
        text = request.description if is_bare and request.description else title
        return WishExample(
            text=beginning(text, EXAMPLE_CHARACTERS),
            framework=self.names[clean(request.repository)],
            number=request.number,
            state=clean(request.state) if request.state else None,
            url=web_address(request.url),
        )


def _by_size(nodes: Iterable[AnyNode]) -> list[AnyNode]:
    return sorted(nodes, key=lambda node: (-node.size, node.number))


def _states(requests: Iterable[FeatureRequest]) -> tuple[int, int]:
    """Return how many requests are open, and of how many the state is known."""
    known = [each.state for each in requests if each.state]
    return known.count("open"), len(known)
