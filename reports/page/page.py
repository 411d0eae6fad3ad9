"""The page: one HTML file that holds all it needs and asks the network for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from artifacts.files import write_text
from artifacts.words import Corpus
from reports.answers.cells import page_answers
from reports.answers.gathering import tool_answers
from reports.answers.tool import ToolAnswer
from reports.data import clean, day, number, script_json
from reports.history.views import history_views
from reports.html import asset, environment, policy
from reports.inputs import PageInputs, check_inputs
from reports.page.addresses import Addresses, addresses_data, addresses_of, nodes_of
from reports.page.home import home_view
from reports.page.records import script_data, stage_records
from reports.page.views import SectionView, heat_map, requests_view, stability_text, tools_view
from reports.palette import DARK_HUES, HUES
from reports.provenance import (
    agreement_lines,
    content_key,
    count_lines,
    population_charts,
    stages,
)
from reports.usage.views import usage_data, usage_view
from taxonomy.nodes import STABLE

SCRIPTS = (
    "dom.js",
    "router.js",
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
    "find.js",
    "purpose.js",
    "life.js",
    "tool.js",
    "compare.js",
    "start.js",
)
STYLES = ("page.css", "home.css", "purpose.css", "tool.css")
USAGE_SCRIPT, USAGE_STYLE = "usage.js", "usage.css"
"""Of pages that say how frameworks are used."""
HISTORY_SCRIPT, HISTORY_STYLE = "history.js", "history.css"
"""Of pages that say how tools live."""


def render_page(inputs: PageInputs) -> str:
    """Return the page as HTML: equal inputs give equal text.

    Parameters
    ----------
    inputs
        What the page shows; checked first.

    Raises
    ------
    InputError
        Where topics and documents contradict each other.
    """
    check_inputs(inputs)
    tools = tools_view(inputs)
    requests = None if inputs.requests is None else requests_view(inputs.requests)
    usage = None if inputs.usage is None else usage_view(inputs.usage)
    histories = history_views(inputs.histories)
    scripts = [*SCRIPTS, *[USAGE_SCRIPT] * bool(usage), *[HISTORY_SCRIPT] * bool(histories)]
    styles = [*STYLES, *[USAGE_STYLE] * bool(usage), *[HISTORY_STYLE] * bool(histories)]
    answers = tool_answers(
        inputs.tools,
        histories=inputs.histories,
        usage=inputs.usage,
        requests=inputs.requests,
        vectors=inputs.vectors,
    )
    groupings = _groupings(inputs, answers)
    script, style = "\n".join(map(asset, scripts)), "".join(map(asset, styles))
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=clean(inputs.title),
            ecosystem=[clean(topic) for topic in inputs.ecosystem],
            version=inputs.version,
            key=content_key(inputs),
            tools=tools,
            requests=requests,
            heat=None if inputs.requests is None else heat_map(inputs.requests),
            usage=usage,
            histories=histories,
            home=home_view(inputs, groupings["tools"], stage_records()),
            checks=_checks(inputs, tools, requests),
            facts=inputs.facts,
            charts=() if inputs.facts is None else population_charts(inputs.facts),
            counts=count_lines(inputs.manifests),
            stages=stages(inputs.manifests),
            notes=[clean(note) for note in inputs.notes],
            data=Markup(script_json(_data(inputs, groupings, answers))),
            style=Markup(style),
            hues=HUES,
            dark_hues=DARK_HUES,
            script=Markup(script),
            policy=policy([script]),
        )
    )


def write_page(inputs: PageInputs, path: Path) -> None:
    """Write the page to ``path``, whole or not at all."""
    write_text(path, render_page(inputs))


def _groupings(inputs: PageInputs, answers: Mapping[str, ToolAnswer]) -> dict[str, dict[str, Any]]:
    """Return what the script knows of tools and requests."""
    stages = {key: answer.stage for key, answer in answers.items()} if inputs.histories else None
    slugs = {corpus: found.slug_of for corpus, found in _addresses(inputs).items()}
    groupings = {"tools": script_data(inputs.tools, slugs["tools"], stages)}
    if inputs.requests is not None:
        groupings["requests"] = script_data(inputs.requests, slugs["themes"])
    return groupings


def _addresses(inputs: PageInputs) -> dict[Corpus, Addresses]:
    """Return the addresses of each corpus: those given, else such as no earlier build had any."""
    new = {corpus: addresses_of(nodes_of(found)) for corpus, found in inputs.groupings.items()}
    return {**new, **inputs.addresses}


def _data(
    inputs: PageInputs,
    groupings: Mapping[str, object],
    answers: Mapping[str, ToolAnswer],
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "title": clean(inputs.title),
        "hues": HUES,
        "stable": STABLE,
        "stages": stage_records(),
        "groupings": groupings,
        "answers": page_answers(answers),
        "former": {clean(old): clean(new) for old, new in inputs.former_names.items()},
    }
    for corpus, found in _addresses(inputs).items():
        grouping = {"tools": "tools", "themes": "requests"}[corpus]
        for what, told in addresses_data(found).items():
            data.setdefault(what, {})[grouping] = told
    if inputs.usage is not None:
        asked = () if inputs.requests is None else inputs.requests.documents
        data["usage"] = usage_data(inputs.usage, {each.key: each.title for each in asked})
    return data


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
