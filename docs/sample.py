"""Put the tree of the demo's tools into the README, as printed: `make sample FROM=workspace`."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path

from artifacts.manifest import Manifest
from artifacts.progress import SilentProgress
from opsatlas.pipeline import Pipeline

README = Path(__file__).resolve().parent.parent / "README.md"
BLOCK = re.compile(r"```text\nnode .*?```\n", re.DOTALL)
MADE_WITH = re.compile(r"This tree was printed .*?elsewhere\.", re.DOTALL)


def main(workspace: Path) -> None:
    """Print the tree of the tools in a workspace, and say by which vectors it came about."""
    opsatlas = Path(sys.executable).with_name("opsatlas")
    shown = [str(opsatlas), "taxonomy", "show", "-w", str(workspace)]
    printed = subprocess.run(shown, check=True, capture_output=True, text=True).stdout
    tree = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    made = Manifest.read(Pipeline.remembered(workspace, SilentProgress()).taxonomy_folder("tools"))
    said = (
        f"This tree was printed from {made.dtype} vectors\n"
        f"on {platform.machine()}; vectors, and so a few topics, differ a little elsewhere."
    )
    text = README.read_text(encoding="utf-8")
    text = BLOCK.sub(lambda _: f"```text\n{tree}```\n", text, count=1)
    README.write_text(MADE_WITH.sub(said, text, count=1), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
