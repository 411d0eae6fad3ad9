"""`opsatlas init`: a study file to begin with."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from artifacts.errors import InputError
from configs import STUDY_FILE
from opsatlas.cli.advice import given_workspace
from opsatlas.cli.console import say

HEAD = """\
# A study for opsatlas: what is mapped, from which data, and how. What it must say is filled in.
# A line such as #seed = 0 is a setting at its default: to change it, take the number sign away,
# and that of the [section] above it. Relative paths are meant from this file.

"""

FileArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=f"The file to write, or a folder: its {STUDY_FILE}, which makes it the workspace.",
    ),
]


def init(
    context: typer.Context,
    file: FileArgument = Path(STUDY_FILE),
    topic: Annotated[
        list[str] | None,
        typer.Option(help="Topic of GitHub that is mapped. Repeatable. Default: the study's name."),
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option(
            "--from", metavar="FILE", help="File of repositories to start from. Repeatable."
        ),
    ] = None,
    kind: Annotated[
        Literal["repositories", "github-search"],
        typer.Option(help="What these files are: tables or lists, or pages of GitHub's search."),
    ] = "repositories",
    name: Annotated[
        str | None, typer.Option(help="Name of the study. Default: that of the file or folder.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="Title of its page. Default: of its topics.")
    ] = None,
) -> None:
    """Write a study file with every setting explained.

    It takes repositories from GitHub by topic, or from files. A file that is there stays.
    """
    from artifacts.files import refuse_existing, write_text
    from artifacts.template import template
    from opsatlas.study import Study

    if file.is_dir() or not file.suffix:
        file /= STUDY_FILE
    name = name or _name_of(file)
    topics = [each.lower() for each in topic or [name]]
    snapshot = f"{datetime.now(UTC):%Y-%m-%d}.{'files' if files else 'topics'}"
    said: dict[str, Any] = {
        "study": {"name": name, "title": title or f"Tools for {', '.join(topics)}"},
        "ecosystem": {"topics": topics},
    }
    if files:
        said["sources"] = [
            {"snapshot": snapshot, "kind": kind, "files": [_seen_from(file, f) for f in files]}
        ]
    refuse_existing(file)
    write_text(file, HEAD + template(Study, said | {"taxonomy": {"snapshot": snapshot}}))
    say(f"Wrote {file}: name, title, topics and snapshot are set, all else is explained in it.")
    study = f" {shlex.quote(str(file))}"
    if file.name == STUDY_FILE:
        given_workspace(context, file.parent)
        study = ""
    _say_next(study, snapshot, is_mined=not files)


def _say_next(study: str, snapshot: str, *, is_mined: bool) -> None:
    if is_mined:
        say(f"Next, with a GITHUB_TOKEN, mine: opsatlas mine{study} --snapshot {snapshot}")
        say(f"Then: opsatlas run{study}")
    else:
        say(f"Next: opsatlas run{study}")


def _name_of(file: Path) -> str:
    called = file.resolve().parent.name if file.name == STUDY_FILE else file.stem
    return re.sub("[^a-z0-9]+", "-", called.lower()).strip("-") or "study"


def _seen_from(study: Path, given: str) -> str:
    """Return a path or pattern as a study file means it; raise `InputError` if nothing is there."""
    from configs.finding import resolve_all

    path = Path(given).expanduser()
    for found in resolve_all([str(path.absolute())], study):
        if not found.exists():
            raise InputError("There is no such file.", where=given, fix="check the path")
        if found.is_dir():
            raise InputError("This is a folder, not a file.", where=given, fix="name its files")
        if not found.stat().st_size:
            raise InputError("The file is empty.", where=given, fix="leave it out or get it again")
    try:
        return path.absolute().relative_to(study.resolve().parent).as_posix()
    except ValueError:
        return path.absolute().as_posix()
