"""A snapshot's documents as coders read them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from artifacts.tables import rows_of
from artifacts.words import DOCUMENTS, Corpus
from labels.records import Document
from mining.names import GITHUB, issue_url, read_owners
from mining.snapshots import RowsBeside, load_table
from mining.tables import issue_key

REPOSITORY_FACTS = ("stars", "language", "created_at", "pushed_at", "archived")
ISSUE_FACTS = ("state", "created_at", "closed_at", "comments", "reactions_total")


def documents_of(
    snapshot: Path, corpus: Corpus, *, only: Collection[str] | None = None
) -> list[Document]:
    """Return a snapshot's documents, or only those with these keys, in the snapshot's order."""
    read = _repositories if DOCUMENTS[corpus] == "repositories" else _issues
    return [document for document in read(snapshot) if only is None or document.key in only]


def _repositories(snapshot: Path) -> Iterator[Document]:
    columns = ("repo_key", "full_name", "description", "topics", *REPOSITORY_FACTS)
    readmes = RowsBeside(snapshot, "readmes", ["text"])
    for row in rows_of(load_table(snapshot, "repositories", columns)):
        parts = [row["description"], *(readme["text"] for readme in readmes.of(row["repo_key"]))]
        yield Document(
            key=row["repo_key"],
            title=row["full_name"],
            text="\n\n".join(part.strip() for part in parts if part and part.strip()),
            url=GITHUB + row["full_name"],
            labels=tuple(row["topics"] or ()),
            facts=_facts(row, REPOSITORY_FACTS),
        )


def _issues(snapshot: Path) -> Iterator[Document]:
    owners = read_owners(snapshot)
    columns = ("repo_key", "number", "title", "body", "labels", *ISSUE_FACTS)
    for row in rows_of(load_table(snapshot, "issues", columns)):
        name = owners.name(row["repo_key"])
        yield Document(
            key=issue_key(row["repo_key"], row["number"]),
            title=row["title"] or f"{name}#{row['number']}",
            text=row["body"] or "",
            url=issue_url(name, row["number"]),
            labels=tuple(row["labels"] or ()),
            facts={"repository": name, **_facts(row, ISSUE_FACTS)},
        )


def _facts(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """Return what is known, in words; what is null is left out."""
    return {
        name.removesuffix("_at").removesuffix("_total"): _fact_text(row[name])
        for name in names
        if row[name] is not None and row[name] is not False
    }


def _fact_text(value: Any) -> str:
    if value is True:
        return "yes"
    if isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, str) else f"{value:%Y-%m-%d}"
