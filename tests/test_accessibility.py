"""Whoever cannot see, point or tell colours apart: axe finds nothing serious in any view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import quote

import pytest
from chromium import Chromium, find_chromium
from made_up_history import made_up_history
from page_inputs import make_inputs
from page_usage import made_up_page_usage

from insights.history.history import History
from reports.inputs import PageInputs
from reports.page.page import write_page

PROGRAM = find_chromium()
AXE: Final = "axe_core_python"
pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on PATH to open the page with"),
    pytest.mark.skipif(find_spec(AXE) is None, reason=f"no {AXE} to look for barriers with"),
]

N_TOOLS, N_REQUESTS, N_TOPICS = 40, 24, 5
SERIOUS: Final = ("serious", "critical")
READY = "document.documentElement.dataset.ready === 'yes'"
# What axe finds in the view that is shown, and which of its rules had something to look at. It goes
# through all of a document, hidden or not: what is in hidden views is taken out meanwhile.
LOOK = """(async () => {
  const emptied = [...document.querySelectorAll(".view[hidden]")].map((view) => {
    const inside = document.createDocumentFragment();
    inside.append(...view.childNodes);
    return [view, inside];
  });
  const found = await axe.run(document, { resultTypes: ["violations"] });
  emptied.forEach(([view, inside]) => view.append(inside));
  return {
    passed: found.passes.map((rule) => rule.id),
    violations: found.violations.map((rule) => ({
      rule: rule.id, impact: rule.impact, help: rule.help, n: rule.nodes.length,
      nodes: rule.nodes.slice(0, 3).map((node) => node.target.join(" ") + ": " + node.html),
    })),
  };
})()"""


def inputs_with_lives() -> PageInputs:
    """Return inputs of which every section is there, and whose tools have lives."""
    inputs = make_inputs(n_tools=N_TOOLS, n_requests=N_REQUESTS, n_topics=N_TOPICS)
    history = _of_the_tools(inputs, made_up_history(N_TOOLS))
    return replace(inputs, usage=made_up_page_usage(), histories=(history,))


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
    """Return an address of each view of the page that is open, and of all that it may show."""
    category, topic, theme = (
        chromium.evaluate(f"atlas.groupings.{node}.slug")
        for node in ("tools.categories[0]", "tools.topics[1]", "requests.topics[0]")
    )
    titles = [quote(document.title, safe="/") for document in inputs.tools.documents[10:13]]
    return [
        "#",
        "#find=project",
        "#find=nothing-is-called-so",
        f"#purpose={category}",
        f"#purpose={topic}",
        f"#tool={titles[0]}",
        f"#tool={titles[1]}",
        f"#compare={','.join(titles)}",
        f"#wish={theme}",
        "#wishes",
        "#tools",
        "#requests",
        "#usage",
        "#history",
        "#method",
        "#gone-with-another-build",
    ]


@pytest.fixture(scope="module")
def inputs() -> PageInputs:
    """Return what the page shows."""
    return inputs_with_lives()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, inputs: PageInputs) -> str:
    """Write the page once and return its address."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_page(inputs, path)
    return path.as_uri()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Start one browser for all."""
    assert PROGRAM is not None
    with Chromium(PROGRAM) as started:
        yield started


def found_by_axe(chromium: Chromium, address: str) -> dict[str, Any]:
    """Return what axe finds in the view at an address of the page that is open."""
    chromium.evaluate(f"location.hash = {address!r}")
    chromium.settle()
    found: dict[str, Any] = chromium.evaluate(LOOK)
    return found


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("dark", [False, True])
def test_no_view_has_a_serious_barrier(
    chromium: Chromium, page: str, inputs: PageInputs, width: int, dark: bool
) -> None:
    """In light and dark, wide and narrow: nothing of serious or critical impact, in any view."""
    chromium.open(page, width=width, dark=dark)
    chromium.wait(READY)
    chromium.evaluate(files(AXE).joinpath("axe.min.js").read_text(encoding="utf-8") + "; 0")
    passed, serious = set[str](), []
    for address in addresses(chromium, inputs):
        found = found_by_axe(chromium, address)
        passed.update(found["passed"])
        serious += [
            f"{address}: {each['help']} ({each['rule']}, {each['n']}): {each['nodes']}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
        ]
    assert serious == []
    # That it looked at all.
    assert {"color-contrast", "link-name", "label", "aria-required-attr"} <= passed
