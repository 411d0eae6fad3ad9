"""Whether opsatlas works with the lowest versions of its dependencies that pyproject.toml allows.

They are installed by uv into an environment of their own, what they stand on as new as they allow,
and a part of the tests is run there. Torch stays at its pin, because it computes the vectors; for
its wheel without CUDA, name its place to uv as well (`UV_FIND_LINKS` or `UV_INDEX`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.common import arguments, publish, table, timed

ROOT = Path(__file__).resolve().parent.parent
PINNED = ("torch",)
TOOLS = ("graphql-core", "hypothesis", "jsonschema", "lxml", "pytest")
# Each dependency is used by one of them at least; none holds files of the pinned versions against
# what others write.
TESTS = (
    "annotator",
    "cli",
    "codebook",
    "compare_commands",
    "console",
    "crosswalk",
    "decide",
    "encoder",
    "ensemble",
    "exchange",
    "export",
    "figures",
    "github_client",
    "import_tables",
    "intervals",
    "issue_text",
    "kinds",
    "label_commands",
    "language",
    "locks",
    "page",
    "pipeline",
    "place",
    "raw_store",
    "readme",
    "readme_markups",
    "snapshots",
    "study",
    "taxonomy",
    "vector_cache",
    "views",
)


def requirements() -> list[Requirement]:
    """Return what opsatlas stands on by pyproject.toml, with its lower bounds."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return [Requirement(line) for line in tomllib.load(file)["project"]["dependencies"]]


def pinned(names: Sequence[str]) -> list[str]:
    """Return the pins of these in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.split("==")[0].lower() in names]


def install(folder: Path) -> Path:
    """Make an environment in ``folder`` with opsatlas at the lowest; return its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    held = folder / "held.txt"
    held.write_text("\n".join(pinned(PINNED)), encoding="utf-8")
    wanted = ["--resolution", "lowest-direct", "--constraint", held, ROOT, *pinned(TOOLS)]
    environment = {k: v for k, v in os.environ.items() if k != "PIP_CONSTRAINT"}
    for command in (
        [python, "-m", "pip", "install", "--quiet", "uv"],  # which pip cannot: take the lowest
        [python, "-m", "uv", "pip", "install", "--quiet", "--python", python, *wanted],
    ):
        if subprocess.run(command, env=environment, check=False).returncode:
            sys.exit("They cannot be installed: see above.")
    return python


def versions(python: Path) -> dict[str, str]:
    """Return what another environment has of what opsatlas stands on, by name."""
    (site,) = python.parent.parent.glob("[Ll]ib/**/site-packages")
    there = metadata.distributions(path=[str(site)])
    found = {canonicalize_name(each.name): each.version for each in there}
    return {one.name: found[canonicalize_name(one.name)] for one in requirements()}


def passes(python: Path) -> bool:
    """Run the part of the tests, in sight; return whether all pass."""
    paths = [f"tests/test_{name}.py" for name in TESTS]
    # What old versions warn of is for their own authors to mend.
    options = ["--tb=short", "-p", "no:cacheprovider", "-W", "default"]
    command = [python, "-m", "pytest", *options, *paths]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> None:
    """Install, run, report; exit with 1 if a test fails."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("--into", type=Path, help="make the environment there, and keep it")
    args = parser.parse_args()
    with TemporaryDirectory() as scratch:
        python, seconds = timed(lambda: install(args.into or Path(scratch) / "env"))
        tried = versions(python)
        works = passes(python)
    rows = [
        [one.name, str(one.specifier), tried[one.name], metadata.version(one.name)]
        for one in requirements()
    ]
    figures = {"versions": tried, "passes": works, "install_s": seconds}
    title = f"The lowest versions that pyproject.toml allows {'work' if works else 'FAIL'}"
    shown = table(title, ["", "asked", "tried", "here"], rows)
    publish("lowest_versions", figures, [shown], args.out)
    sys.exit(not works)


if __name__ == "__main__":
    main()
