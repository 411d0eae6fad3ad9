"""How large and how quick a page is, in a real Chromium without a network.

Documents are made up, so no data are needed. The mouse is moved by the browser itself; a time runs
from an event's own stamp to the end of the frame that shows its effect.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from statistics import median

from benchmarks.common import arguments, publish, table

SIZES = (357, 2_000, 10_000)
N_TOPICS = {357: 24, 2_000: 40, 10_000: 60}
N_HOVERS = 40
LIMITS = {"MB": 10.0, "ready, s": 2.0, "hover, worst ms": 100.0}
BYTES_PER_MB = 1_000_000
TESTS = Path(__file__).resolve().parent.parent / "tests"


def figures_of(folder: Path) -> dict[str, dict[str, float]]:
    """Return the figures of a page of each size."""
    # The browser and the made-up study are those of the tests, which are no package.
    sys.path.insert(0, str(TESTS))
    from chromium import Chromium, find_chromium, measure_page
    from page_inputs import make_inputs

    from reports.page.page import write_page

    program = find_chromium()
    if program is None:
        sys.exit("There is no Chromium on PATH to open the page with: install one.")
    found = {}
    for size in SIZES:
        path = folder / f"{size}.html"
        write_page(make_inputs(n_tools=size, n_topics=N_TOPICS[size]), path)
        with Chromium(program) as chromium:
            page = measure_page(chromium, path.as_uri(), n_hovers=N_HOVERS)
            found[f"{size:,}"] = {
                "MB": path.stat().st_size / BYTES_PER_MB,
                "ready, s": page.ready_s,
                "ready, worst s": max(page.loads_s),
                "hover, median ms": median(page.hovers_ms),
                "hover, worst ms": page.hover_ms,
                **{f"{name[:-3]}, ms": ms for name, ms in asdict(page).items() if name in _CLICKS},
                "requests": float(len(chromium.requests())),
            }
    return found


_CLICKS = ("filter_ms", "sort_ms", "zoom_ms")


def main() -> None:
    """Run the benchmark."""
    args = arguments(__doc__ or "", needs_data=False).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = figures_of(Path(folder))
    names = list(next(iter(found.values())))
    rows = [[name, *(each[name] for each in found.values()), LIMITS.get(name)] for name in names]
    heading = ["", *(f"{size} tools" for size in found), "limit"]
    publish(
        "page", {"figures": found, "limits": LIMITS}, [table("The page", heading, rows)], args.out
    )


if __name__ == "__main__":
    main()
