"""The names of a taxonomy: what they are made of, and which ones are shown."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artifacts.errors import InputError
from opsatlas.crosswalks import suited_codebooks

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from opsatlas.pipeline import Pipeline
    from taxonomy.names.named import Names
    from taxonomy.names.proposals import Matched, Proposals, Source
    from taxonomy.names.service import Service
    from taxonomy.taxonomy import Taxonomy


@dataclass(frozen=True)
class Named:
    """A taxonomy with all names that its nodes have.

    Attributes
    ----------
    found
        As it was found, with the names made from the documents.
    shown
        As people see it.
    names
        What the names made from the documents rest on.
    proposals, matched
        Names that a service proposed, and whose they are now; None where it was never asked.
    """

    found: Taxonomy
    shown: Taxonomy
    names: Names
    proposals: Proposals | None
    matched: Matched | None


def vocabulary_of(pipeline: Pipeline, corpus: Corpus) -> tuple[str, ...]:
    """Return the terms of the codebooks that the study names for a corpus: names, and examples."""
    codes = [code for book in suited_codebooks(pipeline, corpus) for code in book.codes]
    return tuple(dict.fromkeys(term for code in codes for term in (code.name, *code.examples)))


def current(pipeline: Pipeline, corpus: Corpus) -> Named:
    """Return the names of a corpus's taxonomy as they are now."""
    from taxonomy.names.named import read_names
    from taxonomy.names.proposals import match, read_proposals
    from taxonomy.taxonomy import Taxonomy

    folder = pipeline.built_taxonomy(corpus)
    found, proposals = Taxonomy.open(folder).found, read_proposals(folder)
    matched = None if proposals is None else match(found, proposals)
    return Named(found, Taxonomy.open(folder), read_names(folder), proposals, matched)


def service(
    endpoint: str | None, model: str | None, key_env: str | None, *, timeout_s: float
) -> Service | None:
    """Return the service that the options name, if any.

    Raises
    ------
    InputError
        If only a part is named, the address is none, or the variable is not set.
    """
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
    from taxonomy.names.service import service_at

    return service_at(endpoint, model, key, timeout_s=timeout_s)


def ask(pipeline: Pipeline, corpus: Corpus, asked: Service, *, shown: Source) -> None:
    """Ask a service for names and keep them; those that are there stay until all have come."""
    from datetime import UTC, datetime

    from embeddings.build import read_documents
    from taxonomy.decisions.decision_file import changing
    from taxonomy.names.proposals import Proposals, write_proposals
    from taxonomy.names.service import ask_names
    from taxonomy.taxonomy import Taxonomy

    folder = pipeline.built_taxonomy(corpus)
    texts = read_documents(pipeline.texts_folder(corpus))
    found = Taxonomy.open(folder).found
    proposed = ask_names(asked, found, texts, progress=pipeline.progress)
    with changing(folder):
        write_proposals(
            folder,
            Proposals(
                taxonomy=folder.name,
                shown=shown,
                endpoint=asked.public,
                model=asked.model,
                asked_at=datetime.now(UTC).replace(microsecond=0),
                proposals=tuple(proposed),
            ),
        )


def switch(pipeline: Pipeline, corpus: Corpus, shown: Source) -> None:
    """Show the names of a service, or those made from the documents, from now on.

    Raises
    ------
    InputError
        If there are no names of a service to show.
    """
    from taxonomy.decisions.decision_file import changing
    from taxonomy.names.proposals import proposals_path, read_proposals, write_proposals

    folder = pipeline.built_taxonomy(corpus)
    with changing(folder):
        proposals = read_proposals(folder)
        if proposals is not None:
            write_proposals(folder, proposals.model_copy(update={"shown": shown}))
        elif shown == "service":
            raise InputError(
                "No service has proposed names.",
                where=str(proposals_path(folder)),
                fix="ask one: add --endpoint URL --model NAME",
            )
