"""`opsatlas taxonomy place`: where new documents belong, or that they belong nowhere."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opsatlas.cli.console import err, show
from opsatlas.cli.import_ import pairs
from opsatlas.cli.options import (
    ColumnsOption,
    DelimiterOption,
    EncodingOption,
    JsonOption,
    LargeOption,
    WorkspaceOption,
)
from opsatlas.cli.session import open_study
from reports.tables import Column, Table, as_csv, for_data, number

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from mining.reading import FileFormat, Rejects
    from opsatlas.pipeline import Pipeline
    from taxonomy.places.arrivals import Arrival
    from taxonomy.places.placing import Placer

STDIN = "-"
WHY = {
    "placed": "",
    "foreign": "unlike the collection",
    "unlike": "like no topic",
    "between": "between topics",
    "wordless": "no words",
}


def add_place(app: typer.Typer, corpus: Corpus, documents: str) -> None:
    """Add the command that places new documents of a corpus."""

    @app.command(help=f"Say in which topics new {documents} belong, if in any.")
    def place(
        files: Annotated[
            list[Path],
            typer.Argument(
                metavar="FILE",
                help="CSV, JSONL or Parquet with a row a document; text or Markdown files, each "
                "one document; - reads JSONL from stdin.",
                allow_dash=True,
            ),
        ],
        column: ColumnsOption = None,
        delimiter: DelimiterOption = None,
        encoding: EncodingOption = None,
        large: LargeOption = False,
        as_json: JsonOption = False,
        out: Annotated[
            Path | None, typer.Option(help="Write the places there as CSV, too.")
        ] = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from artifacts.files import write_text
        from mining.reading import FileFormat

        file_format = FileFormat(delimiter, encoding, large)
        columns = pairs(column, "--column")
        pipeline = open_study(None, workspace)
        arrivals, placer, notes = _place(pipeline, corpus, files, columns, file_format)
        for note in notes:
            err().print(f"! {note}", soft_wrap=True)
        table = _places_table(arrivals, placer)
        if out is not None:
            write_text(out, as_csv(table))
        show(table, json=as_json)


def _places_table(arrivals: Sequence[Arrival], placer: Placer) -> Table:
    """Return one line a document, and a line on how many are placed by which bounds."""
    columns = (
        Column("document", "document"),
        *for_data("key", "known", "placed"),
        Column("topic", "topic", is_number=True, form=lambda n: "" if n is None else str(n)),
        *for_data("name"),
        Column("where", "name", in_data=False),
        Column("category", "category"),
        *for_data("hidden", "outcome", "nearest_topic", "nearest_name", "likeness", "lead"),
        number("likeness_shown", "likeness", 2, in_data=False),
        number("lead_shown", "lead", 2, in_data=False),
    )
    rows = [_cells(arrival) for arrival in arrivals]
    return Table.of(columns, rows, notes=[_summary(arrivals, placer)])


def _cells(arrival: Arrival) -> dict[str, Any]:
    place, wordless = arrival.place, arrival.place.outcome == "wordless"
    return arrival.values() | {
        "where": _where(arrival),
        "likeness_shown": "" if wordless else place.likeness,
        "lead_shown": "" if wordless else place.lead,
    }


def _where(arrival: Arrival) -> str:
    """Return the name of the topic, with remarks; or why there is none, and the nearest."""
    if arrival.topic is None:
        known = "in the taxonomy"
        why = known if arrival.known is not None else WHY[arrival.place.outcome]
        nearest = f"; nearest: {arrival.nearest.name}" if arrival.nearest else ""
        return f"unplaced ({why}){nearest}"
    remarks = ["already in the taxonomy"] if arrival.known is not None else []
    remarks += ["hidden"] if arrival.topic.hidden else []
    name = arrival.topic.name
    return f"{name} ({', '.join(remarks)})" if remarks else name


def _summary(arrivals: Sequence[Arrival], placer: Placer) -> str:
    n_known = sum(arrival.known is not None for arrival in arrivals)
    new = [arrival for arrival in arrivals if arrival.known is None]
    n_placed = sum(arrival.topic is not None for arrival in new)
    known = f"; {n_known:,} more are in the taxonomy already" if n_known else ""
    return (
        f"{n_placed:,} of {len(new):,} new documents are placed{known}. To be placed, a document "
        f"must be close to the whole ({_least(placer.closeness)}), like its topic "
        f"({_least(placer.likeness)}), and less like any other ({_least(placer.lead)} less)."
    )


def _least(bound: float) -> str:
    if bound == float("-inf"):
        return "no bound: too few documents"
    return "more than there is" if bound == float("inf") else f"at least {bound:.2f}"


def _place(
    pipeline: Pipeline,
    corpus: Corpus,
    files: Sequence[Path],
    columns: Mapping[str, str],
    file_format: FileFormat,
) -> tuple[list[Arrival], Placer, list[str]]:
    from artifacts.tables import TableRows
    from artifacts.words import DOCUMENTS
    from embeddings.arrivals import read_arrivals
    from embeddings.build import count_texts
    from embeddings.cache import open_cache, vectors_of
    from embeddings.encoder import plan_encoder
    from mining.names import document_names
    from mining.snapshots import load_table
    from taxonomy.places.arrivals import (
        known_documents,
        place_documents,
        refuse_other_encoder,
    )
    from taxonomy.taxonomy import Taxonomy

    folder = pipeline.built_taxonomy(corpus)
    texts_folder = pipeline.texts_folder(corpus)
    plan = plan_encoder(pipeline.vectors(), n_texts=count_texts(texts_folder))
    refuse_other_encoder(folder, plan.identity)
    kind = DOCUMENTS[corpus]
    snapshot = pipeline.snapshot_folder(corpus)
    issues = TableRows(load_table(snapshot, "issues", ["repo_key", "body"]))
    with _with_stdin(files) as paths:
        found = read_arrivals(
            paths,
            kind,
            pipeline.study.texts,
            columns=columns,
            known=issues if kind == "issues" else (),
            file_format=file_format,
        )
    texts = [document.text for document in found.documents]
    cache = open_cache(pipeline.vectors_folder, plan)
    vectors = vectors_of(texts, plan, cache, progress=pipeline.progress)
    known = known_documents(texts_folder, document_names(snapshot, kind))
    shown = Taxonomy.open(folder)
    arrivals, placer = place_documents(shown, found.documents, vectors, known)
    return arrivals, placer, _notes(found.rejects)


def _notes(rejects: Rejects) -> list[str]:
    """Return what the user should know of what could not be read."""
    notes = rejects.notes()
    if rejects.items:
        first = rejects.items[0].sentence()
        notes.append(f"{len(rejects.items):,} rows could not be read; the first: {first}")
    return notes


@contextmanager
def _with_stdin(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield the files, what comes on stdin (as ``-``) as a file among them."""
    with tempfile.TemporaryDirectory() as folder:
        stdin = Path(folder) / "stdin.jsonl"
        if Path(STDIN) in files:
            stdin.write_bytes(sys.stdin.buffer.read())
        yield [stdin if path == Path(STDIN) else path for path in files]
