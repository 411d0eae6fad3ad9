"""Run every command of the manual in order, as a reader would: `make walk`.

All pages share one scratch folder that looks like the source tree, so that what one makes (the demo
first of all) is there for the next. What is run of a page keeps the page's line numbers: an error
names the line to look at. The first command that fails ends the walk.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from docs.blocks import script

ROOT = Path(__file__).resolve().parent.parent
WORKSPACE = "atlas-mlops"
"""What `make demo` makes."""
NOT_LINKED = {".git", ".github", "build", "dist", "site"}
SECRETS = ("GITHUB_TOKEN", "GH_TOKEN")


def pages(root: Path = ROOT) -> list[Path]:
    """Return the README, then the manual's pages in the order of its navigation."""
    config = yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))

    def named(entry: Any) -> Iterator[str]:
        if isinstance(entry, str):
            yield entry
        else:
            for inner in entry.values() if isinstance(entry, dict) else entry:
                yield from named(inner)

    found = [root / "docs" / name for name in named(config["nav"]) if name.endswith(".md")]
    return [root / "README.md", *found]


def scratch_folder(root: Path = ROOT, *, start_from: Path | None = None) -> Path:
    """Return a new folder that looks like the source tree, in which nothing of it is written.

    Parameters
    ----------
    start_from
        A workspace of the demo, to go on from a copy of it.
    """
    folder = Path(tempfile.mkdtemp(prefix="opsatlas-walk-"))
    for path in root.iterdir():
        if path.name not in NOT_LINKED and not path.name.startswith("atlas-"):
            (folder / path.name).symlink_to(path)
    if start_from is not None:
        shutil.copytree(start_from, folder / WORKSPACE)
    return folder


def walk(page: Path, folder: Path, *, called: str, environment: Mapping[str, str]) -> int:
    """Run what is to be run of a page; return the exit code of what failed, or 0.

    Parameters
    ----------
    folder
        Where it is run.
    called
        How messages name the page.
    """
    name = shlex.quote(called)
    tell = f'trap \'printf "\\n%s:%s: %s\\n" {name} "$LINENO" "$BASH_COMMAND" >&2\' DEBUG; '
    commands = tell + script(page.read_text(encoding="utf-8"))
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", commands],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode


def environment_of_a_reader() -> dict[str, str]:
    """Return the environment of a shell in which opsatlas is installed, without secrets."""
    environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
    here = str(Path(sys.executable).parent)
    return environment | {"PATH": f"{here}{os.pathsep}{environment.get('PATH', '')}"}


def main() -> int:
    """Walk through all pages, or those that are named; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pages", nargs="*", type=Path, help="Default: README and manual.")
    parser.add_argument("--from", dest="start_from", type=Path, help="Workspace of the demo.")
    arguments = parser.parse_args()
    folder = scratch_folder(start_from=arguments.start_from)
    environment = environment_of_a_reader()
    began = time.monotonic()
    for page in [path.resolve() for path in arguments.pages] or pages():
        called = os.path.relpath(page, ROOT)
        if walk(page, folder, called=called, environment=environment):
            print(f"{called} does not run as it stands; see {folder}", file=sys.stderr)
            return 1
    shutil.rmtree(folder)
    print(f"Every command of the manual runs; {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
