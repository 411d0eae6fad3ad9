"""`opsatlas label agree`: how far coders agree."""

from __future__ import annotations

from typing import Annotated

import typer

from opsatlas.cli.label.options import JsonOption, NameArgument, WaveOption
from opsatlas.workspace import WorkspaceOption


def agree(
    name: NameArgument,
    wave: WaveOption = None,
    codes: Annotated[bool, typer.Option("--codes", help="Also code by code.")] = False,
    confusion: Annotated[
        bool, typer.Option("--confusion", help="Also who gave which code where.")
    ] = False,
    resamples: Annotated[
        int, typer.Option(min=0, help="Resamples of documents for the intervals.")
    ] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the resamples.")] = 0,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how far coders agree, with intervals.

    By variable, wave and version of the codebook. Refused while a wave is open: coding is blind
    until then.
    """
    from opsatlas.cli.console import out
    from opsatlas.cli.views.agreement import agreement_values, report_tables
    from opsatlas.labelling.agreeing import agreement
    from opsatlas.labelling.opening import open_labels

    with open_labels(name, workspace, read_only=True) as labels:
        report = agreement(labels, wave, seed=seed, resamples=resamples)
    if as_json:
        out().print_json(data=agreement_values(report))
    else:
        out().print(report_tables(report, codes=codes, confusions=confusion))
