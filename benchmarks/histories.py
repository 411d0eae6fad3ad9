"""How long 40 clones take to read: their histories by month, and who was there.

``--clones`` holds clones of the repositories in `REPOSITORIES`, bare or not, as OWNER/NAME; those
that are missing are named, and others are not read. They are imported into a new snapshot, then
once more, which must read nothing; ``--truck-factor`` imports them a third time, with that.
Together they have 200,000 commits at least, and five of them more than 10,000 each.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.common import arguments, measure, publish, table
from mining.drafts import ImportSummary
from mining.snapshots import load_table
from mining.sources.git import import_git

OBSERVED: Final = datetime(2026, 9, 1, tzinfo=UTC)
"""The clones may be mirrors, which do not say their day; for the time it is no matter."""
MANY: Final = 10_000
REPOSITORIES: Final = (
    "Lightning-AI/pytorch-lightning",
    "Netflix/metaflow",
    "OpenMined/PySyft",
    "PrefectHQ/prefect",
    "SeldonIO/alibi-detect",
    "SeldonIO/seldon-core",
    "aimhubio/aim",
    "allegroai/clearml",
    "argoproj/argo-workflows",
    "bentoml/BentoML",
    "bokeh/bokeh",
    "dask/dask",
    "dbt-labs/dbt-core",
    "deepset-ai/haystack",
    "determined-ai/determined",
    "dmlc/xgboost",
    "evidentlyai/evidently",
    "feast-dev/feast",
    "flyteorg/flyte",
    "great-expectations/great_expectations",
    "h2oai/h2o-3",
    "horovod/horovod",
    "iterative/dvc",
    "kedro-org/kedro",
    "kserve/kserve",
    "kubeflow/katib",
    "kubeflow/kubeflow",
    "kubeflow/pipelines",
    "ludwig-ai/ludwig",
    "mindsdb/mindsdb",
    "mlrun/mlrun",
    "optuna/optuna",
    "pachyderm/pachyderm",
    "polyaxon/polyaxon",
    "pycaret/pycaret",
    "spotify/luigi",
    "streamlit/streamlit",
    "treeverse/lakeFS",
    "wandb/wandb",
    "whylabs/whylogs",
)


def linked(clones: Path, folder: Path) -> list[str]:
    """Link the clones of the list into a folder of their own; return which are missing."""
    missing = []
    for name in REPOSITORIES:
        if (clones / name).is_dir():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to((clones / name).resolve())
        else:
            missing.append(name)
    return missing


def imported(folder: Path, draft: Path, *, with_truck_factor: bool) -> tuple[float, ImportSummary]:
    """Import the clones of a folder; return in how many seconds, and what was done."""
    began = time.perf_counter()
    summary = import_git([folder], draft, observed_at=OBSERVED, with_truck_factor=with_truck_factor)
    return time.perf_counter() - began, summary


def read_all(clones: Path, with_truck_factor: bool) -> dict[str, Any]:
    """Return the figures of reading the clones."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, draft = Path(scratch) / "clones", Path(scratch) / "2026-09-01.clones"
        missing = linked(clones, folder)
        first_s, first = imported(folder, draft, with_truck_factor=False)
        again_s, again = imported(folder, draft, with_truck_factor=False)
        figures: dict[str, Any] = {
            "missing": missing,
            "first_s": first_s,
            "again_s": again_s,
            "read_again": again.source.counts["histories"].kept,
            "commits": first.source.facts["commits"],
        }
        if with_truck_factor:
            figures["truck_s"], _ = imported(folder, draft, with_truck_factor=True)
        names = {row["repo_key"]: row["full_name"] for row in _rows(draft, "repositories")}
        histories = _rows(draft, "histories")
        figures["large"] = sum((row["commits"] or 0) > MANY for row in histories)
        figures["clones"] = {
            names[row["repo_key"]]: {
                name: row[name]
                for name in ("commits", "identities", "absence_factor", "truck_factor", "flags")
            }
            for row in histories
        }
    return figures


def _rows(draft: Path, name: str) -> Sequence[dict[str, Any]]:
    rows: list[dict[str, Any]] = load_table(draft, name).to_pylist()
    return rows


def main() -> None:
    """Run the benchmark."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("--clones", type=Path, required=True, help="folder of OWNER/NAME")
    parser.add_argument("--truck-factor", action="store_true", help="read changes of files, too")
    args = parser.parse_args()
    measured = measure(read_all, args.clones, args.truck_factor)
    figures = {**measured.value, "peak_mib": measured.peak_mib}
    rows = [
        [
            "clones",
            f"{len(figures['clones'])} (missing: {', '.join(figures['missing']) or 'none'})",
        ],
        ["commits", f"{figures['commits']:,}"],
        [f"clones of more than {MANY:,}", f"{figures['large']}"],
        ["seconds, first import", f"{figures['first_s']:.1f}"],
        ["seconds, the same again", f"{figures['again_s']:.1f}"],
        ["clones read again", f"{figures['read_again']}"],
        ["peak MiB, all processes", f"{figures['peak_mib']:,.0f}"],
    ]
    if args.truck_factor:
        rows.append(["seconds, with the truck factor", f"{figures['truck_s']:.1f}"])
    each = [
        [
            name,
            f"{told['commits']:,}",
            f"{told['identities']:,}",
            f"{told['absence_factor']}",
            f"{told['truck_factor']}",
            ", ".join(told["flags"]),
        ]
        for name, told in sorted(figures["clones"].items())
    ]
    heads = ["", "commits", "people", "absence factor", "truck factor", "flags"]
    shown = [table("Read clones", ["", ""], rows), table("What they tell", heads, each)]
    publish("histories", figures, shown, args.out)


if __name__ == "__main__":
    main()
