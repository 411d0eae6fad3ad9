"""`opsatlas usage show`, `together` and `gap`: what is known of frameworks, and on what grounds."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from artifacts.errors import check_choice
from opsatlas.cli import completing
from opsatlas.cli.console import first_words, say, show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study

if TYPE_CHECKING:
    from insights.usage.study import Usage
    from opsatlas.pipeline import Pipeline

SHOWN = 60
"""Lines of code, and requests, that a terminal is shown."""

FrameworkArgument = Annotated[
    str | None,
    typer.Argument(
        autocompletion=completing.frameworks,
        help="Framework, by its name: mlflow. Default: all, in one table.",
    ),
]


def show_usage(
    framework: FrameworkArgument = None,
    feature: Annotated[
        str | None,
        typer.Option(help="List the lines of code, and the requests, behind a feature."),
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="Only those of this channel: api, cli, workflow, config.")
    ] = None,
    era: Annotated[
        str | None, typer.Option(help="Only those of this era of its interface.")
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what dependents use of a framework, and what is asked of it.

    With --feature, --channel or --era: the lines of code and the requests that the numbers rest on.
    """
    from reports.usage.tables import dependents_table, features_table, show_parts, show_values

    pipeline = open_study(None, workspace)
    usage = _usage(pipeline)
    if framework is None:
        tables = [dependents_table(usage), features_table(usage)]
        show(*tables, json=as_json)
        return
    check_choice(framework, usage.dependents.frameworks, "framework")
    chosen = {"feature": feature, "channel": channel, "era": era}
    if any(chosen.values()):
        _check_chosen(usage, framework, chosen)
        _show_evidence(pipeline, usage, framework, chosen, as_json=as_json)
        return
    found = usage.of(framework)
    show(*show_parts(found), data=show_values(found), json=as_json)


def together(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show which frameworks are used together, by distinct owners."""
    from reports.usage.tables import together_table

    show(together_table(_usage(open_study(None, workspace))), json=as_json)


def gap(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show what is used against what is asked for, feature by feature."""
    from artifacts.errors import InputError
    from reports.usage.tables import gap_table, wishes_table

    usage = _usage(open_study(None, workspace))
    if usage.gap is None:
        raise InputError(
            "No requests are coded, so there is nothing to hold uses against.",
            fix="add [themes] with a snapshot of feature requests to the study, and `opsatlas run`",
        )
    show(gap_table(usage, usage.gap), wishes_table(usage.gap), json=as_json)


def _check_chosen(usage: Usage, framework: str, chosen: dict[str, str | None]) -> None:
    """Refuse a feature, channel or era that the framework's figures do not know."""
    known = [(each.framework, each.measure, each.name) for each in usage.figures]
    if usage.gap is not None:  # requests name channels that code does not show
        known += [(each.framework, each.what, each.name) for each in usage.gap.rows]
    for measure, name in chosen.items():
        if name is not None:
            names = dict.fromkeys(each[2] for each in known if each[:2] == (framework, measure))
            check_choice(name, tuple(names), measure)


def _usage(pipeline: Pipeline) -> Usage:
    from opsatlas.usages import built_usage

    return built_usage(pipeline)


def _show_evidence(
    pipeline: Pipeline,
    usage: Usage,
    name: str,
    chosen: dict[str, str | None],
    *,
    as_json: bool,
) -> None:
    """Show the lines of code and the requests behind a figure, each with its address."""
    from embeddings.build import read_documents
    from opsatlas.usages import evidence

    lines, requests = evidence(pipeline, usage, name, **chosen)
    if as_json:
        data = {"uses": [asdict(line) for line in lines], "requests": [asdict(r) for r in requests]}
        show(data=data, json=True)
        return
    say(f"{name}: {len(lines):,} uses{_and_more(len(lines))}")
    for project, found in groupby(lines[:SHOWN], key=lambda line: line.project):
        say(f"\n{project}")
        for line in found:
            say(f"  {line.symbol}  ({line.channel})\n    {line.url or f'{line.path}:{line.line}'}")
    say(f"\n{name}: {len(requests):,} requests{_and_more(len(requests))}")
    asked = read_documents(pipeline.texts_folder("themes")) if requests else {}
    for request in requests[:SHOWN]:
        channel = request.channel or "channel not known"
        words = first_words(asked[request.issue_key], most=100)
        say(f"  {words}  ({request.feature}, {channel})\n    {request.url}")


def _and_more(n: int) -> str:
    return f"; the first {SHOWN} are shown, --json has all" if n > SHOWN else ""
