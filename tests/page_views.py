"""The page with every section that it may have, and the addresses of all its views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from chromium import Chromium
from lineages import with_joint
from made_up_history import made_up_history
from page_inputs import make_inputs
from page_usage import made_up_page_usage

from insights.history.history import History
from reports.inputs import PageInputs

N_TOOLS, N_REQUESTS, N_TOPICS = 40, 24, 12
"""As many topics as it takes for a category whose name means harm."""
READY = "document.documentElement.dataset.ready === 'yes'"


def inputs_with_lives() -> PageInputs:
    """Return inputs of which every section is there, and whose tools have lives."""
    inputs = make_inputs(n_tools=N_TOOLS, n_requests=N_REQUESTS, n_topics=N_TOPICS)
    history = _of_the_tools(inputs, made_up_history(N_TOOLS))
    repositories = {name: f"made/{name}" for name in ("alpha", "beta")}
    usage = replace(made_up_page_usage(), repositories=repositories)
    return replace(inputs, usage=usage, histories=(history,), changes=with_joint())


def _of_the_tools(inputs: PageInputs, history: History) -> History:
    """Return the history with the tools of the inputs in the place of its own."""
    keys = [tool.repo_key for tool in history.tools]
    now = dict(zip(keys, (tool.key for tool in inputs.tools.documents), strict=True))

    def moved(rows: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(replace(row, repo_key=now[row.repo_key]) for row in rows)

    return replace(
        history,
        tools=moved(history.tools),
        tool_months=moved(history.tool_months),
        spells=moved(history.spells),
    )


def addresses(chromium: Chromium, inputs: PageInputs) -> list[str]:
    """Return an address of each view of the page that is open, and of all that it may show.

    Among them are names that mean harm, and some that are too long for any line.
    """
    nodes = ("tools.categories", "tools.topics", "requests.categories", "requests.topics")
    slugs = {
        node: chromium.evaluate(
            f"(all => [all[0], ...all.filter(each => each.label.includes('<'))])"
            f"(atlas.groupings.{node}).map(each => each.slug)"
        )
        for node in nodes
    }
    titles = [quote(inputs.tools.documents[place].title, safe="/") for place in (1, 5, 7, 20, 21)]
    chosen = f"with={titles[3]},{titles[4]}"
    return [
        "#",
        "#find=project",
        f"#find={titles[0]}",
        *(f"#purpose={slug}?{chosen}" for node in nodes[:2] for slug in slugs[node]),
        *(f"#tool={title}" for title in titles),
        f"#compare={','.join(titles)}",
        *(f"#wish={slug}" for node in nodes[2:] for slug in slugs[node]),
        "#wishes",
        "#tools",
        "#requests",
        "#usage",
        "#history",
        "#changes",
        "#method",
        f"#{titles[0]}",
    ]
