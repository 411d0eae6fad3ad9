"""The page: one HTML file that holds all it needs and asks the network for nothing."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from artifacts.errors import ArtifactError
from artifacts.files import write_text
from reports.data import clean, day, number, script_data, script_json
from reports.inputs import PageInputs, check_inputs
from reports.palette import HUES
from reports.provenance import (
    agreement_lines,
    content_key,
    count_lines,
    population_charts,
    stages,
)
from reports.views import GroupingView, heat_map, requests_view, tools_view

# Above this many points a map is drawn by the graphics card (scattergl), below as SVG.
SVG_POINTS = 5_000
SCRIPTS = ("state.js", "map.js", "table.js", "start.js")


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
    scripts = [_plotly(), "\n".join(_asset(name) for name in SCRIPTS)]
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
            checks=_checks(inputs, tools, requests),
            facts=inputs.facts,
            charts=() if inputs.facts is None else population_charts(inputs.facts),
            counts=count_lines(inputs.manifests),
            stages=stages(inputs.manifests),
            notes=[clean(note) for note in inputs.notes],
            data=Markup(script_json(_data(inputs))),
            style=Markup(_asset("page.css")),
            hues=HUES,
            scripts=[Markup(script) for script in scripts],
            policy=_policy(scripts, compiles=_most_points(inputs) >= SVG_POINTS),
        )
    )


def write_page(inputs: PageInputs, path: Path) -> None:
    """Write the page to ``path``, whole or not at all."""
    write_text(path, render_page(inputs))


def _data(inputs: PageInputs) -> dict[str, object]:
    groupings = {"tools": script_data(inputs.tools)}
    if inputs.requests is not None:
        groupings["requests"] = script_data(inputs.requests)
    return {"svg_points": SVG_POINTS, "groupings": groupings}


def _checks(
    inputs: PageInputs, tools: GroupingView, requests: GroupingView | None
) -> list[dict[str, object]]:
    pairs = [(inputs.tools, tools), (inputs.requests, requests)]
    return [
        {
            "view": view,
            "self_agreement": number(grouping.self_agreement),
            "mean_ami": None if found is None else number(found.mean_ami),
            "lines": () if found is None else agreement_lines(found.lists, found.ceiling),
            "notes": () if found is None else tuple(clean(note) for note in found.notes),
        }
        for grouping, view in pairs
        if grouping is not None and view is not None
        for found in (grouping.evaluation,)
    ]


def _most_points(inputs: PageInputs) -> int:
    n_requests = 0 if inputs.requests is None else len(inputs.requests.documents)
    return max(len(inputs.tools.documents), n_requests)


def _policy(scripts: list[str], *, compiles: bool) -> str:
    """Return the policy that lets these scripts run, by hash, and forbids every request.

    The drawing library compiles code for the graphics card as it runs: without ``unsafe-eval`` a
    large map falls back to slow SVG. Pages whose maps are SVG anyway do without it.
    """
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    allowed = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    if compiles:
        allowed.append("'unsafe-eval'")
    return (
        f"default-src 'none'; script-src {' '.join(allowed)}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _plotly() -> str:
    # Imported here: the package takes a while, and only a page needs it.
    from plotly.offline import get_plotlyjs

    source = str(get_plotlyjs())
    if "</script" in source.lower() or "<!--" in source:  # pragma: no cover - guards an upgrade
        raise ArtifactError(
            "This release of plotly.js holds text that would end its script element.",
            fix="install the plotly of constraints.txt",
        )
    return source


def _asset(name: str) -> str:
    return resources.files("reports").joinpath("assets", name).read_text(encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["thousands"] = lambda value: f"{value:,}"
    environment.filters["percent"] = lambda share: f"{100 * share:.0f}\u00a0%"
    environment.filters["decimals"] = lambda value: f"{value:.2f}"
    environment.filters["day"] = day
    return environment
