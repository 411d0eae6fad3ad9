"""`opsatlas label list`, `show`, `log` and `wave`: the sets of labels, and one of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artifacts.checks import NextStep
from artifacts.visible import visible
from opsatlas.cli.console import say, show
from opsatlas.cli.options import ByOption, JsonOption, LabelsArgument, WorkspaceOption, writes
from opsatlas.cli.root import Group
from opsatlas.cli.session import person
from opsatlas.workspace import open_workspace
from reports.tables import Column, Table, for_data, number, numbers, texts

if TYPE_CHECKING:
    from labels.label_set import LabelSet

wave_app = typer.Typer(
    cls=Group, no_args_is_help=True, help="Waves of documents: list them, close one."
)


def path_of(name: str, workspace: Path | None) -> Path:
    """Return the file of a set of labels: a .sqlite file as given, or a name in the workspace."""
    from labels.label_set import label_path

    return label_path(name, lambda: open_workspace(workspace))


def open_labels(name: str, workspace: Path | None, *, read_only: bool = False) -> LabelSet:
    """Open a set of labels by its name in the workspace, or by its file."""
    from labels.label_set import LabelSet

    return LabelSet.open(path_of(name, workspace), read_only=read_only)


@contextmanager
def change_labels(name: str, workspace: Path | None) -> Iterator[LabelSet]:
    """Open a set of labels for more than coding: only one may at a time, while coders go on."""
    from artifacts.locks import writing
    from labels.history.store import refuse_missing
    from labels.label_set import LabelSet

    path = path_of(name, workspace)
    refuse_missing(path)
    with writing(path), LabelSet.open(path) as labels:
        yield labels


def who(by: str | None) -> str:
    """Return who is at work, as a coder's name: as given, else as git or the system knows them."""
    from labels.records import check_coder, nearest_name

    return nearest_name(person(None)) if by is None else check_coder(by)


def list_sets(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List the sets of labels of the workspace."""
    from labels.history.store import SUFFIX
    from labels.label_set import FOLDER, LabelSet
    from labels.overview import summary

    rows = []
    for path in sorted((open_workspace(workspace) / FOLDER).glob(f"[!.]*{SUFFIX}")):
        with LabelSet.open(path, read_only=True) as labels:
            held = summary(labels)
            waves = "{waves} ({open} open)" if held["open"] else "{waves} closed"
            rows.append({"name": path.stem, **held, "state": waves.format(**held)})
    hint = "There are no labels yet: opsatlas label sample NAME --codebook CODEBOOK"
    columns = (
        *texts("name", "codebook"),
        *for_data("version"),
        number("documents", "documents"),
        *for_data("waves", "open"),
        Column("state", "waves", in_data=False),
        Column("coders", "coders", form=lambda coders: ", ".join(coders) or "nobody yet"),
    )
    show(Table.of(columns, rows, notes=[] if rows else [hint]), json=as_json)


def show_set(
    name: LabelsArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Show a set of labels, and what to do next.

    How it was drawn, its waves and coders, and what waits. Nothing of what coders said is shown.
    """
    from labels.overview import overview

    with open_labels(name, workspace, read_only=True) as labels:
        values = {**overview(labels), "next": str(next_step(labels))}
        show(*_set_lines(labels, values), *waves_parts(labels), data=values, json=as_json)


def log(
    name: LabelsArgument,
    coder: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what this coder did.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print every event as a JSON line, in their order.

    What other coders decided in a wave that is still open is left out.
    """
    from labels.overview import log_lines

    with open_labels(name, workspace, read_only=True) as labels:
        for line in log_lines(labels, coder):
            typer.echo(visible(line))


@wave_app.command("list")
def list_waves(
    name: LabelsArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """List the waves, and how far each coder is."""
    from labels.overview import progress

    with open_labels(name, workspace, read_only=True) as labels:
        show(_waves_table(labels), data=progress(labels), json=as_json)


@wave_app.command()
@writes
def close(
    name: LabelsArgument,
    wave: Annotated[str, typer.Argument(metavar="WAVE", help="The wave.")],
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Close it though somebody is not done.")
    ] = False,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Close a wave for good: coding ends, its labels can be seen."""
    from labels.waves import close_wave

    with change_labels(name, workspace) as labels:
        close_wave(labels, wave, coder=who(by), unfinished=unfinished)
    say(f"The wave '{wave}' is closed. See the agreement: opsatlas label agree {name}")


def waves_parts(labels: LabelSet) -> list[Table | str]:
    """Return the waves and what to do next."""
    return [_waves_table(labels), f"Next: {next_step(labels)}"]


def _waves_table(labels: LabelSet) -> Table:
    """Return a line for each wave and coder: how much is done."""
    from labels.overview import progress

    columns = (
        *texts("wave", "state", "coder"),
        *numbers("documents", "left"),
    )
    rows = []
    for wave in progress(labels):
        nobody = {"coder": "nobody yet", "documents": wave["documents"], "left": None}
        for place, coder in enumerate(wave["coders"] or [nobody]):
            rows.append({"wave": "", "state": ""} | ({} if place else wave) | coder)
    return Table.of(columns, rows)


def next_step(labels: LabelSet) -> NextStep:
    """Return what is to be done next in a set of labels."""
    from labels.waves import coders_of, unfinished_in

    name, state = labels.name, labels.state
    for wave in state.waves.values():
        if wave.name in state.closed:
            continue
        left = {who: n for who, n in unfinished_in(labels, wave).items() if n}
        if left or not coders_of(labels, wave):
            who = shlex.quote(next(iter(left), "NAME"))
            return NextStep(why="code", command=f"opsatlas label annotate {name} --coder {who}")
        alone = "" if len(coders_of(labels, wave)) > 1 else "let a second coder code, or "
        close = f"opsatlas label wave close {name} {wave.name}"
        return NextStep(why=f"{alone}close the wave", command=close)
    coders = labels.coders()
    if len(coders) > 1 and (n := _n_unsettled(labels, coders)):
        by = " ".join(f"--by {shlex.quote(who)}" for who in coders)
        return NextStep(
            why=f"see the agreement (opsatlas label agree {name}), and settle "
            f"{counted(n, 'disagreement')}",
            command=f"opsatlas label adjudicate {name} {by}",
        )
    if "layer" in state.begin["facts"]:
        why = "hold the taxonomy against the labels"
        return NextStep(why=why, command=f"opsatlas label validate {name}")
    return NextStep(
        why="use the labels elsewhere", command=f"opsatlas label export {name} FILE.csv"
    )


def _n_unsettled(labels: LabelSet, coders: Sequence[str]) -> int:
    from labels.adjudication import Adjudication
    from labels.waves import closed_waves

    adjudication = Adjudication(labels, closed_waves(labels, None), by=coders)
    return sum(dispute.outcome is None for dispute in adjudication.disputes())


def _set_lines(labels: LabelSet, values: dict[str, Any]) -> Iterator[str]:
    """Yield how a set of labels was drawn, and what waits to be done."""
    changes = f", {counted(values['changes'], 'change')}" if values["changes"] else ""
    yield (
        f"{values['name']}: {counted(values['documents'], 'document')}, codebook "
        f"'{values['codebook']}' in version {values['version']}{changes}."
    )
    if (named := labels.named) is not None:
        yield f"Named beforehand: {named.coefficient} of at least {named.threshold:g}."
    yield from (wave["design_in_words"] for wave in values["designs"])
    yield from (f"{who}: {n:,} to code anew." for who, n in values["open"].items() if n)
    for coder, n in values["late"].items():
        yield f"{coder}: {counted(n, 'decision')} after the close of a wave."
    if n := len(values["conflicts"]):
        yield f"{counted(n, 'conflict')} between copies of one coder, to be decided again."


def counted(n: int, thing: str) -> str:
    """Return how many things there are, in words: one thing, or several things."""
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"
