"""How large and how quick a page is, in a real Chromium without a network.

Documents are made up, so no data are needed. One size is drawn twice: as one file, and as a folder
whose rarer data lie in files beside the page. The mouse is moved by the browser itself; a time runs
from an event's own stamp, or a click, to the end of the frame that shows its effect. Whatever else
keeps the machine busy is in all of them, so the load is published with the figures, and of filters
also for how long the page's own thread had a processor.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.common import arguments, publish, table
from reports.page.packing import FOLDER, MOST_DOCUMENTS

if TYPE_CHECKING:
    from chromium import Chromium, PageFigures

SIZES = {357: 24, 10_000: 60}
"""Documents, and topics, of the pages."""
IN_A_FOLDER = 10_000
N_HOVERS = 20
N_TIMES = 5
LIMITS = {
    "MB, 357": 1.5,
    "MB, 10,000": 12.0,
    "first paint, s": 1.0,
    "filter, worst ms of the page's own": 100.0,
    "hover, worst ms": 100.0,
}
BYTES_PER_MB = 1_000_000
TESTS = Path(__file__).resolve().parent.parent / "tests"

PAINTED = "performance.getEntriesByName('first-contentful-paint')"
FILTERS = (
    {"search": "serving"},
    {"search": "model serving"},
    {"search": ""},
    {"topic": "3"},
    {"category": "1"},
    {"category": ""},
    {"placed": "no"},
    {"placed": ""},
)
"""What is asked of the tools, one after the other."""
FILTER = """new Promise((done) => {{
  const start = performance.now();
  groupings.get("tools").change({asked});
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
}})"""
DESCRIBED = """(async () => {
  const start = performance.now(), grouping = groupings.get("tools");
  await grouping.describe(grouping.rows);
  return performance.now() - start;
})()"""


def figures_of(folder: Path) -> dict[str, dict[str, float | None]]:
    """Return the figures of each page."""
    # The browser and the made-up study are those of the tests, which are no package.
    sys.path.insert(0, str(TESTS))
    from chromium import Chromium, find_chromium
    from page_inputs import make_inputs

    from reports.page.page import write_page

    program = find_chromium()
    if program is None:
        sys.exit("There is no Chromium on PATH to open the page with: install one.")
    found = {}
    for size, most in [*((size, MOST_DOCUMENTS) for size in SIZES), (IN_A_FOLDER, 0)]:
        name = f"{size:,} tools" + ("" if most else ", a folder")
        path = folder / name / "index.html"
        write_page(make_inputs(n_tools=size, n_topics=SIZES[size]), path, most=most)
        with Chromium(program) as chromium:
            found[name] = {**_sizes(path), **_times(chromium, path.as_uri())}
    return found


def _sizes(page: Path) -> dict[str, float | None]:
    beside = [path.stat().st_size for path in page.parent.rglob(f"{FOLDER}/*")]
    return {
        "MB": page.stat().st_size / BYTES_PER_MB,
        "beside it, MB": sum(beside) / BYTES_PER_MB if beside else None,
        "files beside it": float(len(beside)) if beside else None,
    }


def _times(chromium: Chromium, address: str) -> dict[str, float | None]:
    from chromium import measure_page

    chromium.send("Performance.enable", timeDomain="threadTicks")
    paints = []
    for _ in range(N_TIMES):
        chromium.open(address, width=1280)
        chromium.wait(f"{PAINTED}.length")
        paints.append(chromium.evaluate(f"{PAINTED}[0].startTime / 1000"))
    described = chromium.evaluate(DESCRIBED)
    page: PageFigures = measure_page(chromium, f"{address}#tools", n_hovers=N_HOVERS)
    chromium.evaluate("document.querySelector('#tools input[name=search]').focus()")
    filters, busy = [], []
    for asked in FILTERS * N_TIMES:
        before = _busy_ms(chromium)
        filters.append(chromium.evaluate(FILTER.format(asked=json.dumps(asked))))
        busy.append(_busy_ms(chromium) - before)
    return {
        "first paint, s": median(paints),
        "ready, s": page.ready_s,
        "ready, worst s": max(page.loads_s),
        "filter, median ms": median(filters),
        "filter, worst ms": max(filters),
        "filter, median ms of the page's own": median(busy),
        "filter, worst ms of the page's own": max(busy),
        "first click on a filter, ms": page.filter_ms,
        "sort, ms": page.sort_ms,
        "zoom, ms": page.zoom_ms,
        "hover, median ms": median(page.hovers_ms),
        "hover, worst ms": page.hover_ms,
        "all that came later, ms": described,
        "requests": float(len(chromium.requests())),
    }


def _busy_ms(chromium: Chromium) -> float:
    """Return for how long the page's own thread has had a processor."""
    metrics = chromium.send("Performance.getMetrics")["metrics"]
    return 1000 * float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


def main() -> None:
    """Run the benchmark."""
    args = arguments(__doc__ or "", needs_data=False).parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        found = figures_of(Path(folder))
    names = list(next(iter(found.values())))
    rows = [[name, *(each[name] for each in found.values())] for name in names]
    publish(
        "page",
        {"figures": found, "limits": LIMITS, "load": load},
        [table("The page", ["", *found], rows)],
        args.out,
    )


if __name__ == "__main__":
    main()
