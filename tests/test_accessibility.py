"""Whoever cannot see, point or tell colours apart: axe finds nothing serious in any view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Final

import pytest
from chromium import Chromium, find_chromium
from page_views import READY, addresses, inputs_with_lives

from reports.inputs import PageInputs
from reports.page.page import write_page

PROGRAM = find_chromium()
AXE: Final = "axe_core_python"
pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium on PATH to open the page with"),
    pytest.mark.skipif(find_spec(AXE) is None, reason=f"no {AXE} to look for barriers with"),
]

SERIOUS: Final = ("serious", "critical")
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


def each_view(asked: Iterable[str]) -> list[str]:
    """Return of addresses of the same view the first: axe takes its time."""
    views: dict[str, str] = {}
    for address in asked:
        views.setdefault(address.split("=")[0], address)
    return list(views.values())


# Colours do not depend on the width, nor places on the colours.
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_no_view_has_a_serious_barrier(
    chromium: Chromium, page: str, inputs: PageInputs, width: int, dark: bool
) -> None:
    """Wide and narrow, in light and dark: nothing of serious or critical impact, in any view."""
    chromium.open(page, width=width, dark=dark)
    chromium.wait(READY)
    chromium.evaluate(files(AXE).joinpath("axe.min.js").read_text(encoding="utf-8") + "; 0")
    passed, serious = set[str](), []
    asked = addresses(chromium, inputs)
    # The wide page shows what is usual, the narrow one what is odd.
    for address in each_view(reversed(asked) if width == 400 else asked):
        found = found_by_axe(chromium, address)
        passed.update(found["passed"])
        serious += [
            f"{address}: {each['help']} ({each['rule']}, {each['n']}): {each['nodes']}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
        ]
    assert not serious, "\n".join(serious)
    # That it looked at all.
    assert {"color-contrast", "link-name", "label", "aria-required-attr"} <= passed
