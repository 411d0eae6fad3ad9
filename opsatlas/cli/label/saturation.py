"""`opsatlas label saturation`: whether coding still brings new codes."""

from __future__ import annotations

from typing import Annotated

import typer

from opsatlas.cli.label.options import JsonOption, NameArgument
from opsatlas.workspace import WorkspaceOption


def saturation(
    name: NameArgument,
    coder: Annotated[str, typer.Option(metavar="NAME", help="Whose coding.")],
    variable: Annotated[
        str | None, typer.Option(help="Default: the first.", show_default=False)
    ] = None,
    base_size: Annotated[int, typer.Option(min=1, help="Documents in the base.")] = 4,
    run_length: Annotated[int, typer.Option(min=1, help="Documents in a run.")] = 2,
    threshold: Annotated[float, typer.Option(help="New information that is too little.")] = 0.05,
    strata: Annotated[bool, typer.Option("--strata", help="Also within each stratum.")] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show whether coding still brings new codes.

    The stopping rule is that of Guest, Namey and Chen (2020).
    """
    from labels.saturation import StoppingRule
    from opsatlas.cli.console import out
    from opsatlas.cli.views.saturation import saturation_table, saturation_values, strata_table
    from opsatlas.labelling.opening import open_labels
    from opsatlas.labelling.saturating import coding_of

    rule = StoppingRule(base_size, run_length, threshold)
    with open_labels(name, workspace, read_only=True) as labels:
        found, by_stratum = coding_of(labels, coder, variable, rule=rule, strata=strata)
    if as_json:
        inside = {stratum: saturation_values(each) for stratum, each in by_stratum.items()}
        out().print_json(data={**saturation_values(found), "strata": inside})
        return
    out().print(saturation_table(found))
    if by_stratum:
        out().print(strata_table(by_stratum))
