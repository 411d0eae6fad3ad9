"""`opsatlas taxonomy names` and `opsatlas themes names`: what nodes are called, and why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from opsatlas.cli.writers import writes
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from taxonomy.names.service import Service


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
        from opsatlas.cli.console import out, progress
        from opsatlas.cli.session import open_study
        from opsatlas.cli.views.names import names_tables, names_values
        from taxonomy.names.choosing import ask, current, switch

        pipeline = open_study(None, workspace, progress=progress())
        asked = _service(endpoint, model, key_env, timeout_s=timeout)
        folder, texts = pipeline.built_taxonomy(corpus), pipeline.texts_folder(corpus)
        if asked is not None:
            ask(folder, texts, asked, shown=show or "service", progress=pipeline.progress)
        elif show is not None:
            switch(folder, show)
        if as_json:
            out().print_json(data=names_values(current(folder)))
        else:
            out().print(names_tables(current(folder)))


def _service(
    endpoint: str | None, model: str | None, key_env: str | None, *, timeout_s: float
) -> Service | None:
    """Return the service that the options name, if any.

    Raises
    ------
    InputError
        If only a part is named, the address is none, or the variable is not set.
    """
    from artifacts.errors import InputError
    from taxonomy.names.service import service_at

    if endpoint is None:
        if model is not None or key_env is not None:
            raise InputError("No service is named.", fix="add --endpoint URL")
        return None
    if not model:
        raise InputError("No model is named.", fix="add --model NAME")
    key = os.environ.get(key_env) if key_env else None
    if key_env and not key:
        raise InputError(
            f"The environment variable {key_env} is not set.",
            where="--key-env",
            fix=f"export {key_env}=…, or leave --key-env out if the service needs no key",
        )
    return service_at(endpoint, model, key, timeout_s=timeout_s)
