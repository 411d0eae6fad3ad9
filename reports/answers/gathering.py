"""Gathers what a study knows of its tools into an answer for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from artifacts.arrays import Floats
from artifacts.words import NOISE
from insights.history.history import History
from insights.history.rows import ToolRow
from mining.names import GITHUB
from mining.tables import repo_key
from reports.answers.asked import requests_by_tool, tool_requests
from reports.answers.facts import ENDED, LIFE_FACTS, SOURCE_FACTS, FactTeller, unknown_facts
from reports.answers.near import nearest_rows
from reports.answers.tool import GoesWith, NearTool, ToolAnswer, ToolFact, ToolPurpose, ToolUse
from reports.answers.using import UseOfTools, named_together, some_of
from reports.data import web_address
from reports.history.lives import NO_REASON, has_people
from reports.inputs import FeatureRequest, PageSection, Tool
from reports.usage.evidence import PageUsage
from taxonomy.places.placing import FOLDER as PLACES
from taxonomy.taxonomy import Taxonomy

NO_HISTORY: Final = "the study does not look at histories, or they are not told yet"
NO_REQUESTS: Final = "the study has no feature requests, or their themes are not built yet"
NO_TOOLS: Final = "the study describes no tools"
NO_TOPIC: Final = "it is in no topic, nor near one"
NO_WORDS: Final = "nothing is said of what it is"
NO_POINTS: Final = "the taxonomy was built before what tools mean was kept"
NO_PAIRS: Final = "neither code of dependents nor topics of repositories were looked at"
NOTHING_WITH_IT: Final = "nobody was seen to use or name it with another tool"
HISTORY_TABLES: Final = (
    "tools",
    "tool_months",
    "spells",
    "change_points",
    "signals",
    "items",
    "pairs",
)
"""Fields of `History` that answers are made of."""

KeyedVectors = tuple[Sequence[str], Floats]
"""n_docs keys, and n_docs × n_dims rows of unit length, as `taxonomy.places.placing.Points` has."""


def keyed_vectors(taxonomy_folder: Path) -> KeyedVectors | None:
    """Return the documents of a taxonomy as points of the space in which it found its topics.

    None where it was built before documents could be placed in it.

    Raises
    ------
    ArtifactError
        If it is damaged.
    """
    if not (taxonomy_folder / PLACES).exists():
        return None
    points = Taxonomy.open(taxonomy_folder).points
    return points.keys, points.points


def tool_answers(
    tools: PageSection[Tool],
    *,
    histories: Sequence[History] = (),
    usage: PageUsage | None = None,
    requests: PageSection[FeatureRequest] | None = None,
    vectors: KeyedVectors | None = None,
    others: Sequence[PageSection[Tool]] = (),
) -> dict[str, ToolAnswer]:
    """Return what is known of each tool, by its key, in the order of the section's documents.

    After them come tools of which dependents or requests were looked at though they are not among
    these: their keys are ``name:owner/name``.

    Parameters
    ----------
    tools
        Those that are told of; without topics where there is no taxonomy.
    others
        Tools of other snapshots: what these say of tools that come after.
    histories
        Those that the study looks at; only `HISTORY_TABLES` of them are read.
    usage, requests, vectors
        None: the study has none. Vectors of other documents are left aside.
    """
    gathered = _Gathered(tools, histories, usage, requests, vectors, others)
    return {tool.key: gathered.answer(tool) for tool in gathered.all_tools}


@dataclass(frozen=True)
class _Lives:
    """A history by its tools."""

    history: History

    @cached_property
    def by_name(self) -> Mapping[str, ToolRow]:
        """Return the tools by their keys, and by their names in lower case."""
        found = {tool.full_name.lower(): tool for tool in reversed(self.history.tools)}
        return found | {tool.repo_key: tool for tool in self.history.tools}

    @cached_property
    def commits(self) -> Mapping[str, dict[str, int]]:
        """Return the commits of each tool, by key and month."""
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for each in self.history.tool_months:
            found[each.repo_key][each.month] = each.commits
        return found

    def rows(self, table: str, key: str) -> tuple[Any, ...]:
        """Return the rows of a tool in a table of the history."""
        return self._grouped[table].get(key, ())

    @cached_property
    def _grouped(self) -> Mapping[str, Mapping[str, tuple[Any, ...]]]:
        return {
            name: _by_key(getattr(self.history, name))
            for name in ("spells", "change_points", "signals")
        }

    def of(self, tool: Tool) -> ToolRow | None:
        """Return the tool of the same key, name or former name."""
        names = (tool.key, tool.title.lower(), *map(str.lower, tool.former_names))
        return next((self.by_name[name] for name in names if name in self.by_name), None)


def _by_key(rows: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.repo_key].append(row)
    return {key: tuple(its) for key, its in found.items()}


@dataclass(frozen=True)
class _Gathered:
    """All that a study knows, at hand by tool."""

    tools: PageSection[Tool]
    histories: Sequence[History]
    usage: PageUsage | None
    requests: PageSection[FeatureRequest] | None
    vectors: KeyedVectors | None
    others: Sequence[PageSection[Tool]]

    @cached_property
    def all_tools(self) -> tuple[Tool, ...]:
        """Return the tools of the section, and those of which more is known beside."""
        asked = () if self.requests is None else self.requests.documents
        used = {} if self.usage is None else self.usage.repositories
        known = {each.title.lower() for each in self.tools.documents}
        known |= {name.lower() for each in self.tools.documents for name in each.former_names}
        names = {
            name.lower(): name
            for name in (*(each.repository for each in asked), *used.values())
            if "/" in name  # one that is known by its number alone has no page anywhere
        }
        beside = [self._beside(names[name]) for name in sorted(names.keys() - known)]
        return (*self.tools.documents, *beside)

    def _beside(self, name: str) -> Tool:
        """Return a tool that is not among those of the section, as other snapshots know it."""
        found = self._elsewhere.get(name.lower())
        key, url = repo_key(name), GITHUB + name
        if found is None:
            return Tool(
                key=key, title=name, url=url, topic=NOISE, nearest_topic=NOISE, strength=None
            )
        return replace(found[1], key=key)

    @cached_property
    def _elsewhere(self) -> Mapping[str, tuple[str, Tool]]:
        """Return the tools of other snapshots with the snapshot's id, by names in lower case."""
        return {
            tool.title.lower(): (section.snapshot, tool)
            for section in sorted(self.others, key=lambda each: each.snapshot)
            for tool in section.documents
        }

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(tool.key for tool in self.tools.documents)

    @property
    def _not_there(self) -> str:
        return f"it is not in {self.tools.snapshot}" if self.tools.snapshot else NO_TOOLS

    def _source(self, tool: Tool) -> str | None:
        """Return the snapshot that tells of a tool."""
        if tool.key in self._listed:
            return self.tools.snapshot
        found = self._elsewhere.get(tool.title.lower())
        return None if found is None else found[0]

    def answer(self, tool: Tool) -> ToolAnswer:
        """Return all that is known of one tool."""
        found = self._lives_of(tool)
        lives, row = found[0] if found else (None, None)
        history = None if lives is None else lives.history
        unknown = None if found else self._no_life()
        use = _named(self._uses, tool)
        asked = self._asked.get(tool.key)
        with_it = self._goes_with(tool)
        near = self._near.get(tool.key, ())
        key = "" if row is None else row.repo_key
        purpose = self._purpose(tool)
        return ToolAnswer(
            key=tool.key,
            full_name=tool.title,
            former_names=tool.former_names,
            snapshot=self._source(tool),
            is_listed=tool.key in self._listed,
            description=tool.description,
            purpose=purpose,
            purpose_unknown=None if purpose else self._no_taxonomy(tool) or NO_TOPIC,
            life=row,
            life_snapshot=None if history is None else history.snapshot,
            life_unknown=unknown,
            by_people=history is not None and self._has_people[history.snapshot],
            spells=() if lives is None else lives.rows("spells", key),
            commits={} if lives is None else lives.commits.get(key, {}),
            changes=() if lives is None else lives.rows("change_points", key),
            signals=() if lives is None else lives.rows("signals", key),
            elsewhere=tuple((each.history.snapshot, its) for each, its in found[1:]),
            facts=(*self._facts_of(tool), *self._facts_of_life(history, row, unknown)),
            use=use,
            use_unknown=None if use else self._use_of_tools.why_not(),
            asked=None
            if asked is None or self.requests is None
            else tool_requests(asked, self.requests),
            asked_unknown=None if asked else self._no_requests,
            goes_with=with_it,
            goes_with_unknown=None if with_it else self._nothing_with_it,
            neighbours=near,
            neighbours_unknown=None if near else self._nothing_near(tool),
            links=(*_links(tool),),
        )

    @cached_property
    def _lives(self) -> list[_Lives]:
        """Return the histories: that of the tools' own snapshot first, then the latest."""
        own = self.tools.snapshot
        by_date = sorted(self.histories, key=lambda each: each.snapshot, reverse=True)
        return [_Lives(each) for each in sorted(by_date, key=lambda each: each.snapshot != own)]

    def _lives_of(self, tool: Tool) -> list[tuple[_Lives, ToolRow]]:
        found = ((lives, lives.of(tool)) for lives in self._lives)
        return [(lives, row) for lives, row in found if row is not None]

    def _no_life(self) -> str:
        if not self.histories:
            return NO_HISTORY
        return f"it is not in {', '.join(each.history.snapshot for each in self._lives)}"

    @cached_property
    def _has_people(self) -> Mapping[str, bool]:
        return {each.snapshot: has_people(each) for each in self.histories}

    @cached_property
    def _facts(self) -> FactTeller:
        sections = (*self.others, self.tools)
        return FactTeller({each.snapshot: each.documents for each in sections})

    def _facts_of(self, tool: Tool) -> Iterator[ToolFact]:
        snapshot = self._source(tool)
        if snapshot is None:
            return unknown_facts(SOURCE_FACTS, self._not_there)
        return self._facts.of_source(snapshot, tool)

    def _facts_of_life(
        self, history: History | None, row: ToolRow | None, unknown: str | None
    ) -> Iterator[ToolFact]:
        if history is None or row is None:
            return unknown_facts((*LIFE_FACTS, ENDED), unknown or NO_REASON)
        return self._facts.of_life(history, row)

    @cached_property
    def _key_of(self) -> Mapping[str, str]:
        """Return the keys of tools by their names in lower case; present names before former."""
        former = {
            name.lower(): tool.key
            for tool in reversed(self.all_tools)
            for name in tool.former_names
        }
        return former | {tool.title.lower(): tool.key for tool in self.all_tools}

    @cached_property
    def _use_of_tools(self) -> UseOfTools:
        return UseOfTools(self.usage, self._key_of)

    @cached_property
    def _uses(self) -> Mapping[str, ToolUse]:
        return self._use_of_tools.of_all()

    @cached_property
    def _together(self) -> tuple[Mapping[str, list[GoesWith]], ...]:
        named = named_together((each.history for each in self._lives), self._key_of)
        return self._use_of_tools.together(), named

    def _goes_with(self, tool: Tool) -> tuple[GoesWith, ...]:
        found = (_named(each, tool) for each in self._together)
        return tuple(each for its in found for each in its or ())

    @cached_property
    def _nothing_with_it(self) -> str:
        pairs = any(each.pairs for each in self.histories)
        return NOTHING_WITH_IT if pairs or self.usage is not None else NO_PAIRS

    @cached_property
    def _asked(self) -> Mapping[str, list[FeatureRequest]]:
        return requests_by_tool(self.all_tools, self.requests)

    @cached_property
    def _no_requests(self) -> str:
        """Return why it is not known what users of a tool ask for that has no request."""
        if self.requests is None:
            return NO_REQUESTS
        names = sorted({each.repository for each in self.requests.documents}, key=str.lower)
        return f"requests were collected of other tools alone: {some_of(names)}"

    def _no_taxonomy(self, tool: Tool) -> str | None:
        """Return why the taxonomy does not know a tool; None: it does."""
        if tool.key not in self._listed:
            return self._not_there
        return (
            None if self.tools.topics else f"no taxonomy sorts the tools of {self.tools.snapshot}"
        )

    def _nothing_near(self, tool: Tool) -> str:
        """Return why it is not known what is near a tool in meaning."""
        return self._no_taxonomy(tool) or (NO_POINTS if self.vectors is None else NO_WORDS)

    @cached_property
    def _topics(self) -> Mapping[int, tuple[str, int, str]]:
        categories = {each.number: each.name for each in self.tools.categories}
        return {
            each.number: (each.name, each.category, categories[each.category])
            for each in self.tools.topics
        }

    def _purpose(self, tool: Tool) -> ToolPurpose | None:
        is_placed = tool.topic != NOISE
        topic = tool.topic if is_placed else tool.nearest_topic
        if topic == NOISE:
            return None
        return ToolPurpose(topic, *self._topics[topic], is_placed)

    @cached_property
    def _near(self) -> Mapping[str, tuple[NearTool, ...]]:
        """Return the neighbours of each tool that has a vector."""
        if self.vectors is None:
            return {}
        keys, points = self.vectors
        place_of = {key: place for place, key in enumerate(keys)}
        shown = [tool for tool in self.tools.documents if tool.key in place_of]
        nearest = nearest_rows(points[[place_of[tool.key] for tool in shown]])
        return {
            tool.key: tuple(
                NearTool(shown[at].key, shown[at].title, like, _same_topic(tool, shown[at]))
                for at, like in near
            )
            for tool, near in zip(shown, nearest, strict=True)
        }


def _named(by_name: Mapping[str, Any], tool: Tool) -> Any:
    """Return what is known under a tool's name, or a former one; None: nothing."""
    names = (name.lower() for name in (tool.title, *tool.former_names))
    return next((by_name[name] for name in names if name in by_name), None)


def _same_topic(tool: Tool, other: Tool) -> bool | None:
    return None if NOISE in (tool.topic, other.topic) else tool.topic == other.topic


def _links(tool: Tool) -> Iterator[tuple[str, str]]:
    for name, url in (("repository", tool.url), ("homepage", tool.homepage)):
        if (address := web_address(url)) is not None:
            yield name, address
