"""`opsatlas status`: where the workspace stands, and what to do next."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.errors import OpsatlasError
from configs import STUDY_FILE
from opsatlas.cli.console import show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study
from opsatlas.workspace import open_workspace
from reports.tables import Column, Row, Table, texts

if TYPE_CHECKING:
    from artifacts.checks import NextStep
    from opsatlas.pipeline import Pipeline
    from opsatlas.status import StatusLine


def status(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show what there is, what is stale and why, and what is next.

    Nothing is written, and nobody who is at work is waited for.
    """
    from artifacts.locks import at_work
    from opsatlas.status import refuse_elsewhere, survey

    folder = open_workspace(workspace)
    has_study = (folder / STUDY_FILE).exists()
    refuse_elsewhere(folder, has_study=has_study)
    pipeline, problem = _study(workspace) if has_study else (None, "there is none yet")
    lines, labels = survey(folder, pipeline), _label_sets(folder)
    writer = at_work(folder / STUDY_FILE)
    step = _next(folder, pipeline, writer, lines, labels)
    values = {
        "workspace": str(folder),
        "study": None if pipeline is None else pipeline.study.study.name,
        "problem": problem,
        "at_work": writer,
        "parts": [asdict(line) for line in lines],
        "labels": labels,
        "next": asdict(step),
    }
    head = f"{folder}: " + (
        f"no study that can be used: {problem}" if pipeline is None else pipeline.study.study.title
    )
    tables = [_parts_table(lines), _labels_table(labels)]
    told = [table for table in tables if table.rows]
    show(head, "", *told, f"Next, {step}", data=values, json=as_json)


def _study(workspace: Path | None) -> tuple[Pipeline | None, str | None]:
    """Return the study of the workspace, or in words why it cannot be used."""
    try:
        pipeline = open_study(None, workspace)
        pipeline.check()
    except OpsatlasError as error:
        return None, str(error)
    return pipeline, None


def _label_sets(workspace: Path) -> list[dict[str, Any]]:
    """Return each set of labels: who codes, how far they are, what is next; or what is wrong."""
    from labels.label_set import FOLDER

    return [_label_set(path) for path in sorted((workspace / FOLDER).glob("[!.]*.sqlite"))]


def _label_set(path: Path) -> dict[str, Any]:
    from labels.label_set import LabelSet
    from labels.overview import progress, summary
    from opsatlas.cli.label.sets import next_step

    try:
        with LabelSet.open(path, read_only=True) as labels:
            left: dict[str, int] = {}
            for wave in progress(labels):
                for each in wave["coders"]:
                    left[each["coder"]] = left.get(each["coder"], 0) + each["left"]
            held = summary(labels)
            return {
                "name": path.stem, "problem": None, "documents": held["documents"],
                "open_waves": held["open"], "left": left, "next": asdict(next_step(labels)),
            }  # fmt: skip
    except OpsatlasError as error:
        unknown = dict.fromkeys(("documents", "open_waves", "left", "next"))
        return {"name": path.stem, "problem": error.what, **unknown}


def _next(
    folder: Path,
    pipeline: Pipeline | None,
    writer: str | None,
    lines: Sequence[StatusLine],
    labels: Sequence[Mapping[str, Any]],
) -> NextStep:
    from artifacts.checks import NextStep
    from opsatlas.status import next_step
    from opsatlas.study import GROUP

    if writer is not None:
        return NextStep(command=None, why=f"wait for the opsatlas that is at work {writer}")
    if pipeline is None and (folder / STUDY_FILE).exists():
        return NextStep(command="opsatlas status", why="correct the study, and check again")
    if pipeline is None:
        command = f"opsatlas init {shlex.quote(str(folder / STUDY_FILE))}"
        return NextStep(command=command, why="write a study")
    if (step := next_step(lines, pipeline)) is not None:
        return step
    for each in labels:
        if each["next"] is not None:
            return NextStep(**each["next"])
    if not pipeline.corpora():
        if pipeline.study.usage is None:
            return NextStep(command="opsatlas insights show", why="see where the tools stand")
        return NextStep(command="opsatlas usage show", why="see how the frameworks are used")
    group = GROUP[pipeline.corpora()[0]]
    return NextStep(command=f"opsatlas {group} audit", why="look through the topics")


def _parts_table(lines: Sequence[StatusLine]) -> Table:
    """Return a line for each part: how it stands, and what is in it or why it is not fine."""
    columns = (*texts("part", "name", "state"), Column("about", ""))
    rows = []
    for line in lines:
        said = [] if line.written_by is None else [f"being written {line.written_by}"]
        said += ["; ".join(line.why)] if line.why else [line.holds] if line.holds else []
        about = "; ".join(said)
        rows.append(Row(vars(line) | {"name": _short(line), "about": about}))
    return Table.of(columns, rows)


def _short(line: StatusLine) -> str:
    """Return a name without what the lines above it say."""
    if line.part in ("snapshot", "history"):
        return line.name
    if line.part == "crosswalk":
        return re.split(r"\.(?:tools|themes)\.", line.name, maxsplit=1)[-1]
    kinds = r"\.(?:tools|themes|repositories|issues)(?=--|$)"
    return re.sub(kinds, "", line.name).replace("--", " → ")


def _labels_table(labels: Sequence[Mapping[str, Any]]) -> Table:
    columns = (Column("name", "labels"), Column("about", ""))
    rows = []
    for each in labels:
        about = each["problem"]
        if about is None:
            left = ", ".join(
                f"{who} {'is done' if not n else f'has {n:,} left'}"
                for who, n in each["left"].items()
            )
            about = f"{each['documents']:,} documents; {left or 'nobody codes yet'}"
        rows.append(Row({"name": each["name"], "about": about}))
    return Table.of(columns, rows)
