"""`opsatlas taxonomy place`: where new documents belong, or that they belong nowhere."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.import_ import Columns, Delimiter, Encoding, Large, pairs
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from mining.reading import FileFormat, Rejects
    from opsatlas.pipeline import Pipeline
    from taxonomy.places.arrivals import Arrival, KnownDocuments
    from taxonomy.places.placing import Placer

STDIN = "-"


def add_place(app: typer.Typer, corpus: Corpus, documents: str) -> None:
    """Add the command that places new documents of a corpus."""

    @app.command(help=f"Say in which topics new {documents} belong, if in any.")
    def place(
        files: Annotated[
            list[Path],
            typer.Argument(
                help="CSV, JSONL or Parquet with a row a document; text or Markdown files, each "
                "one document; - reads JSONL from stdin.",
                show_default=False,
                allow_dash=True,
            ),
        ],
        column: Columns = None,
        delimiter: Delimiter = None,
        encoding: Encoding = None,
        large: Large = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
        out: Annotated[
            Path | None,
            typer.Option(help="Write the places there as CSV, too.", show_default=False),
        ] = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from mining.reading import FileFormat
        from opsatlas.cli.console import progress
        from opsatlas.cli.session import open_study

        pipeline = open_study(None, workspace, progress=progress())
        file_format = FileFormat(delimiter, encoding, large)
        found = _place(pipeline, corpus, files, pairs(column, "--column"), file_format)
        _print(*found, as_json=as_json, out_file=out)


def _print(
    arrivals: list[Arrival],
    placer: Placer,
    notes: list[str],
    *,
    as_json: bool,
    out_file: Path | None,
) -> None:
    from artifacts.files import write_text
    from opsatlas.cli.console import err, out
    from opsatlas.cli.views.places import as_csv, as_rows, places_table

    for note in notes:
        err().print(f"! {note}", soft_wrap=True)
    if out_file is not None:
        write_text(out_file, as_csv(arrivals))
    if as_json:
        out().print_json(data=as_rows(arrivals))
    else:
        out().print(places_table(arrivals, placer))


def _place(
    pipeline: Pipeline,
    corpus: Corpus,
    files: Sequence[Path],
    columns: Mapping[str, str],
    file_format: FileFormat,
) -> tuple[list[Arrival], Placer, list[str]]:
    from artifacts.words import DOCUMENTS
    from embeddings.arrivals import read_arrivals
    from embeddings.cache import open_cache, vectors_of
    from embeddings.encoder import plan_encoder
    from mining.snapshots import load_table
    from taxonomy.places.arrivals import place_documents, refuse_other_encoder
    from taxonomy.taxonomy import Taxonomy

    folder = pipeline.built_taxonomy(corpus)
    plan = plan_encoder(pipeline.vectors())
    refuse_other_encoder(folder, plan.identity)
    kind = DOCUMENTS[corpus]
    snapshot = pipeline.snapshot_folder(corpus)
    issues = load_table(snapshot, "issues").to_pylist() if kind == "issues" else []
    with _with_stdin(files) as paths:
        found = read_arrivals(
            paths,
            kind,
            pipeline.study.texts,
            columns=columns,
            known=issues,
            file_format=file_format,
        )
    texts = [document.text for document in found.documents]
    cache = open_cache(pipeline.vectors_folder, plan)
    vectors = vectors_of(texts, plan, cache, progress=pipeline.progress)
    shown = Taxonomy.open(folder)
    arrivals, placer = place_documents(shown, found.documents, vectors, _known(pipeline, corpus))
    return arrivals, placer, _notes(found.rejects)


def _known(pipeline: Pipeline, corpus: Corpus) -> KnownDocuments:
    from artifacts.words import DOCUMENTS
    from embeddings.build import read_texts
    from mining.names import document_names
    from taxonomy.places.arrivals import KnownDocuments

    kind = DOCUMENTS[corpus]
    texts = read_texts(pipeline.texts_folder(corpus))
    keys = texts["key"].to_pylist()
    there = set(keys)
    names = document_names(pipeline.snapshot_folder(corpus), kind)
    return KnownDocuments(
        by_name={name: key for name, key in names.items() if key in there},
        by_text=dict(zip(texts["text"].to_pylist(), keys, strict=True)),
    )


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
