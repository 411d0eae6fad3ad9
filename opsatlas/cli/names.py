"""`opsatlas taxonomy names` and `opsatlas themes names`: what nodes are called, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from artifacts.errors import InputError
from artifacts.words import LAYERS
from opsatlas.cli.console import show
from opsatlas.cli.decisions import tell_page
from opsatlas.cli.options import JsonOption, WorkspaceOption, writes
from opsatlas.cli.session import open_study
from reports.tables import Column, Table, as_json, for_data, number

if TYPE_CHECKING:
    from artifacts.words import Corpus, Layer
    from taxonomy.names.proposals import Named
    from taxonomy.names.service import Service
    from taxonomy.nodes import Node


def add_names(app: typer.Typer, corpus: Corpus) -> None:
    """Add the command to the commands of one corpus."""

    @app.command(help="Show the names of topics, what they rest on, and others.")
    @writes
    def names(
        node: Annotated[
            str | None, typer.Argument(metavar="NODE", help="A topic (3) or category (c1).")
        ] = None,
        endpoint: Annotated[
            str | None,
            typer.Option(
                help="Ask a language model for names: address of an OpenAI-compatible service. "
                "It is sent keywords and the exemplars' texts."
            ),
        ] = None,
        model: Annotated[str | None, typer.Option(help="The model to ask for.")] = None,
        key_env: Annotated[
            str | None,
            typer.Option(help="Name of the environment variable that holds the service's key."),
        ] = None,
        timeout: Annotated[
            float, typer.Option(help="Seconds to wait for the service.", min=1, max=3600)
        ] = 120,
        shown: Annotated[
            Literal["documents", "service"] | None,
            typer.Option("--show", help="Which names are shown from now on."),
        ] = None,
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        from taxonomy.names.proposals import current, switch
        from taxonomy.names.service import ask

        pipeline = open_study(None, workspace)
        asked = _service(endpoint, model, key_env, timeout_s=timeout)
        folder, texts = pipeline.built_taxonomy(corpus), pipeline.texts_folder(corpus)
        if asked is not None:
            ask(folder, texts, asked, shown=shown or "service", progress=pipeline.progress)
        elif shown is not None:
            switch(folder, shown)
        _show(current(folder), node, as_json=as_json)
        if (asked or shown) and not as_json:
            tell_page(pipeline)


def _show(found: Named, node: str | None, *, as_json: bool) -> None:
    """Show all names, or those of one node alone."""
    from taxonomy.decisions.deciding import find_node

    only = None if node is None else find_node(found.shown, node).address
    tables = [_table(found, layer, only) for layer in reversed(LAYERS)]
    told = [table for table in tables if table.rows or only is None]
    alone = [] if told else [f"People made {only}: it has no other name than theirs."]
    show(*told, *alone, *_notes(found), data=_values(found, tables), json=as_json)


def _service(
    endpoint: str | None, model: str | None, key_env: str | None, *, timeout_s: float
) -> Service | None:
    """Return the service that the options name, if any.

    Raises
    ------
    InputError
        If only a part is named, the address is none, or the variable is not set.
    """
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


def _table(named: Named, layer: Layer, only: str | None) -> Table:
    """Return the names of a layer, the share of documents that say each word, and others.

    Of all its nodes, or of the one of that address alone.
    """
    with_service = named.proposals is not None
    columns = (
        Column("node", "node"),
        Column("called", "name", in_data=False),
        Column(
            "shares",
            "words in documents",
            form=lambda shares: ", ".join(f"{word} {share:.0%}" for word, share in shares.items()),
        ),
        number("documents", "n"),
        *for_data("shown", "named_by", "name", "meets_share", "code", "description"),
        Column("alternatives", "" if with_service else "alternatives", form="; ".join),
        Column("proposed", "proposed", form=lambda name: name or "–", in_print=with_service),
    )
    nodes = [node for node in named.found.nodes(layer) if only in (None, node.address)]
    rows = [_cells(named, node) for node in nodes]
    return Table.of(columns, rows, caption=layer.capitalize(), name=layer)


def _cells(named: Named, node: Node) -> dict[str, Any]:
    made = named.names.of(node.layer)[node.number]
    now = named.shown.node(node.layer, node.number)
    shown_as = " (not shown: people regrouped it)"
    if now is not None:
        shown_as = "" if now.name == made.name else f"\n→ {now.name} ({now.named_by})"
    at = (node.layer, node.number)
    proposed = None if named.matched is None else named.matched.names.get(at)
    return {
        "node": node.address,
        "documents": node.size,
        "shown": None if now is None else now.name,
        "named_by": None if now is None else now.named_by,
        "name": made.name,
        "called": ("" if made.meets_share else "! ") + made.name + shown_as,
        "shares": dict(made.shares),
        "meets_share": made.meets_share,
        "code": made.code,
        "description": made.description,
        "alternatives": list(made.alternatives),
        "proposed": proposed,
    }


def _notes(named: Named) -> Iterator[str]:
    if short := named.names.short():
        yield f"! a word is in less than a fifth of the documents: {', '.join(short)}"
    if named.proposals is not None and named.matched is not None:
        service = named.proposals
        yield (
            f"{service.model} at {service.endpoint} proposed names on "
            f"{service.asked_at:%Y-%m-%d %H:%M} UTC; shown: those of the {service.shown}."
        )
        if lost := [p.name for p in named.matched.lost]:
            yield f"Proposed for what is no more, or taken: {', '.join(lost)}."


def _values(named: Named, tables: list[Table]) -> dict[str, Any]:
    """Return all names as JSON values."""
    service = named.proposals
    asked = None
    if service is not None:
        asked = {name: getattr(service, name) for name in ("endpoint", "model", "asked_at")}
    return {
        "shown": "documents" if service is None else service.shown,
        "service": asked,
        "lost": [] if named.matched is None else [p.name for p in named.matched.lost],
        **{table.name: as_json(table) for table in tables},
    }
