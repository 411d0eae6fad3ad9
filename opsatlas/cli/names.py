"""`opsatlas taxonomy names` and `opsatlas themes names`: what nodes are called, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from opsatlas.cli.writers import writes
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from artifacts.words import Corpus


def add_names(app: typer.Typer, corpus: Corpus) -> None:
    """Add the command to the commands of one corpus."""

    @app.command(help="Show the names of topics and categories, what they rest on, and others.")
    @writes
    def names(
        endpoint: Annotated[
            str | None,
            typer.Option(
                help="Ask a language model for names: address of an OpenAI-compatible service. "
                "It is sent keywords and the exemplars' texts.",
                show_default=False,
            ),
        ] = None,
        model: Annotated[
            str | None, typer.Option(help="The model to ask for.", show_default=False)
        ] = None,
        key_env: Annotated[
            str | None,
            typer.Option(
                help="Name of the environment variable that holds the service's key.",
                show_default=False,
            ),
        ] = None,
        timeout: Annotated[
            float, typer.Option(help="Seconds to wait for the service.", min=1, max=3600)
        ] = 120,
        show: Annotated[
            Literal["documents", "service"] | None,
            typer.Option(help="Which names are shown from now on.", show_default=False),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        from opsatlas import naming
        from opsatlas.cli.console import out, progress
        from opsatlas.cli.session import open_study
        from opsatlas.cli.views.names import names_tables, names_values

        pipeline = open_study(None, workspace, progress=progress())
        asked = naming.service(endpoint, model, key_env, timeout_s=timeout)
        if asked is not None:
            naming.ask(pipeline, corpus, asked, shown=show or "service")
        elif show is not None:
            naming.switch(pipeline, corpus, show)
        found = naming.current(pipeline, corpus)
        if as_json:
            out().print_json(data=names_values(found))
        else:
            out().print(names_tables(found))
