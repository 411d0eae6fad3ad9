"""The names of a taxonomy: what they are made of, and which ones are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from artifacts.errors import InputError
from artifacts.progress import Progress
from embeddings.build import read_documents
from taxonomy.decisions.decision_file import changing
from taxonomy.names.named import Names, read_names
from taxonomy.names.proposals import (
    Matched,
    Proposals,
    Source,
    match,
    proposals_path,
    read_proposals,
    write_proposals,
)
from taxonomy.names.service import Service, ask_names
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


def current(folder: Path) -> Named:
    """Return the names of the taxonomy in ``folder`` as they are now."""
    shown, proposals = Taxonomy.open(folder), read_proposals(folder)
    matched = None if proposals is None else match(shown.found, proposals)
    return Named(shown.found, shown, read_names(folder), proposals, matched)


def ask(
    folder: Path, texts_folder: Path, asked: Service, *, shown: Source, progress: Progress
) -> None:
    """Ask a service for names and keep them; those that are there stay until all have come."""
    found, texts = Taxonomy.open(folder).found, read_documents(texts_folder)
    proposed = ask_names(asked, found, texts, progress=progress)
    proposals = Proposals(
        taxonomy=folder.name,
        shown=shown,
        endpoint=asked.public,
        model=asked.model,
        asked_at=datetime.now(UTC).replace(microsecond=0),
        proposals=tuple(proposed),
    )
    with changing(folder):
        write_proposals(folder, proposals)


def switch(folder: Path, shown: Source) -> None:
    """Show the names of a service, or those made from the documents, from now on.

    Raises
    ------
    InputError
        If there are no names of a service to show.
    """
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
