"""`opsatlas bundle`: all of a study in one file, and a check of such a file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opsatlas.cli.console import say, show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study

if TYPE_CHECKING:
    from opsatlas.bundling.writing import WrittenBundle

OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="File (.zip), or folder to write it into. Default: STUDY-DATE.crate.zip, here.",
    ),
]
PrivateOption = Annotated[
    bool,
    typer.Option(
        "--private",
        help="Leave nothing out and nobody's name: for those who work on the study.",
    ),
]


def bundle(
    context: typer.Context,
    to: OutOption = None,
    private: PrivateOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write all of a study into one file that others can check and replay.

    It is an RO-Crate (ZIP). Words of others stay out unless the study says that they may go
    (`[bundle] redistribute`), and people go by pseudonyms; what is left out is named by its hash.
    """
    if context.invoked_subcommand is not None:
        return
    from opsatlas.bundling.writing import write_bundle

    written = write_bundle(open_study(None, workspace), to, private=private)
    if as_json:
        show(data=_values(written), json=True)
        return
    say(f"The bundle is at {written.path}")
    for line in _told(written):
        say(line)


def _told(written: WrittenBundle) -> list[str]:
    """Return what is worth a word of a bundle."""
    lines = [
        f"  {written.n_files:,} files, {written.n_bytes / 1e6:,.1f} MB, sha256 {written.sha256}"
    ]
    folders = Counter("/".join(path.split("/")[:2]) for path in written.withheld)
    if folders:
        named = ", ".join(f"{folder} {n:,}" for folder, n in sorted(folders.items()))
        lines.append(
            f"  left out, as they hold words of others or names: {len(written.withheld):,} files "
            f"({named}); see README.md in it"
        )
    lines += [f"  {sentence}" for sentence in written.left_out]
    if written.n_people:
        lines.append(f"  {written.n_people:,} people go by pseudonyms")
    if written.about.private:
        lines.append("  private: do not pass it on")
    elif written.about.licence is None:
        lines.append('  no licence is named: add [bundle] licence = "CC-BY-4.0" to the study')
    if not written.about.creators:
        lines.append("  nobody is named to be cited: add [[bundle.creators]] to the study")
    return lines


def _values(written: WrittenBundle) -> dict[str, Any]:
    return {
        "path": str(written.path),
        "sha256": written.sha256,
        "bytes": written.n_bytes,
        "files": written.n_files,
        "private": written.about.private,
        "withheld": list(written.withheld),
        "left_out": list(written.left_out),
        "pseudonyms": written.n_people,
    }
