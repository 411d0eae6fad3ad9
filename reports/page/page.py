"""The page: one HTML file that holds all it needs and asks the network for nothing.

A large one leaves what is rarely read to files in a folder beside it, which it loads when asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment
from markupsafe import Markup

from artifacts.files import write_text
from artifacts.words import Corpus
from reports.answers.cells import page_answers
from reports.answers.gathering import tool_answers
from reports.answers.tool import ToolAnswer
from reports.data import clean, day, number
from reports.history.views import history_views
from reports.html import asset, environment
from reports.inputs import PageInputs, check_inputs
from reports.page.addresses import addresses_data, addresses_of, nodes_of
from reports.page.home import home_view
from reports.page.packing import (
    FOLDER,
    MOST_DOCUMENTS,
    Chunk,
    embedded,
    packed,
    policies,
    without_late,
)
from reports.page.records import script_data, stage_records
from reports.page.views import SectionView, heat_map, requests_view, stability_text, tools_view
from reports.page.wishes import WishesView, wishes_view
from reports.palette import HUES, hue_rules
from reports.provenance import (
    agreement_lines,
    content_key,
    count_lines,
    population_charts,
    stages,
)
from reports.usage.evidence import PageUsage
from reports.usage.views import called_frameworks, usage_data, usage_view
from taxonomy.nodes import STABLE

if TYPE_CHECKING:
    from reports.comparison.views import ChangesView

LOADER = ("pack.js", "load.js")
"""What unpacks the program that the other scripts are."""
SCRIPTS = (
    "dom.js",
    "chunks.js",
    "router.js",
    "columns.js",
    "answers.js",
    "state.js",
    "save.js",
    "figures.js",
    "labels.js",
    "marks.js",
    "view.js",
    "map.js",
    "gestures.js",
    "icicle.js",
    "tree.js",
    "table.js",
    "heat.js",
    "links.js",
    "wish.js",
    "search-words.js",
    "search.js",
    "find.js",
    "purpose.js",
    "life.js",
    "tool.js",
    "compare.js",
    "controls.js",
    "start.js",
)
STYLES = (
    "page.css",
    "home.css",
    "purpose.css",
    "compare.css",
    "find.css",
    "tool.css",
    "wishes.css",
)
USAGE_SCRIPT, USAGE_STYLE = "usage.js", "usage.css"
"""Of pages that say how frameworks are used."""
HISTORY_SCRIPT, HISTORY_STYLE = "history.js", "history.css"
"""Of pages that say how tools live."""
CHANGES_SCRIPT, CHANGES_STYLE = "changes.js", "changes.css"
"""Of pages that show a comparison."""


def render_page(inputs: PageInputs) -> str:
    """Return the page as HTML, in one file: equal inputs give equal text.

    Parameters
    ----------
    inputs
        What the page shows; checked first.

    Raises
    ------
    InputError
        Where topics and documents contradict each other.
    """
    html, _ = _rendered(inputs, in_files=False)
    return html


def _rendered(inputs: PageInputs, *, in_files: bool) -> tuple[str, tuple[Chunk, ...]]:
    """Return the page as HTML, and what is in files beside it, if anything may be."""
    check_inputs(inputs)
    inputs = _addressed(inputs)
    views = _views(inputs)
    groupings, answers = _groupings(inputs)
    data, later = _data(inputs, groupings, answers, views["wishes"]), _later(inputs)
    if in_files:
        data, parts = without_late(data)
        later |= parts
    chunks = tuple(Chunk.of(*part) for part in later.items()) if in_files else ()
    data["files"] = {chunk.name: chunk.path for chunk in chunks}
    loader, program = "\n".join(map(asset, LOADER)), "\n".join(map(asset, _scripts(views)))
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(
            **views,
            **_told(inputs),
            home=home_view(inputs, groupings["tools"], stage_records()),
            checks=_checks(inputs, views["tools"], views["requests"]),
            data=packed(data),
            later=embedded({} if in_files else later),
            folder=FOLDER if in_files else "",
            style=Markup("".join(map(asset, _styles(views))) + hue_rules()),
            loader=Markup(loader),
            program=packed(program),
            policies=policies([loader, program], in_files=in_files),
        )
    )
    return html, chunks


def _views(inputs: PageInputs) -> dict[str, Any]:
    """Return what the views show; of what the study does not look at None, or nothing."""
    usage = inputs.usage
    return {
        "tools": tools_view(inputs),
        "requests": None if inputs.requests is None else requests_view(inputs.requests),
        "heat": None if inputs.requests is None else heat_map(inputs.requests),
        "wishes": wishes_view(inputs),
        "usage": None if usage is None else usage_view(usage, _called(inputs, usage)),
        "histories": history_views(inputs.histories, inputs.tools.snapshot),
        "changes": _changes(inputs),
    }


def _told(inputs: PageInputs) -> dict[str, Any]:
    """Return what is told of the study and of how the page was made."""
    return {
        "title": clean(inputs.title),
        "ecosystem": [clean(topic) for topic in inputs.ecosystem],
        "version": inputs.version,
        "key": content_key(inputs),
        "facts": inputs.facts,
        "charts": () if inputs.facts is None else population_charts(inputs.facts),
        "counts": count_lines(inputs.manifests),
        "stages": stages(inputs.manifests),
        "notes": [clean(note) for note in inputs.notes],
    }


def _scripts(views: Mapping[str, Any]) -> list[str]:
    own = {"changes": CHANGES_SCRIPT, "usage": USAGE_SCRIPT, "histories": HISTORY_SCRIPT}
    # They come last, and so before the data: what begins the page waits until these are unpacked.
    return [*SCRIPTS, *(name for view, name in own.items() if views[view])]


def _styles(views: Mapping[str, Any]) -> list[str]:
    own = {"changes": CHANGES_STYLE, "usage": USAGE_STYLE, "histories": HISTORY_STYLE}
    return [*STYLES, *(name for view, name in own.items() if views[view])]


def write_page(inputs: PageInputs, path: Path, *, most: int = MOST_DOCUMENTS) -> None:
    """Write the page to ``path``, whole or not at all.

    Parameters
    ----------
    most
        Tools, or requests, of a page in one file. Of more, what is not needed for the tables and
        figures is in files in a folder beside it, which are written first.
    """
    in_files = any(len(section.documents) > most for section in inputs.groupings.values())
    html, chunks = _rendered(inputs, in_files=in_files)
    for chunk in chunks:
        write_text(path.parent / chunk.path, chunk.text)
    write_text(path, html)


def _changes(inputs: PageInputs) -> ChangesView | None:
    """Return what changed, with links to the nodes and tools of this page."""
    # Where a page is only planned nothing is drawn, and what draws flows takes long to load.
    from reports.comparison.views import AtlasLinks, changes_view

    if inputs.changes is None:
        return None
    names = {tool.key: clean(tool.title) for tool in inputs.tools.documents}
    links = AtlasLinks(purposes=inputs.addresses["tools"].slug_of, documents=names)
    return changes_view(inputs.changes, links)


def _called(inputs: PageInputs, usage: PageUsage) -> dict[str, str]:
    """Return how people call the frameworks that are used, by full name."""
    return called_frameworks(usage.repositories.values(), inputs.framework_names)


def _moved(inputs: PageInputs) -> dict[str, dict[int, list[str]]]:
    """Return what became of each node since the earlier snapshot, by the layer compared."""
    from reports.comparison.words import node_sentences

    if inputs.changes is None:
        return {}
    last = inputs.changes.pairs()[-1]
    told = {node.number: node_sentences(last, node.number) for node in last.later.nodes}
    return {last.later.layer: {n: [*map(clean, said)] for n, said in told.items() if said}}


def _groupings(
    inputs: PageInputs,
) -> tuple[dict[str, dict[str, Any]], dict[str, ToolAnswer]]:
    """Return what the script knows of tools and requests, and the answer for each tool."""
    answers = tool_answers(
        inputs.tools,
        histories=inputs.histories,
        usage=inputs.usage,
        requests=inputs.requests,
        vectors=inputs.vectors,
        others=inputs.others,
    )
    stages = {key: answer.stage for key, answer in answers.items()} if inputs.histories else None
    slugs = {corpus: found.slug_of for corpus, found in inputs.addresses.items()}
    groupings = {"tools": script_data(inputs.tools, slugs["tools"], stages)}
    if inputs.requests is not None:
        groupings["requests"] = script_data(inputs.requests, slugs["themes"])
    return groupings, answers


def _addressed(inputs: PageInputs) -> PageInputs:
    """Return inputs with addresses of each corpus: those given, else as if no build was before."""
    new = {
        corpus: addresses_of(nodes_of(section))
        for corpus, section in inputs.groupings.items()
        if corpus not in inputs.addresses
    }
    return replace(inputs, addresses={**new, **inputs.addresses})


GROUPINGS: Final[dict[Corpus, str]] = {"tools": "tools", "themes": "requests"}
"""What the script calls the documents of a corpus."""


def _data(
    inputs: PageInputs,
    groupings: Mapping[str, object],
    answers: Mapping[str, ToolAnswer],
    wishes: WishesView | None,
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "title": clean(inputs.title),
        "hues": HUES,
        "stable": STABLE,
        "stages": stage_records(),
        "groupings": groupings,
        "frameworks": {} if wishes is None else wishes.names,
        "answers": page_answers(answers),
        "moved": _moved(inputs),
        "addresses": {
            GROUPINGS[corpus]: addresses_data(found) for corpus, found in inputs.addresses.items()
        },
    }
    return data


def _later(inputs: PageInputs) -> dict[str, Any]:
    """Return what the script reads when it is asked for, by name."""
    later = {}
    if inputs.usage is not None:
        asked = () if inputs.requests is None else inputs.requests.documents
        later["usage"] = usage_data(inputs.usage, {each.key: each.title for each in asked})
    if inputs.search is not None:
        place_of = {tool.key: place for place, tool in enumerate(inputs.tools.documents)}
        # A tool that a person has hidden is in the index, and not on the page.
        rows = [place_of.get(key) for key in inputs.search.keys]
        later["search"] = {"index": inputs.search.as_values(), "rows": rows}
    return later


def _checks(
    inputs: PageInputs, tools: SectionView, requests: SectionView | None
) -> list[dict[str, object]]:
    pairs = [(inputs.tools, tools), (inputs.requests, requests)]
    return [
        {
            "view": view,
            "self_agreement": number(section.self_agreement),
            "mean_ami": None if found is None else number(found.mean_ami),
            "mean_ami_unguided": None if found is None else found.mean_ami_unguided,
            "notes": () if found is None else found.notes,
            "lines": () if found is None else agreement_lines(found),
        }
        for section, view in pairs
        if section is not None and view is not None
        for found in (section.evaluation,)
    ]


@cache
def _environment() -> Environment:
    made = environment()
    made.filters["percent"] = lambda share: f"{100 * share:.0f}\u00a0%"
    made.filters["day"] = day
    made.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    made.filters["stability"] = stability_text
    return made
